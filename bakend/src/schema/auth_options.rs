//! What an auth collection allows: ways to sign in, tokens, mails.

use serde::{Deserialize, Serialize};

use super::Rule;
use crate::ids;

/// A signed token's secret and life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct TokenOptions {
    /// 30 to 255 characters; never sent to clients. Half of the signing key: the other half is the record's `tokenKey`.
    pub secret: String,
    /// Life, in seconds.
    pub duration: i64,
}

/// Subject and body of a mail, with placeholders.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct MailTemplate {
    /// One line.
    pub subject: String,
    /// HTML.
    pub body: String,
}

/// Sign-in with a password.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PasswordAuth {
    /// Whether it is allowed.
    pub enabled: bool,
    /// Fields that name the record; each has a unique index of its own.
    pub identity_fields: Vec<String>,
}

/// A mail about a sign-in from an unknown place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AuthAlert {
    /// Whether it is sent.
    pub enabled: bool,
    /// What it says.
    pub email_template: MailTemplate,
}

/// Which field receives what an OAuth2 provider tells; empty: none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct OAuth2Mapping {
    /// Receives the provider's id.
    pub id: String,
    /// Receives the display name.
    pub name: String,
    /// Receives the user name.
    pub username: String,
    /// Receives the avatar.
    #[serde(rename = "avatarURL")]
    pub avatar_url: String,
}

/// One OAuth2 provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct OAuth2Provider {
    /// `None`: the provider's own default.
    pub pkce: Option<bool>,
    /// `google`, `oidc`, …
    pub name: String,
    /// Public.
    pub client_id: String,
    /// Never sent to clients.
    pub client_secret: String,
    /// Overrides the provider's own; empty: does not.
    #[serde(rename = "authURL")]
    pub auth_url: String,
    /// Overrides the provider's own; empty: does not.
    #[serde(rename = "tokenURL")]
    pub token_url: String,
    /// Overrides the provider's own; empty: does not.
    #[serde(rename = "userInfoURL")]
    pub user_info_url: String,
    /// Overrides the provider's own; empty: does not.
    pub display_name: String,
    /// The provider's own settings.
    pub extra: serde_json::Map<String, serde_json::Value>,
}

/// Sign-in through OAuth2 providers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct OAuth2Options {
    /// Whether it is allowed.
    pub enabled: bool,
    /// Unique by name.
    pub providers: Vec<OAuth2Provider>,
    /// Which fields receive what.
    pub mapped_fields: OAuth2Mapping,
}

/// Sign-in with a one-time password by mail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct OtpOptions {
    /// Whether it is allowed.
    pub enabled: bool,
    /// Life, in seconds, 10 to 86400.
    pub duration: i64,
    /// Digits, at least 4.
    pub length: i64,
    /// The mail.
    pub email_template: MailTemplate,
}

/// A second method at sign-in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct MfaOptions {
    /// Whether it is wanted.
    pub enabled: bool,
    /// Time between both methods, in seconds, 10 to 86400.
    pub duration: i64,
    /// Filter on the auth record; empty: always.
    pub rule: String,
}

/// Sign-in with passkeys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PasskeyOptions {
    /// Whether it is allowed.
    pub enabled: bool,
    /// The domain that passkeys are for, the same for as long as they are to be used; empty: the host of the app's URL.
    pub rp_id: String,
    /// The origins of pages that may use them, `https://…`; empty: the app's URL.
    pub origins: Vec<String>,
}

/// Codes of authenticator apps, as a second factor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TotpOptions {
    /// Whether accounts may ask for them.
    pub enabled: bool,
}

/// Options of an auth collection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AuthOptions {
    /// Who of those that prove who they are may sign in; `None`: nobody.
    pub auth_rule: Rule,
    /// Who may manage accounts of others; `None`: superusers.
    pub manage_rule: Rule,
    /// Alert about unknown places.
    pub auth_alert: AuthAlert,
    /// OAuth2.
    pub oauth2: OAuth2Options,
    /// Password.
    pub password_auth: PasswordAuth,
    /// Second method.
    pub mfa: MfaOptions,
    /// One-time password.
    pub otp: OtpOptions,
    /// Passkeys.
    pub passkey: PasskeyOptions,
    /// Codes of authenticator apps.
    pub totp: TotpOptions,
    /// Sign-in tokens.
    pub auth_token: TokenOptions,
    /// Password reset tokens.
    pub password_reset_token: TokenOptions,
    /// Email change tokens.
    pub email_change_token: TokenOptions,
    /// Verification tokens.
    pub verification_token: TokenOptions,
    /// Tokens for protected files.
    pub file_token: TokenOptions,
    /// Verification mail.
    pub verification_template: MailTemplate,
    /// Password reset mail.
    pub reset_password_template: MailTemplate,
    /// Email change mail.
    pub confirm_email_change_template: MailTemplate,
}

/// Length of a new token secret, in characters.
const SECRET_LENGTH: usize = 50;

impl TokenOptions {
    /// With a new secret.
    fn lasting(duration: i64) -> Self {
        Self { secret: new_secret(), duration }
    }
}

/// A new token secret.
pub fn new_secret() -> String {
    ids::random_text(SECRET_LENGTH, ids::SECRET_ALPHABET)
}

impl Default for PasswordAuth {
    fn default() -> Self {
        Self { enabled: true, identity_fields: vec!["email".to_owned()] }
    }
}

impl Default for AuthAlert {
    fn default() -> Self {
        let body = mail(&[
            "Somebody signed in to your {APP_NAME} account from a place we have not seen before:",
            "<em>{ALERT_INFO}</em>",
            "<strong>If it was not you, change your password now: that ends every other session.</strong>",
            "If it was you, there is nothing to do.",
        ]);
        Self { enabled: true, email_template: MailTemplate { subject: "New sign-in to {APP_NAME}".to_owned(), body } }
    }
}

impl Default for OtpOptions {
    fn default() -> Self {
        let body = mail(&[
            "Your one-time password is <strong>{OTP}</strong>",
            "<i>If you did not ask for it, you can leave this mail alone.</i>",
        ]);
        let email_template = MailTemplate { subject: "Your one-time password for {APP_NAME}".to_owned(), body };
        Self { enabled: false, duration: 180, length: 8, email_template }
    }
}

impl Default for MfaOptions {
    fn default() -> Self {
        Self { enabled: false, duration: 600, rule: String::new() }
    }
}

/// What a new auth collection starts with, secrets included. Source: PocketBase web API, auth options (durations).
impl Default for AuthOptions {
    fn default() -> Self {
        Self {
            auth_rule: Some(String::new()),
            manage_rule: None,
            auth_alert: AuthAlert::default(),
            oauth2: OAuth2Options::default(),
            password_auth: PasswordAuth::default(),
            mfa: MfaOptions::default(),
            otp: OtpOptions::default(),
            passkey: PasskeyOptions::default(),
            totp: TotpOptions::default(),
            auth_token: TokenOptions::lasting(5 * 24 * 60 * 60),
            password_reset_token: TokenOptions::lasting(30 * 60),
            email_change_token: TokenOptions::lasting(30 * 60),
            verification_token: TokenOptions::lasting(24 * 60 * 60),
            file_token: TokenOptions::lasting(3 * 60),
            verification_template: link_mail(
                "Verify your {APP_NAME} email",
                "Welcome to {APP_NAME}. One click tells us that this address is yours.",
                "confirm-verification",
                "Verify",
            ),
            reset_password_template: link_mail(
                "Reset your {APP_NAME} password",
                "With the button below you choose a new password.",
                "confirm-password-reset",
                "Choose a new password",
            ),
            confirm_email_change_template: link_mail(
                "Confirm your new {APP_NAME} email",
                "One click tells us that your new address is yours.",
                "confirm-email-change",
                "Confirm the new address",
            ),
        }
    }
}

impl AuthOptions {
    /// The token options, with the names they have on the wire.
    pub fn tokens_mut(&mut self) -> [(&'static str, &mut TokenOptions); 5] {
        [
            ("authToken", &mut self.auth_token),
            ("passwordResetToken", &mut self.password_reset_token),
            ("emailChangeToken", &mut self.email_change_token),
            ("verificationToken", &mut self.verification_token),
            ("fileToken", &mut self.file_token),
        ]
    }

    /// The token options, with the names they have on the wire.
    pub fn tokens(&self) -> [(&'static str, &TokenOptions); 5] {
        [
            ("authToken", &self.auth_token),
            ("passwordResetToken", &self.password_reset_token),
            ("emailChangeToken", &self.email_change_token),
            ("verificationToken", &self.verification_token),
            ("fileToken", &self.file_token),
        ]
    }
}

fn link_mail(subject: &str, lead: &str, page: &str, button: &str) -> MailTemplate {
    let link = format!(
        "<a class=\"btn\" href=\"{{APP_URL}}/_/#/auth/{page}/{{TOKEN}}\" target=\"_blank\" rel=\"noopener\">{button}</a>"
    );
    let unasked = "<i>If you did not ask for this, you can leave this mail alone.</i>";
    MailTemplate { subject: subject.to_owned(), body: mail(&[lead, &link, unasked]) }
}

fn mail(paragraphs: &[&str]) -> String {
    let mut body = String::from("<p>Hello,</p>\n");
    for paragraph in paragraphs {
        body += &format!("<p>{paragraph}</p>\n");
    }
    body + "<p>Thanks,<br/>{APP_NAME}</p>"
}

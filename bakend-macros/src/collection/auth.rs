//! The options of an auth collection: `auth(…)`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{LitStr, Result};

use super::origin;
use crate::attr::{self, Item, Mistakes};

/// Lives of tokens and their names on the wire.
const TOKENS: [(&str, &str); 5] = [
    ("auth_token", "authToken"),
    ("password_reset_token", "passwordResetToken"),
    ("email_change_token", "emailChangeToken"),
    ("verification_token", "verificationToken"),
    ("file_token", "fileToken"),
];
/// Mails, and where their text stands on the wire.
const MAILS: [(&str, &str, Option<&str>); 5] = [
    ("verification_mail", "verificationTemplate", None),
    ("reset_password_mail", "resetPasswordTemplate", None),
    ("email_change_mail", "confirmEmailChangeTemplate", None),
    ("otp_mail", "otp", Some("emailTemplate")),
    ("alert_mail", "authAlert", Some("emailTemplate")),
];
/// Fields that receive what a provider tells, and their names on the wire.
const MAPPED: [(&str, &str); 4] =
    [("id", "id"), ("name", "name"), ("username", "username"), ("avatar_url", "avatarURL")];
/// Every option.
const OPTIONS: [&str; 20] = [
    "rule",
    "manage_rule",
    "identity_fields",
    "password",
    "alert",
    "otp",
    "mfa",
    "oauth2",
    "passkey",
    "totp",
    "auth_token",
    "password_reset_token",
    "email_change_token",
    "verification_token",
    "file_token",
    "verification_mail",
    "reset_password_mail",
    "email_change_mail",
    "otp_mail",
    "alert_mail",
];
/// Shortest life of a token, in seconds, as the schema has it.
const TOKEN_SECONDS_MIN: i64 = 10;
/// Longest life of a token, in seconds, as the schema has it.
const TOKEN_SECONDS_MAX: i64 = 94_670_856;
/// Longest life of a one-time password and longest time between two methods, in seconds, as the schema has it.
const FACTOR_SECONDS_MAX: i64 = 86_400;

/// What was said about auth.
#[derive(Default)]
pub struct Auth {
    /// Where on the wire (a key, and maybe one inside it), and the value as an expression.
    pub said: Vec<(&'static str, Option<&'static str>, TokenStream)>,
    /// Rules, to be checked.
    pub rules: Vec<LitStr>,
    /// Fields that name an account.
    pub identity_fields: Vec<LitStr>,
    /// Fields that receive what a provider tells.
    pub mapped_fields: Vec<LitStr>,
}

impl Auth {
    /// From what stands in the parentheses.
    pub fn parse(items: &[Item]) -> Result<Self> {
        let mut auth = Self::default();
        let mut mistakes = Mistakes::default();
        for item in items {
            mistakes.keep(auth.read(item));
        }
        mistakes.finish()?;
        Ok(auth)
    }

    fn say(&mut self, key: &'static str, inner: Option<&'static str>, value: TokenStream) {
        self.said.push((key, inner, value));
    }

    fn read(&mut self, item: &Item) -> Result<()> {
        let key = item.key.to_string();
        if let Some((_, wire)) = TOKENS.iter().find(|(name, _)| *name == key) {
            let seconds = seconds(item, TOKEN_SECONDS_MIN, TOKEN_SECONDS_MAX)?;
            self.say(wire, Some("duration"), quote!(#seconds));
            return Ok(());
        }
        if let Some((_, wire, inner)) = MAILS.iter().find(|(name, ..)| *name == key) {
            return self.mail(item, wire, *inner);
        }
        match key.as_str() {
            "rule" => self.rule(item, "authRule"),
            "manage_rule" => {
                let rule = self.rule(item, "manageRule");
                if item.text().is_ok_and(|text| text.value().is_empty()) {
                    let message = "an empty manage rule would let everybody manage every account; leave it out for superusers only";
                    return Err(syn::Error::new(item.span(), message));
                }
                rule
            }
            "identity_fields" => {
                let names = item.texts()?;
                self.say("passwordAuth", Some("identityFields"), quote!([#(#names),*]));
                self.identity_fields = names;
                Ok(())
            }
            "password" => {
                let on = item.flag()?;
                self.say("passwordAuth", Some("enabled"), quote!(#on));
                Ok(())
            }
            "alert" => {
                let on = item.flag()?;
                self.say("authAlert", Some("enabled"), quote!(#on));
                Ok(())
            }
            "otp" => self.otp(item),
            "mfa" => self.mfa(item),
            "oauth2" => self.oauth2(item),
            "passkey" => self.passkey(item),
            "totp" => {
                let on = item.flag()?;
                self.say("totp", Some("enabled"), quote!(#on));
                Ok(())
            }
            _ => Err(attr::unknown(&item.key, "auth", &OPTIONS)),
        }
    }

    fn rule(&mut self, item: &Item, wire: &'static str) -> Result<()> {
        let text = item.text()?;
        self.say(wire, None, quote!(#text));
        self.rules.push(text);
        Ok(())
    }

    fn mail(&mut self, item: &Item, wire: &'static str, inner: Option<&'static str>) -> Result<()> {
        for part in item.list()? {
            let name = match part.key.to_string().as_str() {
                "subject" => "subject",
                "body" => "body",
                _ => return Err(attr::unknown(&part.key, "a mail", &["subject", "body"])),
            };
            let text = part.text()?;
            if text.value().is_empty() {
                return Err(syn::Error::new(text.span(), format!("the {name} of a mail is not empty")));
            }
            match inner {
                None => self.say(wire, Some(name), quote!(#text)),
                Some(inner) => self.say(wire, Some(inner), quote!({ #name: #text })),
            }
        }
        Ok(())
    }

    /// `otp`, `otp = false`, `otp(duration = 180, length = 8)`
    fn otp(&mut self, item: &Item) -> Result<()> {
        for part in self.switch(item, "otp")? {
            match part.key.to_string().as_str() {
                "duration" => {
                    let seconds = seconds(&part, TOKEN_SECONDS_MIN, FACTOR_SECONDS_MAX)?;
                    self.say("otp", Some("duration"), quote!(#seconds));
                }
                "length" => {
                    let length = part.count()?;
                    if length < 4 {
                        return Err(syn::Error::new(part.span(), "a one-time password has 4 digits at least"));
                    }
                    self.say("otp", Some("length"), quote!(#length));
                }
                _ => return Err(attr::unknown(&part.key, "otp", &["duration", "length"])),
            }
        }
        Ok(())
    }

    /// `mfa`, `mfa = false`, `mfa(duration = 600, rule = "…")`
    fn mfa(&mut self, item: &Item) -> Result<()> {
        for part in self.switch(item, "mfa")? {
            match part.key.to_string().as_str() {
                "duration" => {
                    let seconds = seconds(&part, TOKEN_SECONDS_MIN, FACTOR_SECONDS_MAX)?;
                    self.say("mfa", Some("duration"), quote!(#seconds));
                }
                "rule" => {
                    let text = part.text()?;
                    self.say("mfa", Some("rule"), quote!(#text));
                    self.rules.push(text);
                }
                _ => return Err(attr::unknown(&part.key, "mfa", &["duration", "rule"])),
            }
        }
        Ok(())
    }

    /// `oauth2`, `oauth2 = false`, `oauth2(name = "name", avatar_url = "avatar")`. Providers and their secrets belong into the admin panel.
    fn oauth2(&mut self, item: &Item) -> Result<()> {
        for part in self.switch(item, "oauth2")? {
            let Some((_, wire)) = MAPPED.iter().find(|(name, _)| part.key == name) else {
                return Err(attr::unknown(&part.key, "oauth2", &MAPPED.map(|(name, _)| name)));
            };
            let field = part.text()?;
            self.say("oauth2", Some("mappedFields"), quote!({ #wire: #field }));
            self.mapped_fields.push(field);
        }
        Ok(())
    }

    /// `passkey`, `passkey = false`, `passkey(rp_id = "example.com", origins = ["https://app.example.com"])`
    fn passkey(&mut self, item: &Item) -> Result<()> {
        let (mut domain, mut origins) = (None, Vec::new());
        for part in self.switch(item, "passkey")? {
            match part.key.to_string().as_str() {
                "rp_id" => domain = Some(part.text()?),
                "origins" => origins = part.texts()?,
                _ => return Err(attr::unknown(&part.key, "passkey", &["rp_id", "origins"])),
            }
        }
        let mut mistakes = Mistakes::default();
        let mut of = String::new();
        if let Some(text) = domain {
            if origin::is_domain(&text.value()) {
                of = text.value();
            } else {
                let message = "the domain that passkeys are for, without scheme and port: \"example.com\"";
                mistakes.at(text.span(), message);
            }
            self.say("passkey", Some("rpId"), quote!(#text));
        }
        for origin in origins.iter().filter(|origin| !origin::is_safe(&origin.value(), &of)) {
            let message = match of.as_str() {
                "" => "an origin is an https address, or http of localhost: \"https://app.example.com\"".to_owned(),
                of => format!("an origin is an https address of {of}, or of a domain below it: \"https://{of}\""),
            };
            mistakes.at(origin.span(), message);
        }
        if !origins.is_empty() {
            self.say("passkey", Some("origins"), quote!([#(#origins),*]));
        }
        mistakes.finish()
    }

    /// A method that is named is on, unless it is `= false`.
    fn switch(&mut self, item: &Item, wire: &'static str) -> Result<Vec<Item>> {
        let (on, parts) = match &item.value {
            attr::Value::Group(_) => (true, item.list()?),
            _ => (item.flag()?, Vec::new()),
        };
        self.say(wire, Some("enabled"), quote!(#on));
        Ok(parts)
    }
}

fn seconds(item: &Item, min: i64, max: i64) -> Result<i64> {
    let message = format!("`{}` is a time in seconds, from {min} to {max}", item.key);
    let seconds = item.count().ok().filter(|seconds| (min..=max).contains(seconds));
    seconds.ok_or_else(|| syn::Error::new(item.span(), message))
}

//! The operations of auth collections, as far as their options switch them on.

use utoipa::openapi::HttpMethod::{self, Delete, Get, Patch, Post};

use super::{
    operation::{Access, Draft, Endpoint, on},
    parts::{self, Shape, any_object, integer, named, object, text},
    shapes,
};
use crate::schema::{AuthOptions, Collection};

/// The operations that a collection has; none unless its records can sign in.
pub(super) fn endpoints(collection: &Collection) -> Vec<Endpoint> {
    let Some(auth) = collection.auth.as_deref() else { return Vec::new() };
    let of = Of { collection, auth };
    let mut all = vec![
        of.open("authMethods", Get, "auth-methods")
            .says("Ways to sign in", "")
            .answers("What is switched on.", named("AuthMethods")),
        of.own("authRefresh", Post, "auth-refresh")
            .says("A new token", "For the one that is sent.")
            .takes(&["expand", "fields"])
            .answers("The token and the account.", of.signed_in()),
        on(collection, "impersonate", Post, "impersonate/{id}", Access::Superuser)
            .says("Act as somebody", "For a time, with a token that cannot be refreshed.")
            .takes(&["id", "expand", "fields"])
            .body(object([("duration?", integer())]), None)
            .answers("The token and the account.", of.signed_in())
            .refuses(&["Unauthenticated", "Forbidden", "NotFound"]),
    ];
    if auth.password_auth.enabled {
        all.extend(of.password());
    }
    if auth.otp.enabled {
        all.extend(of.otp());
    }
    if auth.oauth2.enabled {
        all.push(of.oauth2());
    }
    if auth.passkey.enabled {
        all.extend(of.passkeys());
    }
    if auth.totp.enabled {
        all.extend(of.totp());
    }
    if !collection.is_superusers() {
        all.extend(of.mails());
    }
    all.into_iter().map(Draft::done).collect()
}

struct Of<'a> {
    collection: &'a Collection,
    auth: &'a AuthOptions,
}

impl Of<'_> {
    fn signed_in(&self) -> Shape {
        named(&shapes::name(self.collection, "Auth"))
    }

    /// For everybody.
    fn open(&self, action: &str, method: HttpMethod, tail: &str) -> Draft {
        on(self.collection, action, method, tail, Access::Public)
    }

    /// For who is signed in.
    fn own(&self, action: &str, method: HttpMethod, tail: &str) -> Draft {
        on(self.collection, action, method, tail, Access::Account).refuses(&["Unauthenticated", "Forbidden"])
    }

    /// A way to sign in.
    fn sign_in(&self, action: &str, tail: &str, summary: &str, body: &[(&str, Shape)]) -> Draft {
        let body = body.iter().cloned().chain([("mfaId?", text())]);
        let draft = self
            .open(action, Post, tail)
            .says(summary, "")
            .takes(&["expand", "fields"])
            .body(object(body), None)
            .answers("The token and the account.", self.signed_in())
            .refuses(&["Invalid", "Forbidden"]);
        if self.auth.mfa.enabled || self.auth.totp.enabled {
            return draft.also("401", parts::answer("A second factor is needed.", named("SecondFactor")));
        }
        draft
    }

    fn password(&self) -> Vec<Draft> {
        let fields = self.auth.password_auth.identity_fields.iter().map(String::as_str);
        let body = [("identity", text()), ("password", text()), ("identityField?", parts::one_of(fields))];
        let new = [("token", text()), ("password", text()), ("passwordConfirm", text())];
        vec![
            self.sign_in("authWithPassword", "auth-with-password", "Sign in with a password", &body),
            self.open("requestPasswordReset", Post, "request-password-reset")
                .says(
                    "Mail a link to choose a new password",
                    "Answers the same whether there is such an account or not.",
                )
                .body(object([("email", text())]), None)
                .answers_nothing()
                .refuses(&["Invalid"]),
            self.open("confirmPasswordReset", Post, "confirm-password-reset")
                .says("Choose a new password", "With the token of the mail.")
                .body(object(new), None)
                .answers_nothing()
                .refuses(&["Invalid"]),
        ]
    }

    fn otp(&self) -> Vec<Draft> {
        vec![
            self.open("requestOtp", Post, "request-otp")
                .says("Mail a one-time password", "Answers the same whether there is such an account or not.")
                .body(object([("email", text())]), None)
                .answers("What to sign in with, beside the password.", object([("otpId", text())]))
                .refuses(&["Invalid"]),
            self.sign_in(
                "authWithOtp",
                "auth-with-otp",
                "Sign in with a one-time password",
                &[("otpId", text()), ("password", text())],
            ),
        ]
    }

    fn oauth2(&self) -> Draft {
        let providers = self.auth.oauth2.providers.iter().map(|provider| provider.name.as_str());
        self.sign_in(
            "authWithOAuth2",
            "auth-with-oauth2",
            "Sign in through another service",
            &[
                ("provider", parts::one_of(providers)),
                ("code", text()),
                ("codeVerifier", text()),
                ("redirectURL", text()),
                ("createData?", any_object()),
            ],
        )
    }

    fn passkeys(&self) -> Vec<Draft> {
        let found = || object([("items", parts::list(named("Passkey")))]);
        vec![
            self.open("beginAuthWithPasskey", Post, "auth-with-passkey/begin")
                .says("Begin to sign in with a passkey", "`publicKey` is what the browser asks the passkey for.")
                .answers("What to go on with.", named("Ceremony")),
            self.sign_in(
                "authWithPasskey",
                "auth-with-passkey",
                "Sign in with a passkey",
                &[("id", text()), ("credential", any_object())],
            ),
            self.own("passkeys", Get, "passkeys")
                .says("My passkeys", "")
                .takes(&["record"])
                .answers("All of them.", found()),
            self.own("beginPasskey", Post, "passkeys/begin")
                .says("Begin to add a passkey", "`publicKey` is what the browser makes the passkey from.")
                .answers("What to go on with.", named("Ceremony")),
            self.own("addPasskey", Post, "passkeys")
                .says("Add a passkey", "")
                .body(object([("id", text()), ("credential", any_object()), ("name?", text())]), None)
                .answers("The passkey.", named("Passkey"))
                .refuses(&["Invalid"]),
            self.own("renamePasskey", Patch, "passkeys/{id}")
                .says("Rename a passkey", "")
                .with(parts::path("id", "The id of the passkey."))
                .takes(&["record"])
                .body(object([("name", text())]), None)
                .answers_nothing()
                .refuses(&["Invalid", "NotFound"]),
            self.own("removePasskey", Delete, "passkeys/{id}")
                .says("Remove a passkey", "")
                .with(parts::path("id", "The id of the passkey."))
                .takes(&["record"])
                .answers_nothing()
                .refuses(&["NotFound"]),
        ]
    }

    fn totp(&self) -> Vec<Draft> {
        let proof = || object([("code?", text()), ("password?", text())]);
        vec![
            self.open("authWithTotp", Post, "auth-with-totp")
                .says("Sign in with a code of an authenticator app", "As the second factor, or with a recovery code.")
                .takes(&["expand", "fields"])
                .body(object([("mfaId", text()), ("code", text())]), None)
                .answers("The token and the account.", self.signed_in())
                .refuses(&["Invalid", "Forbidden"]),
            self.own("totp", Get, "totp")
                .says("Whether an authenticator app is set up", "")
                .takes(&["record"])
                .answers("How it stands.", named("TotpState")),
            self.own("enrolTotp", Post, "totp")
                .says("Begin to set up an authenticator app", "The secret counts once a code has confirmed it.")
                .answers("The secret, also as a picture.", named("TotpSecret"))
                .refuses(&["Invalid"]),
            self.own("confirmTotp", Post, "totp/confirm")
                .says("Confirm an authenticator app", "")
                .body(object([("code", text())]), None)
                .answers("Codes for when the app is lost, told once.", named("RecoveryCodes"))
                .refuses(&["Invalid"]),
            self.own("renewRecoveryCodes", Post, "totp/recovery-codes")
                .says("New recovery codes", "The old ones are no longer good.")
                .body(proof(), None)
                .answers("The new codes, told once.", named("RecoveryCodes"))
                .refuses(&["Invalid", "NotFound"]),
            self.own("removeTotp", Delete, "totp")
                .says("Remove the authenticator app", "")
                .takes(&["record"])
                .body(proof(), None)
                .answers_nothing()
                .refuses(&["Invalid", "NotFound"]),
        ]
    }

    fn mails(&self) -> Vec<Draft> {
        vec![
            self.open("requestVerification", Post, "request-verification")
                .says(
                    "Mail a link that verifies the address",
                    "Answers the same whether there is such an account or not.",
                )
                .body(object([("email", text())]), None)
                .answers_nothing()
                .refuses(&["Invalid"]),
            self.open("confirmVerification", Post, "confirm-verification")
                .says("Verify the address", "With the token of the mail.")
                .body(object([("token", text())]), None)
                .answers_nothing()
                .refuses(&["Invalid"]),
            self.own("requestEmailChange", Post, "request-email-change")
                .says("Mail a link to a new address", "")
                .body(object([("newEmail", text())]), None)
                .answers_nothing()
                .refuses(&["Invalid"]),
            self.open("confirmEmailChange", Post, "confirm-email-change")
                .says("Change the address", "With the token of the mail and the password.")
                .body(object([("token", text()), ("password", text())]), None)
                .answers_nothing()
                .refuses(&["Invalid"]),
        ]
    }
}

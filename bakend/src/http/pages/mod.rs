//! The pages that mails and the installer link to: they work without a front-end, without a script, and do nothing before a button is pressed, since
//! programs that look for harmful links open them too.

mod html;
pub(super) mod install;
mod style;

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

use self::html::{Field, Page};
use super::{
    body,
    extract::{Asked, PathOf},
};
use crate::{
    Error, Kind, Result,
    schema::{Collection, Record},
    service::{
        auth::{
            TokenKind, email_change, mail_token,
            password_reset::{self, NewPassword},
            verification, who,
        },
        records::Call,
    },
};

/// What a page may load: its style sheet, nothing else; nobody may frame it.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The same with our own script, for the page that only leads on.
const POLICY_WITH_SCRIPT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// What a page is for; the link of each names one.
#[derive(Clone, Copy)]
enum Purpose {
    Verification,
    PasswordReset,
    EmailChange,
}

impl Purpose {
    fn of(name: &str) -> Result<Self> {
        match name {
            "confirm-verification" => Ok(Self::Verification),
            "confirm-password-reset" => Ok(Self::PasswordReset),
            "confirm-email-change" => Ok(Self::EmailChange),
            _ => Err(Error::new(Kind::NotFound, "File not found.")),
        }
    }

    fn token_kind(self) -> TokenKind {
        match self {
            Self::Verification => TokenKind::Verification,
            Self::PasswordReset => TokenKind::PasswordReset,
            Self::EmailChange => TokenKind::EmailChange,
        }
    }
}

/// Leads from PocketBase's links, whose token stands behind `#` where no server sees it, to the page itself.
pub(super) async fn landing(asked: Asked) -> Response {
    answer(StatusCode::OK, "text/html; charset=utf-8", POLICY_WITH_SCRIPT, html::landing(&asked.settings().meta))
}

pub(super) async fn script() -> Response {
    answer(StatusCode::OK, "text/javascript; charset=utf-8", POLICY, include_str!("links.js").to_owned())
}

pub(super) async fn style(asked: Asked) -> Response {
    answer(StatusCode::OK, "text/css; charset=utf-8", POLICY, style::sheet(&asked.settings().meta.accent_color))
}

/// Asks for what is missing, and for a click.
pub(super) async fn show(asked: Asked, PathOf((name, token)): PathOf<(String, String)>) -> Result<Response> {
    let purpose = Purpose::of(&name)?;
    match account(&asked, &token, purpose).await? {
        Some((_, record)) => page(&asked, StatusCode::OK, &form(purpose, &record, &token)),
        None => page(&asked, StatusCode::BAD_REQUEST, &ended(purpose)),
    }
}

/// Does what the mail was sent for.
pub(super) async fn submit(
    asked: Asked,
    PathOf((name, token)): PathOf<(String, String)>,
    body: Body,
) -> Result<Response> {
    let purpose = Purpose::of(&name)?;
    let Some((collection, record)) = account(&asked, &token, purpose).await? else {
        return page(&asked, StatusCode::BAD_REQUEST, &ended(purpose));
    };
    let sent = body::texts(&asked, body).await?;
    let form_sent =
        NewPassword { token: token.clone(), password: sent.text("password")?, confirm: sent.text("passwordConfirm")? };
    let call = asked.call().from_client(asked.client());
    match confirm(&call, &collection, purpose, &form_sent).await {
        Ok(()) => page(&asked, StatusCode::OK, &done(purpose)),
        Err(error) if error.field_errors().at("token").is_some() => {
            page(&asked, StatusCode::BAD_REQUEST, &ended(purpose))
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Forbidden | Kind::RateLimited) => {
            page(&asked, StatusCode::BAD_REQUEST, &form(purpose, &record, &token).with_error(&error))
        }
        Err(error) => Err(error),
    }
}

async fn confirm(call: &Call, collection: &Arc<Collection>, purpose: Purpose, form: &NewPassword) -> Result<()> {
    match purpose {
        Purpose::Verification => verification::confirm(call, collection, &form.token).await,
        Purpose::PasswordReset => password_reset::confirm(call, collection, form).await,
        Purpose::EmailChange => email_change::confirm(call, collection, &form.token, &form.password).await,
    }
}

/// Whose link it is; `None`: nobody's, or it has ended.
async fn account(asked: &Asked, token: &str, purpose: Purpose) -> Result<Option<(Arc<Collection>, Record)>> {
    let record = who::holder(asked, token, purpose.token_kind()).await?;
    Ok(record.map(|record| (Arc::clone(&record.collection), record)))
}

fn form(purpose: Purpose, record: &Record, token: &str) -> Page {
    let email = record.text("email").to_owned();
    match purpose {
        Purpose::Verification => Page {
            title: "Verify your email address",
            text: vec![format!("Press the button to confirm that {email} is yours.")],
            button: Some("Verify"),
            ..Page::default()
        },
        Purpose::PasswordReset => Page {
            title: "Choose a new password",
            text: vec![format!("For {email}. You will be signed out everywhere.")],
            username: email,
            fields: vec![Field::new("password", "New password"), Field::new("passwordConfirm", "The same again")],
            button: Some("Set the password"),
            ..Page::default()
        },
        Purpose::EmailChange => Page {
            title: "Confirm your new email address",
            text: vec![format!("From {email} to {}.", mail_token::read_unproven(token).new_email)],
            username: email,
            fields: vec![Field::current("password", "Your password")],
            button: Some("Change the address"),
            ..Page::default()
        },
    }
}

fn done(purpose: Purpose) -> Page {
    let (title, text) = match purpose {
        Purpose::Verification => ("Your email address is verified", "Thank you. You can close this page."),
        Purpose::PasswordReset => ("Your password is changed", "You can sign in with it now."),
        Purpose::EmailChange => ("Your email address is changed", "Sign in with the new address from now on."),
    };
    Page { title, text: vec![text.to_owned()], is_done: true, ..Page::default() }
}

fn ended(purpose: Purpose) -> Page {
    let again = match purpose {
        Purpose::Verification => "Ask for another verification mail.",
        Purpose::PasswordReset => "Ask for another mail to reset your password.",
        Purpose::EmailChange => "Ask for the change of your address again.",
    };
    let text = vec!["It was used already, it is too old, or a part of it is missing.".to_owned(), again.to_owned()];
    Page { title: "This link does not work any more", text, is_over: true, ..Page::default() }
}

fn page(asked: &Asked, status: StatusCode, page: &Page) -> Result<Response> {
    Ok(answer(status, "text/html; charset=utf-8", POLICY, page.render(&asked.settings().meta)))
}

fn answer(status: StatusCode, content_type: &'static str, policy: &'static str, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, policy),
        // The address of the page is as good as a password.
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

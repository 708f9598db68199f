//! The page of the link that makes the first superuser.

use axum::{body::Body, http::StatusCode, response::Response};

use super::{
    html::{Field, Page},
    page,
};
use crate::{
    Error, FieldError, Kind, Result,
    http::{
        body,
        extract::{Asked, PathOf},
    },
    service::auth::{installer, superusers, who},
};

pub(in crate::http) async fn show(asked: Asked, PathOf(token): PathOf<String>) -> Result<Response> {
    match is_good(&asked, &token).await? {
        true => page(&asked, StatusCode::OK, &form("")),
        false => page(&asked, StatusCode::BAD_REQUEST, &ended()),
    }
}

pub(in crate::http) async fn submit(asked: Asked, PathOf(token): PathOf<String>, body: Body) -> Result<Response> {
    if !is_good(&asked, &token).await? {
        return page(&asked, StatusCode::BAD_REQUEST, &ended());
    }
    let sent = body::texts(&asked, body).await?;
    let (email, password) = (sent.text("email")?, sent.text("password")?);
    let made = if password == sent.text("passwordConfirm")? {
        superusers::create(&asked, &email, &password).await.map(drop)
    } else {
        let error = FieldError::new("validation_values_mismatch", "Values don't match.");
        Err(Error::invalid("").field("passwordConfirm", error))
    };
    match made {
        Ok(()) => page(&asked, StatusCode::OK, &done(&email)),
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::RateLimited) => {
            page(&asked, StatusCode::BAD_REQUEST, &form(&email).with_error(&error))
        }
        Err(error) => Err(error),
    }
}

/// Whether a token is that of the link, sent from where superusers may come from.
async fn is_good(asked: &Asked, token: &str) -> Result<bool> {
    if !asked.settings().superusers_may_come_from(asked.address()) {
        return Ok(false);
    }
    let found = who::signed_in(asked, token).await?;
    Ok(found.is_some_and(|found| installer::is_installer(&found.record)))
}

fn form(email: &str) -> Page {
    Page {
        title: "Make the first superuser",
        text: vec!["Superusers may do everything here. There is none yet.".to_owned()],
        fields: vec![
            Field::email("email", "E-mail address", email),
            Field::new("password", "Password, at least 8 characters"),
            Field::new("passwordConfirm", "The same again"),
        ],
        button: Some("Make it"),
        ..Page::default()
    }
}

fn done(email: &str) -> Page {
    let text = vec![format!("{email} can sign in now. This link has done its work.")];
    Page { title: "There is a superuser", text, is_done: true, ..Page::default() }
}

fn ended() -> Page {
    let text = vec![
        "It was good until there was a superuser, and for half an hour at most.".to_owned(),
        "Restart the server for another one, or make a superuser on the command line: bak admin create EMAIL"
            .to_owned(),
    ];
    Page { title: "This link does not work any more", text, is_over: true, ..Page::default() }
}

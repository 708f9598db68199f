//! Superusers, as the command line manages them.

use std::sync::Arc;

use super::{finish::options, installer, otp};
use crate::{
    Error, FieldError, Kind, Result,
    query::{ListSpec, RequestInfo},
    schema::{Collection, Record, Value, collection::SUPERUSERS_ID},
    service::{
        App,
        records::{self, Call},
    },
};

/// Adds a superuser.
///
/// # Errors
/// `Invalid`: the address is not one or is taken, or the password is too short.
pub async fn create(app: &App, email: &str, password: &str) -> Result<Record> {
    let mut record = Record::new(collection(app)?);
    record.set("email", Value::Text(email.to_owned()));
    record.set("password", Value::Text(password.to_owned()));
    record.set("verified", Value::Bool(true));
    check_password(password)?;
    installer::check_address(None, &record)
        .map_err(|error| Error::invalid(error.message.clone()).field("email", error))?;
    records::save_new(&Call::system(app), record).await
}

/// Adds a superuser, or gives the one with this address a new password.
///
/// # Errors
/// As [`create`].
pub async fn upsert(app: &App, email: &str, password: &str) -> Result<Record> {
    match find(app, email).await?.filter(|found| !installer::is_installer(found)) {
        Some(record) => change(app, record, password).await,
        None => create(app, email, password).await,
    }
}

/// Gives a superuser a new password; all their tokens end.
///
/// # Errors
/// `NotFound`: there is no superuser with this address. `Invalid`: the password is too short.
pub async fn update(app: &App, email: &str, password: &str) -> Result<Record> {
    let found = find(app, email).await?.filter(|found| !installer::is_installer(found));
    let record = found.ok_or_else(|| missing(email))?;
    change(app, record, password).await
}

/// A one-time password, made instead of mailed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTime {
    /// What to name as `otpId`.
    pub id: String,
    /// What to type.
    pub password: String,
    /// How long it is good for, in seconds.
    pub seconds: i64,
}

/// Makes a one-time password for a superuser.
///
/// # Errors
/// `NotFound`: there is no superuser with this address. `Invalid`: superusers do not sign in with one-time passwords.
pub async fn one_time_password(app: &App, email: &str) -> Result<OneTime> {
    let record = find(app, email).await?.ok_or_else(|| missing(email))?;
    let options = &options(&record.collection)?.otp;
    if !options.enabled {
        let message =
            "One-time passwords are off for superusers: switch `otp` on in the options of the collection _superusers.";
        return Err(Error::invalid(message));
    }
    let (row, password) = otp::make(&Call::system(app), &record, options).await?;
    Ok(OneTime { id: row.id().to_owned(), password, seconds: options.duration })
}

/// Removes a superuser; returns whether there was one.
///
/// # Errors
/// `Invalid`: it is the only one.
pub async fn delete(app: &App, email: &str) -> Result<bool> {
    match find(app, email).await? {
        Some(record) => records::remove(&Call::system(app), record).await.map(|()| true),
        None => Ok(false),
    }
}

/// All superusers, at most 1000; the account of the installer link is none.
///
/// # Errors
/// Those of the database.
pub async fn list(app: &App) -> Result<Vec<Record>> {
    let collection = collection(app)?;
    let spec = ListSpec { limit: 1000, ..ListSpec::default() };
    let statement = app.planner().list(&app.schema(), &collection, &RequestInfo::default(), &spec)?;
    let mut found = records::find_all(&app.store().db(), statement, &collection).await?;
    found.retain(|record| !installer::is_installer(record));
    Ok(found)
}

/// Whether there is one beside the account of the installer link.
///
/// # Errors
/// Those of the database.
pub async fn exist(app: &App) -> Result<bool> {
    let collection = collection(app)?;
    // Two: one of them may be the account of the link.
    let spec = ListSpec { limit: 2, ..ListSpec::default() };
    let statement = app.planner().list(&app.schema(), &collection, &RequestInfo::default(), &spec)?;
    let found = records::find_all(&app.store().db(), statement, &collection).await?;
    Ok(found.iter().any(|record| !installer::is_installer(record)))
}

async fn change(app: &App, record: Record, password: &str) -> Result<Record> {
    check_password(password)?;
    let change = |record: &mut Record| {
        record.set("password", Value::Text(password.to_owned()));
        record.set("verified", Value::Bool(true));
    };
    records::save(&Call::system(app), record, change).await
}

pub(super) async fn find(app: &App, email: &str) -> Result<Option<Record>> {
    let collection = collection(app)?;
    records::find_by(&app.store().db(), app.planner(), &app.schema(), &collection, "email", email).await
}

pub(super) fn collection(app: &App) -> Result<Arc<Collection>> {
    let schema = app.schema();
    schema.by_id(SUPERUSERS_ID).cloned().ok_or_else(|| Error::internal("the collection of superusers is missing"))
}

fn check_password(password: &str) -> Result<()> {
    if password.is_empty() {
        return Err(Error::invalid("The password must not be empty.").field("password", FieldError::required()));
    }
    Ok(())
}

fn missing(email: &str) -> Error {
    Error::new(
        Kind::NotFound,
        format!("There is no superuser with the address {email}; `bak admin list` shows them all."),
    )
}

//! One-time passwords by mail.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value as Json};

use super::{
    finish::{Answer, Method, Proof, finish, options},
    hooks::{self, AuthAction},
    owned, password,
    requests::{REFUSED, account, check_email, check_text},
    sign_in::in_context,
    tries::{self, Limit},
};
use crate::{
    Error, FieldErrors, Kind, Result, ids, limits,
    query::Context,
    schema::{Collection, Record, Value, auth_options::OtpOptions, index},
    service::{
        mail::{self, AfterSent, Letter, MailKind},
        records::{self, Call},
    },
};

pub(super) const OTPS: &str = "_otps";
/// One-time passwords of one account that may be open at once; further requests name the newest. Source: PocketBase web API, OTP.
const OPEN_MAX: usize = 9;
/// Longest one-time password that is looked at, in characters. Source: PocketBase web API, OTP.
const PASSWORD_MAX_CHARS: usize = 71;
/// Wrong or right passwords of one account. Source: PocketBase web API, OTP.
const TRIES: Limit = Limit { what: "one-time password", tries: 5, window: Duration::from_secs(180) };
/// The same over a longer time, whatever is asked for anew in it.
const TRIES_LONG: Limit =
    Limit { what: "one-time passwords of an hour", tries: tries::LONG_MAX, window: tries::LONG_WINDOW };

/// Sends a one-time password, if there is such an account; the answer, `{"otpId":…}`, does not tell.
///
/// # Errors
/// `Forbidden`: one-time passwords are off. `Invalid`: it is no address.
pub async fn request(call: &Call, collection: &Arc<Collection>, email: &str) -> Result<Vec<u8>> {
    let otp = enabled(collection)?;
    check_email("email", email)?;
    let id = match account(call, collection, email).await? {
        None => pretend(call, collection, email, otp).await?,
        Some(record) => {
            hooks::agree(call, AuthAction::OtpRequest, &record).await?;
            let id = open(call, &record, otp).await?;
            hooks::after(call, AuthAction::OtpRequest, &record).await;
            id
        }
    };
    Ok(Json::Object(Map::from_iter([("otpId".to_owned(), id.into())])).to_string().into_bytes())
}

/// Signs in with a one-time password, which is then spent. The address it was sent to counts as verified.
///
/// # Errors
/// - `Forbidden`: one-time passwords are off, or the auth rule refuses the record.
/// - `Invalid`: something is missing or too long, the password is wrong or too old, or as of [`finish`].
/// - `RateLimited`: too many tries for this account.
pub async fn sign_in(
    call: &Call,
    collection: &Arc<Collection>,
    otp_id: &str,
    plain: &str,
    mfa_id: &str,
    expand: &str,
) -> Result<Answer> {
    let otp = enabled(collection)?;
    let mut errors = FieldErrors::new();
    check_text(&mut errors, "otpId", otp_id, limits::CREDENTIAL_MAX_CHARS);
    check_text(&mut errors, "password", plain, PASSWORD_MAX_CHARS);
    if !errors.is_empty() {
        return Err(Error::invalid(REFUSED).fields(errors));
    }
    let found = find(call, collection, otp_id, otp.duration).await?;
    count_try(call, collection, otp_id, found.as_ref().map(|(_, record)| record.id()))?;
    // Without a row as much work as with one: time must not tell which address has an account.
    let hash = found.as_ref().map(|(row, _)| row.text("password")).unwrap_or_default();
    let fits = password::verify(plain, hash).await?;
    let Some((row, record)) = found.filter(|_| fits) else { return Err(wrong()) };
    let sent_to = row.text("sentTo").to_owned();
    spend(call, row).await?;
    let call = in_context(call, Context::Otp);
    let record = verified(&call, record, &sent_to).await?;
    finish(&call, Proof::of(record, Method::Otp), mfa_id, expand).await
}

/// # Errors
/// `Forbidden`: one-time passwords are off.
pub(crate) fn check_enabled(collection: &Collection) -> Result<()> {
    enabled(collection).map(drop)
}

fn enabled(collection: &Collection) -> Result<&OtpOptions> {
    let otp = &options(collection)?.otp;
    if otp.enabled {
        return Ok(otp);
    }
    Err(Error::forbidden("The collection is not configured to allow OTP authentication."))
}

/// What asking for an address without an account takes and answers: the same as with one.
async fn pretend(call: &Call, collection: &Arc<Collection>, email: &str, otp: &OtpOptions) -> Result<String> {
    let life = Duration::from_secs(otp.duration.unsigned_abs());
    // One account has all spellings of its address, where the collection compares them so; then one that is missing has them too.
    let folded = index::ignores_case(&collection.indexes, "email").then(|| email.to_ascii_lowercase());
    let email = folded.as_deref().unwrap_or(email);
    let (id, is_new) = call.app.decoys().open(&collection.id, email, OPEN_MAX, life);
    if is_new {
        password::hash(&digits(otp)).await?;
        call.db.write(|_| Ok(())).await?;
    }
    Ok(id)
}

/// Makes a one-time password, puts its mail into the queue and returns its id.
async fn open(call: &Call, record: &Record, otp: &OtpOptions) -> Result<String> {
    let mut newest = owned::newest(call, OTPS, record, OPEN_MAX as u64 + 1).await?;
    newest.retain(|row| !owned::has_expired(row, otp.duration));
    if newest.len() > OPEN_MAX {
        return Ok(newest[0].id().to_owned());
    }
    let (row, plain) = make(call, record, otp).await?;
    let id = row.id().to_owned();
    let email = record.text("email").to_owned();
    let after = note_sent(call, row, email.clone());
    let facts = vec![("OTP", plain), ("OTP_ID", id.clone())];
    let letter = Letter { kind: MailKind::Otp, record: record.clone(), to: email, facts };
    mail::post_letter(&call.app, letter, Some(after));
    Ok(id)
}

/// Stores a one-time password; returns its row and its text.
pub(super) async fn make(call: &Call, record: &Record, otp: &OtpOptions) -> Result<(Record, String)> {
    let plain = digits(otp);
    let mut row = owned::new(&call.app, OTPS, record)?;
    row.set("password", Value::Text(plain.clone()));
    Ok((records::save_new(call, row).await?, plain))
}

/// Notes where a one-time password was sent to, once it has been: who then knows it reads that mail.
fn note_sent(call: &Call, row: Record, email: String) -> AfterSent {
    let app = call.app.clone();
    Box::new(move || {
        Box::pin(async move {
            let change = |row: &mut Record| {
                row.set("sentTo", Value::Text(email));
            };
            match records::save(&Call::system(&app), row, change).await {
                // It was used before we got here.
                Err(error) if error.kind() == Kind::NotFound => Ok(()),
                outcome => outcome.map(drop),
            }
        })
    })
}

fn digits(otp: &OtpOptions) -> String {
    let length = usize::try_from(otp.length).unwrap_or_default().min(PASSWORD_MAX_CHARS);
    ids::random_text(length, b"0123456789")
}

/// An open one-time password and its account.
async fn find(
    call: &Call,
    collection: &Arc<Collection>,
    otp_id: &str,
    duration: i64,
) -> Result<Option<(Record, Record)>> {
    let Some(row) = owned::find(call, OTPS, otp_id).await? else { return Ok(None) };
    if row.text("collectionRef") != collection.id || owned::has_expired(&row, duration) {
        return Ok(None);
    }
    let schema = call.app.schema();
    let record = records::find(&call.db, call.app.planner(), &schema, collection, row.text("recordRef")).await?;
    Ok(record.map(|record| (row, record)))
}

/// Counts a try for the account, or for the address without one that was given this id.
fn count_try(call: &Call, collection: &Collection, otp_id: &str, record: Option<&str>) -> Result<()> {
    let who = match record {
        Some(id) => Some(id.to_owned()),
        None => call.app.decoys().owner(&collection.id, otp_id),
    };
    match who {
        Some(who) => call.app.tries().take_all(&[TRIES, TRIES_LONG], &collection.id, &who).map_err(|wait| {
            Error::rate_limited(wait).message_set("Too many attempts, please try again later with a new OTP.")
        }),
        None => Ok(()),
    }
}

/// Takes a one-time password away; of two requests that come with it at once, one does.
async fn spend(call: &Call, row: Record) -> Result<()> {
    records::remove(call, row).await.map_err(|error| if error.kind() == Kind::NotFound { wrong() } else { error })
}

/// The account, verified if the password was sent to its address. What let others in ends then, and without second factors its old password
/// too: it may be that of somebody who made the account with an address that is not theirs.
async fn verified(call: &Call, record: Record, sent_to: &str) -> Result<Record> {
    if record.flag("verified") || sent_to.is_empty() || sent_to != record.text("email") {
        return Ok(record);
    }
    let has_second_factors = options(&record.collection)?.mfa.enabled;
    let change = |record: &mut Record| {
        record.set("verified", Value::Bool(true));
        if !has_second_factors {
            record.set("password", Value::Text(password::random()));
        }
    };
    // Whoever changed the account's credentials meanwhile ended its one-time passwords with them.
    let saved = records::save_with_its_key(call, record, change, true).await;
    saved.map_err(|error| if error.kind() == Kind::NotFound { wrong() } else { error })
}

fn wrong() -> Error {
    Error::invalid("Invalid or expired OTP.")
}

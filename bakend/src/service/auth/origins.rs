//! From where an account signs in, and the mail about a new place.

use md5::{Digest as _, Md5};

use super::{finish::options, owned};
use crate::{
    Kind, Result, clock, limits,
    schema::{Record, Value},
    service::{
        mail::{self, Letter, MailKind},
        records::{self, Call, Client},
    },
};

pub(super) const ORIGINS: &str = "_authOrigins";
/// Places of an account that are remembered; a further one takes the place of the oldest. Source: PocketBase web API, login alert.
const PLACES_MAX: usize = 5;

/// Remembers from where a record signs in. From a place it has not been seen at, and not the first, a mail tells its owner. What goes
/// wrong is logged: it must not keep anybody out.
pub(super) async fn note(call: &Call, record: &Record) {
    if let Err(error) = try_note(call, record).await {
        tracing::error!(
            collection = record.collection.name,
            record = record.id(),
            ?error,
            "a place could not be noted"
        );
    }
}

async fn try_note(call: &Call, record: &Record) -> Result<()> {
    let Some(client) = call.client.as_deref() else { return Ok(()) };
    if !options(&record.collection)?.auth_alert.enabled {
        return Ok(());
    }
    let fingerprint = fingerprint(client);
    let known = owned::newest(call, ORIGINS, record, PLACES_MAX as u64 + 1).await?;
    if known.iter().any(|row| row.text("fingerprint") == fingerprint) {
        return Ok(());
    }
    let is_first = known.is_empty();
    for oldest in known.into_iter().skip(PLACES_MAX - 1) {
        records::remove(call, oldest).await?;
    }
    let mut row = owned::new(&call.app, ORIGINS, record)?;
    row.set("fingerprint", Value::Text(fingerprint));
    match records::save_new(call, row).await {
        Ok(_) if !is_first => alert(call, record, client),
        Ok(_) => {}
        // Another sign-in from there was faster.
        Err(error) if error.kind() == Kind::Invalid => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

fn alert(call: &Call, record: &Record, client: &Client) {
    let email = record.text("email");
    if email.is_empty() {
        return;
    }
    let info = format!("{} - {} {}", clock::now_text(), client.address, client.user_agent);
    let facts = vec![("ALERT_INFO", info)];
    let letter = Letter { kind: MailKind::AuthAlert, record: record.clone(), to: email.to_owned(), facts };
    mail::post_letter(&call.app, letter, None);
}

/// What places are known by. Source: PocketBase web API, login alert: so that imported accounts are not alarmed.
fn fingerprint(client: &Client) -> String {
    let is_cut = client.user_agent.chars().count() >= limits::USER_AGENT_MAX_CHARS;
    let agent = format!("{}{}{}", client.address, client.user_agent, if is_cut { "..." } else { "" });
    Md5::digest(agent.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn a_place_has_the_fingerprint_that_pocketbase_gives_it() {
        let client = Client::new(IpAddr::from([127, 0, 0, 1]), "node");
        assert_eq!(fingerprint(&client), "e1b2892a537c2611be478c298e10eabb");
    }
}

//! First factors and one-time passwords that nobody came back for are forgotten.

use jiff::SignedDuration;

use super::{finish::options, mfa::MFAS, otp::OTPS, owned};
use crate::{
    Kind, Result, clock,
    service::{
        App,
        records::{self, Call},
    },
};

/// Rows that are removed in one go.
const BATCH_MAX_ROWS: u64 = 500;

/// Removes what has expired; returns the number of rows.
///
/// # Errors
/// Those of the database.
pub async fn sweep(app: &App) -> Result<u64> {
    let call = Call::system(app);
    let mut removed = 0;
    for collection in app.schema().collections().iter().filter(|collection| collection.is_auth()) {
        let auth = options(collection)?;
        for (name, seconds) in [(MFAS, auth.mfa.duration), (OTPS, auth.otp.duration)] {
            let before = clock::text(clock::now() - SignedDuration::from_secs(seconds));
            loop {
                let rows = owned::made_before(&call, name, &collection.id, &before, BATCH_MAX_ROWS).await?;
                let is_last = (rows.len() as u64) < BATCH_MAX_ROWS;
                for row in rows {
                    match records::remove(&call, row).await {
                        Ok(()) => removed += 1,
                        Err(error) if error.kind() == Kind::NotFound => {}
                        Err(error) => return Err(error),
                    }
                }
                if is_last {
                    break;
                }
            }
        }
    }
    Ok(removed)
}

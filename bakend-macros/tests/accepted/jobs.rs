use std::time::Duration;

use bakend::{App, IntoJob, Result, job, service::jobs::Backoff};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub struct Digest {
    pub user: String,
}

#[job(
    name = "mail.digest",
    queue = "mail",
    retries = 5,
    backoff = "linear",
    delay = "250ms",
    max_delay = "2h",
    timeout = "30s",
    concurrency = 4,
    priority = -1,
    unique = "user"
)]
pub async fn digest(_app: App, payload: Digest) -> Result<()> {
    drop(payload.user);
    Ok(())
}

#[job(unique)]
async fn nightly(_: App) -> Result<()> {
    Ok(())
}

#[job]
async fn plain(_: bakend::App, _: (u8, String)) -> Result<()> {
    Ok(())
}

#[test]
fn every_option_of_a_job() {
    let job = digest.into_job();
    let options = job.options();
    assert_eq!((job.name(), options.queue.as_str(), options.retries), ("mail.digest", "mail", 5));
    assert_eq!((options.backoff, options.delay), (Backoff::Linear, Duration::from_millis(250)));
    assert_eq!((options.timeout, options.max_delay), (Duration::from_secs(30), Duration::from_secs(7200)));
    assert_eq!((options.concurrency, options.priority, &options.unique[..]), (4, -1, &["user".to_owned()][..]));
    assert_eq!((nightly.into_job().name(), plain.into_job().options().retries), ("nightly", 3));
}

#![allow(unused_imports)]

use bakend::{App, Result, job};

#[job(retry = 3)]
async fn option(_: App) -> Result<()> {
    Ok(())
}

#[job(timeout = "30")]
async fn no_unit(_: App) -> Result<()> {
    Ok(())
}

#[job(delay = 30)]
async fn number(_: App) -> Result<()> {
    Ok(())
}

#[job(retries = 1000)]
async fn many(_: App) -> Result<()> {
    Ok(())
}

#[job(backoff = "doubling")]
async fn backoff(_: App) -> Result<()> {
    Ok(())
}

#[job(queue = "a queue")]
async fn queue(_: App) -> Result<()> {
    Ok(())
}

#[job]
async fn borrowed(_: App, _: &str) -> Result<()> {
    Ok(())
}

#[job]
async fn no_app(_: String) -> Result<()> {
    Ok(())
}

#[job]
fn not_async(_: App) -> Result<()> {
    Ok(())
}

#[job]
async fn silent(_: App) {}

#[job(name = "", max_delay = "forever", concurrency = 0, priority = 1001, unique = 3)]
async fn bounds(_: App) -> Result<()> {
    Ok(())
}

#[job(name = digest, max_delay = "0s", concurrency = "four", priority = 0.5, unique(user))]
async fn types(_: App) -> Result<()> {
    Ok(())
}

#[job(unique = ["user", day], retries = -1, queue)]
async fn lists(_: App) -> Result<()> {
    Ok(())
}

#[job(retries = 3, retries = 5)]
async fn twice(_: App) -> Result<()> {
    Ok(())
}

fn main() {}

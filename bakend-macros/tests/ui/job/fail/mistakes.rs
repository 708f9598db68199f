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

fn main() {}

//! `start`: serves the data folder until a signal says to stop.

use std::path::Path;

use super::{
    banner,
    failure::{Failure, Outcome, system},
    listen,
    options::{Durability, StartOptions},
    shutdown, words,
};
use crate::{
    Kind,
    http::{self, ServeOptions, cors::Origins},
    service::{App, AppOptions, auth::superusers},
};

/// Serves; returns after a graceful stop.
pub(super) async fn run(dir: &Path, options: StartOptions) -> Outcome {
    let stop = shutdown::requested()?;
    // First the port: a wrong one is told before the data is touched. Early connections wait for their answer.
    let listener = listen::bind(&options.http).await?;
    let address = listener.local_addr().map_err(system)?;
    let app = open(dir, options.durability).await?;
    words::out(format_args!("{}", banner::text(address, dir, superusers::exist(&app).await?)));
    let outcome =
        http::serve(app.clone(), listener, ServeOptions { origins: Origins::new(options.origins) }, stop).await;
    app.close().await;
    Ok(outcome?)
}

async fn open(dir: &Path, durability: Durability) -> Outcome<App> {
    let options =
        AppOptions { exclusive: true, synchronous_full: durability == Durability::Full, ..AppOptions::new(dir) };
    App::open(options).await.map_err(|error| match error.kind() {
        Kind::Conflict => Failure::new(format!("Another server already runs on the data folder {}.", dir.display()))
            .next("Stop it, or serve another folder: --dir OTHER"),
        _ => Failure::from(error),
    })
}

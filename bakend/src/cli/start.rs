//! `start`: serves the data folder until a signal says to stop.

use std::path::Path;

use tokio::net::TcpListener;

use super::{
    Program, banner,
    failure::{Failure, Outcome, system},
    listen,
    options::{Durability, StartOptions, Switch, Writing},
    shutdown, words,
};
use crate::{
    http::{Router, cors::Origins, door::Door, server::serve_door},
    service::{
        App, AppOptions,
        app::is_taken,
        auth::installer,
        events,
        mail::MailOptions,
        migrations::{Folder, Losses, MigrationOptions},
    },
};

/// Serves; returns after a graceful stop.
pub(super) async fn run(program: Program, dir: &Path, folder: &Folder, options: StartOptions) -> Outcome {
    let stop = shutdown::requested()?;
    // First the port: a wrong one is told before the data is touched. Early connections wait for their answer.
    let listener = listen::bind(&options.http).await?;
    let (app, router) = open(program, dir, folder, &options).await?;
    let outcome = serve(&app, Door::of(&app, router, Origins::new(options.origins)), dir, listener, stop).await;
    app.close().await;
    outcome
}

async fn serve(app: &App, door: Door, dir: &Path, listener: TcpListener, stop: impl Future<Output = ()>) -> Outcome {
    let address = listener.local_addr().map_err(system)?;
    events::serving(app, address).await?;
    words::out(format_args!("{}", banner::text(address, dir, installer::link_token(app).await?.as_deref())));
    Ok(serve_door(door, listener, stop).await?)
}

async fn open(program: Program, dir: &Path, folder: &Folder, options: &StartOptions) -> Outcome<(App, Router)> {
    let is_written = match options.write_migrations {
        Writing::Auto => folder.exists(),
        Writing::On => true,
        Writing::Off => false,
    };
    let migrations = MigrationOptions {
        apply: (options.apply_migrations == Switch::On).then(|| folder.clone()),
        write: is_written.then(|| folder.clone()),
    };
    let synchronous_full = options.durability == Durability::Full;
    let mail = MailOptions { roots: options.smtp_roots.clone(), ..MailOptions::default() };
    let options = AppOptions { exclusive: true, mail, synchronous_full, migrations, ..AppOptions::new(dir) };
    (program.open)(options, Losses::Refused).await.map_err(|error| match is_taken(&error) {
        true => Failure::new(format!("Another server already runs on the data folder {}.", dir.display()))
            .next("Stop it, or serve another folder: --dir OTHER"),
        false => Failure::from(error),
    })
}

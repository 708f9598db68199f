//! `start`: serves the data folder until a signal says to stop.

use std::path::{Path, PathBuf};

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

/// The folder of the app's own pages, beside the data folder.
const PUBLIC_DEFAULT: &str = "public";

/// Serves; returns after a graceful stop.
pub(super) async fn run(program: Program, base: AppOptions, folder: &Folder, options: StartOptions) -> Outcome {
    let stop = shutdown::requested()?;
    // First the port: a wrong one is told before the data is touched. Early connections wait for their answer.
    let listener = listen::bind(&options.http).await?;
    let dir = base.dir.clone();
    let public = public_folder(&dir, options.public.clone())?;
    let (app, router) = open(program, base, folder, &options).await?;
    let mut door = Door::of(&app, router, Origins::new(options.origins));
    if let Some(folder) = &public {
        door = door.with_public(folder);
    }
    let outcome = serve(&app, door, &dir, listener, stop).await;
    app.close().await;
    outcome
}

/// The folder of the app's own pages: the one that was named, or `public` beside the data folder.
fn public_folder(dir: &Path, named: Option<PathBuf>) -> Outcome<Option<PathBuf>> {
    match named {
        Some(folder) if folder.is_dir() => Ok(Some(folder)),
        Some(folder) => Err(Failure::new(format!("The public folder {} is not there.", folder.display()))
            .next("Make it, or leave --public out")),
        None => {
            let beside = std::path::absolute(dir).map_err(system)?.with_file_name(PUBLIC_DEFAULT);
            Ok(beside.is_dir().then_some(beside))
        }
    }
}

async fn serve(app: &App, door: Door, dir: &Path, listener: TcpListener, stop: impl Future<Output = ()>) -> Outcome {
    let address = listener.local_addr().map_err(system)?;
    events::serving(app, address).await?;
    let token = installer::link_token(app).await?;
    words::out(format_args!("{}", banner::text(address, dir, token.as_deref(), app.options().admin_panel)));
    Ok(serve_door(door, listener, stop).await?)
}

async fn open(program: Program, base: AppOptions, folder: &Folder, options: &StartOptions) -> Outcome<(App, Router)> {
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
    let dir = base.dir.clone();
    let admin_panel = options.admin_panel == Switch::On;
    let options = AppOptions { exclusive: true, mail, synchronous_full, migrations, admin_panel, ..base };
    (program.open)(options, Losses::Refused).await.map_err(|error| match is_taken(&error) {
        true => Failure::new(format!("Another server already runs on the data folder {}.", dir.display()))
            .next("Stop it, or serve another folder: --dir OTHER"),
        false => Failure::from(error),
    })
}

//! `rekey`: gives the secrets of a data folder another key, or none.

use clap::Args;

use super::{
    failure::{Failure, Outcome},
    words,
};
use crate::{
    Kind,
    service::{App, AppOptions, SecretKey},
};

/// What `rekey` takes.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// The new key, 32 characters
    #[arg(long, value_name = "KEY", env = "BAK_ENCRYPTION_KEY_NEW", hide_env_values = true)]
    new_key: Option<SecretKey>,
    /// Store secrets unencrypted from now on
    #[arg(long, conflicts_with = "new_key")]
    remove: bool,
}

/// Changes the key; no server may run on the folder meanwhile.
pub(super) async fn run(base: AppOptions, options: Options) -> Outcome {
    if options.new_key.is_none() && !options.remove {
        return Err(
            Failure::new("There is no new key.").next("Give one, --new-key KEY, or remove the old one: --remove")
        );
    }
    let dir = base.dir.clone();
    let app = App::open(AppOptions { exclusive: true, ..base }).await;
    let app = app.map_err(|error| match error.kind() {
        Kind::Conflict => Failure::new(format!("A server runs on the data folder {}.", dir.display()))
            .next("Stop it first: it would go on with the old key"),
        _ => Failure::from(error),
    })?;
    let changed = app.store().change_key(options.new_key).await;
    app.close().await;
    changed?;
    words::out(format_args!(
        "{}\n",
        if options.remove { "Secrets are stored unencrypted now." } else { "Secrets have the new key now." }
    ));
    Ok(())
}

//! `openapi`: prints the document that describes the API.

use super::{
    Program,
    failure::{Failure, Outcome},
    words,
};
use crate::service::{AppOptions, migrations, openapi};

/// Prints it.
pub(super) async fn run(program: Program, base: AppOptions) -> Outcome {
    let document = of_folder(program, base).await?;
    words::out(format_args!("{document}\n"));
    Ok(())
}

/// The document of a data folder, with what the program's code says about collections.
pub(super) async fn of_folder(program: Program, base: AppOptions) -> Outcome<String> {
    let dir = base.dir.clone();
    // Asking for a description is no reason to make a database.
    if !migrations::system_steps(&dir)?.iter().any(|step| step.applied.is_some()) {
        let command = words::command("init", &dir);
        let message = format!("There is no data in {}, so there are no collections to tell of.", dir.display());
        return Err(Failure::new(message).next(format!("Name the data folder, --dir DIR, or make one: {command}")));
    }
    let app = program.open(base).await?;
    let document = openapi::json(&app);
    app.close().await;
    Ok(document?)
}

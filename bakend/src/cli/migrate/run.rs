//! The actions of `migrate` that change something: what they did, in words.

use super::{
    super::{
        failure::{Failure, Outcome},
        words::{self, COMMAND, DIM, HINT},
    },
    Place, shown,
};
use crate::service::{
    App,
    migrations::{self, Authored, Language, Losses, OrmMigrations, SystemStep},
};

/// Applies files, then what the code says, then the program's own migrators.
pub(super) async fn up(app: &App, place: &Place<'_>, most: Option<usize>, system: &[SystemStep]) -> Outcome {
    let mut count = 0;
    let mut tell = |name: &str| {
        count += 1;
        words::out(format_args!("applied  {name}\n"));
    };
    system.iter().filter(|step| step.applied.is_none()).for_each(|step| tell(&step.name));
    if let Some(most) = most {
        migrations::up(app, place.folder, most, &mut tell).await?;
    } else {
        migrations::apply_files(app, place.folder, &place.definitions, &mut tell).await?;
        for found in migrations::reconcile(app, &place.definitions, Losses::Refused).await? {
            words::out(format_args!("{}", shown::differences(&[found])));
        }
        for migrator in &place.migrators {
            let missing = migrator.steps(place.dir)?;
            migrator.run(app.store()).await?;
            missing.iter().filter(|step| step.applied.is_none()).for_each(|step| tell(&step.name));
        }
    }
    if count == 0 {
        words::out(format_args!("Everything is up to date.\n"));
    }
    Ok(())
}

/// Undoes what was applied last, of files and of the program's own migrators alike.
pub(super) async fn down(app: &App, place: &Place<'_>, most: usize) -> Outcome {
    let mut files = 0;
    for _ in 0..most {
        let file = migrations::files(app, place.folder).await?.into_iter().filter_map(|file| file.applied).next_back();
        match last_own(place)? {
            // Migrators note whole seconds.
            Some((migrator, step, moment)) if file.as_deref().is_none_or(|file| file < moment.as_str()) => {
                migrator.undo(app.store()).await?;
                words::out(format_args!("undone   {step}\n"));
            }
            _ if file.is_none() => {
                words::out(format_args!("There is nothing to undo.\n"));
                break;
            }
            _ => {
                files += 1;
                migrations::down(app, 1, |name| words::out(format_args!("undone   {name}\n"))).await?;
            }
        }
    }
    if files > 0 {
        words::out(format_args!("{DIM}The next start applies files again that are still there.{DIM:#}\n"));
    }
    Ok(())
}

/// The last step that a migrator of the program did, and when.
fn last_own<'a>(place: &'a Place<'_>) -> Outcome<Option<(&'a OrmMigrations, String, String)>> {
    let mut last: Option<(&OrmMigrations, String, String)> = None;
    for migrator in &place.migrators {
        for step in migrator.steps(place.dir)? {
            if let Some(moment) =
                step.applied.filter(|moment| last.as_ref().is_none_or(|(_, _, other)| other <= moment))
            {
                last = Some((migrator, step.name, moment));
            }
        }
    }
    Ok(last)
}

/// Writes an empty migration.
pub(super) fn create(place: &Place<'_>, name: &str, language: Language) -> Outcome {
    let name = migrations::create(place.folder, name, language)?;
    let path = place.folder.path().join(name);
    let command = words::command("migrate up", place.dir);
    words::out(format_args!("Wrote {}. Fill it, then:\n  {COMMAND}{command}{COMMAND:#}\n", path.display()));
    Ok(())
}

/// Writes what is in no migration yet.
pub(super) async fn diff(app: &App, place: &Place<'_>, name: Option<&str>) -> Outcome {
    let found = migrations::differences(app, &place.definitions).await?;
    let written = migrations::difference(app, place.folder, name, &place.definitions).await.map_err(|error| {
        let next = words::command("migrate snapshot", place.dir);
        match error.kind() {
            crate::Kind::Conflict => Failure::from(error).next(format!("Start anew from what is there: {next}")),
            _ => Failure::from(error),
        }
    })?;
    if written.is_empty() {
        words::out(format_args!("There is no difference: nothing was written.\n"));
    }
    for one in &written {
        // What the code wants may take something from records.
        let shown = if one.is_applied { shown::steps(&one.steps) } else { shown::differences(&found) };
        tell_written(place, one, &shown);
    }
    Ok(())
}

/// Writes everything into one migration.
pub(super) async fn snapshot(app: &App, place: &Place<'_>, name: Option<&str>) -> Outcome {
    let written = migrations::snapshot(app, place.folder, name).await?;
    tell_written(place, &written, "");
    words::out(format_args!(
        "{DIM}Older migrations are no longer needed: delete their files, then `migrate forget`.{DIM:#}\n"
    ));
    Ok(())
}

fn tell_written(place: &Place<'_>, written: &Authored, shown: &str) {
    let path = place.folder.path().join(&written.name);
    words::out(format_args!("Wrote {}\n{shown}", path.display()));
    if !written.is_applied {
        let command = words::command("migrate up", place.dir);
        words::out(format_args!(
            "{HINT}Review it, it may take something from records.{HINT:#} The next start applies it, or:\n  {COMMAND}{command}{COMMAND:#}\n"
        ));
    }
}

/// Takes changed files for what was applied.
pub(super) async fn accept(app: &App, place: &Place<'_>, names: &[String]) -> Outcome {
    let taken = migrations::accept(app, place.folder, names).await?;
    if taken.is_empty() {
        words::out(format_args!("Nothing to do: the files are what was applied.\n"));
    }
    taken.iter().for_each(|name| words::out(format_args!("accepted {name}\n")));
    Ok(())
}

/// Forgets migrations without files.
pub(super) async fn forget(app: &App, place: &Place<'_>) -> Outcome {
    let names = migrations::forget(app, place.folder).await?;
    if names.is_empty() {
        words::out(format_args!("Nothing to do: the files of all applied migrations are there.\n"));
    }
    names.iter().for_each(|name| words::out(format_args!("forgot   {name}\n")));
    Ok(())
}

/// Brings the collections to what the code says.
pub(super) async fn apply(app: &App, place: &Place<'_>, allow_destructive: bool) -> Outcome {
    if place.definitions.is_empty() {
        return Err(Failure::new("This program has no collections of its own.").next("For migration files: migrate up"));
    }
    let losses = if allow_destructive { Losses::Allowed } else { Losses::Refused };
    let found = migrations::differences(app, &place.definitions).await?;
    words::out(format_args!("{}", shown::differences(&found)));
    if !allow_destructive && found.iter().any(migrations::Found::is_destructive) {
        let command = words::command("migrate apply --allow-destructive", place.dir);
        return Err(Failure::new("This takes something from records; nothing was changed.")
            .next(format!("If that is meant: {command}")));
    }
    let done = migrations::reconcile(app, &place.definitions, losses).await?;
    let said = if done.is_empty() {
        "The collections are what the code says already."
    } else {
        "The collections are what the code says now."
    };
    words::out(format_args!("{said}\n"));
    Ok(())
}

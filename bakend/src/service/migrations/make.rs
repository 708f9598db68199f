//! A planned change made on a connection, with every check that a change through the API gets.

use std::sync::Arc;

use crate::{
    Error, FieldErrors, Kind, Result,
    schema::{Schema, check},
    service::{
        App,
        collections::{
            change::{Change, Failure},
            rules, stored,
        },
    },
    store::Conn,
};

/// All collections as the database has them right now, whatever the app's snapshot says.
pub(super) fn current(conn: &Conn) -> Result<Arc<Schema>> {
    let collections = stored::all(conn)?;
    Ok(Arc::new(Schema::new(0, collections.into_iter().map(Arc::new).collect())))
}

/// Makes a change inside the connection's transaction; returns all collections after it. The app's snapshot stays as it is.
///
/// # Errors
/// - `Invalid`: a collection is refused; the message says which and why;
/// - `Internal`: the database failed.
pub(super) fn make(conn: &Conn, app: &App, change: &Change) -> Result<Schema> {
    if change.saved.is_empty() && change.removed.is_empty() {
        return Ok(change.before.as_ref().clone());
    }
    let target = change.target();
    for saved in change.saved.iter().filter(|saved| !saved.new.is_view()) {
        refuse(&saved.new.name, check::check(&saved.new, saved.old.as_deref(), &target))?;
    }
    let schema = change.apply(conn, app).map_err(explain)?;
    // Fields of views are known only now, so what depends on them is checked last.
    for saved in &change.saved {
        let Some(new) = schema.by_id(&saved.new.id) else { continue };
        let mut errors = FieldErrors::new();
        if new.is_view() {
            errors = check::check(new, saved.old.as_deref(), &schema);
        }
        errors.merge(rules::check(app.planner(), &schema, new));
        refuse(&new.name, errors)?;
    }
    Ok(schema)
}

fn refuse(collection: &str, errors: FieldErrors) -> Result<()> {
    if errors.is_empty() {
        return Ok(());
    }
    let mut lines = Vec::new();
    list("", &errors, &mut lines);
    if lines.is_empty() {
        return Ok(());
    }
    Err(Error::invalid(format!("The collection {collection:?} is refused:\n  {}", lines.join("\n  "))))
}

/// Errors with the path of what they are about, a line each.
fn list(path: &str, errors: &FieldErrors, lines: &mut Vec<String>) {
    match errors {
        // No file holds secrets: a provider that comes from one waits for its secret to be set here.
        FieldErrors::Leaf(_) if path.starts_with("oauth2.providers.") && path.ends_with(".clientSecret") => {}
        FieldErrors::Leaf(leaf) => lines.push(format!("{path}: {}", leaf.message)),
        FieldErrors::Tree(tree) => {
            for (name, inner) in tree {
                list(&if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, inner, lines);
            }
        }
    }
}

fn explain(failure: Failure) -> Error {
    if failure.is_of_server() {
        return failure.error;
    }
    let mut lines = Vec::new();
    if failure.error.kind() != Kind::Internal {
        list("", failure.error.field_errors(), &mut lines);
    }
    let reason = if lines.is_empty() { failure.reason() } else { lines.join("; ") };
    let place = if failure.is_saved { "collection" } else { "view" };
    Error::invalid(format!("The {place} {:?} cannot be changed: {reason}", failure.collection)).caused_by(failure.error)
}

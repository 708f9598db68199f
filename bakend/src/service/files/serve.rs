//! Which file may be sent to whom.

use std::{io, path::PathBuf, sync::Arc, time::SystemTime};

use super::{STORAGE, content, is_plain};
use crate::{
    Error, Result,
    query::{Context, RequestInfo, grant::Right},
    schema::{Collection, FieldKind, Record},
    service::{
        App,
        auth::{TokenKind, who},
        records,
    },
};

/// A file that may be sent.
#[derive(Debug)]
pub struct Served {
    /// Where it lies.
    pub path: PathBuf,
    /// Its stored name.
    pub name: String,
    /// By content, or by the extension where browsers insist.
    pub content_type: String,
    /// In bytes.
    pub size: u64,
    /// When it was stored.
    pub modified: SystemTime,
}

/// The file of a record, if the caller may have it: a protected one takes a file token whose holder satisfies the view rule.
///
/// # Errors
/// `NotFound` for whatever is missing or hidden.
pub async fn serve(
    app: &App,
    mut info: RequestInfo,
    collection: &Arc<Collection>,
    id: &str,
    name: &str,
    token: &str,
) -> Result<Served> {
    let schema = app.schema();
    let record =
        records::find(&app.store().db(), app.planner(), &schema, collection, id).await?.ok_or_else(Error::not_found)?;
    if is_protected(&record, name)? {
        info.context = Context::ProtectedFile;
        // A key that is for this collection needs no token beside it; other callers show one, as links cannot carry headers.
        if !info.grant.as_ref().is_some_and(|grant| grant.allows(&collection.id, Right::View)) {
            info.auth = who::holder(app, token, TokenKind::File).await?.map(Arc::new);
        }
        may_view(app, &info, collection, id).await?;
    }
    let (app, id, name) = (app.clone(), id.to_owned(), name.to_owned());
    let collection = Arc::clone(collection);
    let found = tokio::task::spawn_blocking(move || {
        let mut owners = vec![collection.id.clone()];
        if collection.is_view() {
            // A view shows names of files that lie with the record they came from; they are unique, so the folder tells whose they are.
            owners.extend(app.schema().collections().iter().map(|other| other.id.clone()));
        }
        owners.into_iter().find_map(|owner| open(&app, &owner, &id, &name).transpose()).transpose()
    });
    found.await.map_err(Error::internal)?.map_err(Error::internal)?.ok_or_else(Error::not_found)
}

/// Whether the field that holds this name is protected.
fn is_protected(record: &Record, name: &str) -> Result<bool> {
    let mut fields = record.collection.fields.iter().zip(&record.values);
    let found = fields.find_map(|(field, value)| match &field.kind {
        FieldKind::File(options) if value.as_list().iter().any(|own| own == name) => Some(options.protected),
        _ => None,
    });
    found.ok_or_else(Error::not_found)
}

async fn may_view(app: &App, info: &RequestInfo, collection: &Arc<Collection>, id: &str) -> Result<()> {
    if info.is_superuser() {
        return Ok(());
    }
    let rule = collection.rules.view.as_deref().ok_or_else(Error::not_found)?;
    if rule.is_empty() {
        return Ok(());
    }
    let statement = app.planner().view(&app.schema(), collection, info, id, Some(rule));
    let statement = statement.map_err(|error| Error::not_found().caused_by(error))?;
    let pace = statement.pace.clone();
    let rows = app.store().db().read(&pace, move |conn| conn.rows(&statement, |_| Ok(()))).await?;
    if rows == 0 { Err(Error::not_found()) } else { Ok(()) }
}

fn open(app: &App, owner: &str, id: &str, name: &str) -> io::Result<Option<Served>> {
    if ![owner, id, name].into_iter().all(is_plain) {
        return Ok(None);
    }
    let path = app.options().dir.join(STORAGE).join(owner).join(id).join(name);
    let about = match std::fs::metadata(&path) {
        Ok(about) if about.is_file() => about,
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let content_type = match by_extension(name) {
        Some(known) => known.to_owned(),
        None => content::kind(&content::head(&path)?),
    };
    Ok(Some(Served { content_type, name: name.to_owned(), size: about.len(), modified: about.modified()?, path }))
}

/// Kinds whose content looks like something more general.
fn by_extension(name: &str) -> Option<&'static str> {
    let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
    Some(match extension.as_str() {
        "svg" => "image/svg+xml",
        "css" => "text/css",
        "js" | "mjs" => "text/javascript",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        _ => return None,
    })
}

//! One change of the collections: tables, views and the rows that describe them, all or nothing.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::stored;
use crate::{
    Error, Kind, Result, clock,
    schema::{Collection, Field, FieldKind, Schema, system::OWNED_BY_ACCOUNTS},
    service::{App, migrations, views},
    store::{self, Conn},
};

/// A collection as it was, if it was, and as it becomes.
#[derive(Clone, Debug)]
pub(crate) struct Saved {
    /// As it was.
    pub old: Option<Arc<Collection>>,
    /// As it becomes. Of views, the fields are derived again from the query.
    pub new: Arc<Collection>,
}

/// A change of the collections, checked already as far as that needs no database.
pub(crate) struct Change {
    /// All collections before it.
    pub before: Arc<Schema>,
    /// Created and updated, in this order.
    pub saved: Vec<Saved>,
    /// Deleted.
    pub removed: Vec<Arc<Collection>>,
    /// Whether somebody made it through the API, so that it is worth a migration.
    pub by_hand: bool,
}

/// What one collection of a change failed of.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Its name; empty when no single one is to blame.
    pub collection: String,
    /// Whether it is part of the change, and not a view over one that is.
    pub is_saved: bool,
    /// Why.
    pub error: Error,
}

impl Change {
    /// All collections after it; of saved views, with the fields they have now. Its version is never published, so that
    /// plans made from it are not found again.
    pub fn target(&self) -> Schema {
        static TENTATIVE: AtomicU64 = AtomicU64::new(1 << 62);
        let removed: HashSet<&str> = self.removed.iter().map(|collection| collection.id.as_str()).collect();
        let mut collections: Vec<_> =
            self.before.collections().iter().filter(|one| !removed.contains(one.id.as_str())).cloned().collect();
        for saved in &self.saved {
            // A new one with the id of another one stands beside it: the check refuses that.
            match collections.iter_mut().find(|one| saved.old.is_some() && one.id == saved.new.id) {
                Some(one) => *one = Arc::clone(&saved.new),
                None => collections.push(Arc::clone(&saved.new)),
            }
        }
        Schema::new(TENTATIVE.fetch_add(1, Ordering::Relaxed), collections)
    }

    /// Makes the change in one write, lets `check` refuse it, and puts the new snapshot in place.
    ///
    /// The caller holds the schema lock. On failure database and snapshot are as before.
    pub async fn make(
        self,
        app: &App,
        check: impl FnOnce(&App, &Schema) -> Result<()> + Send + 'static,
    ) -> Result<Arc<Schema>, Failure> {
        let version = self.before.version + 1;
        let writer_app = app.clone();
        // The failure's own shape cannot pass through the store, which knows only the public error.
        let failed = Arc::new(std::sync::Mutex::new(None));
        let note = Arc::clone(&failed);
        let folder = app.options().migrations.write.clone().filter(|_| self.by_hand);
        let noted_in = folder.clone();
        let outcome = app
            .store()
            .db()
            .write(move |conn| {
                let outcome = self.apply(conn, &writer_app).and_then(|schema| {
                    check(&writer_app, &schema).map_err(|error| Failure::of("", true, error))?;
                    let note = |folder| migrations::record::note(conn, folder, &self.before, &schema);
                    let noted = noted_in.as_ref().map(note).transpose();
                    Ok((schema, noted.map_err(|error| Failure::of("", true, error))?.flatten()))
                });
                outcome.map_err(|failure| {
                    *note.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(failure);
                    Error::invalid("")
                })
            })
            .await;
        match outcome {
            Ok((schema, noted)) => {
                app.set_schema(Schema::new(version, schema.collections().to_vec()));
                // A field that is gone may have had files.
                app.sweep_files_soon();
                if let (Some(folder), Some(noted)) = (folder, noted) {
                    migrations::record::write(app, &folder, noted).await;
                }
                Ok(app.schema())
            }
            Err(error) => {
                let noted = failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
                Err(noted.unwrap_or_else(|| Failure::of("", true, error)))
            }
        }
    }

    /// Makes the change on a connection; returns all collections after it. The snapshot of the app stays as it is.
    pub fn apply(&self, conn: &Conn, app: &App) -> Result<Schema, Failure> {
        let affected = self.affected_views();
        for view in &affected {
            store::tables::drop_view(conn, &view.name).map_err(|error| Failure::of(&view.name, false, error))?;
        }
        let mut schema = self.target();
        let change_table = |saved: &Saved| {
            let made = match &saved.old {
                Some(old) => store::tables::alter_table(conn, &schema, old, &saved.new),
                None => store::tables::create_table(conn, &schema, &saved.new),
            };
            made.map_err(|error| Failure::of(&saved.new.name, true, error))
        };
        let (unlinked, tables) = self.unlinked();
        unlinked.iter().try_for_each(change_table)?;
        for collection in self.in_drop_order() {
            remove_table(conn, &self.before, &collection)
                .map_err(|error| Failure::of(&collection.name, true, error))?;
        }
        in_name_order(tables).iter().try_for_each(change_table)?;
        self.write_rows(conn)?;
        self.end_sessions(conn)?;
        self.create_views(conn, app, &mut schema, affected)?;
        Ok(schema)
    }

    /// What happens to tables before others are dropped, and to all tables after it. Relations that point at a table that goes are dropped
    /// first: what is deleted with the table would take their records along.
    fn unlinked(&self) -> (Vec<Saved>, Vec<Saved>) {
        let mut unlinked = Vec::new();
        let mut tables: Vec<Saved> = self.saved.iter().filter(|saved| !saved.new.is_view()).cloned().collect();
        let goes = |field: &Field| self.removed.iter().any(|removed| field_points_at(field, &removed.id));
        for saved in &mut tables {
            let Some(old) = saved.old.as_ref().filter(|old| old.fields.iter().any(goes)) else { continue };
            // Indexes may name the fields; they are made again with the last form.
            let mut new = Collection { indexes: Vec::new(), ..old.as_ref().clone() };
            new.fields.retain(|field| !goes(field));
            let new = Arc::new(new);
            unlinked.push(Saved { old: saved.old.replace(Arc::clone(&new)), new });
        }
        (unlinked, tables)
    }

    /// The tables to drop, each before those that it points at.
    fn in_drop_order(&self) -> Vec<Arc<Collection>> {
        let mut rest: Vec<_> = self.removed.iter().filter(|one| !one.is_view()).cloned().collect();
        let mut ordered = Vec::with_capacity(rest.len());
        while !rest.is_empty() {
            let is_free =
                |one: &Arc<Collection>| rest.iter().all(|other| other.id == one.id || !points_at(other, &one.id));
            let next = rest.iter().position(is_free).unwrap_or(0);
            ordered.push(rest.remove(next));
        }
        ordered
    }

    fn write_rows(&self, conn: &Conn) -> Result<(), Failure> {
        for collection in &self.removed {
            store::system::collections::delete(conn, &collection.id)
                .map(drop)
                .map_err(|error| Failure::of(&collection.name, true, error))?;
        }
        // A name that goes from one to another is nobody's meanwhile.
        let taken = |old: &Collection| {
            self.saved.iter().any(|saved| saved.new.id != old.id && saved.new.name.eq_ignore_ascii_case(&old.name))
        };
        for (at, old) in self.saved.iter().filter_map(|saved| saved.old.as_deref()).filter(|old| taken(old)).enumerate()
        {
            stored::save(conn, &Collection { name: aside(at), ..old.clone() })
                .map_err(|error| Failure::of(&old.name, true, error))?;
        }
        for saved in self.saved.iter().filter(|saved| !saved.new.is_view()) {
            stored::save(conn, &saved.new).map_err(|error| Failure::of(&saved.new.name, true, error))?;
        }
        Ok(())
    }

    /// A new secret ends all tokens of a collection, and so its sessions.
    fn end_sessions(&self, conn: &Conn) -> Result<(), Failure> {
        for saved in &self.saved {
            let secret = |collection: &Collection| collection.auth.as_ref().map(|auth| auth.auth_token.secret.clone());
            if saved.old.as_ref().is_some_and(|old| secret(old) != secret(&saved.new)) {
                store::system::end_sessions_of(conn, &saved.new.id)
                    .map_err(|error| Failure::of(&saved.new.name, true, error))?;
            }
        }
        Ok(())
    }

    /// The view with the names that the collections it reads get.
    fn following_names(&self, view: Arc<Collection>) -> Arc<Collection> {
        let names = self.saved.iter().filter_map(|saved| Some((&saved.old.as_ref()?.name, &saved.new.name)));
        let names: HashMap<_, _> =
            names.filter(|(old, new)| old != new).map(|(old, new)| (old.clone(), new.clone())).collect();
        let query = views::renamed(&view.view_query, &names);
        if query == view.view_query {
            view
        } else {
            Arc::new(Collection { view_query: query, ..view.as_ref().clone() })
        }
    }

    /// Existing views that read, directly or not, what the change touches.
    fn affected_views(&self) -> Vec<Arc<Collection>> {
        let mut touched: HashSet<String> = HashSet::new();
        for saved in &self.saved {
            touched.insert(saved.new.name.to_lowercase());
            touched.extend(saved.old.iter().map(|old| old.name.to_lowercase()));
        }
        touched.extend(self.removed.iter().map(|removed| removed.name.to_lowercase()));
        let mut rest: Vec<_> = self.before.collections().iter().filter(|one| one.is_view()).cloned().collect();
        let mut affected = Vec::new();
        loop {
            let (now, later): (Vec<_>, Vec<_>) = rest.into_iter().partition(|view| {
                touched.contains(&view.name.to_lowercase())
                    || views::sources(&view.view_query).is_none_or(|names| !names.is_disjoint(&touched))
            });
            if now.is_empty() {
                return affected;
            }
            touched.extend(now.iter().map(|view| view.name.to_lowercase()));
            affected.extend(now);
            rest = later;
        }
    }

    fn create_views(
        &self,
        conn: &Conn,
        app: &App,
        schema: &mut Schema,
        affected: Vec<Arc<Collection>>,
    ) -> Result<(), Failure> {
        let saved = self.saved.iter().filter(|saved| saved.new.is_view()).map(|saved| Arc::clone(&saved.new));
        let mut waiting: Vec<Arc<Collection>> = saved.collect();
        for view in affected {
            let is_removed = self.removed.iter().any(|one| one.id == view.id);
            if !is_removed && !waiting.iter().any(|one| one.id == view.id) {
                waiting.push(self.following_names(view));
            }
        }
        while !waiting.is_empty() {
            let view = waiting.remove(next_view(&waiting));
            let is_saved = self.saved.iter().any(|saved| saved.new.id == view.id);
            let known = self.before.by_id(&view.id);
            let new = create_view(conn, app, schema, &view, known, is_saved)
                .map_err(|error| Failure::of(&view.name, is_saved, error))?;
            *schema = Schema::new(schema.version, replaced(schema, new));
        }
        Ok(())
    }
}

impl Failure {
    fn of(collection: &str, is_saved: bool, error: Error) -> Self {
        Self { collection: collection.to_owned(), is_saved, error }
    }

    /// The reason in words that may be shown: the database's own when it was the database.
    pub fn reason(&self) -> String {
        store::reason(&self.error).unwrap_or_else(|| match self.error.kind() {
            Kind::Internal => "the database refused the change".to_owned(),
            _ => self.error.message().trim_end_matches('.').to_owned(),
        })
    }

    /// Whether it is not the change that failed, but the server: no room, files that cannot be written, too much to do.
    pub fn is_of_server(&self) -> bool {
        use store::DatabaseError::{Busy, Files, Full};
        self.error.kind() == Kind::RateLimited
            || matches!(store::database_error(&self.error), Some(Busy | Files(_) | Full))
    }

    /// As the answer of a change of one collection: errors per property as they are, anything else as raw reason.
    pub fn into_error(self, message: &str) -> Error {
        if self.is_of_server() {
            return self.error;
        }
        let fields = self.error.field_errors().clone();
        if self.is_saved && !fields.is_empty() {
            return Error::invalid(message).fields(fields).caused_by(self.error);
        }
        let blame = if self.is_saved { String::new() } else { format!("failed to save view {} - ", self.collection) };
        Error::invalid(format!("{message} Raw error: \n{blame}{}", self.reason())).caused_by(self.error)
    }
}

/// The first view that reads no other one that waits; the first at all when they need each other.
fn next_view(waiting: &[Arc<Collection>]) -> usize {
    let names: HashSet<String> = waiting.iter().map(|view| view.name.to_lowercase()).collect();
    let is_ready =
        |view: &Arc<Collection>| views::sources(&view.view_query).is_none_or(|sources| sources.is_disjoint(&names));
    waiting.iter().position(is_ready).unwrap_or(0)
}

fn create_view(
    conn: &Conn,
    app: &App,
    schema: &Schema,
    view: &Collection,
    known: Option<&Arc<Collection>>,
    is_saved: bool,
) -> Result<Arc<Collection>> {
    let plan = views::plan(conn, app.planner().dialect(), schema, &view.view_query, is_saved)?;
    store::tables::create_view(conn, &view.name, &plan.sql)?;
    let mut new = view.clone();
    // Ids that it comes with, from another environment or from a first look at its query, are as good as new ones.
    let carried = if is_saved { view.fields.as_slice() } else { &[] };
    new.fields =
        views::keep_ids(views::keep_ids(plan.fields, carried), known.map_or(&[], |known| known.fields.as_slice()));
    let is_changed = known.is_none_or(|known| known.fields != new.fields || known.view_query != new.view_query);
    if !is_saved && is_changed {
        new.updated = clock::now_text();
    }
    if is_saved || is_changed {
        stored::save(conn, &new)?;
    }
    Ok(Arc::new(new))
}

fn points_at(collection: &Collection, id: &str) -> bool {
    collection.fields.iter().any(|field| field_points_at(field, id))
}

fn field_points_at(field: &Field, id: &str) -> bool {
    matches!(&field.kind, FieldKind::Relation(options) if options.collection_id == id)
}

/// The changes of tables in an order in which each name is free when it is taken. Where names go round in a circle, one steps aside first.
fn in_name_order(mut rest: Vec<Saved>) -> Vec<Saved> {
    let mut ordered = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let is_free = |name: &str, id: &str| {
            let mut held = rest.iter().filter_map(|other| other.old.as_ref());
            !held.any(|old| old.id != id && old.name.eq_ignore_ascii_case(name))
        };
        if let Some(next) = rest.iter().position(|saved| is_free(&saved.new.name, &saved.new.id)) {
            ordered.push(rest.remove(next));
            continue;
        }
        let at = ordered.len();
        match rest.iter_mut().find_map(|saved| saved.old.as_mut()) {
            Some(held) => {
                let new = Arc::new(Collection { name: aside(at), indexes: Vec::new(), ..held.as_ref().clone() });
                ordered.push(Saved { old: Some(std::mem::replace(held, Arc::clone(&new))), new });
            }
            // Nobody holds a name: all are free.
            None => ordered.append(&mut rest),
        }
    }
    ordered
}

/// A name that nobody wants: a space cannot be in the name of a collection, and the store has another one for itself.
fn aside(at: usize) -> String {
    format!("_between {at}")
}

fn replaced(schema: &Schema, collection: Arc<Collection>) -> Vec<Arc<Collection>> {
    let swap = |one: &Arc<Collection>| if one.id == collection.id { Arc::clone(&collection) } else { Arc::clone(one) };
    schema.collections().iter().map(swap).collect()
}

/// Drops a table, and what accounts of it have in system collections.
fn remove_table(conn: &Conn, schema: &Schema, collection: &Collection) -> Result<()> {
    if collection.is_auth() {
        for owned in OWNED_BY_ACCOUNTS.iter().filter_map(|name| schema.find(name)) {
            store::records::delete_where(conn, owned, &[("collectionRef", &collection.id)])?;
        }
        store::system::forget_collection(conn, &collection.id)?;
    }
    store::tables::drop_table(conn, collection)
}

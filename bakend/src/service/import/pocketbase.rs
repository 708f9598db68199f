//! `import pocketbase`: a whole data folder, built beside the target and put in its place at the end.

use std::{collections::HashSet, path::Path, sync::Arc};

use super::{order, report::ImportReport, target};
use crate::{
    Kind, Result,
    schema::{Collection, Schema},
    service::{collections::stored, files, settings, views},
    store::{self, Conn, Store, StoreOptions, pocketbase::Source},
};

/// How far an import is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Records of a collection.
    Records {
        /// The collection's name.
        collection: String,
        /// Records done.
        done: u64,
        /// Records that the source has.
        total: u64,
    },
    /// Files of a collection.
    Files {
        /// The collection's name.
        collection: String,
        /// Files copied.
        files: u64,
        /// Their length together, in bytes.
        bytes: u64,
    },
}

/// Takes over the data folder `source` of PocketBase 0.23 or newer as the data folder `dir`, which must be empty or missing.
///
/// Collections, rules, secrets, indexes, records, password hashes, files and settings come along; the source is only read.
/// On error the target is as it was.
///
/// # Errors
/// - `Conflict`: the target holds something.
/// - `Invalid`: the source is no data folder of PocketBase 0.23 or newer, or cannot be read.
/// - `Internal`: the target cannot be written.
pub async fn pocketbase(source: &Path, dir: &Path, progress: impl FnMut(Progress)) -> Result<ImportReport> {
    target::check(dir)?;
    let source = Source::open(source)?;
    let building = target::beside(dir)?;
    let store = Store::open(StoreOptions::new(building.path())).await?;
    let mut import = Import {
        source: &source,
        dir: building.path(),
        store: &store,
        report: ImportReport::default(),
        has_bucket: false,
        progress,
    };
    let outcome = import.run().await;
    let report = std::mem::take(&mut import.report);
    store.close().await;
    outcome?;
    target::put_in_place(building, dir)?;
    Ok(report)
}

/// An import under way.
pub(super) struct Import<'a, P> {
    pub(super) source: &'a Source,
    dir: &'a Path,
    store: &'a Store,
    pub(super) report: ImportReport,
    /// Whether files lie in a bucket: they stay there.
    has_bucket: bool,
    pub(super) progress: P,
}

impl<P: FnMut(Progress)> Import<'_, P> {
    async fn run(&mut self) -> Result<()> {
        self.settings().await?;
        let (tables, views) = self.collections()?;
        let schema = Arc::new(Schema::new(1, tables.clone()));
        self.create_tables(&schema).await?;
        self.records(&schema).await?;
        let tables = self.create_indexes(&schema).await?;
        self.create_views(tables, views).await?;
        for collection in schema.collections() {
            self.files(collection)?;
        }
        files::note_once(&self.store.db(), files::local(self.dir, false), &schema, self.has_bucket).await?;
        self.report.code_files = self.source.code_files();
        self.source.check_unchanged()
    }

    async fn settings(&mut self) -> Result<()> {
        let Some(settings) = self.source.settings()? else { return Ok(()) };
        let Ok(sent) = serde_json::from_str(&settings) else {
            self.report.leave_out("the settings", "they are encrypted; turn the encryption off in PocketBase first");
            return Ok(());
        };
        match settings::import(self.store, sent).await {
            Ok(settings) => {
                self.report.has_settings = true;
                self.has_bucket = settings.s3.enabled;
            }
            Err(error) if error.kind() == Kind::Invalid => self.report.leave_out("the settings", error.to_string()),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Tables and views as they will be, without relations that point at no table.
    fn collections(&mut self) -> Result<(Vec<Arc<Collection>>, Vec<Collection>)> {
        let mut all = Vec::new();
        for row in self.source.collections()? {
            all.push(stored::read(row)?);
        }
        let (views, mut tables): (Vec<_>, Vec<_>) = all.into_iter().partition(Collection::is_view);
        let known: HashSet<String> = tables.iter().map(|table| table.id.clone()).collect();
        for table in &mut tables {
            let (kept, lost): (Vec<_>, Vec<_>) =
                table.fields.drain(..).partition(|field| order::target(field).is_none_or(|id| known.contains(id)));
            table.fields = kept;
            for field in lost {
                let what = format!("field \"{}\" of \"{}\"", field.name, table.name);
                self.report.leave_out(what, "it points at a collection that does not exist");
            }
        }
        Ok((tables.into_iter().map(Arc::new).collect(), views))
    }

    /// Without their indexes: filling a table is quicker before it has them, and one that cannot be made must not stop it.
    async fn create_tables(&self, schema: &Arc<Schema>) -> Result<()> {
        let schema = Arc::clone(schema);
        self.write(move |conn| {
            for table in schema.collections() {
                store::tables::create_table(conn, &schema, &without_indexes(table))?;
            }
            Ok(())
        })
        .await
    }

    /// Creates the indexes one by one, and notes the collections with those that could be made.
    async fn create_indexes(&mut self, schema: &Arc<Schema>) -> Result<Vec<Arc<Collection>>> {
        let mut done = Vec::new();
        for collection in schema.collections() {
            let mut current = without_indexes(collection);
            for index in &collection.indexes {
                let mut next = current.clone();
                next.indexes.push(index.clone());
                let (schema, before, after) = (Arc::clone(schema), current.clone(), next.clone());
                let made = self.write(move |conn| store::tables::alter_table(conn, &schema, &before, &after)).await;
                match made {
                    Ok(()) => current = next,
                    Err(error) => self.report.leave_out(
                        format!("index of \"{}\": {index}", collection.name),
                        store::reason(&error).unwrap_or_else(|| error.to_string()),
                    ),
                }
            }
            done.push(Arc::new(current));
        }
        let rows = done.clone();
        self.write(move |conn| rows.iter().try_for_each(|one| stored::save(conn, one))).await?;
        Ok(done)
    }

    /// Creates the views that work; a view over another one waits for it.
    async fn create_views(&mut self, tables: Vec<Arc<Collection>>, mut waiting: Vec<Collection>) -> Result<()> {
        let mut schema = Arc::new(Schema::new(1, tables));
        let dialect = self.store.dialect();
        loop {
            let mut failed = Vec::new();
            let before = waiting.len();
            for view in waiting {
                let current = Arc::clone(&schema);
                let made = self
                    .write(move |conn| {
                        Ok(match create_view(conn, dialect, &current, &view) {
                            Ok(created) => Ok(created),
                            Err(error) => Err((view, views::reason(&error))),
                        })
                    })
                    .await?;
                match made {
                    Ok(created) => {
                        self.report.views.push(created.name.clone());
                        schema = Arc::new(schema.with(Arc::new(created)));
                    }
                    Err((view, reason)) => failed.push((view, reason)),
                }
            }
            if failed.is_empty() || failed.len() == before {
                for (view, reason) in failed {
                    self.report.leave_out(format!("view \"{}\"", view.name), reason);
                }
                return Ok(());
            }
            waiting = failed.into_iter().map(|(view, _)| view).collect();
        }
    }

    fn files(&mut self, collection: &Collection) -> Result<()> {
        let target = self.dir.join(files::STORAGE).join(&collection.id);
        let (name, progress) = (&collection.name, &mut self.progress);
        let copied = self.source.copy_files(&collection.id, &target, |copied| {
            let (files, bytes) = (copied.files, copied.bytes);
            progress(Progress::Files { collection: name.clone(), files, bytes });
        })?;
        self.report.files += copied.files;
        self.report.bytes += copied.bytes;
        Ok(())
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store.db().write(work).await
    }
}

fn create_view(
    conn: &Conn,
    dialect: &dyn crate::query::Dialect,
    schema: &Schema,
    view: &Collection,
) -> Result<Collection> {
    let plan = views::plan(conn, dialect, schema, &view.view_query, false)?;
    store::tables::create_view(conn, &view.name, &plan.sql)?;
    let mut created = view.clone();
    created.fields = views::keep_ids(plan.fields, &view.fields);
    stored::save(conn, &created)?;
    Ok(created)
}

fn without_indexes(collection: &Collection) -> Collection {
    Collection { indexes: Vec::new(), ..collection.clone() }
}

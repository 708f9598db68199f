//! Stores and collections to test with.

use super::{Db, Store, StoreOptions};
use crate::{
    query::{Pace, Statement},
    schema::{
        Collection, CollectionKind, Field, FieldKind, Rules, Scalar, Schema,
        field::{file::FileOptions, relation::RelationOptions, select::SelectOptions, text::TextOptions},
    },
};

/// A store in a folder that goes when the test ends.
pub(super) struct TestStore {
    pub(super) store: Store,
    pub(super) dir: tempfile::TempDir,
}

/// A fresh store.
pub(super) async fn store() -> TestStore {
    let dir = tempfile::tempdir().expect("a folder for the test");
    let store = Store::open(StoreOptions::new(dir.path())).await.expect("the store opens");
    TestStore { store, dir }
}

/// A fresh store with a table `t (n INTEGER PRIMARY KEY)`.
pub(super) async fn store_with_numbers() -> TestStore {
    let test = store().await;
    run(&test.store.db(), "CREATE TABLE t (n INTEGER PRIMARY KEY)").await;
    test
}

/// Runs SQL in a write of its own.
pub(super) async fn run(db: &Db, sql: &str) {
    let script = sql.to_owned();
    db.write(move |conn| conn.run_script(&script)).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

/// All rows of a SELECT, one line each, columns separated by `|`.
pub(super) async fn lines(db: &Db, sql: &str) -> Vec<String> {
    let statement = Statement::new(sql, Vec::new());
    db.read(&Pace::default(), move |conn| {
        let mut lines = Vec::new();
        conn.rows(&statement, |row| {
            let columns = (0..row.len()).map(|at| row.get(at).map(|value| shown(&value.to_owned())));
            lines.push(columns.collect::<crate::Result<Vec<_>>>()?.join("|"));
            Ok(())
        })?;
        Ok(lines)
    })
    .await
    .unwrap_or_else(|error| panic!("{sql}: {error:?}"))
}

fn shown(value: &Scalar) -> String {
    match value {
        Scalar::Null => "NULL".to_owned(),
        Scalar::Int(number) => number.to_string(),
        Scalar::Real(number) => number.to_string(),
        Scalar::Text(text) => text.clone(),
    }
}

/// A base collection with an id and these fields.
pub(super) fn collection(name: &str, fields: impl IntoIterator<Item = Field>) -> Collection {
    let id = field("id", FieldKind::Text(TextOptions { primary_key: true, ..TextOptions::default() }));
    Collection {
        id: format!("pbc_{name}"),
        name: name.to_owned(),
        kind: CollectionKind::Base,
        system: false,
        rules: Rules::default(),
        fields: std::iter::once(id).chain(fields).collect(),
        indexes: Vec::new(),
        created: String::new(),
        updated: String::new(),
        auth: None,
        view_query: String::new(),
    }
}

/// A field whose id is made from its name.
pub(super) fn field(name: &str, kind: FieldKind) -> Field {
    Field {
        id: format!("id_{name}"),
        name: name.to_owned(),
        system: false,
        hidden: false,
        presentable: false,
        required: false,
        help: String::new(),
        kind,
    }
}

/// A text field.
pub(super) fn text(name: &str) -> Field {
    field(name, FieldKind::Text(TextOptions::default()))
}

/// A select field of the values a, b, c.
pub(super) fn select(name: &str, max_select: i64) -> Field {
    let values = ["a", "b", "c"].map(str::to_owned).to_vec();
    field(name, FieldKind::Select(SelectOptions { values, max_select }))
}

/// A file field.
pub(super) fn file(name: &str, max_select: i64) -> Field {
    field(name, FieldKind::File(FileOptions { max_select, ..FileOptions::default() }))
}

/// A relation field to the collection of this name.
pub(super) fn relation(name: &str, to: &str, max_select: i64) -> Field {
    let options = RelationOptions { collection_id: format!("pbc_{to}"), max_select, ..RelationOptions::default() };
    field(name, FieldKind::Relation(options))
}

/// The same relation field with its records going when what it points at goes.
pub(super) fn cascading(mut field: Field) -> Field {
    if let FieldKind::Relation(options) = &mut field.kind {
        options.cascade_delete = true;
    }
    field
}

/// The same field, required.
pub(super) fn required(mut field: Field) -> Field {
    field.required = true;
    field
}

/// A schema of these collections.
pub(super) fn schema<'a>(collections: impl IntoIterator<Item = &'a Collection>) -> Schema {
    Schema::new(1, collections.into_iter().cloned().map(Into::into).collect())
}

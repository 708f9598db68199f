//! Rows of records: insert, update, delete, with the rows of their join tables.

mod joined;
pub mod named;
mod sql;
mod values;
mod violations;

pub use self::values::{count, values};
use crate::{
    Result,
    schema::{Collection, Field, FieldKind, Scalar, Value},
    store::{
        Conn,
        system::files::{self, Owner},
    },
};

/// How a stored value changes.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// It is replaced.
    Set(&'a Value),
    /// A number is added to it, atomically.
    Add(f64),
}

/// Adds a record: one value a field.
///
/// # Errors
/// `Invalid`: a unique index holds such a record (`validation_not_unique` at each of its fields), or a relation points nowhere
/// ([`is_foreign_key`](super::is_foreign_key)).
pub fn insert(conn: &Conn<'_>, collection: &Collection, values: &[Value]) -> Result<()> {
    let own = || collection.fields.iter().zip(values).filter(|(field, _)| !is_joined(field));
    let sql = sql::insert(&collection.name, own().map(|(field, _)| field.name.as_str()));
    let binds: Vec<Scalar> = own().map(|(field, value)| field.bind(value)).collect();
    conn.execute_with(&sql, &binds).map_err(|error| violations::name(error, collection, own()))?;
    let id = collection.position("id").and_then(|at| values.get(at)).and_then(Value::as_text).unwrap_or_default();
    for (at, field) in collection.joined_fields() {
        let targets = values.get(at).map(Value::as_list).unwrap_or_default();
        if !targets.is_empty() {
            joined::add(conn, &collection.join_table(field), id, targets)
                .map_err(|error| violations::at_relation(error, field))?;
        }
    }
    Ok(())
}

/// Changes some fields of a record, named by their positions; returns the number of records found: 0 or 1. Files that it names no longer are
/// noted as gone.
///
/// # Errors
/// As of [`insert`].
pub fn update(conn: &Conn<'_>, collection: &Collection, id: &str, changed: &[(usize, Change<'_>)]) -> Result<u64> {
    let fields = || changed.iter().filter_map(|(at, change)| Some((collection.fields.get(*at)?, *change)));
    let found = update_row(conn, collection, id, fields().filter(|(field, _)| !is_joined(field)))?;
    if found > 0 {
        for (field, change) in fields().filter(|(field, _)| is_joined(field)) {
            if let Change::Set(value) = change {
                joined::replace(conn, &collection.join_table(field), id, value.as_list())
                    .map_err(|error| violations::at_relation(error, field))?;
            }
        }
        for (field, change) in fields().filter(|(field, _)| matches!(field.kind, FieldKind::File(_))) {
            if let Change::Set(value) = change {
                files::retire(conn, Owner::RecordField(&collection.id, id, &field.id), value.as_list())?;
            }
        }
    }
    Ok(found)
}

/// Deletes a record; returns the number of records found: 0 or 1. What its relations' `ON DELETE` say happens too. Its files are noted as
/// gone.
///
/// # Errors
/// `Invalid`: another record requires it ([`is_foreign_key`](super::is_foreign_key)).
pub fn delete(conn: &Conn<'_>, collection: &Collection, id: &str) -> Result<u64> {
    if named::file_fields(collection).next().is_some() {
        files::retire(conn, Owner::Record(&collection.id, id), &[])?;
    }
    conn.execute_with(&sql::delete(&collection.name), &[Scalar::from(id)])
}

/// Deletes all records; returns their number. What their relations' `ON DELETE` say happens too. Their files are noted as
/// gone.
///
/// # Errors
/// As of [`delete`].
pub fn delete_all(conn: &Conn<'_>, collection: &Collection) -> Result<u64> {
    files::retire(conn, Owner::Collection(&collection.id), &[])?;
    conn.execute_with(&sql::delete_all(&collection.name), &[])
}

/// Deletes the records of which text fields have these values; returns their number. What their relations' `ON DELETE` say happens too.
///
/// # Errors
/// As of [`delete`].
pub fn delete_where(conn: &Conn<'_>, collection: &Collection, values: &[(&str, &str)]) -> Result<u64> {
    let fields = values.iter().map(|(field, _)| *field);
    let binds: Vec<Scalar> = values.iter().map(|(_, value)| Scalar::from(*value)).collect();
    let deleted = conn.execute_with(&sql::delete_where(&collection.name, fields), &binds)?;
    named::file_fields(collection).try_for_each(|field| named::retire_unnamed(conn, collection, field).map(drop))?;
    Ok(deleted)
}

fn update_row<'a>(
    conn: &Conn<'_>,
    collection: &Collection,
    id: &str,
    fields: impl Iterator<Item = (&'a Field, Change<'a>)> + Clone,
) -> Result<u64> {
    if fields.clone().next().is_none() {
        let found = conn.rows_with(&sql::exists(&collection.name), &[Scalar::from(id)], |_| Ok(()))?;
        return Ok(found as u64);
    }
    let sql = sql::update(
        &collection.name,
        fields.clone().map(|(field, change)| (field.name.as_str(), matches!(change, Change::Add(_)))),
    );
    let mut binds: Vec<Scalar> = fields
        .clone()
        .map(|(field, change)| match change {
            Change::Set(value) => field.bind(value),
            Change::Add(number) => Scalar::Real(number),
        })
        .collect();
    binds.push(Scalar::from(id));
    conn.execute_with(&sql, &binds).map_err(|error| {
        let set = fields.filter_map(|(field, change)| match change {
            Change::Set(value) => Some((field, value)),
            Change::Add(_) => None,
        });
        violations::name(error, collection, set)
    })
}

/// Whether a field of a stored collection lives in a join table.
pub(super) fn is_joined(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Relation(_)) && field.is_multiple()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Error, Kind,
        schema::field::number::NumberOptions,
        store::{
            Db, is_foreign_key,
            tables::create_table,
            testing::{TestStore, collection, field, lines, relation, required, run, schema, store, text},
        },
    };

    /// Notes with a title (unique, and once more without regard to case), points, a place above and links.
    async fn notes() -> (TestStore, Db, Collection) {
        let mut notes = collection(
            "notes",
            [
                text("title"),
                text("lang"),
                field("points", FieldKind::Number(NumberOptions::default())),
                relation("up", "notes", 1),
                relation("links", "notes", 9),
            ],
        );
        notes.indexes = vec![
            "CREATE UNIQUE INDEX one ON notes (title, lang)".to_owned(),
            "CREATE UNIQUE INDEX `two` ON notes (lower(title), points)".to_owned(),
        ];
        let test = store().await;
        let db = test.store.db();
        let (schema, created) = (schema([&notes]), notes.clone());
        db.write(move |conn| create_table(conn, &schema, &created)).await.expect("the table is created");
        (test, db, notes)
    }

    fn values(id: &str, title: &str, points: f64, up: &str, links: &[&str]) -> Vec<Value> {
        let text = |text: &str| Value::Text(text.to_owned());
        let links = links.iter().map(|id| (*id).to_owned()).collect();
        vec![text(id), text(title), text("en"), Value::Number(points), text(up), Value::List(links)]
    }

    async fn add(db: &Db, notes: &Collection, values: Vec<Value>) -> Result<()> {
        let notes = notes.clone();
        db.write(move |conn| insert(conn, &notes, &values)).await
    }

    async fn change(db: &Db, notes: &Collection, id: &'static str, changed: Vec<(usize, Value)>) -> Result<u64> {
        let notes = notes.clone();
        db.write(move |conn| {
            let changed: Vec<_> = changed.iter().map(|(at, value)| (*at, Change::Set(value))).collect();
            update(conn, &notes, id, &changed)
        })
        .await
    }

    fn codes(error: &Error) -> Vec<(String, String)> {
        let json = error.field_errors().to_json();
        let fields = json.as_object().expect("an object").iter();
        fields.map(|(name, error)| (name.clone(), error["code"].as_str().unwrap_or_default().to_owned())).collect()
    }

    #[tokio::test]
    async fn a_record_is_written_with_its_joins_and_changed_only_where_it_differs() {
        let (_test, db, notes) = notes().await;
        for id in ["a", "b", "c"] {
            add(&db, &notes, values(id, id, 0.0, "", &[])).await.unwrap();
        }
        add(&db, &notes, values("d", "four", 1.5, "a", &["c", "a", "c"])).await.unwrap();
        assert_eq!(lines(&db, "SELECT * FROM notes WHERE id = 'd'").await, ["d|four|en|1.5|a"]);
        let joined = "SELECT target, position FROM _rel_notes_links WHERE source = 'd' ORDER BY position";
        assert_eq!(lines(&db, joined).await, ["a|1", "c|2"]);

        let links = Value::List(vec!["b".to_owned(), "a".to_owned()]);
        let changed = vec![(1, Value::Text("4".to_owned())), (4, Value::Text(String::new())), (5, links)];
        assert_eq!(change(&db, &notes, "d", changed).await.unwrap(), 1);
        assert_eq!(lines(&db, "SELECT * FROM notes WHERE id = 'd'").await, ["d|4|en|1.5|NULL"]);
        assert_eq!(lines(&db, joined).await, ["b|0", "a|1"]);

        for changed in [vec![], vec![(5, Value::List(vec!["a".to_owned()]))], vec![(1, Value::Text("x".to_owned()))]] {
            assert_eq!(change(&db, &notes, "nobody", changed).await.unwrap(), 0);
        }
        assert_eq!(change(&db, &notes, "d", vec![(5, Value::List(Vec::new()))]).await.unwrap(), 1);
        assert_eq!(lines(&db, joined).await, [""; 0]);
    }

    #[tokio::test]
    async fn raises_of_a_number_add_up() {
        let (_test, db, notes) = notes().await;
        add(&db, &notes, values("a", "a", 1.0, "", &[])).await.unwrap();
        let raises = (0..50).map(|_| {
            let (db, notes) = (db.clone(), notes.clone());
            tokio::spawn(async move { db.write(move |conn| update(conn, &notes, "a", &[(3, Change::Add(2.0))])).await })
        });
        for raise in raises.collect::<Vec<_>>() {
            assert_eq!(raise.await.unwrap().unwrap(), 1);
        }
        assert_eq!(lines(&db, "SELECT points FROM notes").await, ["101"]);
    }

    #[tokio::test]
    async fn what_must_be_unique_names_the_fields_of_its_index() {
        let (_test, db, notes) = notes().await;
        add(&db, &notes, values("a", "one", 1.0, "", &[])).await.unwrap();
        let not_unique = |fields: &[&str]| -> Vec<_> {
            fields.iter().map(|name| ((*name).to_owned(), "validation_not_unique".to_owned())).collect()
        };
        for (values, fields) in [
            (values("a", "two", 2.0, "", &[]), &["id"][..]),
            (values("b", "one", 2.0, "", &[]), &["lang", "title"]),
            (values("b", "ONE", 1.0, "", &[]), &["points", "title"]),
        ] {
            let error = add(&db, &notes, values).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Invalid);
            assert_eq!(codes(&error), not_unique(fields));
        }
        add(&db, &notes, values("b", "two", 1.0, "", &[])).await.unwrap();
        let error = change(&db, &notes, "b", vec![(1, Value::Text("ONE".to_owned()))]).await.unwrap_err();
        assert_eq!(codes(&error), not_unique(&["points", "title"]));
    }

    #[tokio::test]
    async fn a_relation_to_nobody_is_refused_by_name() {
        let (_test, db, notes) = notes().await;
        add(&db, &notes, values("a", "a", 0.0, "", &[])).await.unwrap();
        for (values, field) in
            [(values("b", "b", 0.0, "x", &[]), "up"), (values("b", "b", 0.0, "", &["a", "x"]), "links")]
        {
            let error = add(&db, &notes, values).await.unwrap_err();
            assert!(is_foreign_key(&error));
            assert_eq!(codes(&error), [(field.to_owned(), "validation_missing_rel_records".to_owned())]);
        }
        assert_eq!(lines(&db, "SELECT count(*) FROM notes").await, ["1"]);
    }

    #[tokio::test]
    async fn a_deleted_record_leaves_all_lists_and_a_required_one_stays() {
        let (_test, db, notes) = notes().await;
        for id in ["a", "b"] {
            add(&db, &notes, values(id, id, 0.0, "", &[])).await.unwrap();
        }
        add(&db, &notes, values("c", "c", 0.0, "a", &["a", "b"])).await.unwrap();
        let remove = |id: &'static str| {
            let (db, notes) = (db.clone(), notes.clone());
            async move { db.write(move |conn| delete(conn, &notes, id)).await }
        };
        assert_eq!(remove("a").await.unwrap(), 1);
        assert_eq!(remove("a").await.unwrap(), 0);
        assert_eq!(lines(&db, "SELECT up FROM notes WHERE id = 'c'").await, ["NULL"]);
        assert_eq!(lines(&db, "SELECT target, position FROM _rel_notes_links").await, ["b|1"]);

        let keepers = collection("keepers", [required(relation("keeps", "notes", 1))]);
        let (schema, created) = (schema([&keepers, &notes]), keepers.clone());
        db.write(move |conn| create_table(conn, &schema, &created)).await.unwrap();
        run(&db, "INSERT INTO keepers VALUES ('k', 'b')").await;
        assert!(is_foreign_key(&remove("b").await.unwrap_err()));
    }
}

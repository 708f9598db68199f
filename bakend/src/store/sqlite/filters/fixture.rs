//! A small database in memory: the collections and records of `fixture.json`.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    query::{Planner, RequestInfo, Statement},
    schema::{
        Collection, CollectionKind, Field, FieldKind, Record, Rules, Scalar, Schema, Value,
        field::{
            date::DateOptions, email::EmailOptions, json::JsonOptions, number::NumberOptions,
            password::PasswordOptions, relation::RelationOptions, select::SelectOptions, text::TextOptions,
        },
    },
    store::sqlite::{dialect::SqliteDialect, functions},
};
use rusqlite::{Connection, types::ValueRef};
use serde_json::Value as Json;

/// Fields that every auth collection has: id, password, tokenKey, email, emailVisibility, verified.
const AUTH_FIELDS: usize = 6;

pub struct Fixture {
    pub schema: Schema,
    pub connection: Connection,
    users: BTreeMap<String, Arc<Record>>,
}

fn field(name: &str, kind: FieldKind) -> Field {
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

/// The id of the record with this short name.
pub fn id_of(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!("{name:a<15}") }
}

fn kind_of(options: &[Json]) -> FieldKind {
    let most = options.get(2).and_then(Json::as_i64).unwrap_or(0);
    match options[1].as_str().expect("a type") {
        "text" => FieldKind::Text(TextOptions::default()),
        "number" => FieldKind::Number(NumberOptions::default()),
        "bool" => FieldKind::Bool,
        "date" => FieldKind::Date(DateOptions::default()),
        "json" => FieldKind::Json(JsonOptions::default()),
        "geoPoint" => FieldKind::GeoPoint,
        "select" => FieldKind::Select(SelectOptions { values: Vec::new(), max_select: most }),
        "relation" => FieldKind::Relation(RelationOptions {
            collection_id: format!("pbc_{}", options[3].as_str().expect("a collection")),
            max_select: most,
            ..RelationOptions::default()
        }),
        other => panic!("unknown type {other}"),
    }
}

fn collection(raw: &Json) -> Arc<Collection> {
    let name = raw["name"].as_str().expect("a name");
    let is_auth = raw["type"] == "auth";
    let mut fields = vec![field("id", FieldKind::Text(TextOptions::default()))];
    if is_auth {
        fields.push(field("password", FieldKind::Password(PasswordOptions::default())));
        fields.push(field("tokenKey", FieldKind::Text(TextOptions::default())));
        fields[1].hidden = true;
        fields[2].hidden = true;
        fields.push(field("email", FieldKind::Email(EmailOptions::default())));
        fields.push(field("emailVisibility", FieldKind::Bool));
        fields.push(field("verified", FieldKind::Bool));
    }
    for options in raw["fields"].as_array().expect("fields") {
        let options = options.as_array().expect("a field");
        let mut made = field(options[0].as_str().expect("a name"), kind_of(options));
        made.hidden = options.iter().any(|option| option == "hidden");
        fields.push(made);
    }
    let open = Some(String::new());
    let unique =
        raw["unique"].as_str().map(|column| format!("CREATE UNIQUE INDEX `u_{name}` ON `{name}` (`{column}`)"));
    Arc::new(Collection {
        id: format!("pbc_{name}"),
        name: name.to_owned(),
        kind: if is_auth { CollectionKind::Auth } else { CollectionKind::Base },
        system: false,
        rules: Rules {
            list: open.clone(),
            view: open.clone(),
            create: open.clone(),
            update: open.clone(),
            delete: open,
        },
        fields,
        indexes: unique.into_iter().collect(),
        created: String::new(),
        updated: String::new(),
        auth: None,
        view_query: String::new(),
    })
}

fn is_joined(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Relation(_)) && field.is_multiple()
}

fn column_type(field: &Field) -> &'static str {
    match &field.kind {
        _ if field.name == "id" => "TEXT PRIMARY KEY NOT NULL",
        FieldKind::Number(_) => "DOUBLE NOT NULL DEFAULT 0",
        FieldKind::Bool => "BOOLEAN NOT NULL DEFAULT FALSE",
        FieldKind::Json(_) => "JSON",
        FieldKind::Relation(_) => "TEXT",
        FieldKind::Select(_) if field.is_multiple() => "JSON NOT NULL DEFAULT '[]'",
        FieldKind::GeoPoint => "JSON NOT NULL",
        _ => "TEXT NOT NULL DEFAULT ''",
    }
}

/// The value of a field, from the record's JSON.
fn value(name: &str, field: &Field, raw: &Json) -> Value {
    let given = &raw[field.name.as_str()];
    let texts = |each: fn(&str) -> String| {
        let list = given.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().map(|item| each(item.as_str().expect("text"))).collect()
    };
    match &field.kind {
        _ if field.name == "id" => Value::Text(id_of(name)),
        FieldKind::Email(_) => Value::Text(format!("{name}@x.co")),
        FieldKind::Password(_) => Value::Text(format!("hash of {name}")),
        FieldKind::Number(_) => Value::Number(given.as_f64().unwrap_or_default()),
        FieldKind::Bool if field.name == "verified" => Value::Bool(name == "u1"),
        FieldKind::Bool => Value::Bool(given.as_bool().unwrap_or_default()),
        FieldKind::Json(_) => Value::Json(given.clone()),
        FieldKind::GeoPoint => {
            Value::Point { lon: given["lon"].as_f64().expect("lon"), lat: given["lat"].as_f64().expect("lat") }
        }
        FieldKind::Relation(_) if field.is_multiple() => Value::List(texts(id_of)),
        FieldKind::Relation(_) => Value::Text(id_of(given.as_str().unwrap_or_default())),
        FieldKind::Select(_) if field.is_multiple() => Value::List(texts(str::to_owned)),
        _ => Value::Text(given.as_str().unwrap_or_default().to_owned()),
    }
}

/// A value as its column binds it.
pub fn scalar(field: &Field, value: &Value) -> Scalar {
    match value {
        Value::Bool(on) => Scalar::from(*on),
        Value::Number(number) => Scalar::Real(*number),
        Value::Text(text) if text.is_empty() && matches!(field.kind, FieldKind::Relation(_)) => Scalar::Null,
        Value::Text(text) => Scalar::Text(text.clone()),
        Value::List(list) => Scalar::Text(serde_json::to_string(list).expect("texts")),
        Value::Json(Json::Null) => Scalar::Null,
        Value::Json(json) => Scalar::Text(json.to_string()),
        Value::Point { lon, lat } => Scalar::Text(format!("{{\"lon\":{lon},\"lat\":{lat}}}")),
    }
}

impl Fixture {
    pub fn new() -> Self {
        let raw: Json = serde_json::from_str(include_str!("fixture.json")).expect("JSON");
        let collections: Vec<_> = raw["collections"].as_array().expect("a list").iter().map(collection).collect();
        let connection = Connection::open_in_memory().expect("memory");
        functions::register(&connection).expect("functions");
        let mut fixture = Self { schema: Schema::new(1, collections.clone()), connection, users: BTreeMap::new() };
        for collection in &collections {
            fixture.create_table(collection);
            for record in raw["records"][&collection.name].as_array().expect("records") {
                fixture.insert(collection, record);
            }
        }
        fixture
    }

    fn create_table(&self, collection: &Collection) {
        let plain = collection.fields.iter().filter(|field| !is_joined(field));
        let columns: Vec<_> = plain.map(|field| format!("\"{}\" {}", field.name, column_type(field))).collect();
        let mut script = format!("CREATE TABLE \"{}\" ({});", collection.name, columns.join(", "));
        for index in &collection.indexes {
            script.push_str(index);
            script.push(';');
        }
        for (_, field) in collection.joined_fields() {
            let table = collection.join_table(field);
            script.push_str(&format!(
                "CREATE TABLE \"{table}\" (source TEXT NOT NULL, target TEXT NOT NULL, position INTEGER NOT NULL, \
                 PRIMARY KEY (source, target)) WITHOUT ROWID; CREATE INDEX \"{table}_target\" ON \"{table}\" (target);"
            ));
        }
        self.connection.execute_batch(&script).expect("tables");
    }

    fn insert(&mut self, collection: &Arc<Collection>, raw: &Json) {
        let name = raw["n"].as_str().expect("a name");
        let values: Vec<Value> = collection.fields.iter().map(|field| value(name, field, raw)).collect();
        let (mut columns, mut marks, mut binds) = (Vec::new(), Vec::new(), Vec::new());
        for (field, value) in collection.fields.iter().zip(&values) {
            if !is_joined(field) {
                columns.push(format!("\"{}\"", field.name));
                marks.push("?");
                binds.push(to_sql(&scalar(field, value)));
                continue;
            }
            for (position, target) in value.as_list().iter().enumerate() {
                let sql = format!("INSERT INTO \"{}\" VALUES (?, ?, ?)", collection.join_table(field));
                self.connection.execute(&sql, (id_of(name), target, position as i64)).expect("a link");
            }
        }
        let sql = format!("INSERT INTO \"{}\" ({}) VALUES ({})", collection.name, columns.join(", "), marks.join(", "));
        self.connection.execute(&sql, rusqlite::params_from_iter(binds)).expect("a record");
        if collection.is_auth() {
            let record = Record { collection: collection.clone(), values };
            self.users.insert(name.to_owned(), Arc::new(record));
        }
    }

    pub fn planner(&self) -> Planner {
        Planner::new(&SqliteDialect)
    }

    pub fn collection(&self, name: &str) -> &Arc<Collection> {
        self.schema.find(name).expect("known")
    }

    pub fn user(&self, name: &str) -> Arc<Record> {
        self.users[name].clone()
    }

    pub fn set_list_rule(&mut self, name: &str, rule: Option<&str>) {
        let mut changed = Collection::clone(self.collection(name));
        changed.rules.list = rule.map(str::to_owned);
        self.schema = self.schema.with(Arc::new(changed));
    }

    /// A request as the recorder sent it: `su` is a superuser, `-` nobody.
    pub fn request(&self, who: &str) -> RequestInfo {
        let auth = match who {
            "-" => None,
            "su" => {
                let mut superusers = Collection::clone(self.collection("users"));
                superusers.id = crate::schema::collection::SUPERUSERS_ID.to_owned();
                superusers.name = crate::schema::collection::SUPERUSERS.to_owned();
                superusers.fields.truncate(AUTH_FIELDS);
                let mut values = self.user("u1").values.clone();
                values.truncate(AUTH_FIELDS);
                values[0] = Value::Text("superuser".to_owned());
                Some(Arc::new(Record { collection: Arc::new(superusers), values }))
            }
            name => Some(self.user(name)),
        };
        RequestInfo {
            method: "GET".to_owned(),
            query: [("perPage".to_owned(), "200".to_owned())].into(),
            headers: [("content_type".to_owned(), "application/json".to_owned())].into(),
            auth,
            ..RequestInfo::default()
        }
    }

    /// Runs a statement; every column as text.
    pub fn rows(&self, statement: &Statement) -> Vec<Vec<String>> {
        self.try_rows(statement).unwrap_or_else(|error| panic!("{error}: {}", statement.sql))
    }

    /// The same, with SQLite's own error.
    pub fn try_rows(&self, statement: &Statement) -> rusqlite::Result<Vec<Vec<String>>> {
        let mut prepared = self.connection.prepare(&statement.sql)?;
        let width = prepared.column_count();
        let mut rows = prepared.query(rusqlite::params_from_iter(statement.binds.iter().map(to_sql)))?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let text = |at| {
                Ok(match row.get_ref(at)? {
                    ValueRef::Null => "NULL".to_owned(),
                    ValueRef::Integer(number) => number.to_string(),
                    ValueRef::Real(number) => number.to_string(),
                    ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
                })
            };
            out.push((0..width).map(text).collect::<rusqlite::Result<_>>()?);
        }
        Ok(out)
    }
}

fn to_sql(scalar: &Scalar) -> rusqlite::types::Value {
    match scalar {
        Scalar::Null => rusqlite::types::Value::Null,
        Scalar::Int(number) => rusqlite::types::Value::Integer(*number),
        Scalar::Real(number) => rusqlite::types::Value::Real(*number),
        Scalar::Text(text) => rusqlite::types::Value::Text(text.clone()),
    }
}

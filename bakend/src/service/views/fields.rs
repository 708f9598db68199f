//! The fields of a view: a name and a type for each column of its query.

use std::sync::Arc;

use sqlparser::ast::{DataType, Expr, Ident, Query, Select, SelectItem, SetExpr, TableFactor, TableWithJoins};

use super::parse::{key, local_names, table_key};
use crate::{
    ids,
    schema::{
        Collection, Field, FieldKind, Schema,
        field::{json::JsonOptions, number::NumberOptions, relation::RelationOptions, text::TextOptions},
    },
};

/// Names that a field cannot have, because records use them already.
const RESERVED_NAMES: [&str; 7] = ["null", "true", "false", "_rowid_", "collectionId", "collectionName", "expand"];
/// Characters in the random part of a cloned field's id.
const CLONE_ID_CHARS: usize = 4;
/// Most bytes of a computed JSON column: the least there is, since nothing is ever stored in it.
const COMPUTED_JSON_MAX_BYTES: i64 = 1;

/// Begins the reason for which a query without ids is refused.
pub(crate) const MISSING_ID: &str = "missing required id column";

/// What the query's column list says.
#[derive(Debug)]
pub struct Columns {
    /// A field a column.
    pub fields: Vec<Field>,
    /// Whether the `id` is the text id of a collection, so that it needs no cast.
    pub id_is_text: bool,
    /// Whether every row has an id of its own whatever is stored: one collection, its id, nothing joined.
    pub ids_are_unique: bool,
}

/// The fields of a query that the parser knows. The error is the reason, without capital or full stop.
pub fn of_query(schema: &Schema, query: &Query) -> Result<Columns, String> {
    let select = first_select(&query.body).ok_or_else(missing_id)?;
    let scope = Scope::of(schema, query, select);
    let mut columns = Columns { fields: Vec::new(), id_is_text: false, ids_are_unique: false };
    for item in &select.projection {
        let (name, expr) = match item {
            SelectItem::UnnamedExpr(expr) => (default_name(expr), expr),
            SelectItem::ExprWithAlias { expr, alias } => (alias.value.clone(), expr),
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => return Err(
                "wildcard columns (*) are not supported - manually type the collection field names you want the view query to have"
                    .to_owned(),
            ),
            SelectItem::ExprWithAliases { .. } => return Err("a column can have only one name".to_owned()),
        };
        if name == "id" {
            let source = scope.field(expr);
            columns.id_is_text = source.is_some_and(|(_, field)| field.name == "id");
            columns.ids_are_unique = columns.id_is_text && scope.is_one_collection(query);
        }
        let field = scope.column(&name, expr);
        push(&mut columns.fields, field)?;
    }
    require_id(columns)
}

/// Fields for columns of which only the names are known.
pub fn of_names<'a>(names: impl Iterator<Item = &'a str>) -> Result<Columns, String> {
    let mut columns = Columns { fields: Vec::new(), id_is_text: false, ids_are_unique: false };
    for name in names {
        let field = if name == "id" { id_field() } else { computed_json(name) };
        push(&mut columns.fields, field)?;
    }
    require_id(columns)
}

fn require_id(columns: Columns) -> Result<Columns, String> {
    if columns.fields.iter().any(|field| field.name == "id") { Ok(columns) } else { Err(missing_id()) }
}

fn missing_id() -> String {
    format!("{MISSING_ID} (you can use `(ROW_NUMBER() OVER()) as id` if you don't have one)")
}

fn push(fields: &mut Vec<Field>, field: Field) -> Result<(), String> {
    let at = fields.len();
    let name = &field.name;
    if fields.iter().any(|other| other.name.eq_ignore_ascii_case(name)) {
        return Err(format!("invalid field \"{name}:1\" ({at}): name: must be in a valid format"));
    }
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(format!("invalid field \"{name}\" ({at}): name: must be in a valid format"));
    }
    if RESERVED_NAMES.contains(&name.as_str()) {
        return Err(format!("invalid field \"{name}\" ({at}): name: must not be in list"));
    }
    fields.push(field);
    Ok(())
}

/// The column name that a database gives to an expression without alias: the column's own, or something that is no field name.
fn default_name(expr: &Expr) -> String {
    match expr {
        Expr::Identifier(name) => name.value.clone(),
        Expr::CompoundIdentifier(parts) => parts.last().map(|name| name.value.clone()).unwrap_or_default(),
        other => other.to_string(),
    }
}

/// The select whose columns name the result: of a union, the first.
pub fn first_select(body: &SetExpr) -> Option<&Select> {
    match body {
        SetExpr::Select(select) => Some(select),
        SetExpr::Query(query) => first_select(&query.body),
        SetExpr::SetOperation { left, .. } => first_select(left),
        _ => None,
    }
}

/// What a select reads from: each source's name there, and the collection it is, if it is one.
struct Scope<'a> {
    sources: Vec<(String, Option<&'a Arc<Collection>>)>,
}

impl<'a> Scope<'a> {
    fn of(schema: &'a Schema, query: &Query, select: &Select) -> Self {
        let local = local_names(query);
        let mut scope = Self { sources: Vec::new() };
        for table in &select.from {
            scope.add_joined(schema, &local, table);
        }
        scope
    }

    fn add_joined(&mut self, schema: &'a Schema, local: &std::collections::HashSet<String>, table: &TableWithJoins) {
        self.add(schema, local, &table.relation);
        for join in &table.joins {
            self.add(schema, local, &join.relation);
        }
    }

    fn add(&mut self, schema: &'a Schema, local: &std::collections::HashSet<String>, factor: &TableFactor) {
        match factor {
            TableFactor::Table { name, alias, args, .. } => {
                let Some(table) = table_key(name) else { return };
                let known = args.is_none() && !local.contains(&table);
                let collection = if known { by_name(schema, &table) } else { None };
                self.sources.push((alias.as_ref().map_or(table, |alias| key(&alias.name)), collection));
            }
            TableFactor::Derived { alias, .. } => {
                self.sources.push((alias.as_ref().map(|alias| key(&alias.name)).unwrap_or_default(), None));
            }
            TableFactor::NestedJoin { table_with_joins, .. } => self.add_joined(schema, local, table_with_joins),
            _ => self.sources.push((String::new(), None)),
        }
    }

    /// Whether each row is a row of one collection.
    fn is_one_collection(&self, query: &Query) -> bool {
        matches!(self.sources.as_slice(), [(_, Some(collection))] if !collection.is_view())
            && matches!(query.body.as_ref(), SetExpr::Select(_))
    }

    /// The collection's field that an expression is, when it is a plain column.
    fn field(&self, expr: &Expr) -> Option<(&'a Arc<Collection>, &'a Field)> {
        let (source, column) = match expr {
            Expr::Identifier(column) => (None, column),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [.., source, column] => (Some(key(source)), column),
                _ => return None,
            },
            _ => return None,
        };
        self.sources
            .iter()
            .filter(|(name, _)| source.as_ref().is_none_or(|source| source == name))
            .filter_map(|(_, collection)| *collection)
            .find_map(|collection| Some((collection, field_by_name(collection, column)?)))
    }

    fn column(&self, name: &str, expr: &Expr) -> Field {
        if name == "id" {
            return id_field();
        }
        if let Some((collection, field)) = self.field(expr) {
            return if field.name == "id" { relation_to(name, &collection.id) } else { clone_of(name, field) };
        }
        let kind = match expr {
            Expr::Cast { data_type, .. } => cast_kind(data_type),
            other => counted_kind(&other.to_string().to_lowercase()),
        };
        kind.map_or_else(|| computed_json(name), |kind| computed(name, kind))
    }
}

/// A collection by the table's name, never by id.
pub fn by_name<'a>(schema: &'a Schema, table: &str) -> Option<&'a Arc<Collection>> {
    schema.find(table).filter(|collection| collection.name.eq_ignore_ascii_case(table))
}

fn field_by_name<'a>(collection: &'a Collection, column: &Ident) -> Option<&'a Field> {
    collection.fields.iter().find(|field| field.name.eq_ignore_ascii_case(&column.value))
}

fn cast_kind(data_type: &DataType) -> Option<FieldKind> {
    let name = data_type.to_string().to_lowercase();
    match name.split('(').next().unwrap_or_default().trim() {
        "int" | "integer" => Some(number(true)),
        "real" | "decimal" | "numeric" => Some(number(false)),
        "text" => Some(FieldKind::Text(TextOptions::default())),
        "bool" | "boolean" => Some(FieldKind::Bool),
        _ => None,
    }
}

fn counted_kind(expr: &str) -> Option<FieldKind> {
    if expr.starts_with("count(") {
        Some(number(true))
    } else if expr.starts_with("total(") {
        Some(number(false))
    } else {
        None
    }
}

fn number(only_int: bool) -> FieldKind {
    FieldKind::Number(NumberOptions { only_int, ..NumberOptions::default() })
}

fn id_field() -> Field {
    let options = TextOptions { pattern: "^[a-z0-9]+$".to_owned(), primary_key: true, ..TextOptions::default() };
    Field { system: true, required: true, ..computed("id", FieldKind::Text(options)) }
}

fn relation_to(name: &str, collection_id: &str) -> Field {
    let options =
        RelationOptions { collection_id: collection_id.to_owned(), max_select: 1, ..RelationOptions::default() };
    computed(name, FieldKind::Relation(options))
}

fn computed_json(name: &str) -> Field {
    computed(name, FieldKind::Json(JsonOptions { max_size: COMPUTED_JSON_MAX_BYTES }))
}

fn computed(name: &str, kind: FieldKind) -> Field {
    Field {
        id: format!("{}{}", kind_name(&kind), crc32fast::hash(name.as_bytes())),
        name: name.to_owned(),
        system: false,
        hidden: false,
        presentable: false,
        required: false,
        help: String::new(),
        kind,
    }
}

/// The types that columns get by themselves, as their ids begin.
fn kind_name(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::Text(_) => "text",
        FieldKind::Number(_) => "number",
        FieldKind::Bool => "bool",
        FieldKind::Relation(_) => "relation",
        _ => "json",
    }
}

fn clone_of(name: &str, field: &Field) -> Field {
    let id = format!("_clone_{}", ids::random_text(CLONE_ID_CHARS, ids::SECRET_ALPHABET));
    Field { id, name: name.to_owned(), ..field.clone() }
}

//! What the code says a collection looks like, and the collection that it makes of a stored one.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value as Json};

use crate::{
    Error, Result,
    schema::{
        Collection, CollectionKind, Field, FieldKind, Rules, Schema,
        index::{self, Index},
    },
};

/// Everything that the code says about a collection. What it leaves unsaid (mail templates, token secrets, …) stays as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// The name of the collection.
    pub name: String,
    /// Base, auth or view.
    pub kind: CollectionKind,
    /// The name it had before, for databases that still know it by that.
    pub renamed_from: Option<String>,
    /// Who may do what; a rule that is not said is for superusers only.
    pub rules: Rules,
    /// In the order of the struct. Of views: what the program expects the query to give.
    pub fields: Vec<FieldDefinition>,
    /// `CREATE [UNIQUE] INDEX …` statements.
    pub indexes: Vec<String>,
    /// Of auth collections: the options that are said, as the API takes them (`{"authToken": {"duration": 3600}}`).
    pub auth: Map<String, Json>,
    /// Of view collections: the SELECT; empty otherwise.
    pub view_query: String,
}

/// What the code says about a field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDefinition {
    /// The field, without an id. The collection that a relation points at stands in [`target`](Self::target).
    pub field: Field,
    /// Of relations: the name of the collection pointed at.
    pub target: Option<String>,
    /// The name it had before.
    pub renamed_from: Option<String>,
}

impl FieldDefinition {
    /// A field of this name, with nothing said but its type.
    pub fn new(name: &str, kind: FieldKind) -> Self {
        let field = Field {
            id: String::new(),
            name: name.to_owned(),
            system: false,
            hidden: false,
            presentable: false,
            required: false,
            help: String::new(),
            kind,
        };
        Self { field, target: None, renamed_from: None }
    }

    /// A relation to the collection of this name.
    pub fn relation(name: &str, target: &str, options: crate::schema::field::relation::RelationOptions) -> Self {
        Self { target: Some(target.to_owned()), ..Self::new(name, FieldKind::Relation(options)) }
    }

    /// Whether the zero value is refused.
    pub fn required(mut self, required: bool) -> Self {
        self.field.required = required;
        self
    }

    /// Whether only superusers see, set and filter it.
    pub fn hidden(mut self) -> Self {
        self.field.hidden = true;
        self
    }

    /// Part of a record's label in the admin panel.
    pub fn presentable(mut self) -> Self {
        self.field.presentable = true;
        self
    }

    /// A hint in the admin panel.
    pub fn help(mut self, text: &str) -> Self {
        self.field.help = text.to_owned();
        self
    }

    /// The id it has in the database, where that is not the one made of type and name.
    pub fn id(mut self, id: &str) -> Self {
        self.field.id = id.to_owned();
        self
    }

    /// The name it had before.
    pub fn renamed_from(mut self, name: &str) -> Self {
        self.renamed_from = Some(name.to_owned());
        self
    }
}

/// The stored collection that each definition is about, by its name or the one it had before. A stored collection that goes on under
/// another name leaves its own name to whoever takes it, in whatever order they stand.
///
/// # Errors
/// `Invalid`: two definitions go on from one stored collection.
pub fn stored<'a>(definitions: &[Definition], schema: &'a Schema) -> Result<Vec<Option<&'a Arc<Collection>>>> {
    let named = |name: &str| schema.find(name).filter(|found| found.name.eq_ignore_ascii_case(name));
    let mut found: Vec<Option<&Arc<Collection>>> = vec![None; definitions.len()];
    // One that is renamed gives up a name, which may make another one a renamed one too.
    loop {
        let is_given = |one: &&Arc<Collection>| found.iter().flatten().any(|given| given.id == one.id);
        let goes_on = |(at, definition): (usize, &Definition)| {
            let is_new = named(&definition.name).is_none_or(|own| is_given(&own));
            let former = definition.renamed_from.as_deref().filter(|_| is_new && found[at].is_none());
            Some((at, former.and_then(named)?))
        };
        let Some((at, former)) = definitions.iter().enumerate().find_map(goes_on) else { break };
        if let Some(other) = found.iter().position(|given| given.is_some_and(|given| given.id == former.id)) {
            return Err(Error::invalid(format!(
                "The collections {:?} and {:?} both go on from {:?}; remove one `renamed_from`",
                definitions[other].name, definitions[at].name, former.name
            )));
        }
        found[at] = Some(former);
    }
    let given: Vec<&str> = found.iter().flatten().map(|one| one.id.as_str()).collect();
    let own = |definition: &Definition| named(&definition.name).filter(|one| !given.contains(&one.id.as_str()));
    Ok(definitions.iter().zip(&found).map(|(definition, found)| found.or_else(|| own(definition))).collect())
}

/// The collections that the definitions make of those in `schema`: complete, with ids, in the order of the definitions. Collections may
/// refer to each other and to themselves. What is stored and not said in the code is kept only where the code cannot say it: system
/// fields, secrets, options of auth. Fields of views are left to whoever runs the query.
///
/// # Errors
/// `Invalid`: a relation points at a collection that neither exists nor is among the definitions; two definitions have one name, or go on
/// from one stored collection; a stored collection of that name is of another kind.
pub fn collections(definitions: &[Definition], schema: &Schema) -> Result<Vec<Collection>> {
    let mut ids = BTreeMap::new();
    let mut bases = Vec::with_capacity(definitions.len());
    let stored = stored(definitions, schema)?;
    for (definition, stored) in definitions.iter().zip(&stored) {
        let base = base(definition, *stored, schema)?;
        if ids.insert(definition.name.to_lowercase(), base.id.clone()).is_some() {
            return Err(Error::invalid(format!(
                "Two types are named {:?} as collections; rename one with #[collection(name = …)]",
                definition.name
            )));
        }
        bases.push(base);
    }
    let target =
        |name: &str| ids.get(&name.to_lowercase()).cloned().or_else(|| schema.find(name).map(|found| found.id.clone()));
    let made = |((definition, base), stored): ((&Definition, Collection), Option<&Arc<Collection>>)| {
        made(definition, base, stored, schema, &target)
    };
    definitions.iter().zip(bases).zip(stored).map(made).collect()
}

/// What is there already, or what every new collection of the kind has.
fn base(definition: &Definition, stored: Option<&Arc<Collection>>, schema: &Schema) -> Result<Collection> {
    let Some(stored) = stored else {
        let mut new = Collection::new(&definition.name, definition.kind);
        new.complete(None, schema);
        return Ok(new);
    };
    if stored.kind != definition.kind {
        return Err(Error::invalid(format!(
            "The collection {:?} is stored as {} and the code says {}; the kind of a collection is fixed: rename one of them",
            stored.name,
            stored.kind.as_str(),
            definition.kind.as_str()
        )));
    }
    Ok((**stored).clone())
}

fn made(
    definition: &Definition,
    base: Collection,
    stored: Option<&Arc<Collection>>,
    schema: &Schema,
    target: &dyn Fn(&str) -> Option<String>,
) -> Result<Collection> {
    let mut made = base.merge(&definition.auth)?;
    made.name.clone_from(&definition.name);
    made.rules = definition.rules.clone();
    made.view_query.clone_from(&definition.view_query);
    made.indexes = indexes(definition, &base);
    if !made.is_view() {
        made.fields = fields(definition, &base, target)?;
    }
    made.complete(stored.map(Arc::as_ref), schema);
    Ok(made)
}

/// System fields first, as stored unless the code says otherwise, then the others in the order of the code.
fn fields(definition: &Definition, base: &Collection, target: &dyn Fn(&str) -> Option<String>) -> Result<Vec<Field>> {
    let said = |name: &str| definition.fields.iter().any(|own| own.field.name == name);
    let mut fields: Vec<Field> =
        base.fields.iter().filter(|field| field.system && !said(&field.name)).cloned().collect();
    for own in &definition.fields {
        let mut field = own.field.clone();
        if let Some(before) = before(own, base) {
            field.id.clone_from(&before.id);
            field.system = before.system;
        }
        if let (FieldKind::Relation(options), Some(name)) = (&mut field.kind, &own.target) {
            options.collection_id = target(name).ok_or_else(|| {
                Error::invalid(format!(
                    "The relation {}.{} points at the collection {name:?}, which neither exists nor is registered with the app",
                    definition.name, field.name
                ))
            })?;
        }
        fields.push(field);
    }
    // The id is the first field of every collection.
    fields.sort_by_key(|field| field.name != "id");
    Ok(fields)
}

/// The stored field that a field of the code goes on from: of its id, its name, or the name it had before.
fn before<'a>(own: &FieldDefinition, base: &'a Collection) -> Option<&'a Field> {
    let same = |field: &&Field| !own.field.id.is_empty() && field.id == own.field.id;
    let former = || base.field(own.renamed_from.as_deref()?);
    base.fields.iter().find(same).or_else(|| base.field(&own.field.name)).or_else(former)
}

/// The indexes of the code, and those that every auth collection must have.
fn indexes(definition: &Definition, base: &Collection) -> Vec<String> {
    let mut indexes = definition.indexes.clone();
    for column in ["tokenKey", "email"].into_iter().filter(|_| base.is_auth()) {
        let kept = base.indexes.iter().find(|text| index::is_unique_alone(std::slice::from_ref(*text), column));
        indexes.extend(kept.filter(|_| !index::is_unique_alone(&definition.indexes, column)).cloned());
    }
    indexes
}

/// A `CREATE INDEX` statement over columns of a collection, named after them unless `name` says otherwise.
#[doc(hidden)]
pub fn index_sql(table: &str, name: &str, unique: bool, columns: &[(&str, &str, &str)], condition: &str) -> String {
    let spoken: Vec<&str> = columns.iter().map(|(column, ..)| *column).collect();
    let name = if name.is_empty() { format!("idx_{table}_{}", spoken.join("_")) } else { name.to_owned() };
    let column = |(name, collate, sort): &(&str, &str, &str)| index::IndexColumn {
        name: (*name).to_owned(),
        collate: (*collate).to_owned(),
        sort: (*sort).to_owned(),
    };
    Index {
        unique,
        optional: false,
        name,
        table: table.to_owned(),
        columns: columns.iter().map(column).collect(),
        condition: condition.to_owned(),
    }
    .to_sql()
}

/// For what the derive writes: notes an option of auth; what stands inside an object joins what is there.
#[doc(hidden)]
pub fn say(said: &mut Map<String, Json>, key: &str, value: Json) {
    match (said.get_mut(key), value) {
        (Some(Json::Object(there)), Json::Object(more)) => {
            more.into_iter().for_each(|(key, value)| say(there, &key, value));
        }
        (_, value) => {
            said.insert(key.to_owned(), value);
        }
    }
}

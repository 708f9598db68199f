//! The shapes of a collection: its records, and what may be sent to make and change them.

use utoipa::openapi::{ObjectBuilder, Type};

use super::{
    about, extension,
    fields::{self, Way},
    is_told,
    parts::{self, Shape},
};
use crate::schema::{Collection, Field, FieldKind, Schema, index::is_unique_alone};

/// The name of a collection's shape.
pub(super) fn name(collection: &Collection, of: &str) -> String {
    format!("{}{of}", collection.name)
}

/// The shapes of a collection, with their names.
pub(super) fn of(schema: &Schema, collection: &Collection) -> Vec<(String, Shape)> {
    let mut shapes = vec![(name(collection, "Record"), record(schema, collection))];
    if collection.is_auth() {
        let signed_in =
            parts::object([("token", parts::text()), ("record", parts::named(&name(collection, "Record")))]);
        shapes.push((name(collection, "Auth"), signed_in));
    }
    if collection.is_view() {
        return shapes;
    }
    for (suffix, is_new) in [("Create", true), ("Update", false)] {
        shapes.push((name(collection, suffix), input(schema, collection, is_new, false)));
        if has_files(collection) {
            shapes.push((name(collection, &format!("{suffix}Form")), input(schema, collection, is_new, true)));
        }
    }
    shapes
}

/// Whether forms of a collection say more than JSON can.
pub(super) fn has_files(collection: &Collection) -> bool {
    shown(collection).any(|field| matches!(field.kind, FieldKind::File(_)))
}

/// The fields that clients know of.
fn shown(collection: &Collection) -> impl Iterator<Item = &Field> {
    collection.fields.iter().filter(|field| !field.hidden && !collection.keeps_secret(field))
}

fn record(schema: &Schema, collection: &Collection) -> Shape {
    let mut object = ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("collectionId", parts::text())
        .property("collectionName", parts::one_of([collection.name.as_str()]))
        .required("collectionId")
        .required("collectionName")
        .extensions(extension("collection", about(collection)));
    let way = Way::Out { of_view: collection.is_view() };
    for field in shown(collection) {
        object = object.property(&field.name, fields::value(schema, field, way));
        // Accounts hide their address from others.
        if !(collection.is_auth() && field.name == "email") {
            object = object.required(&field.name);
        }
    }
    let related = related(schema, collection);
    if !related.is_empty() {
        let expand = related.into_iter().map(|(name, target, many)| {
            let one = parts::named(&self::name(target, "Record"));
            (format!("{name}?"), if many { parts::list(one) } else { one })
        });
        let expand: Vec<_> = expand.collect();
        object = object.property("expand", parts::object(expand.iter().map(|(name, shape)| (&**name, shape.clone()))));
    }
    object.into()
}

/// What can be expanded: the name, the collection it leads to, and whether to several records.
fn related<'a>(schema: &'a Schema, collection: &'a Collection) -> Vec<(String, &'a Collection, bool)> {
    let forward = shown(collection).filter_map(|field| {
        let FieldKind::Relation(options) = &field.kind else { return None };
        let target = schema.by_id(&options.collection_id).filter(|target| is_told(target))?;
        Some((field.name.clone(), &**target, field.is_multiple()))
    });
    let back = schema.collections().iter().filter(|source| is_told(source)).flat_map(|source| {
        let points_here = |field: &&Field| match &field.kind {
            FieldKind::Relation(options) => {
                options.collection_id == collection.id && !(source.is_view() && field.is_multiple())
            }
            _ => false,
        };
        shown(source).filter(points_here).map(|field| {
            let many = !is_unique_alone(&source.indexes, &field.name);
            (format!("{}_via_{}", source.name, field.name), &**source, many)
        })
    });
    forward.chain(back).collect()
}

/// What may be sent; `form`: as a form, which can carry files.
fn input(schema: &Schema, collection: &Collection, is_new: bool, form: bool) -> Shape {
    let mut object = ObjectBuilder::new().schema_type(Type::Object);
    let is_own = |field: &&Field| !(field.hidden || collection.is_auth() && collection.keeps_secret(field));
    for field in collection.fields.iter().filter(is_own) {
        let value = match &field.kind {
            FieldKind::Autodate(_) => continue,
            FieldKind::Text(options) if options.primary_key && !is_new => continue,
            FieldKind::File(_) if form => fields::upload(schema, field, !is_new),
            // A new record has no files that could stay.
            FieldKind::File(_) if is_new => continue,
            _ => fields::value(schema, field, Way::In),
        };
        object = object.property(&field.name, value);
        if is_new && field.required && !is_made_up(field) {
            object = object.required(&field.name);
        }
        for (name, shape) in extras(schema, field, is_new, form) {
            object = object.property(name, shape);
        }
    }
    if collection.is_auth() {
        object = secrets(schema, collection, object, is_new);
    }
    object.into()
}

/// Whether the server finds a value where none is sent.
fn is_made_up(field: &Field) -> bool {
    matches!(&field.kind, FieldKind::Text(options) if options.primary_key || !options.autogenerate_pattern.is_empty())
}

/// Further keys that change a field.
fn extras(schema: &Schema, field: &Field, is_new: bool, form: bool) -> Vec<(String, Shape)> {
    let mut extras = Vec::new();
    if matches!(&field.kind, FieldKind::Text(options) if !options.primary_key && !options.autogenerate_pattern.is_empty())
    {
        extras.push((format!("{}:autogenerate", field.name), parts::text()));
    }
    if is_new {
        return extras;
    }
    extras.extend(fields::modifiers(schema, field));
    if form && matches!(field.kind, FieldKind::File(_)) {
        extras.extend(fields::file_modifiers(schema, field));
    }
    extras
}

/// The password of an account, which no answer holds.
fn secrets(schema: &Schema, collection: &Collection, object: ObjectBuilder, is_new: bool) -> ObjectBuilder {
    let password = match collection.field("password") {
        Some(field) => fields::value(schema, field, Way::In),
        None => parts::text(),
    };
    let object = object.property("password", password).property("passwordConfirm", parts::text());
    if is_new {
        object.required("password").required("passwordConfirm")
    } else {
        object.property("oldPassword", parts::text())
    }
}

//! The values of a field: as they are read, and as they may be sent.

use serde_json::{Value as Json, json};
use utoipa::openapi::{
    ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, RefOr, Schema, SchemaFormat, Type,
    schema::{AnyOfBuilder, SchemaType},
};

use super::{
    extension,
    parts::{self, Shape},
};
use crate::{
    limits,
    schema::{Field, FieldKind, Schema as Collections, field::number::NumberOptions},
};

/// A moment as the wire writes it.
const MOMENT: &str = r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}Z";

/// Which way a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// In an answer. What a view reads may lack what its source requires.
    Out {
        /// Whether the zero value may stand there although the field is required.
        of_view: bool,
    },
    /// In a body.
    In,
}

/// The schema of a field's value, with what OpenAPI has no word for.
pub(super) fn value(schema: &Collections, field: &Field, way: Way) -> Shape {
    let required = field.required && way != Way::Out { of_view: true };
    let about = extension("field", about(schema, field));
    let single: Schema = match &field.kind {
        FieldKind::Select(options) => {
            let may_be_empty = !required && !field.is_multiple();
            let values = options.values.iter().map(String::as_str).chain(may_be_empty.then_some(""));
            return several(field, parts::one_of(values), about);
        }
        FieldKind::File(_) | FieldKind::Relation(_) => return several(field, parts::text(), about),
        FieldKind::GeoPoint => return parts::named("GeoPoint"),
        FieldKind::Text(options) => {
            let max = if options.max > 0 { options.max as u64 } else { limits::TEXT_MAX_CHARS };
            let min = usize::try_from(options.min).ok().filter(|min| required && *min > 0);
            let is_plain = required && is_common(&options.pattern);
            text()
                .max_length(usize::try_from(max).ok())
                .min_length(min.or(required.then_some(1)))
                .pattern(is_plain.then(|| options.pattern.clone()))
                .extensions(about)
                .into()
        }
        FieldKind::Email(_) => {
            text().format(required.then_some(SchemaFormat::KnownFormat(KnownFormat::Email))).extensions(about).into()
        }
        // `example.com` without a scheme is one too.
        FieldKind::Url(_) => {
            text().format(Some(SchemaFormat::Custom("uri-reference".to_owned()))).extensions(about).into()
        }
        FieldKind::Editor(_) => text().content_media_type("text/html").extensions(about).into(),
        FieldKind::Date(_) | FieldKind::Autodate(_) if way == Way::In => {
            text().description(Some("A moment, as in 2026-01-31 12:00:00.000Z; empty: none.")).extensions(about).into()
        }
        FieldKind::Autodate(_) if !matches!(way, Way::Out { of_view: true }) => {
            text().pattern(Some(format!("^({MOMENT})?$"))).extensions(about).into()
        }
        FieldKind::Date(_) | FieldKind::Autodate(_) => {
            let pattern = if required { format!("^{MOMENT}$") } else { format!("^({MOMENT})?$") };
            text().pattern(Some(pattern)).extensions(about).into()
        }
        FieldKind::Number(options) => number(options, required).extensions(about).into(),
        FieldKind::Bool => ObjectBuilder::new().schema_type(Type::Boolean).extensions(about).into(),
        FieldKind::Json(_) => ObjectBuilder::new().schema_type(SchemaType::AnyValue).extensions(about).into(),
        FieldKind::Password(options) => {
            let length = |chars: i64| usize::try_from(chars).ok().filter(|chars| *chars > 0);
            text()
                .min_length(length(options.min))
                .max_length(length(options.max))
                .write_only(true)
                .extensions(about)
                .into()
        }
    };
    RefOr::T(single)
}

/// What is added, put in front, or taken away; nothing where the type knows no such thing.
pub(super) fn modifiers(schema: &Collections, field: &Field) -> Vec<(String, Shape)> {
    let name = &field.name;
    match &field.kind {
        FieldKind::Number(_) => ["+", "-"].map(|sign| (format!("{name}{sign}"), parts::number())).into(),
        FieldKind::Select(_) | FieldKind::Relation(_) if field.is_multiple() => {
            let one = match &field.kind {
                FieldKind::Select(options) => parts::one_of(options.values.iter().map(String::as_str)),
                _ => parts::text(),
            };
            let shape = some(one, about(schema, field));
            [format!("{name}+"), format!("+{name}"), format!("{name}-")].map(|key| (key, shape.clone())).into()
        }
        FieldKind::File(_) if field.is_multiple() => {
            vec![(format!("{name}-"), some(parts::text(), about(schema, field)))]
        }
        _ => Vec::new(),
    }
}

/// The same of a form, where files can be sent.
pub(super) fn file_modifiers(schema: &Collections, field: &Field) -> Vec<(String, Shape)> {
    if !field.is_multiple() {
        return Vec::new();
    }
    let shape = some(parts::bytes(), about(schema, field));
    [format!("{}+", field.name), format!("+{}", field.name)].map(|key| (key, shape.clone())).into()
}

/// One or several.
fn some(one: Shape, about: Json) -> Shape {
    OneOfBuilder::new().item(one.clone()).item(parts::list(one)).extensions(extension("field", about)).into()
}

/// Files that are sent, beside the names of those that stay.
pub(super) fn upload(schema: &Collections, field: &Field, has_files: bool) -> Shape {
    let about = extension("field", about(schema, field));
    let one: Shape = match has_files {
        true => AnyOfBuilder::new().item(parts::bytes()).item(parts::text()).into(),
        false => parts::bytes(),
    };
    match (field.is_multiple(), one) {
        (true, one) => ArrayBuilder::new().items(one).extensions(about).into(),
        (false, RefOr::T(Schema::Object(mut object))) => {
            object.extensions = about;
            object.into()
        }
        (false, one) => one,
    }
}

fn several(field: &Field, one: Shape, about: Option<utoipa::openapi::extensions::Extensions>) -> Shape {
    if field.is_multiple() {
        let most = match &field.kind {
            FieldKind::Select(options) => options.max_select,
            FieldKind::File(options) => options.max_select,
            FieldKind::Relation(options) => options.max_select,
            _ => 0,
        };
        let least = field.required.then_some(1);
        return ArrayBuilder::new()
            .items(one)
            .max_items(usize::try_from(most).ok().filter(|most| *most > 0))
            .min_items(least)
            .extensions(about)
            .into();
    }
    match one {
        RefOr::T(Schema::Object(mut object)) => {
            object.extensions = about;
            object.into()
        }
        other => other,
    }
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// 0 stands for nothing, so that it is allowed outside the bounds too unless the field is required.
fn number(options: &NumberOptions, required: bool) -> ObjectBuilder {
    let kind = if options.only_int { Type::Integer } else { Type::Number };
    ObjectBuilder::new()
        .schema_type(kind)
        .minimum(options.min.filter(|min| required || *min <= 0.0))
        .maximum(options.max.filter(|max| required || *max >= 0.0))
}

/// Whether a pattern means the same to JSON Schema, whose expressions are those of JavaScript.
fn is_common(pattern: &str) -> bool {
    !pattern.is_empty() && !["(?", "[[", r"\A", r"\z", r"\p", r"\P", r"\Q"].iter().any(|part| pattern.contains(part))
}

fn about(schema: &Collections, field: &Field) -> Json {
    match &field.kind {
        FieldKind::Relation(options) => {
            let target = schema.by_id(&options.collection_id).map_or("", |target| target.name.as_str());
            json!({ "type": field.kind.name(), "collection": target })
        }
        FieldKind::File(options) => {
            json!({ "type": field.kind.name(), "protected": options.protected, "thumbs": options.thumbs })
        }
        kind => json!({ "type": kind.name() }),
    }
}

//! A field as JSON: what the API shows and accepts, and what is stored.

use serde_json::{Map, Value as Json};

use super::{
    Field, FieldKind, autodate, date, editor, email, file, json, number,
    options::{Keys, malformed},
    password, relation, select, text, url,
};
use crate::Result;

impl Field {
    /// A field from its JSON. Missing options are their zero value, a missing id is empty: its collection gives it one.
    ///
    /// # Errors
    /// `Invalid`: the type is unknown or an option has the wrong JSON type.
    pub fn from_json(json: &Json) -> Result<Self> {
        let keys = Keys::of(json)?;
        let mut field = Self {
            id: keys.text("id")?,
            name: keys.text("name")?,
            system: keys.flag("system")?,
            hidden: keys.flag("hidden")?,
            presentable: keys.flag("presentable")?,
            required: keys.flag("required")?,
            help: keys.text("help")?,
            kind: FieldKind::from_keys(keys)?,
        };
        if matches!(field.kind, FieldKind::Autodate(_)) {
            field.required = false;
            field.help.clear();
        }
        Ok(field)
    }

    /// The field as JSON, with all options of its type; keys in alphabetical order.
    pub fn to_json_object(&self) -> Map<String, Json> {
        let mut out = Map::new();
        out.insert("id".into(), self.id.as_str().into());
        out.insert("name".into(), self.name.as_str().into());
        out.insert("type".into(), self.kind.name().into());
        out.insert("system".into(), self.system.into());
        out.insert("hidden".into(), self.hidden.into());
        out.insert("presentable".into(), self.presentable.into());
        if !matches!(self.kind, FieldKind::Autodate(_)) {
            out.insert("required".into(), self.required.into());
            out.insert("help".into(), self.help.as_str().into());
        }
        self.kind.to_json(&mut out);
        out
    }
}

impl FieldKind {
    /// The name of the type, as JSON spells it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Number(_) => "number",
            Self::Bool => "bool",
            Self::Email(_) => "email",
            Self::Url(_) => "url",
            Self::Editor(_) => "editor",
            Self::Date(_) => "date",
            Self::Autodate(_) => "autodate",
            Self::Select(_) => "select",
            Self::File(_) => "file",
            Self::Relation(_) => "relation",
            Self::Json(_) => "json",
            Self::Password(_) => "password",
            Self::GeoPoint => "geoPoint",
        }
    }

    fn from_keys(keys: Keys<'_>) -> Result<Self> {
        Ok(match keys.text("type")?.as_str() {
            "text" => Self::Text(text::TextOptions::from_keys(keys)?),
            "number" => Self::Number(number::NumberOptions::from_keys(keys)?),
            "bool" => Self::Bool,
            "email" => Self::Email(email::EmailOptions::from_keys(keys)?),
            "url" => Self::Url(url::UrlOptions::from_keys(keys)?),
            "editor" => Self::Editor(editor::EditorOptions::from_keys(keys)?),
            "date" => Self::Date(date::DateOptions::from_keys(keys)?),
            "autodate" => Self::Autodate(autodate::AutodateOptions::from_keys(keys)?),
            "select" => Self::Select(select::SelectOptions::from_keys(keys)?),
            "file" => Self::File(file::FileOptions::from_keys(keys)?),
            "relation" => Self::Relation(relation::RelationOptions::from_keys(keys)?),
            "json" => Self::Json(json::JsonOptions::from_keys(keys)?),
            "password" => Self::Password(password::PasswordOptions::from_keys(keys)?),
            "geoPoint" => Self::GeoPoint,
            _ => return Err(malformed()),
        })
    }

    fn to_json(&self, out: &mut Map<String, Json>) {
        match self {
            Self::Text(options) => options.to_json(out),
            Self::Number(options) => options.to_json(out),
            Self::Email(options) => options.to_json(out),
            Self::Url(options) => options.to_json(out),
            Self::Editor(options) => options.to_json(out),
            Self::Date(options) => options.to_json(out),
            Self::Autodate(options) => options.to_json(out),
            Self::Select(options) => options.to_json(out),
            Self::File(options) => options.to_json(out),
            Self::Relation(options) => options.to_json(out),
            Self::Json(options) => options.to_json(out),
            Self::Password(options) => options.to_json(out),
            Self::Bool | Self::GeoPoint => {}
        }
    }
}

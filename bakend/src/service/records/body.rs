//! From a request body to a changed record: keys, modifiers, uploads.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::{
    Error, Result, ids,
    schema::{Collection, Field, FieldKind, Modifier, Record, Value},
    service::files,
    store::files::Staged,
};

/// A file that came with a request; it is staged until the record that names it is written.
#[derive(Debug)]
pub struct Upload {
    /// The body key: `docs`, `docs+` or `+docs`.
    pub key: String,
    /// The name the client gave it.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// Content type, by content.
    pub kind: String,
    /// The extension that fits the content, with its dot; empty when none is known.
    pub extension: String,
    /// Where it lies; removed when dropped, unless a record has it.
    pub staged: Staged,
    /// The id of the resumable upload that it was.
    pub resumable: Option<String>,
}

/// A new file of a draft, under the name it will have.
#[derive(Debug)]
pub(crate) struct NewFile {
    /// The position of its field.
    pub field: usize,
    /// The stored name.
    pub name: String,
    /// What came.
    pub upload: Upload,
}

/// A record on its way to the table.
pub(crate) struct Draft {
    /// Its values; passwords in plain text until they are hashed.
    pub record: Record,
    /// Positions of passwords that were set.
    pub passwords: Vec<usize>,
    /// Files to store with it.
    pub files: Vec<NewFile>,
    /// Their names; they stay known when the files are taken out.
    pub new_names: Vec<String>,
    /// Changes that depend on the value before, to be done again should it change meanwhile.
    pub relative: Vec<Relative>,
    /// Whether the owner of the account's address has just proved it.
    pub for_owner: bool,
}

/// A change relative to the value before: add, append, remove.
pub(crate) struct Relative {
    pub field: usize,
    modifier: Modifier,
    given: Given,
}

/// What is added or removed.
enum Given {
    /// A value of the body.
    Value(Json),
    /// Names of new files.
    Files(Vec<String>),
}

impl Relative {
    fn apply(&self, collection: &Collection, value: &Value) -> Value {
        match &self.given {
            Given::Value(given) => collection.fields[self.field].modify(value, self.modifier, given),
            Given::Files(names) => attached(value, self.modifier, names.clone(), true),
        }
    }
}

impl Draft {
    /// A draft of a record as it stands.
    pub fn of(record: Record) -> Self {
        Self {
            record,
            passwords: Vec::new(),
            files: Vec::new(),
            new_names: Vec::new(),
            relative: Vec::new(),
            for_owner: false,
        }
    }

    /// Applies a body: plain keys before modifiers, unknown keys ignored, hidden fields only for superusers.
    /// Returns the body as rules see it: known fields with the values they get.
    ///
    /// # Errors
    /// `Invalid`: a value says what cannot be.
    pub fn apply(
        &mut self,
        body: &Map<String, Json>,
        uploads: Vec<Upload>,
        superuser: bool,
    ) -> Result<Map<String, Json>> {
        let collection = Arc::clone(&self.record.collection);
        let mut seen = body.clone();
        let mut keys: Vec<(&String, &Json)> = body.iter().collect();
        keys.sort_by_key(|(key, _)| key.len());
        for (key, given) in keys {
            let Some((field, modifier)) = target(&collection, key) else { continue };
            if !settable(&collection, field, superuser) {
                seen.remove(key);
                continue;
            }
            self.change(field, modifier, given);
            self.note(field, &mut seen);
        }
        for (field, modifier, files) in self.receive(&collection, uploads, superuser) {
            let plain_names = modifier == Modifier::Set && body.contains_key(&collection.fields[field].name);
            self.attach(field, modifier, files, plain_names);
            self.note(field, &mut seen);
        }
        Ok(seen)
    }

    /// Takes the record over as hooks have left it: a password that they set is a plain text, as if it had been sent.
    ///
    /// # Errors
    /// `Internal`: a hook has put a record of another collection in its place.
    pub fn heard(&mut self, record: Record, before: Option<&Record>) -> Result<()> {
        if record.collection.id != self.record.collection.id || record.values.len() != self.record.values.len() {
            let (own, other) = (&self.record.collection.name, &record.collection.name);
            return Err(Error::internal(format!(
                "a hook replaced the record of {own:?} by one made of {other:?}; set its fields"
            )));
        }
        for at in super::password_positions(&record.collection) {
            if record.values[at] == self.record.values[at] {
                continue;
            }
            self.passwords.retain(|known| *known != at);
            // Who puts the stored hash back sets nothing.
            if before.is_none_or(|before| before.values[at] != record.values[at]) {
                self.passwords.push(at);
            }
        }
        self.record = record;
        Ok(())
    }

    fn change(&mut self, field: usize, modifier: Modifier, given: &Json) {
        let kind = &self.record.collection.fields[field];
        if matches!(kind.kind, FieldKind::Password(_)) {
            // What is stored is a hash: nothing can be added to it, and it is nobody's plain text.
            if modifier != Modifier::Set {
                return;
            }
            if !self.passwords.contains(&field) {
                self.passwords.push(field);
            }
        }
        if !matches!(modifier, Modifier::Set | Modifier::Autogenerate) {
            self.relative.push(Relative { field, modifier, given: Given::Value(given.clone()) });
        }
        let value = kind.modify(&self.record.values[field], modifier, given);
        self.record.values[field] = value;
    }

    /// What rules see under a field's own name after a change.
    fn note(&self, field: usize, seen: &mut Map<String, Json>) {
        let kind = &self.record.collection.fields[field];
        if !matches!(kind.kind, FieldKind::Password(_)) {
            seen.insert(kind.name.clone(), kind.to_json(&self.record.values[field]));
        }
    }

    /// Names the uploads and groups them by field and modifier, in the order they came.
    fn receive(
        &mut self,
        collection: &Collection,
        uploads: Vec<Upload>,
        superuser: bool,
    ) -> Vec<(usize, Modifier, Vec<String>)> {
        let mut groups: Vec<(usize, Modifier, Vec<String>)> = Vec::new();
        for upload in uploads {
            let Some((field, modifier)) = file_target(collection, &upload.key) else { continue };
            if !settable(collection, field, superuser) {
                continue;
            }
            let name = files::storage_name(&upload.name, &upload.extension);
            match groups.iter_mut().find(|group| group.0 == field && group.1 == modifier) {
                Some(group) => group.2.push(name.clone()),
                None => groups.push((field, modifier, vec![name.clone()])),
            }
            self.new_names.push(name.clone());
            self.files.push(NewFile { field, name, upload });
        }
        groups
    }

    fn attach(&mut self, field: usize, modifier: Modifier, names: Vec<String>, keep_named: bool) {
        if modifier != Modifier::Set {
            self.relative.push(Relative { field, modifier, given: Given::Files(names.clone()) });
        }
        self.record.values[field] = attached(&self.record.values[field], modifier, names, keep_named);
    }

    /// Does the relative changes again on `now`, where it differs from `before`: what somebody else wrote meanwhile stays.
    pub fn rebase(&mut self, before: &Record, now: &Record) {
        let moved = |field: usize| before.values[field] != now.values[field];
        let fields: std::collections::BTreeSet<usize> =
            self.relative.iter().map(|change| change.field).filter(|field| moved(*field)).collect();
        for field in fields {
            let mut value = now.values[field].clone();
            for change in self.relative.iter().filter(|change| change.field == field) {
                value = change.apply(&now.collection, &value);
            }
            self.record.values[field] = value;
        }
    }

    /// Draws values for empty fields with an autogenerate pattern, and an id.
    pub fn generate(&mut self) {
        for (at, field) in self.record.collection.fields.iter().enumerate() {
            let empty = matches!(&self.record.values[at], Value::Text(text) if text.is_empty());
            if empty && let Some(text) = field.autogenerate() {
                self.record.values[at] = Value::Text(text);
            }
        }
        if self.record.id().is_empty() {
            self.record.set("id", Value::Text(ids::record_id()));
        }
    }

    /// Sets the fields that follow the clock.
    pub fn stamp(&mut self, created: bool, now: &str) {
        let collection = Arc::clone(&self.record.collection);
        for (at, field) in collection.fields.iter().enumerate() {
            if let FieldKind::Autodate(options) = &field.kind
                && (options.on_update || created && options.on_create)
            {
                self.record.values[at] = Value::Text(now.to_owned());
            }
        }
    }
}

/// The value of a file field with more files. `keep_named`: whether those it has stay when the new ones are set, not added.
fn attached(value: &Value, modifier: Modifier, names: Vec<String>, keep_named: bool) -> Value {
    let mut list = match modifier {
        Modifier::Set if !keep_named => Vec::new(),
        _ => value.as_list().to_vec(),
    };
    match modifier {
        Modifier::Prepend => list.splice(0..0, names).for_each(drop),
        _ => list.extend(names),
    }
    match value {
        Value::Text(_) => Value::Text(list.pop().unwrap_or_default()),
        _ => Value::List(list),
    }
}

/// The field of files that new ones under this body key are for.
pub(crate) fn file_field_of_key<'a>(collection: &'a Collection, key: &str) -> Option<&'a Field> {
    file_target(collection, key).map(|(field, _)| &collection.fields[field])
}

/// Which field new files under a body key are for, and how: they are set or added, and nothing else.
fn file_target(collection: &Collection, key: &str) -> Option<(usize, Modifier)> {
    let (field, modifier) = target(collection, key)?;
    let takes = matches!(modifier, Modifier::Set | Modifier::Append | Modifier::Prepend);
    (takes && matches!(collection.fields[field].kind, FieldKind::File(_))).then_some((field, modifier))
}

/// Which field a body key changes, and how.
fn target(collection: &Collection, key: &str) -> Option<(usize, Modifier)> {
    let named = |name: &str, modifier| collection.position(name).map(|at| (at, modifier));
    named(key, Modifier::Set)
        .or_else(|| named(key.strip_suffix('+')?, Modifier::Append))
        .or_else(|| named(key.strip_prefix('+')?, Modifier::Prepend))
        .or_else(|| named(key.strip_suffix('-')?, Modifier::Remove))
        .or_else(|| named(key.strip_suffix(":autogenerate")?, Modifier::Autogenerate))
}

fn settable(collection: &Collection, field: usize, superuser: bool) -> bool {
    let field = &collection.fields[field];
    let own_password = collection.is_auth() && field.name == "password";
    !matches!(field.kind, FieldKind::Autodate(_)) && (superuser || !field.hidden || own_password)
}

//! New collections, and what every collection must have: an id, system fields, indexes of accounts, secrets.

use super::{
    AuthOptions, Collection, CollectionKind, Field, FieldKind, Rules, Schema, auth_options,
    field::{
        autodate::AutodateOptions,
        email::EmailOptions,
        password::PasswordOptions,
        text::{ID_PATTERN, TextOptions},
    },
    index::Index,
};
use crate::ids::checksum_id;

/// Prefix of generated collection ids.
const COLLECTION_ID_PREFIX: &str = "pbc_";
/// Fewest characters of a new account's password, unless the field says otherwise.
const PASSWORD_MIN_CHARS: i64 = 8;

impl Collection {
    /// A collection with nothing but its name and, for auth collections, default options with new secrets.
    pub fn new(name: &str, kind: CollectionKind) -> Self {
        Self {
            id: String::new(),
            name: name.to_owned(),
            kind,
            system: false,
            rules: Rules::default(),
            fields: Vec::new(),
            indexes: Vec::new(),
            created: String::new(),
            updated: String::new(),
            auth: (kind == CollectionKind::Auth).then(Box::<AuthOptions>::default),
            view_query: String::new(),
        }
    }

    /// Adds what a collection must have before it is checked: ids, system fields, an auth collection's indexes and secrets;
    /// points its indexes at its own table, and answers a change of its auth rule with a new token secret.
    pub fn complete(&mut self, old: Option<&Self>, schema: &Schema) {
        if self.id.is_empty() {
            self.id = self.free_id(schema);
        }
        if !self.is_view() {
            self.system_fields();
        }
        name_fields(&mut self.fields);
        if !self.is_view() && !self.name.is_empty() {
            self.own_indexes();
        }
        if self.is_auth() {
            self.account_indexes();
            self.complete_auth(old);
        }
    }

    fn free_id(&self, schema: &Schema) -> String {
        let id = checksum_id(COLLECTION_ID_PREFIX, &format!("{}{}", self.kind.as_str(), self.name));
        let taken = |id: &String| schema.by_id(id).is_some();
        if !taken(&id) {
            return id;
        }
        (2..).map(|number: u32| format!("{id}{number}")).find(|id| !taken(id)).unwrap_or(id)
    }

    fn system_fields(&mut self) {
        let is_id = |field: &&mut Field| field.name == "id" && matches!(field.kind, FieldKind::Text(_));
        match self.fields.iter_mut().find(is_id) {
            Some(field) => {
                (field.system, field.hidden, field.required) = (true, false, true);
                if let FieldKind::Text(options) = &mut field.kind {
                    options.primary_key = true;
                    if options.pattern.is_empty() {
                        options.pattern = ID_PATTERN.to_owned();
                    }
                }
            }
            None => self.fields.insert(0, id_field()),
        }
        if !self.is_auth() {
            return;
        }
        for (wanted, hidden) in account_fields() {
            match self.fields.iter_mut().find(|field| field.name == wanted.name) {
                Some(field) => {
                    field.system = true;
                    field.hidden |= hidden;
                    field.required |= hidden;
                }
                None => self.fields.push(wanted),
            }
        }
    }

    /// An index is on this table whatever table it names.
    fn own_indexes(&mut self) {
        for text in &mut self.indexes {
            if let Some(mut index) = Index::parse(text).filter(|index| index.table != self.name) {
                index.table.clone_from(&self.name);
                *text = index.to_sql();
            }
        }
    }

    fn account_indexes(&mut self) {
        for (column, condition) in [("tokenKey", ""), ("email", "`email` != ''")] {
            if super::index::is_unique_alone(&self.indexes, column) {
                continue;
            }
            let index = Index {
                unique: true,
                name: format!("idx_{column}_{}", self.id),
                table: self.name.clone(),
                columns: vec![super::index::IndexColumn { name: column.to_owned(), ..Default::default() }],
                condition: condition.to_owned(),
                ..Index::default()
            };
            self.indexes.push(index.to_sql());
        }
    }

    fn complete_auth(&mut self, old: Option<&Self>) {
        let is_superusers = self.is_superusers();
        let names: Vec<String> = self.fields.iter().map(|field| field.name.clone()).collect();
        let auth = self.auth.get_or_insert_default();
        for (_, token) in auth.tokens_mut() {
            if token.secret.is_empty() {
                token.secret = auth_options::new_secret();
            }
        }
        let old_rule = old.and_then(|old| old.auth.as_ref()).map(|old| &old.auth_rule);
        if old_rule.is_some_and(|rule| *rule != auth.auth_rule) {
            // Who signed in under the old rule has to satisfy the new one.
            auth.auth_token.secret = auth_options::new_secret();
        }
        let mapped = &mut auth.oauth2.mapped_fields;
        for field in [&mut mapped.id, &mut mapped.name, &mut mapped.username, &mut mapped.avatar_url] {
            if !names.contains(field) {
                field.clear();
            }
        }
        if is_superusers {
            auth.oauth2.enabled = false;
            auth.password_auth.enabled = true;
            auth.mfa.enabled |= auth.otp.enabled;
        }
    }
}

/// Gives fields without an id the one made of type and name.
fn name_fields(fields: &mut [Field]) {
    for at in 0..fields.len() {
        if !fields[at].id.is_empty() {
            continue;
        }
        let id = checksum_id(fields[at].kind.name(), &fields[at].name);
        let taken = |id: &str| fields.iter().any(|field| field.id == id);
        fields[at].id = match taken(&id) {
            false => id,
            true => (2..).map(|number: u32| format!("{id}{number}")).find(|id| !taken(id)).unwrap_or(id),
        };
    }
}

fn id_field() -> Field {
    let options = TextOptions {
        min: 15,
        max: 15,
        pattern: ID_PATTERN.to_owned(),
        autogenerate_pattern: "[a-z0-9]{15}".to_owned(),
        primary_key: true,
    };
    system_field("id", true, false, FieldKind::Text(options))
}

/// The fields of accounts, and whether they stay hidden and required whatever was sent.
fn account_fields() -> [(Field, bool); 5] {
    let key =
        TextOptions { min: 30, max: 60, autogenerate_pattern: "[a-zA-Z0-9]{50}".to_owned(), ..TextOptions::default() };
    let password = PasswordOptions { min: PASSWORD_MIN_CHARS, ..PasswordOptions::default() };
    [
        (system_field("password", true, true, FieldKind::Password(password)), true),
        (system_field("tokenKey", true, true, FieldKind::Text(key)), true),
        (system_field("email", true, false, FieldKind::Email(EmailOptions::default())), false),
        (system_field("emailVisibility", false, false, FieldKind::Bool), false),
        (system_field("verified", false, false, FieldKind::Bool), false),
    ]
}

/// A field that bakend itself needs; its id is the generated one.
pub(super) fn system_field(name: &str, required: bool, hidden: bool, kind: FieldKind) -> Field {
    Field {
        id: checksum_id(kind.name(), name),
        name: name.to_owned(),
        system: true,
        hidden,
        presentable: false,
        required,
        help: String::new(),
        kind,
    }
}

/// `created` and `updated`.
pub(super) fn dates(system: bool) -> [Field; 2] {
    let date = |name, on_update| {
        let kind = FieldKind::Autodate(AutodateOptions { on_create: true, on_update });
        Field { system, ..system_field(name, false, false, kind) }
    };
    [date("created", false), date("updated", true)]
}

//! The collections that are always there, and `users`, which a new app starts with.
//!
//! Source: PocketBase web API, system collections: ids, fields, rules, indexes.

use super::{
    Collection, CollectionKind, Field, FieldKind, Rules, Schema,
    collection::{SUPERUSERS, SUPERUSERS_ID},
    defaults::{dates, system_field},
    field::{file::FileOptions, password::PasswordOptions, text::TextOptions},
};
use crate::clock;

/// System collections whose rows belong to an account, named by `collectionRef` and `recordRef`.
pub const OWNED_BY_ACCOUNTS: [&str; 4] = ["_externalAuths", "_mfas", "_otps", "_authOrigins"];
/// Life of a superuser's token, in seconds.
const SUPERUSER_TOKEN_SECONDS: i64 = 24 * 60 * 60;
/// Who owns a row that belongs to an account.
const OWNER: &str =
    "@request.auth.id != '' && recordRef = @request.auth.id && collectionRef = @request.auth.collectionId";
/// Who owns an account.
const SELF: &str = "id = @request.auth.id";

/// All of them, as a new database has them.
pub fn collections() -> Vec<Collection> {
    let now = clock::now_text();
    let all = [mfas(), otps(), external_auths(), auth_origins(), superusers(), users()];
    let finish = |mut collection: Collection| {
        collection.created.clone_from(&now);
        collection.updated.clone_from(&now);
        collection.complete(None, &Schema::default());
        collection
    };
    all.into_iter().map(finish).collect()
}

fn mfas() -> Collection {
    let index = "CREATE INDEX `idx_mfas_collectionRef_recordRef` ON `_mfas` (collectionRef,recordRef)";
    owned("_mfas", "pbc_2279338944", vec![text("method", true, false)], false, &[index])
}

fn otps() -> Collection {
    let options = PasswordOptions { cost: 8, ..PasswordOptions::default() };
    let password = system_field("password", true, true, FieldKind::Password(options));
    let index = "CREATE INDEX `idx_otps_collectionRef_recordRef` ON `_otps` (collectionRef, recordRef)";
    owned("_otps", "pbc_1638494021", vec![password, text("sentTo", false, true)], false, &[index])
}

fn external_auths() -> Collection {
    let fields = vec![text("provider", true, false), text("providerId", true, false)];
    let indexes = [
        "CREATE UNIQUE INDEX `idx_externalAuths_record_provider` ON `_externalAuths` (collectionRef, recordRef, provider)",
        "CREATE UNIQUE INDEX `idx_externalAuths_collection_provider` ON `_externalAuths` (collectionRef, provider, providerId)",
    ];
    owned("_externalAuths", "pbc_2281828961", fields, true, &indexes)
}

fn auth_origins() -> Collection {
    let index =
        "CREATE UNIQUE INDEX `idx_authOrigins_unique_pairs` ON `_authOrigins` (collectionRef, recordRef, fingerprint)";
    owned("_authOrigins", "pbc_4275539003", vec![text("fingerprint", true, false)], true, &[index])
}

fn superusers() -> Collection {
    let mut collection = Collection::new(SUPERUSERS, CollectionKind::Auth);
    collection.id = SUPERUSERS_ID.to_owned();
    collection.system = true;
    collection.complete(None, &Schema::default());
    collection.fields.extend(dates(true));
    if let Some(auth) = &mut collection.auth {
        auth.auth_token.duration = SUPERUSER_TOKEN_SECONDS;
    }
    collection
}

fn users() -> Collection {
    let own = Some(SELF.to_owned());
    let mut collection = Collection::new("users", CollectionKind::Auth);
    collection.id = "_pb_users_auth_".to_owned();
    collection.rules =
        Rules { list: own.clone(), view: own.clone(), create: Some(String::new()), update: own.clone(), delete: own };
    collection.complete(None, &Schema::default());
    let name = FieldKind::Text(TextOptions { max: 255, ..TextOptions::default() });
    let images = ["image/jpeg", "image/png", "image/svg+xml", "image/gif", "image/webp"];
    let avatar = FieldKind::File(FileOptions {
        max_select: 1,
        mime_types: images.map(str::to_owned).to_vec(),
        ..FileOptions::default()
    });
    for (field, kind) in [("name", name), ("avatar", avatar)] {
        collection.fields.push(Field { system: false, ..system_field(field, false, false, kind) });
    }
    collection.fields.extend(dates(false));
    if let Some(auth) = &mut collection.auth {
        auth.oauth2.mapped_fields.name = "name".to_owned();
        auth.oauth2.mapped_fields.avatar_url = "avatar".to_owned();
    }
    collection
}

/// A collection whose rows belong to accounts; `deletable`: by their owner.
fn owned(name: &str, id: &str, fields: Vec<Field>, deletable: bool, indexes: &[&str]) -> Collection {
    let owner = Some(OWNER.to_owned());
    let mut collection = Collection::new(name, CollectionKind::Base);
    collection.id = id.to_owned();
    collection.system = true;
    collection.rules =
        Rules { list: owner.clone(), view: owner.clone(), delete: owner.filter(|_| deletable), ..Rules::default() };
    collection.fields = vec![text("collectionRef", true, false), text("recordRef", true, false)];
    collection.fields.extend(fields);
    collection.fields.extend(dates(true));
    collection.indexes = indexes.iter().map(|index| (*index).to_owned()).collect();
    collection
}

fn text(name: &str, required: bool, hidden: bool) -> Field {
    system_field(name, required, hidden, FieldKind::Text(TextOptions::default()))
}

//! Empty collections with every default, for the admin panel's editor.

use super::shown;
use crate::schema::{Collection, CollectionKind, Schema};

/// `{"base":…,"auth":…,"view":…}`: collections without id and name.
pub fn scaffolds() -> Vec<u8> {
    let mut out = Vec::with_capacity(8192);
    for (name, kind) in [("base", CollectionKind::Base), ("auth", CollectionKind::Auth), ("view", CollectionKind::View)]
    {
        let mut scaffold = Collection::new("", kind);
        scaffold.complete(None, &Schema::default());
        scaffold.id.clear();
        out.extend_from_slice(if out.is_empty() { b"{\"" } else { b",\"" });
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        out.extend(shown::bytes(&scaffold));
    }
    out.push(b'}');
    out
}

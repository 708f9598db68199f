//! A collection as answers show it: its properties in the order that clients and diffs of exports know.
//!
//! Source: PocketBase web API, JSON of a collection.

use serde_json::Value as Json;

use crate::schema::{Collection, collection::PROPERTIES};

/// A collection's wire form.
pub(crate) fn bytes(collection: &Collection) -> Vec<u8> {
    let json = collection.to_json();
    let mut out = Vec::with_capacity(1024);
    out.push(b'{');
    for (name, value) in PROPERTIES.iter().filter_map(|name| Some((name, json.get(*name)?))) {
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(Json::from(*name).to_string().as_bytes());
        out.push(b':');
        out.extend_from_slice(value.to_string().as_bytes());
    }
    out.push(b'}');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::CollectionKind;

    #[test]
    fn every_property_is_shown_in_order() {
        for kind in [CollectionKind::Base, CollectionKind::Auth, CollectionKind::View] {
            let collection = Collection::new("x", kind);
            let shown = bytes(&collection);
            let parsed: Json = serde_json::from_slice(&shown).expect("json");
            assert_eq!(parsed, collection.to_json());
            assert!(shown.starts_with(br#"{"id":"","listRule":null,"#));
        }
    }
}

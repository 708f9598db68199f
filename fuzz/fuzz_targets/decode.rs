//! Record bodies: any JSON becomes a value of its field, which is checked, bound and written without a panic.
//! Run with `cargo +nightly fuzz run decode`.
#![no_main]

use std::sync::LazyLock;

use bakend::schema::{Field, Modifier};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value as Json, json};

static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    let kinds = [
        "text", "number", "bool", "email", "url", "editor", "date", "autodate", "select", "file", "relation", "json",
        "password", "geoPoint",
    ];
    let field = |kind: &&str, most: i64| {
        json!({"name": "f", "type": kind, "required": most > 1, "maxSelect": most, "values": ["a", "b"], "collectionId": "c",
            "min": null, "max": null, "pattern": "", "onCreate": true})
    };
    let raw = kinds.iter().flat_map(|kind| [field(kind, 1), field(kind, 5)]);
    raw.filter_map(|raw| Field::from_json(&raw).ok()).collect()
});

fuzz_target!(|input: &[u8]| {
    let Ok(raw) = serde_json::from_slice::<Json>(input) else { return };
    for field in FIELDS.iter() {
        let decoded = field.decode(&raw);
        let mut values = vec![decoded.clone()];
        for modifier in [Modifier::Set, Modifier::Append, Modifier::Prepend, Modifier::Remove] {
            values.push(field.modify(&decoded, modifier, &raw));
        }
        for value in values {
            let _ = field.check(&value);
            let scalar = field.bind(&value);
            let mut written = Vec::new();
            field.write_column(scalar.as_ref(), &mut written);
            serde_json::from_slice::<Json>(&written).expect("what is written is JSON");
            field.to_json(&field.read(scalar.as_ref()));
        }
    }
});

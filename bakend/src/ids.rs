//! Ids and random text.

use rand::RngExt as _;

/// Characters of a record id.
pub const ID_ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// Length of a record id, in characters.
pub const ID_LENGTH: usize = 15;
/// Length of a new token key, in characters. Source: PocketBase.
pub const TOKEN_KEY_LENGTH: usize = 50;
/// Letters and digits, for secrets and token keys.
pub const SECRET_ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A new record id: 15 characters of `[a-z0-9]`, 77 bits from the system-seeded generator.
pub fn record_id() -> String {
    random_text(ID_LENGTH, ID_ALPHABET)
}

/// Random text of `length` characters out of `alphabet` (ASCII), fit for secrets.
pub fn random_text(length: usize, alphabet: &[u8]) -> String {
    let mut rng = rand::rng();
    (0..length).map(|_| char::from(alphabet[rng.random_range(0..alphabet.len())])).collect()
}

/// The generated id of a collection or field: a prefix and the CRC-32 (IEEE, decimal) of a text.
///
/// Source: PocketBase web API, ids of collections (`pbc_` + CRC-32 of type and name) and fields (type + CRC-32 of the name).
pub fn checksum_id(prefix: &str, text: &str) -> String {
    format!("{prefix}{}", crc32fast::hash(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_ids_come_out() {
        assert_eq!(checksum_id("pbc_", "auth_superusers"), "pbc_3142635823");
        assert_eq!(checksum_id("text", "id"), "text3208210256");
    }

    #[test]
    fn a_record_id_has_its_length_and_alphabet() {
        let id = record_id();
        assert_eq!(id.len(), ID_LENGTH);
        assert!(id.bytes().all(|byte| ID_ALPHABET.contains(&byte)));
    }
}

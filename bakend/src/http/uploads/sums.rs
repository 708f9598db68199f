//! Checksums of one request's bytes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::{Error, Result, service::files::uploads::Sum};

/// The names of those we know.
pub(super) const NAMES: &str = "sha1,sha256,crc32";

struct Expected<D> {
    digest: D,
    wanted: Vec<u8>,
}

impl<D: Digest + Send> Sum for Expected<D> {
    fn add(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
    }

    fn is_right(self: Box<Self>) -> bool {
        self.digest.finalize()[..] == self.wanted
    }
}

struct ExpectedCrc {
    digest: crc32fast::Hasher,
    wanted: Vec<u8>,
}

impl Sum for ExpectedCrc {
    fn add(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
    }

    fn is_right(self: Box<Self>) -> bool {
        self.digest.finalize().to_be_bytes().as_slice() == self.wanted
    }
}

/// The sum that `sha1 BASE64` asks for.
///
/// # Errors
/// `Invalid`: it is none that we know, or cannot be read.
pub(super) fn of(text: &str) -> Result<Box<dyn Sum>> {
    let unknown = || Error::invalid(format!("Upload-Checksum must be one of {NAMES}, and the sum in Base64."));
    let (name, wanted) = text.split_once(' ').ok_or_else(unknown)?;
    let wanted = STANDARD.decode(wanted.trim()).map_err(|_| unknown())?;
    Ok(match name {
        "sha1" => Box::new(Expected { digest: Sha1::new(), wanted }),
        "sha256" => Box::new(Expected { digest: Sha256::new(), wanted }),
        "crc32" => Box::new(ExpectedCrc { digest: crc32fast::Hasher::new(), wanted }),
        _ => return Err(unknown()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_right_or_not() {
        for (text, expected) in [
            ("sha1 qvTGHdzF6KLavt4PO0gs2a6pQ00=", true),
            ("sha1 AAAA", false),
            ("sha256 LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=", true),
            ("crc32 NhCmhg==", true),
            ("crc32 NhCmhw==", false),
        ] {
            let mut sum = of(text).expect(text);
            sum.add(b"hel");
            sum.add(b"lo");
            assert_eq!(sum.is_right(), expected, "{text}");
        }
        for unknown in ["md5 AAAA", "sha1", "sha1 !", ""] {
            assert!(of(unknown).is_err(), "{unknown}");
        }
    }
}

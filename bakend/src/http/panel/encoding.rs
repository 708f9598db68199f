//! Which compressed form of a file a client takes, and making it.
//!
//! Source: RFC 9110, Accept-Encoding.

use std::io::{self, Write as _};

use axum::http::{HeaderMap, header};

/// How hard to press: once for each file, so harder than what is compressed for each answer.
const BROTLI_QUALITY: u32 = 9;
const BROTLI_WINDOW_BITS: u32 = 22;
const BROTLI_BUFFER_BYTES: usize = 4096;

/// A compressed form; the best comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
}

const ALL: [Encoding; 2] = [Encoding::Brotli, Encoding::Gzip];

impl Encoding {
    /// As headers spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// The compressed form.
    pub fn encode(self, plain: &[u8]) -> io::Result<bytes::Bytes> {
        let mut out = Vec::with_capacity(plain.len() / 3);
        match self {
            Self::Brotli => {
                let mut writer =
                    brotli::CompressorWriter::new(&mut out, BROTLI_BUFFER_BYTES, BROTLI_QUALITY, BROTLI_WINDOW_BITS);
                writer.write_all(plain)?;
                writer.flush()?;
                drop(writer);
            }
            Self::Gzip => {
                let mut writer = flate2::write::GzEncoder::new(&mut out, flate2::Compression::best());
                writer.write_all(plain)?;
                writer.finish()?;
            }
        }
        Ok(out.into())
    }
}

/// How kinds of content begin that get smaller, beside those that are JSON or XML by their end.
const SHRINKING: [&str; 7] = [
    "text/",
    "application/json",
    "application/javascript",
    "application/xml",
    "application/wasm",
    "font/ttf",
    "font/otf",
];

/// Whether compressing a kind of content is worth it: pictures, films, archives and the like are compressed already.
pub(in crate::http) fn shrinks(kind: &str) -> bool {
    SHRINKING.iter().any(|start| kind.starts_with(start)) || kind.contains("+json") || kind.contains("+xml")
}

/// The best form that a client takes of a kind of content; `None`: as it is.
pub(super) fn wanted(headers: &HeaderMap, kind: &str) -> Option<Encoding> {
    if !shrinks(kind) {
        return None;
    }
    ALL.into_iter().find(|encoding| {
        let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        let mut named =
            values.flat_map(|value| value.split(',')).map(|item| item.split_once(';').unwrap_or((item, "")));
        let found = named.find(|(name, _)| name.trim().eq_ignore_ascii_case(encoding.name()));
        found.is_some_and(|(_, weight)| !is_zero(weight))
    })
}

/// Whether a weight says "not this one": `q=0`, `q=0.000`.
fn is_zero(weight: &str) -> bool {
    let weight = weight.trim().strip_prefix("q=").or_else(|| weight.trim().strip_prefix("Q="));
    weight.and_then(|weight| weight.trim().parse::<f32>().ok()) == Some(0.0)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_best_form_that_the_client_takes_is_chosen() {
        use Encoding::{Brotli, Gzip};
        for (accepts, kind, expected) in [
            ("gzip, deflate, br", "text/html; charset=utf-8", Some(Brotli)),
            ("GZIP;q=1.0", "text/javascript", Some(Gzip)),
            ("br;q=0, gzip;q=0.5", "text/css", Some(Gzip)),
            ("br;q=0.000", "text/css", None),
            ("identity", "text/css", None),
            ("", "text/css", None),
            ("br", "image/png", None),
            ("br", "font/woff2", None),
            ("br", "image/svg+xml", Some(Brotli)),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, accepts.parse().expect("a value"))]);
            assert_eq!(wanted(&headers, kind), expected, "{accepts} {kind}");
        }
        assert_eq!(wanted(&HeaderMap::new(), "text/css"), None);
    }

    #[test]
    fn what_is_compressed_comes_out_again() {
        let plain = b"panel ".repeat(1000);
        for encoding in ALL {
            let made = encoding.encode(&plain).expect("compresses");
            assert!(made.len() < plain.len() / 10, "{encoding:?}: {}", made.len());
            let mut back = Vec::new();
            let read = match encoding {
                Encoding::Brotli => brotli::Decompressor::new(&made[..], BROTLI_BUFFER_BYTES).read_to_end(&mut back),
                Encoding::Gzip => flate2::read::GzDecoder::new(&made[..]).read_to_end(&mut back),
            };
            read.expect("reads");
            assert_eq!(back, plain, "{encoding:?}");
        }
    }
}

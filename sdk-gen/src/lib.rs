//! Typed clients from the OpenAPI document of a bakend server: a document in, sources out.
//!
//! The document is what `GET /api/openapi.json` answers and `bak openapi` prints. So far there is one language, TypeScript; `bak sdk ts` writes what
//! [`typescript`] makes. The sources need no package at run time: `fetch` and `WebSocket` are all they use.
//!
//! What does the work is the same for everybody and lies in `runtime/ts/`; what is made from the document is the types of the collections and a
//! table of their names. Nothing of the document gets into the sources but as a text literal or a name made of ASCII letters and digits, and the same
//! document gives the same bytes.
//!
//! ```
//! let document = r##"{
//!   "openapi": "3.1.0",
//!   "components": { "schemas": { "notesRecord": {
//!     "type": "object",
//!     "properties": { "id": { "type": "string" }, "title": { "type": "string", "x-bakend-field": { "type": "text" } } },
//!     "required": ["id", "title"],
//!     "x-bakend-collection": { "name": "notes", "id": "c1", "type": "view" }
//!   } } }
//! }"##;
//! let sources = bakend_sdk_gen::typescript(document)?;
//! let schema = sources.iter().find(|source| source.path == "schema.ts").expect("it is always there");
//! assert!(schema.text.contains("export interface NotesRecord {\n  id: string;\n  title: string;\n}"));
//! # Ok::<(), bakend_sdk_gen::Fault>(())
//! ```

mod collection;
mod document;
mod ts;

use std::fmt;

/// How the first line of every file begins: a file without it is somebody else's.
pub const MARK: &str = "// Made by `bak sdk`";

/// A file of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where it belongs, from the client's folder, with `/` between names.
    pub path: String,
    /// What is in it; begins with [`MARK`].
    pub text: String,
}

/// Why a document gives no client.
#[derive(Debug)]
pub struct Fault {
    message: String,
    source: Option<serde_json::Error>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}

impl Fault {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None }
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self { message: format!("This is no OpenAPI document: {error}."), source: Some(error) }
    }
}

/// A client in TypeScript, made from the text of a document: `index.ts`, `schema.ts` and what is the same for all in `runtime/`.
///
/// The sources are ES modules for TypeScript 5.0 or newer; imports name `.js` files, as compiled ones are called.
///
/// # Errors
/// The text is no OpenAPI document, or there is no collection in it: then it is not one of bakend.
pub fn typescript(document: &str) -> Result<Vec<Source>, Fault> {
    let document: document::Document = serde_json::from_str(document)?;
    let collections = collection::all(&document);
    if collections.is_empty() {
        return Err(Fault::new("There is no collection in this document: it is not one of a bakend server."));
    }
    Ok(ts::sources(&document, &collections))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_document_is_refused_with_the_reason() {
        for (given, part) in [
            ("", "This is no OpenAPI document: EOF"),
            ("[]", "This is no OpenAPI document"),
            ("{}", "missing field `openapi`"),
            (r#"{"openapi":"3.1.0"}"#, "There is no collection"),
            (r#"{"openapi":"3.1.0","components":{"schemas":{"Pet":{"type":"object"}}}}"#, "There is no collection"),
            (
                r#"{"openapi":"3.1.0","components":{"schemas":{"a":{"x-bakend-collection":{"name":"a","type":"odd"}}}}}"#,
                "unknown variant",
            ),
        ] {
            let fault = typescript(given).expect_err(given).to_string();
            assert!(fault.contains(part), "{given}: {fault}");
        }
    }

    #[test]
    fn every_file_is_marked_and_what_it_imports_is_there() {
        let document = r#"{"openapi":"3.1.0","components":{"schemas":{"aRecord":{"x-bakend-collection":{"name":"a","type":"base"}}}}}"#;
        let sources = typescript(document).expect("a client");
        let mut imports = 0;
        for source in &sources {
            assert!(source.text.starts_with(MARK), "{}", source.path);
            let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            for import in source.text.split(" from '").skip(1).filter_map(|rest| rest.split('\'').next()) {
                let named =
                    import.strip_prefix("./").and_then(|name| name.strip_suffix(".js")).expect("a file beside it");
                let path = if folder.is_empty() { format!("{named}.ts") } else { format!("{folder}/{named}.ts") };
                assert!(sources.iter().any(|other| other.path == path), "{} imports {path}", source.path);
                imports += 1;
            }
        }
        assert!(imports > 20, "{imports} imports");
    }
}

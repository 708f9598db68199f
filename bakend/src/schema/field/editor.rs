//! The field type for HTML text.

use serde_json::{Map, Value as Json};

use super::options::Keys;
use crate::{
    FieldError, FieldErrors, Result,
    limits::{CONTENT_MAX_BYTES, SAFE_INTEGER_MAX},
    schema::{cast, fault},
};

/// Options of the type for HTML text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EditorOptions {
    /// Most bytes; 0: [`CONTENT_MAX_BYTES`].
    pub max_size: i64,
    /// For the admin panel only.
    pub convert_urls: bool,
}

impl EditorOptions {
    pub(super) fn from_keys(keys: Keys<'_>) -> Result<Self> {
        Ok(Self { max_size: keys.integer("maxSize")?, convert_urls: keys.flag("convertURLs")? })
    }

    pub(super) fn to_json(&self, out: &mut Map<String, Json>) {
        out.insert("maxSize".into(), self.max_size.into());
        out.insert("convertURLs".into(), self.convert_urls.into());
    }

    pub(super) fn decode(raw: &Json) -> String {
        cast::to_text(raw)
    }

    pub(super) fn check(&self, required: bool, html: &str) -> Result<(), FieldError> {
        if html.is_empty() {
            return if required { Err(FieldError::required()) } else { Ok(()) };
        }
        let max = if self.max_size > 0 { self.max_size as u64 } else { CONTENT_MAX_BYTES };
        if html.len() as u64 > max {
            let message = format!("The maximum allowed content size is {max} bytes.");
            return Err(FieldError::new("validation_content_size_limit", message).with("maxSize", max));
        }
        Ok(())
    }

    pub(super) fn check_options(&self, errors: &mut FieldErrors) {
        errors.check("maxSize", fault::within(self.max_size, 0, SAFE_INTEGER_MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_count_bytes() {
        let options = EditorOptions { max_size: 3, ..Default::default() };
        for (html, code) in [("", None), ("abc", None), ("äö", Some("validation_content_size_limit"))] {
            assert_eq!(options.check(false, html).err().map(|error| error.code), code, "{html}");
        }
        assert_eq!(options.check(true, ""), Err(FieldError::required()));
    }
}

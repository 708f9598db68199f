//! The field type for names of uploaded files.

use serde_json::{Map, Value as Json};

use super::options::Keys;
use crate::{
    FieldError, FieldErrors, Result,
    limits::SAFE_INTEGER_MAX,
    schema::{cast, fault},
};

/// Longest name of a file, in characters.
const NAME_MAX_CHARS: usize = 150;

/// Options of the type for names of uploaded files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileOptions {
    /// Most files; up to 1: single.
    pub max_select: i64,
    /// Most bytes a file; 0: [`CONTENT_MAX_BYTES`](crate::limits::CONTENT_MAX_BYTES).
    pub max_size: i64,
    /// Allowed content types; empty: any.
    pub mime_types: Vec<String>,
    /// Sizes of thumbs, `WxH` and suffix.
    pub thumbs: Vec<String>,
    /// Whether a file token and the view rule guard it.
    pub protected: bool,
}

impl FileOptions {
    pub(super) fn from_keys(keys: Keys<'_>) -> Result<Self> {
        Ok(Self {
            max_select: keys.integer("maxSelect")?,
            max_size: keys.integer("maxSize")?,
            mime_types: keys.texts("mimeTypes")?,
            thumbs: keys.texts("thumbs")?,
            protected: keys.flag("protected")?,
        })
    }

    pub(super) fn to_json(&self, out: &mut Map<String, Json>) {
        out.insert("maxSelect".into(), self.max_select.into());
        out.insert("maxSize".into(), self.max_size.into());
        out.insert("mimeTypes".into(), self.mime_types.clone().into());
        out.insert("thumbs".into(), self.thumbs.clone().into());
        out.insert("protected".into(), self.protected.into());
    }

    pub(super) fn decode(raw: &Json) -> Vec<String> {
        cast::to_texts_deep(raw)
    }

    pub(super) fn check(&self, required: bool, names: &[String]) -> Result<(), FieldError> {
        if names.is_empty() {
            return if required { Err(FieldError::required()) } else { Ok(()) };
        }
        let max = self.max_select.max(1);
        if names.len() as i64 > max {
            let message = format!("The maximum allowed files is {max}.");
            return Err(FieldError::new("validation_too_many_files", message).with("maxSelect", max));
        }
        if names.iter().any(|name| name.chars().count() > NAME_MAX_CHARS) {
            return Err(fault::length(1, NAME_MAX_CHARS));
        }
        Ok(())
    }

    pub(super) fn check_options(&self, errors: &mut FieldErrors) {
        errors.check("maxSelect", fault::within(self.max_select, 0, SAFE_INTEGER_MAX));
        errors.check("maxSize", fault::within(self.max_size, 0, SAFE_INTEGER_MAX));
        let mut thumbs = FieldErrors::new();
        for (at, thumb) in self.thumbs.iter().enumerate() {
            thumbs.check(&at.to_string(), check_thumb(thumb));
        }
        errors.add("thumbs", thumbs);
    }
}

/// `100x50`, then nothing, `t` (top), `b` (bottom) or `f` (fit); one side may be 0.
fn check_thumb(thumb: &str) -> Result<(), FieldError> {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let size = thumb.strip_suffix(['t', 'b', 'f']).unwrap_or(thumb);
    match size.split_once('x') {
        _ if thumb.is_empty() => Ok(()),
        Some(("0", "0")) => Err(fault::reserved()),
        Some((width, height)) if number(width) && number(height) => Ok(()),
        _ => Err(fault::mismatch()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbs_have_a_size() {
        for (thumb, code) in [
            ("100x100", None),
            ("0x5t", None),
            ("0x0", Some("validation_not_in_invalid")),
            ("0x0f", Some("validation_not_in_invalid")),
            ("1x", Some("validation_match_invalid")),
            ("10x10z", Some("validation_match_invalid")),
            ("a", Some("validation_match_invalid")),
        ] {
            assert_eq!(check_thumb(thumb).err().map(|error| error.code), code, "{thumb}");
        }
    }

    #[test]
    fn files_are_counted_and_names_measured() {
        let options = FileOptions { max_select: 2, ..Default::default() };
        let many = ["a", "b", "c"].map(String::from);
        assert_eq!(options.check(false, &many).map_err(|error| error.code), Err("validation_too_many_files"));
        let long = ["x".repeat(151)];
        assert_eq!(options.check(false, &long).map_err(|error| error.code), Err("validation_length_out_of_range"));
        assert_eq!(options.check(true, &[]), Err(FieldError::required()));
        assert_eq!(options.check(true, &many[..2]), Ok(()));
    }
}

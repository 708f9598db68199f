//! The field type for a moment that the server sets.

use serde_json::{Map, Value as Json};

use super::options::Keys;
use crate::{FieldError, FieldErrors, Result, schema::moment};

/// Options of the type for a moment that the server sets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AutodateOptions {
    /// Set when the record is created.
    pub on_create: bool,
    /// Set whenever the record is updated.
    pub on_update: bool,
}

impl AutodateOptions {
    pub(super) fn from_keys(keys: Keys<'_>) -> Result<Self> {
        Ok(Self { on_create: keys.flag("onCreate")?, on_update: keys.flag("onUpdate")? })
    }

    pub(super) fn to_json(&self, out: &mut Map<String, Json>) {
        out.insert("onCreate".into(), self.on_create.into());
        out.insert("onUpdate".into(), self.on_update.into());
    }

    pub(super) fn decode(raw: &Json) -> String {
        raw.as_str().map(moment::parse).unwrap_or_default()
    }

    pub(super) fn check_options(&self, errors: &mut FieldErrors) {
        if !self.on_create && !self.on_update {
            let error = FieldError::new("validation_required", "Either onCreate or onUpdate must be enabled.");
            errors.add("onCreate", error.clone());
            errors.add("onUpdate", error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_set_at_one_moment_at_least() {
        let mut errors = FieldErrors::new();
        AutodateOptions::default().check_options(&mut errors);
        assert_eq!(errors.to_json()["onCreate"]["message"], "Either onCreate or onUpdate must be enabled.");
        let mut errors = FieldErrors::new();
        AutodateOptions { on_update: true, on_create: false }.check_options(&mut errors);
        assert!(errors.is_empty());
    }
}

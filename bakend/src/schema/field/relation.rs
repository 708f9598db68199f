//! The field type for references to records.

use serde_json::{Map, Value as Json};

use super::options::Keys;
use crate::{
    FieldError, FieldErrors, Result,
    limits::SAFE_INTEGER_MAX,
    schema::{cast, fault},
};

/// Options of the type for references to records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RelationOptions {
    /// Id of the collection pointed at; fixed.
    pub collection_id: String,
    /// Whether the record goes when the last record pointed at goes.
    pub cascade_delete: bool,
    /// Fewest ids.
    pub min_select: i64,
    /// Most ids; up to 1: single.
    pub max_select: i64,
}

impl RelationOptions {
    pub(super) fn from_keys(keys: Keys<'_>) -> Result<Self> {
        Ok(Self {
            collection_id: keys.text("collectionId")?,
            cascade_delete: keys.flag("cascadeDelete")?,
            min_select: keys.integer("minSelect")?,
            max_select: keys.integer("maxSelect")?,
        })
    }

    pub(super) fn to_json(&self, out: &mut Map<String, Json>) {
        out.insert("collectionId".into(), self.collection_id.as_str().into());
        out.insert("cascadeDelete".into(), self.cascade_delete.into());
        out.insert("minSelect".into(), self.min_select.into());
        out.insert("maxSelect".into(), self.max_select.into());
    }

    pub(super) fn decode(raw: &Json) -> Vec<String> {
        cast::to_texts(raw)
    }

    pub(super) fn check(&self, required: bool, ids: &[String]) -> Result<(), FieldError> {
        if ids.is_empty() {
            return if required { Err(FieldError::required()) } else { Ok(()) };
        }
        let (count, min, max) = (ids.len() as i64, self.min_select, self.max_select.max(1));
        if count < min {
            let message = format!("Select at least {min}.");
            return Err(FieldError::new("validation_not_enough_values", message).with("minSelect", min));
        }
        if count > max {
            let message = format!("Select no more than {max}.");
            return Err(FieldError::new("validation_too_many_values", message).with("maxSelect", max));
        }
        Ok(())
    }

    pub(super) fn check_options(&self, errors: &mut FieldErrors) {
        if self.collection_id.is_empty() {
            errors.add("collectionId", FieldError::required());
        }
        errors.check("minSelect", fault::within(self.min_select, 0, SAFE_INTEGER_MAX));
        if self.min_select > 0 && self.max_select == 0 {
            errors.add("maxSelect", FieldError::required());
        }
        errors.check("maxSelect", fault::within(self.max_select, self.min_select, SAFE_INTEGER_MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_counted() {
        let options = RelationOptions { min_select: 2, max_select: 3, ..Default::default() };
        for (count, code) in
            [(0, None), (1, Some("validation_not_enough_values")), (2, None), (4, Some("validation_too_many_values"))]
        {
            let ids: Vec<String> = (0..count).map(|at| at.to_string()).collect();
            assert_eq!(options.check(false, &ids).err().map(|error| error.code), code, "{count}");
        }
        assert_eq!(options.check(true, &[]), Err(FieldError::required()));
    }

    #[test]
    fn the_limits_of_counts_are_ordered() {
        let mut errors = FieldErrors::new();
        RelationOptions { min_select: 3, max_select: 2, ..Default::default() }.check_options(&mut errors);
        assert_eq!(errors.to_json()["collectionId"]["code"], "validation_required");
        assert_eq!(errors.to_json()["maxSelect"]["message"], "Must be no less than 3.");
        let mut errors = FieldErrors::new();
        RelationOptions { min_select: 1, ..Default::default() }.check_options(&mut errors);
        assert_eq!(errors.to_json()["maxSelect"]["code"], "validation_required");
    }
}

//! The field type for one or several of fixed values.

use serde_json::{Map, Value as Json};

use super::options::Keys;
use crate::{
    FieldError, FieldErrors, Result,
    schema::{cast, fault},
};

/// Options of the type for one or several of fixed values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelectOptions {
    /// What can be chosen.
    pub values: Vec<String>,
    /// Most values; up to 1: single.
    pub max_select: i64,
}

impl SelectOptions {
    pub(super) fn from_keys(keys: Keys<'_>) -> Result<Self> {
        Ok(Self { values: keys.texts("values")?, max_select: keys.integer("maxSelect")? })
    }

    pub(super) fn to_json(&self, out: &mut Map<String, Json>) {
        out.insert("values".into(), self.values.clone().into());
        out.insert("maxSelect".into(), self.max_select.into());
    }

    pub(super) fn decode(raw: &Json) -> Vec<String> {
        cast::to_texts(raw)
    }

    pub(super) fn check(&self, required: bool, chosen: &[String]) -> Result<(), FieldError> {
        if chosen.is_empty() {
            return if required { Err(FieldError::required()) } else { Ok(()) };
        }
        let max = self.max_select.max(1);
        if chosen.len() as i64 > max {
            let message = format!("Select no more than {max}.");
            return Err(FieldError::new("validation_too_many_values", message).with("maxSelect", max));
        }
        match chosen.iter().find(|value| !self.values.contains(value)) {
            Some(value) => Err(FieldError::new("validation_invalid_value", format!("Invalid value {value}"))
                .with("value", value.as_str())),
            None => Ok(()),
        }
    }

    pub(super) fn check_options(&self, errors: &mut FieldErrors) {
        if self.values.is_empty() {
            errors.add("values", FieldError::required());
        }
        // A list of one value has room for 2, for it would be no list else: what a program's enum has so far.
        let is_list_of_one = self.values.len() == 1 && self.max_select == 2;
        if !is_list_of_one {
            errors.check("maxSelect", fault::within(self.max_select, 0, self.values.len().max(1) as i64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_values_up_to_the_limit_are_fine() {
        let options = SelectOptions { values: ["a", "b", "c"].map(String::from).to_vec(), max_select: 2 };
        for (chosen, code) in [
            (vec![], None),
            (vec!["a", "c"], None),
            (vec!["a", "z", "y"], Some("validation_too_many_values")),
            (vec!["z"], Some("validation_invalid_value")),
        ] {
            let chosen: Vec<String> = chosen.into_iter().map(String::from).collect();
            assert_eq!(options.check(false, &chosen).err().map(|error| error.code), code, "{chosen:?}");
        }
        assert_eq!(options.check(true, &[]), Err(FieldError::required()));
    }

    #[test]
    fn the_limit_is_not_above_the_number_of_values_unless_a_list_would_be_none() {
        for (values, max_select, told) in [
            (vec!["a"], 2, None),
            (vec!["a"], 3, Some("Must be no greater than 1.")),
            (vec!["a", "b", "c"], 3, None),
            (vec!["a", "b", "c"], 4, Some("Must be no greater than 3.")),
        ] {
            let mut errors = FieldErrors::new();
            let values = values.into_iter().map(String::from).collect();
            SelectOptions { values, max_select }.check_options(&mut errors);
            assert_eq!(errors.to_json()["maxSelect"]["message"].as_str(), told);
        }
    }
}

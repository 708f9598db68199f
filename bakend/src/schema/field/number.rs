//! The field type for numbers.

use serde_json::{Map, Value as Json};

use super::options::Keys;
use crate::{
    FieldError, FieldErrors, Result,
    schema::{cast, fault, wire},
};

/// Options of the type for numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NumberOptions {
    /// Smallest value but 0.
    pub min: Option<f64>,
    /// Largest value but 0.
    pub max: Option<f64>,
    /// Whether decimals are refused.
    pub only_int: bool,
}

impl NumberOptions {
    pub(super) fn from_keys(keys: Keys<'_>) -> Result<Self> {
        Ok(Self {
            min: keys.optional_number("min")?,
            max: keys.optional_number("max")?,
            only_int: keys.flag("onlyInt")?,
        })
    }

    pub(super) fn to_json(&self, out: &mut Map<String, Json>) {
        out.insert("min".into(), self.min.map_or(Json::Null, wire::number_json));
        out.insert("max".into(), self.max.map_or(Json::Null, wire::number_json));
        out.insert("onlyInt".into(), self.only_int.into());
    }

    pub(super) fn decode(raw: &Json) -> f64 {
        cast::to_number(raw)
    }

    pub(super) fn check(&self, required: bool, number: f64) -> Result<(), FieldError> {
        if !number.is_finite() {
            return Err(FieldError::new("validation_not_a_number", "The submitted number is not properly formatted."));
        }
        if number == 0.0 {
            return if required { Err(FieldError::required()) } else { Ok(()) };
        }
        if self.only_int && number.fract() != 0.0 {
            return Err(fault::decimals());
        }
        match (self.min, self.max) {
            (Some(min), _) if number < min => Err(fault::number_below(min)),
            (_, Some(max)) if number > max => Err(fault::number_above(max)),
            _ => Ok(()),
        }
    }

    pub(super) fn check_options(&self, errors: &mut FieldErrors) {
        for (name, bound) in [("min", self.min), ("max", self.max)] {
            if self.only_int && bound.is_some_and(|bound| bound.fract() != 0.0) {
                errors.add(name, fault::decimals());
            }
        }
        if let (Some(min), Some(max)) = (self.min, self.max)
            && max < min
        {
            errors.add("max", fault::number_below(min));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_skips_the_bounds() {
        let options = NumberOptions { min: Some(2.0), max: Some(5.0), only_int: true };
        for (number, code) in [
            (0.0, None),
            (3.0, None),
            (1.0, Some("validation_min_number_constraint")),
            (6.0, Some("validation_max_number_constraint")),
            (2.5, Some("validation_only_int_constraint")),
            (f64::NAN, Some("validation_not_a_number")),
            (f64::INFINITY, Some("validation_not_a_number")),
        ] {
            assert_eq!(options.check(false, number).err().map(|error| error.code), code, "{number}");
        }
        assert_eq!(options.check(true, 0.0), Err(FieldError::required()));
    }

    #[test]
    fn bounds_of_whole_numbers_are_whole_and_ordered() {
        let mut errors = FieldErrors::new();
        NumberOptions { min: Some(1.5), max: Some(1.0), only_int: true }.check_options(&mut errors);
        assert_eq!(errors.to_json()["min"]["code"], "validation_only_int_constraint");
        assert_eq!(errors.to_json()["max"]["message"], "Must be greater or equal than 1.5.");
    }
}

//! The field type for true or false; it has no options of its own.

use serde_json::Value as Json;

use crate::{FieldError, schema::cast};

pub(super) fn decode(raw: &Json) -> bool {
    cast::to_flag(raw)
}

pub(super) fn check(required: bool, flag: bool) -> Result<(), FieldError> {
    if required && !flag { Err(FieldError::required()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_required_flag_is_true() {
        assert_eq!(check(true, false), Err(FieldError::required()));
        assert_eq!(check(true, true), Ok(()));
        assert_eq!(check(false, false), Ok(()));
    }
}

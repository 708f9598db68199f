//! Numbers as fields: columns hold doubles, whole Rust numbers are those of them that fit.

use serde_json::Value as Json;

use super::{FieldValue, Misfit, value::Blank};
use crate::{limits::SAFE_INTEGER_MAX, schema::Value};

/// A number of a stored value; columns of views are JSON where nobody knows their type.
fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Json(Json::Null) => Some(0.0),
        Value::Json(Json::Number(number)) => number.as_f64(),
        Value::Json(Json::Bool(flag)) | Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        _ => None,
    }
}

macro_rules! whole {
    ($($type:ident $wanted:literal),*) => {$(
        impl FieldValue for $type {
            fn from_value(value: &Value) -> Result<Self, Misfit> {
                let misfit = || Misfit::new($wanted, value);
                let number = number_of(value).filter(|number| number.fract() == 0.0).ok_or_else(misfit)?;
                // Beyond that a double names several whole numbers.
                if number.abs() > SAFE_INTEGER_MAX as f64 {
                    return Err(misfit());
                }
                $type::try_from(number as i64).map_err(|_| misfit())
            }

            fn to_value(&self) -> Value {
                Value::Number(*self as f64)
            }
        }

        impl Blank for $type {
            fn blank() -> Value {
                Value::Number(0.0)
            }
        }
    )*};
}

whole!(
    i8 "a whole number of 8 bits", i16 "a whole number of 16 bits", i32 "a whole number of 32 bits",
    i64 "a whole number up to 2^53", u8 "a whole number of 8 bits", u16 "a whole number of 16 bits",
    u32 "a whole number of 32 bits"
);

macro_rules! broken {
    ($($type:ident),*) => {$(
        impl FieldValue for $type {
            fn from_value(value: &Value) -> Result<Self, Misfit> {
                number_of(value).map(|number| number as Self).ok_or_else(|| Misfit::new("a number", value))
            }

            fn to_value(&self) -> Value {
                Value::Number(f64::from(*self))
            }
        }

        impl Blank for $type {
            fn blank() -> Value {
                Value::Number(0.0)
            }
        }
    )*};
}

broken!(f32, f64);

//! A place on Earth.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{FieldValue, Misfit, value::Blank};
use crate::schema::Value;

/// A place on Earth, in degrees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GeoPoint {
    /// Longitude, −180 to 180.
    pub lon: f64,
    /// Latitude, −90 to 90.
    pub lat: f64,
}

impl GeoPoint {
    /// Longitude first, as the wire has it.
    pub fn new(lon: f64, lat: f64) -> Self {
        Self { lon, lat }
    }
}

impl FieldValue for GeoPoint {
    fn from_value(value: &Value) -> Result<Self, Misfit> {
        let misfit = || Misfit::new("a place", value);
        match value {
            Value::Point { lon, lat } => Ok(Self { lon: *lon, lat: *lat }),
            Value::Json(Json::Null) => Ok(Self::default()),
            Value::Json(Json::Object(keys)) => read(keys).ok_or_else(misfit),
            Value::Json(Json::String(text)) | Value::Text(text) => {
                serde_json::from_str(text).ok().and_then(|keys| read(&keys)).ok_or_else(misfit)
            }
            _ => Err(misfit()),
        }
    }

    fn to_value(&self) -> Value {
        Value::Point { lon: self.lon, lat: self.lat }
    }
}

fn read(keys: &Map<String, Json>) -> Option<GeoPoint> {
    Some(GeoPoint { lon: keys.get("lon")?.as_f64()?, lat: keys.get("lat")?.as_f64()? })
}

impl Blank for GeoPoint {
    fn blank() -> Value {
        Value::Point { lon: 0.0, lat: 0.0 }
    }
}

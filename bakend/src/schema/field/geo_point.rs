//! The field type for a place on Earth; it has no options of its own.

use serde_json::{Map, Value as Json};

use crate::{FieldError, schema::wire};

/// Largest latitude, in degrees; the smallest one is its negative.
const LAT_MAX: f64 = 90.0;
/// Largest longitude, in degrees; the smallest one is its negative.
const LON_MAX: f64 = 180.0;

/// Longitude and latitude of an object, or of a text that holds one; a part that is no number makes both 0.
pub(super) fn decode(raw: &Json) -> (f64, f64) {
    match raw {
        Json::Object(keys) => degrees(keys),
        Json::String(text) => {
            serde_json::from_str::<Map<String, Json>>(text).map(|keys| degrees(&keys)).unwrap_or_default()
        }
        _ => (0.0, 0.0),
    }
}

fn degrees(keys: &Map<String, Json>) -> (f64, f64) {
    let part = |name: &str| match keys.get(name) {
        None | Some(Json::Null) => Some(0.0),
        // -0 would not survive the way through a database.
        Some(value) => value.as_f64().map(|degrees| if degrees == 0.0 { 0.0 } else { degrees }),
    };
    part("lon").zip(part("lat")).unwrap_or_default()
}

pub(super) fn check(required: bool, lon: f64, lat: f64) -> Result<(), FieldError> {
    if lon == 0.0 && lat == 0.0 {
        return if required { Err(FieldError::required()) } else { Ok(()) };
    }
    if !(-LAT_MAX..=LAT_MAX).contains(&lat) {
        let message = "Latitude must be between -90 and 90 degrees.";
        return Err(FieldError::new("validation_invalid_latitude", message));
    }
    if !(-LON_MAX..=LON_MAX).contains(&lon) {
        let message = "Longitude must be between -180 and 180 degrees.";
        return Err(FieldError::new("validation_invalid_longitude", message));
    }
    Ok(())
}

/// Appends `{"lon":…,"lat":…}`.
pub(super) fn write(lon: f64, lat: f64, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"lon\":");
    wire::write_number(lon, out);
    out.extend_from_slice(b",\"lat\":");
    wire::write_number(lat, out);
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_read_from_objects_and_their_text() {
        for (raw, place) in [
            (json!({ "lon": 1, "lat": 2 }), (1.0, 2.0)),
            (json!({ "lon": 1 }), (1.0, 0.0)),
            (json!({ "lon": "1.5", "lat": null }), (0.0, 0.0)),
            (json!("{\"lon\":1,\"lat\":2}"), (1.0, 2.0)),
            (json!("[1,2]"), (0.0, 0.0)),
            (json!([1, 2]), (0.0, 0.0)),
            (json!("x"), (0.0, 0.0)),
        ] {
            assert_eq!(decode(&raw), place, "{raw}");
        }
    }

    #[test]
    fn degrees_are_within_bounds() {
        for (lon, lat, code) in [
            (180.0, -90.0, None),
            (181.0, 91.0, Some("validation_invalid_latitude")),
            (181.0, 0.0, Some("validation_invalid_longitude")),
            (f64::NAN, 1.0, Some("validation_invalid_longitude")),
        ] {
            assert_eq!(check(false, lon, lat).err().map(|error| error.code), code);
        }
        assert_eq!(check(true, 0.0, 0.0), Err(FieldError::required()));
        assert_eq!(check(true, 1.0, 0.0), Ok(()));
    }
}

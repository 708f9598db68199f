//! The SQL functions that SQLite's build lacks.

use rusqlite::{Connection, Result, functions::FunctionFlags};

/// Name of the function for the distance between two places.
pub const GEO_DISTANCE: &str = "bak_geo_distance";
/// Radius of the Earth, in kilometres. Source: PocketBase's `geoDistance`.
const EARTH_RADIUS_KM: f64 = 6371.0;

/// Adds the functions to a connection.
///
/// # Errors
/// SQLite's own, when it cannot keep them.
pub fn register(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function(GEO_DISTANCE, 4, flags, |context| {
        let mut degrees = [0.0; 4];
        for (at, degree) in degrees.iter_mut().enumerate() {
            match number(context.get_raw(at)) {
                Some(number) => *degree = number,
                None => return Ok(None),
            }
        }
        Ok(Some(distance_km(degrees)))
    })
}

/// A number as SQL arithmetic reads it; NULL: none.
fn number(value: rusqlite::types::ValueRef<'_>) -> Option<f64> {
    use rusqlite::types::ValueRef;
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number as f64),
        ValueRef::Real(number) => Some(number),
        ValueRef::Text(text) => Some(std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).unwrap_or(0.0)),
        ValueRef::Blob(_) => Some(0.0),
    }
}

/// Kilometres between two places given in degrees (longitude, latitude, longitude, latitude): the spherical law of cosines.
fn distance_km([lon_a, lat_a, lon_b, lat_b]: [f64; 4]) -> f64 {
    let (lat_a, lat_b) = (lat_a.to_radians(), lat_b.to_radians());
    let cosine =
        lat_a.cos() * lat_b.cos() * (lon_b.to_radians() - lon_a.to_radians()).cos() + lat_a.sin() * lat_b.sin();
    // rounding can leave the range of a cosine for places that are the same
    EARTH_RADIUS_KM * cosine.clamp(-1.0, 1.0).acos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_known_to_sql() {
        let connection = Connection::open_in_memory().expect("memory");
        register(&connection).expect("registers");
        for (arguments, km) in [
            ("23.32, 42.69, 13.4, 52.52", Some(1318.0)),
            ("10, 20, 10, 20", Some(0.0)),
            ("'10', 0, 10, 0", Some(0.0)),
            ("NULL, 1, 2, 3", None),
        ] {
            let sql = format!("SELECT round({GEO_DISTANCE}({arguments}))");
            let found: Option<f64> = connection.query_row(&sql, [], |row| row.get(0)).expect("runs");
            match (found, km) {
                (Some(found), Some(km)) => assert!((found - km).abs() < 5.0, "{arguments}: {found}"),
                (found, km) => assert_eq!(found, km, "{arguments}"),
            }
        }
    }
}

//! A migration file: JSON with steps, or SQL with the way up and the way down. Pure.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::step::{Sql, Step};
use crate::{Error, Result};

/// The form of JSON files, so that a later one can be told apart.
const FORMAT: u32 = 1;

/// What a new SQL file says.
pub const SQL_TEMPLATE: &str = "\
-- What stands below `-- up` is run once, in one transaction, when the migration is applied; what stands below `-- down` undoes it.
-- Records can be changed here, and tables, views and triggers of your own. Collections are changed by JSON migrations, which the
-- admin API, `migrate diff` and `migrate create --json` write.

-- up


-- down

";

/// What a new JSON file says.
pub const JSON_TEMPLATE: &str = "{\n  \"format\": 1,\n  \"steps\": []\n}\n";

#[derive(Serialize)]
struct Written<'a> {
    format: u32,
    steps: &'a [Step],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    format: u32,
    steps: Vec<Json>,
}

/// The text of a JSON file.
///
/// # Errors
/// `Internal`: never, for steps that came from a file or from collections.
pub fn write(steps: &[Step]) -> Result<String> {
    let text = serde_json::to_string_pretty(&Written { format: FORMAT, steps }).map_err(Error::internal)?;
    Ok(text + "\n")
}

/// The steps of a file; its extension says how to read it.
///
/// # Errors
/// `Invalid`: the file is damaged; the message names the file and the step.
pub fn read(name: &str, text: &str) -> Result<Vec<Step>> {
    let text = text.trim_start_matches('\u{feff}');
    if name.ends_with(".sql") {
        let (sql, undo) = sections(text);
        return Ok(vec![Step::Sql(Sql { sql, undo })]);
    }
    let unreadable = |words: &str| Error::invalid(format!("The migration {name} cannot be read: {words}"));
    let read: Read = serde_json::from_str(text).map_err(|error| unreadable(&error.to_string()))?;
    if read.format != FORMAT {
        let found = read.format;
        return Err(unreadable(&format!("it has the format {found}, and this version knows format {FORMAT}")));
    }
    let step = |(at, json): (usize, Json)| {
        Step::from_json(json).map_err(|error| unreadable(&format!("step {}: {}", at + 1, error.message())))
    };
    read.steps.into_iter().enumerate().map(step).collect()
}

/// What stands below `-- up` and below `-- down`; without these lines everything is the way up.
fn sections(text: &str) -> (String, Option<String>) {
    let (mut up, mut down) = (String::new(), None);
    let mut in_down = false;
    for line in text.lines() {
        match line.trim().to_ascii_lowercase().as_str() {
            // What stands before it is a remark.
            "-- up" => up.clear(),
            "-- down" => {
                in_down = true;
                down = Some(String::new());
            }
            _ => {
                let section = if in_down { down.get_or_insert_default() } else { &mut up };
                section.push_str(line);
                section.push('\n');
            }
        }
    }
    (up.trim().to_owned(), down.map(|down| down.trim().to_owned()))
}

/// Whether two texts of a file say the same: checkouts may change the ends of lines.
pub fn is_same(one: &str, other: &str) -> bool {
    one == other || one.lines().eq(other.lines())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sql_has_a_way_up_and_maybe_a_way_down() {
        for (text, up, down) in [
            ("UPDATE a SET b = 1;\n", "UPDATE a SET b = 1;", None),
            ("-- remark\n-- up\nSELECT 1;\n-- down\n", "SELECT 1;", Some("")),
            ("-- UP \r\nSELECT 1;\r\n  -- down\r\nSELECT 2;\r\n", "SELECT 1;", Some("SELECT 2;")),
            (SQL_TEMPLATE, "", Some("")),
        ] {
            let expected = vec![Step::Sql(Sql { sql: up.to_owned(), undo: down.map(str::to_owned) })];
            assert_eq!(read("1_a.sql", text).expect("reads"), expected, "{text}");
        }
    }

    #[test]
    fn a_damaged_file_is_named_with_its_step() {
        for (text, part) in [
            ("{", "1_a.json cannot be read: EOF"),
            (r#"{"format": 2, "steps": []}"#, "format 2"),
            (r#"{"format": 1, "steps": [], "stpes": []}"#, "unknown field `stpes`"),
            (r#"{"format": 1, "steps": [{"crate": {}}]}"#, "step 1: It has none of the keys create, update"),
            (r#"{"format": 1, "steps": [{"sql": "x"}, {"update": "a"}]}"#, "step 2: Missing field `id`"),
            (
                r#"{"format": 1, "steps": [{"update": "a", "id": "b", "fields": [{"ad": {}, "at": 0}]}]}"#,
                "in a field: unknown field `ad`",
            ),
            (
                r#"{"format": 1, "steps": [{"update": "a", "id": "b", "fields": [{"add": {}}]}]}"#,
                "neither `add` with `at`",
            ),
            (
                r#"{"format": 1, "steps": [{"update": "a", "id": "b", "set": {"x": {"to": 1}}}]}"#,
                "missing field `from`",
            ),
        ] {
            let error = read("1_a.json", text).expect_err(text);
            assert!(error.message().to_lowercase().contains(&part.to_lowercase()), "{text}: {}", error.message());
        }
        assert_eq!(read("1_a.json", JSON_TEMPLATE).expect("the template is one"), []);
    }
}

//! Names of migration files: a moment, which puts them in order, and what they do. Pure.

use super::step::Step;
use crate::{Error, Result, limits::MIGRATION_NAME_MAX_CHARS};

/// Digits of the moment: year to millisecond.
const STAMP_DIGITS: usize = 17;

/// The name of a new file: after all others, however fast they follow each other or how wrong a clock is.
pub fn next<'a>(
    now: jiff::Timestamp,
    title: &str,
    extension: &str,
    others: impl IntoIterator<Item = &'a str>,
) -> String {
    let stamp =
        |moment: jiff::Timestamp| crate::clock::text(moment).chars().filter(char::is_ascii_digit).collect::<String>();
    let mut own: u64 = stamp(now).parse().unwrap_or_default();
    let last = others.into_iter().filter_map(|name| name.get(..STAMP_DIGITS)?.parse::<u64>().ok()).max();
    if let Some(last) = last.filter(|last| *last >= own) {
        own = last + 1;
    }
    format!("{own:0STAMP_DIGITS$}_{title}.{extension}")
}

/// What people type as a name, as part of a file's name: `Add the tags` is `add_the_tags`.
///
/// # Errors
/// `Invalid`: no letter or digit is left, or it is too long.
pub fn title(typed: &str) -> Result<String> {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
    let words: String = typed.chars().map(letter).collect();
    let title = words.split('_').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_");
    if title.is_empty() || title.len() > MIGRATION_NAME_MAX_CHARS {
        return Err(Error::invalid(format!(
            "A migration needs a name of 1 to {MIGRATION_NAME_MAX_CHARS} letters and digits, such as add_tags"
        )));
    }
    Ok(title)
}

/// A name made of what steps do.
pub fn of_steps(steps: &[Step]) -> String {
    let said = match steps {
        [] => "nothing".to_owned(),
        [Step::Create(one), ..] => format!("create_{}", one.create.name()),
        [Step::Update(one), ..] => format!("update_{}", one.update),
        [Step::Delete(one), ..] => format!("delete_{}", one.delete.name()),
        [Step::Sql(_), ..] => "sql".to_owned(),
        [Step::Snapshot(_), ..] => "snapshot".to_owned(),
    };
    let more = if steps.len() > 1 { format!("_and_{}_more", steps.len() - 1) } else { String::new() };
    // Names of collections may be long, and in any script.
    let short: String = said.chars().take(MIGRATION_NAME_MAX_CHARS - more.len()).collect();
    title(&format!("{short}{more}")).unwrap_or_else(|_| "change".to_owned())
}

/// Whether a file of this name is a migration; other files in the folder are somebody else's.
pub fn is_migration(name: &str) -> bool {
    !name.starts_with('.') && (name.ends_with(".json") || name.ends_with(".sql"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_name_sorts_after_all_others() {
        let now = jiff::Timestamp::from_millisecond(1_714_550_400_007).expect("in range");
        assert_eq!(next(now, "a", "json", []), "20240501080000007_a.json");
        assert_eq!(next(now, "a", "sql", ["README.md", "20240501080000007_z.json"]), "20240501080000008_a.sql");
        assert_eq!(next(now, "a", "sql", ["20990501080000999_z.json"]), "20990501080001000_a.sql");
    }

    #[test]
    fn a_title_is_letters_and_digits() {
        assert_eq!(title("  Add the Tags! ").expect("fine"), "add_the_tags");
        assert_eq!(title("../../etc/passwd").expect("fine"), "etc_passwd");
        title("///").expect_err("nothing is left");
        title(&"a".repeat(MIGRATION_NAME_MAX_CHARS + 1)).expect_err("too long");
    }
}

//! Regular expressions of options: whether they parse, and whether a text can be drawn from them.

use regex_syntax::{Error, hir::Hir};

/// Why a pattern does not parse.
pub fn check(pattern: &str) -> Result<(), String> {
    parse(pattern).map(drop)
}

/// Why nothing can be drawn from a pattern.
pub fn check_drawable(pattern: &str) -> Result<(), String> {
    if parse(pattern)?.properties().look_set().is_empty() {
        return Ok(());
    }
    Err("a text is drawn from the whole pattern: leave `^`, `$` and `\\b` out".to_owned())
}

fn parse(pattern: &str) -> Result<Hir, String> {
    regex_syntax::parse(&with_plain_brackets(pattern)).map_err(|error| {
        let reason = match error {
            Error::Parse(error) => error.kind().to_string(),
            Error::Translate(error) => error.kind().to_string(),
            other => other.to_string(),
        };
        format!("the pattern does not parse: {reason}")
    })
}

/// In RE2, whose syntax the server takes, brackets do not nest: `[[]` is a bracket. All else that differs parses alike.
fn with_plain_brackets(pattern: &str) -> String {
    let (mut out, mut in_class) = (String::new(), false);
    let mut chars = pattern.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' => out.extend(std::iter::once(char).chain(chars.next())),
            '[' if in_class && chars.peek() == Some(&':') => {
                // `[:alpha:]`
                out.push(char);
                out.extend(chars.by_ref().take_while(|char| *char != ']'));
                out.push(']');
            }
            '[' if in_class => out.push_str("\\["),
            '[' => {
                in_class = true;
                out.push(char);
                out.extend(chars.next_if_eq(&'^'));
                // Where a class begins, `]` is a bracket like any other.
                out.extend(chars.next_if_eq(&']'));
            }
            ']' => {
                in_class = false;
                out.push(char);
            }
            _ => out.push(char),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_takes_is_taken() {
        for pattern in
            ["^[a-z]+$", "^[[]$", "^[]a]+$", "[[:alpha:]_-]", "[a&&b]", "\\<a\\>", "\\p{L}", "[^\\s[]", "a\\b", ""]
        {
            assert_eq!(check(pattern), Ok(()), "{pattern}");
        }
        for pattern in ["[a-", "(", "a(?=b)", "*", "[z-a]", "\\p{Nothing}", "a{3,2}"] {
            assert!(check(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn places_cannot_be_drawn() {
        assert_eq!(check_drawable("[a-z]{12}|\\d"), Ok(()));
        for pattern in ["^[a-z]", "[a-z]$", "a\\b", "["] {
            assert!(check_drawable(pattern).is_err(), "{pattern}");
        }
    }
}

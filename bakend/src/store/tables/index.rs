//! What the text of a `CREATE INDEX` statement tells without a database: its name and the words of its columns.

/// The index's name, without quotes and schema; `""` when there is none.
pub(in crate::store) fn name(sql: &str) -> String {
    let mut words = words(sql).skip_while(|word| !word.eq_ignore_ascii_case("index")).skip(1).peekable();
    if words.peek().is_some_and(|word| word.eq_ignore_ascii_case("if")) {
        words.by_ref().take(3).for_each(drop);
    }
    let first = words.next().unwrap_or_default();
    if words.peek().is_some_and(|word| word == ".") {
        return words.nth(1).unwrap_or_default();
    }
    first
}

/// All words between the table's name and the end: columns, functions, the condition.
pub(in crate::store) fn words_of_columns(sql: &str) -> Vec<String> {
    words(sql).skip_while(|word| word != "(").collect()
}

/// Names (without their quotes) and single other characters.
fn words(sql: &str) -> impl Iterator<Item = String> + '_ {
    let mut chars = sql.chars().peekable();
    std::iter::from_fn(move || {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let first = chars.next()?;
        let close = match first {
            '"' | '`' | '\'' => first,
            '[' => ']',
            c if is_name(c) => {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|c| is_name(*c)) {
                    word.push(c);
                }
                return Some(word);
            }
            c => return Some(c.to_string()),
        };
        Some(chars.by_ref().take_while(|c| *c != close).collect())
    })
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_named_however_it_is_spelled() {
        for (sql, expected) in [
            ("CREATE INDEX idx_a ON posts (a)", "idx_a"),
            ("create unique index if not exists `idx b` on posts(a)", "idx b"),
            ("CREATE INDEX \"main\".\"x\" ON t (\"a\")", "x"),
            ("CREATE INDEX [y]ON t(a)", "y"),
            ("CREATE INDEX", ""),
            ("nonsense", ""),
        ] {
            assert_eq!(name(sql), expected, "{sql}");
        }
    }

    #[test]
    fn words_of_columns_are_found_in_expressions() {
        let words = words_of_columns("CREATE INDEX title ON posts (lower(`body`), b) WHERE c != ''");
        for expected in ["body", "b", "c"] {
            assert!(words.iter().any(|word| word == expected), "{expected}");
        }
        assert!(!words.iter().any(|word| word == "title"));
    }
}

//! How names are spelled: `InReview`, `in_review`, `in-review`, `inReview`.

use syn::{Error, LitStr, Result};

/// The ways to spell a name.
#[derive(Clone, Copy)]
pub enum Spelling {
    /// As it is written in Rust.
    AsIs,
    /// `in_review`
    Snake,
    /// `in-review`
    Kebab,
    /// `inReview`
    Camel,
    /// `InReview`
    Pascal,
    /// `inreview`
    Lower,
    /// `IN_REVIEW`
    Screaming,
}

const KNOWN: [(&str, Spelling); 6] = [
    ("snake_case", Spelling::Snake),
    ("kebab-case", Spelling::Kebab),
    ("camelCase", Spelling::Camel),
    ("PascalCase", Spelling::Pascal),
    ("lowercase", Spelling::Lower),
    ("SCREAMING_SNAKE_CASE", Spelling::Screaming),
];

impl Spelling {
    /// As `rename_all` names it.
    pub fn named(name: &LitStr) -> Result<Self> {
        let found = KNOWN.iter().find(|(known, _)| *known == name.value());
        found.map(|(_, spelling)| *spelling).ok_or_else(|| {
            let known = KNOWN.map(|(known, _)| format!("{known:?}")).join(", ");
            Error::new(name.span(), format!("unknown spelling; the known ones are {known}"))
        })
    }

    /// A Rust name, spelled so.
    pub fn of(self, name: &str) -> String {
        if matches!(self, Self::AsIs) {
            return name.to_owned();
        }
        let words = words(name);
        let capital = |word: &String| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
        };
        match self {
            Self::AsIs => name.to_owned(),
            Self::Snake => words.join("_"),
            Self::Kebab => words.join("-"),
            Self::Lower => words.concat(),
            Self::Screaming => words.join("_").to_uppercase(),
            Self::Pascal => words.iter().map(capital).collect(),
            Self::Camel => {
                words.iter().enumerate().map(|(at, word)| if at == 0 { word.clone() } else { capital(word) }).collect()
            }
        }
    }
}

/// The words of a Rust name, in lower case: at underscores and before capitals.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let letters: Vec<char> = name.chars().collect();
    let mut new = true;
    for (at, letter) in letters.iter().enumerate() {
        if *letter == '_' {
            new = true;
            continue;
        }
        let before_is_small = at > 0 && (letters[at - 1].is_lowercase() || letters[at - 1].is_ascii_digit());
        let ends_capitals =
            at > 0 && letters[at - 1].is_uppercase() && letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (before_is_small || ends_capitals) {
            new = true;
        }
        if new {
            words.push(String::new());
            new = false;
        }
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_where_a_reader_would() {
        for (name, snake, camel, pascal) in [
            ("InReview", "in_review", "inReview", "InReview"),
            ("HTMLPage", "html_page", "htmlPage", "HtmlPage"),
            ("email_visibility", "email_visibility", "emailVisibility", "EmailVisibility"),
            ("Version2Final", "version2_final", "version2Final", "Version2Final"),
            ("A", "a", "a", "A"),
        ] {
            assert_eq!(Spelling::Snake.of(name), snake);
            assert_eq!(Spelling::Camel.of(name), camel);
            assert_eq!(Spelling::Pascal.of(name), pascal);
        }
    }
}

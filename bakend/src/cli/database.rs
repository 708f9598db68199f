//! `--database`: which databases this build can use.

use std::str::FromStr;

/// The database to use. This build has one: SQLite, in the data folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Database {
    /// The file in the data folder.
    Embedded,
}

impl FromStr for Database {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = text.split_once(':').unwrap_or((text, ""));
        match scheme.to_ascii_lowercase().as_str() {
            "" | "sqlite" if rest.trim_start_matches('/').is_empty() => Ok(Self::Embedded),
            "" | "sqlite" => Err("the SQLite database is kept in the data folder: choose it with --dir".to_owned()),
            "postgres" | "postgresql" => {
                Err("this build has SQLite only, PostgreSQL is still to come: leave --database out".to_owned())
            }
            _ => Err("this build has SQLite only: leave --database out, or say sqlite:".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_embedded_database_is_known_and_others_are_told_why() {
        for (given, expected) in [
            ("", Ok(Database::Embedded)),
            ("sqlite", Ok(Database::Embedded)),
            ("sqlite:", Ok(Database::Embedded)),
            ("SQLite://", Ok(Database::Embedded)),
            ("sqlite://other.db", Err("--dir")),
            ("postgres://u:p@host/db", Err("SQLite only, PostgreSQL is still to come")),
            ("postgresql://host/db", Err("SQLite only, PostgreSQL is still to come")),
            ("mysql://host/db", Err("SQLite only")),
            ("other.db", Err("SQLite only")),
        ] {
            match (given.parse::<Database>(), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{given}"),
                (Err(message), Err(part)) => assert!(message.contains(part), "{given}: {message}"),
                (found, _) => panic!("{given}: {found:?}"),
            }
        }
    }
}

//! `CREATE INDEX` statements: taken apart, put together.

use std::sync::LazyLock;

use regex::Regex;

static CREATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?is)^\s*create\s+(unique\s+)?index\s+(if\s+not\s+exists\s+)?(\S+)\s+on\s+([^\s(]+)\s*\((.*?)\)\s*(?:where\s+(.*?))?\s*;?\s*$",
    )
    .expect("a fixed pattern that compiles")
});
static COLUMN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?is)^(.+?)(?:\s+collate\s+(\w+))?(?:\s+(asc|desc))?$").expect("a fixed pattern that compiles")
});

/// One column of an index, or an expression.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndexColumn {
    /// The column's name without quotes, or the text of an expression.
    pub name: String,
    /// A collation, or `""`.
    pub collate: String,
    /// `ASC`, `DESC` or `""`.
    pub sort: String,
}

/// An index, taken apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Index {
    /// Whether values must be unique.
    pub unique: bool,
    /// Whether `IF NOT EXISTS` was said.
    pub optional: bool,
    /// Its name, without quotes.
    pub name: String,
    /// Its table, without quotes.
    pub table: String,
    /// At least one.
    pub columns: Vec<IndexColumn>,
    /// The condition of a partial index, or `""`.
    pub condition: String,
}

impl Index {
    /// Takes a statement apart; `None` when it is not a `CREATE INDEX`.
    ///
    /// ```
    /// let index = bakend::schema::index::Index::parse("CREATE UNIQUE INDEX `i` ON `posts` (`title` COLLATE NOCASE)").unwrap();
    /// assert!(index.unique && index.table == "posts" && index.columns[0].collate == "NOCASE");
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        // The condition may hold parentheses and so may expressions: the closing one of the column list is the one that balances.
        let parts = CREATE.captures(text)?;
        let open = parts.get(5)?.start();
        let close = open + closing(&text[open..])?;
        let rest = text[close + 1..].trim().trim_end_matches(';').trim_end();
        let condition = match rest.get(..5) {
            Some(word) if word.eq_ignore_ascii_case("where") => rest[5..].trim().to_owned(),
            None if rest.is_empty() => String::new(),
            _ => return None,
        };
        let columns: Vec<IndexColumn> = split(&text[open..close]).into_iter().filter_map(column).collect();
        let name = unquoted(parts.get(3)?.as_str());
        let name = name.rsplit('.').next().map(unquoted).unwrap_or_default();
        let table = unquoted(parts.get(4)?.as_str());
        if columns.is_empty() || name.is_empty() || table.is_empty() {
            return None;
        }
        Some(Self { unique: parts.get(1).is_some(), optional: parts.get(2).is_some(), name, table, columns, condition })
    }

    /// Puts the statement together, names quoted.
    pub fn to_sql(&self) -> String {
        let columns: Vec<String> = self.columns.iter().map(IndexColumn::to_sql).collect();
        let list = if columns.len() == 1 { columns.concat() } else { format!("\n  {}\n", columns.join(",\n  ")) };
        let unique = if self.unique { "UNIQUE " } else { "" };
        let optional = if self.optional { "IF NOT EXISTS " } else { "" };
        let mut sql = format!("CREATE {unique}INDEX {optional}`{}` ON `{}` ({list})", self.name, self.table);
        if !self.condition.is_empty() {
            sql += &format!(" WHERE {}", self.condition);
        }
        sql
    }
}

impl IndexColumn {
    fn to_sql(&self) -> String {
        let is_name = self.name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        let mut sql = if is_name { format!("`{}`", self.name) } else { self.name.clone() };
        if !self.collate.is_empty() {
            sql += &format!(" COLLATE {}", self.collate);
        }
        if !self.sort.is_empty() {
            sql += &format!(" {}", self.sort);
        }
        sql
    }
}

/// Whether one of the indexes makes this column unique by itself.
pub fn is_unique_alone(indexes: &[String], column: &str) -> bool {
    unique_alone(indexes, column).is_some()
}

/// The unique index over this column alone, whatever its condition.
pub fn unique_alone(indexes: &[String], column: &str) -> Option<Index> {
    let mut parsed = indexes.iter().filter_map(|text| Index::parse(text));
    parsed.find(|index| index.unique && index.columns.len() == 1 && index.columns[0].name.eq_ignore_ascii_case(column))
}

/// Whether values of this column that differ in case only are one value: its unique index compares them so.
pub fn ignores_case(indexes: &[String], column: &str) -> bool {
    unique_alone(indexes, column).is_some_and(|index| index.columns[0].collate.eq_ignore_ascii_case("nocase"))
}

/// Where the parenthesis that was open before `text` closes.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') if depth == 0 => return Some(at),
            (None, ')') => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The list at its commas, not those within parentheses or quotes.
fn split(list: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_i32, None);
    for (at, letter) in list.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (None, ',') if depth == 0 => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[start..]);
    parts
}

fn column(text: &str) -> Option<IndexColumn> {
    let parts = COLUMN.captures(text.trim())?;
    let part = |at: usize| parts.get(at).map(|part| part.as_str().to_owned()).unwrap_or_default();
    let name = unquoted(&part(1));
    (!name.is_empty()).then(|| IndexColumn { name, collate: part(2), sort: part(3).to_uppercase() })
}

fn unquoted(text: &str) -> String {
    text.trim().trim_matches(['`', '"', '\'', '[', ']']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_come_apart_and_together() {
        for (text, sql) in [
            ("CREATE UNIQUE INDEX idx_a ON posts (title)", "CREATE UNIQUE INDEX `idx_a` ON `posts` (`title`)"),
            (
                "create index if not exists \"i\" on `t`(a desc, lower(b), c collate nocase asc) where a != ')' ;",
                "CREATE INDEX IF NOT EXISTS `i` ON `t` (\n  `a` DESC,\n  lower(b),\n  `c` COLLATE nocase ASC\n) WHERE a != ')'",
            ),
            ("CREATE INDEX x.i ON t (a) WHERE (a > 1)", "CREATE INDEX `i` ON `t` (`a`) WHERE (a > 1)"),
        ] {
            let index = Index::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(index.to_sql(), sql);
            assert_eq!(Index::parse(&index.to_sql()).as_ref(), Some(&index));
        }
    }

    #[test]
    fn what_is_no_index_is_refused() {
        for text in [
            "",
            "CREATE INDEX",
            "CREATE INDEX i ON t",
            "CREATE INDEX i ON t ()",
            "CREATE TABLE t (a)",
            "CREATE INDEX i ON t (a",
            "CREATE INDEX i ON t (a) garbage",
        ] {
            assert_eq!(Index::parse(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "(?i)(create |unique |index |on |where |[a-z`\"'(),; ]){0,40}") {
            if let Some(index) = Index::parse(&text) {
                let _ = index.to_sql();
            }
        }
    }
}

//! A view's query as text, and as a tree where the parser knows its SQL.

use std::{collections::HashSet, ops::ControlFlow};

use sqlparser::{
    ast::{Ident, ObjectName, Query, Statement, TableFactor, Visit as _, Visitor},
    dialect::SQLiteDialect,
    parser::Parser,
    tokenizer::{Token, Tokenizer},
};

/// A view's query: one `SELECT`, without its trailing semicolons.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// As written.
    pub text: String,
    /// As a tree; `None` when only the database can tell whether it is valid.
    pub query: Option<Box<Query>>,
}

/// Reads a view's query. The error is the reason, without capital or full stop.
pub fn parse(text: &str) -> Result<Parsed, String> {
    let text = text.trim().trim_end_matches(|c: char| c == ';' || c.is_whitespace()).to_owned();
    check_tokens(&text)?;
    let query = match Parser::parse_sql(&SQLiteDialect {}, &text) {
        Ok(mut statements) if statements.len() == 1 => match statements.remove(0) {
            Statement::Query(query) => Some(query),
            // The database says what is wrong with anything else.
            _ => None,
        },
        Ok(statements) if statements.len() > 1 => return Err("multiple statements are not supported".to_owned()),
        Ok(_) | Err(_) => None,
    };
    Ok(Parsed { text, query })
}

/// The text is put between parentheses when the view is created, so it must not leave them.
fn check_tokens(text: &str) -> Result<(), String> {
    let tokens = Tokenizer::new(&SQLiteDialect {}, text).tokenize().map_err(|error| error.to_string())?;
    let mut depth = 0_i64;
    for token in tokens {
        match token {
            Token::SemiColon => return Err("multiple statements are not supported".to_owned()),
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return Err("unbalanced parentheses".to_owned());
        }
    }
    if depth == 0 { Ok(()) } else { Err("unbalanced parentheses".to_owned()) }
}

impl Parsed {
    /// The tables and views it reads, in lower case; `None` when the parser does not know its SQL.
    pub fn sources(&self) -> Option<HashSet<String>> {
        let query = self.query.as_deref()?;
        let mut names = SourceNames::default();
        let _ = query.visit(&mut names);
        Some(names.tables.difference(&names.local).cloned().collect())
    }
}

/// The names that common table expressions give, in lower case.
pub fn local_names(query: &Query) -> HashSet<String> {
    let mut names = SourceNames::default();
    let _ = query.visit(&mut names);
    names.local
}

/// The last part of a table's name, in lower case: `main.posts` is `posts`.
pub fn table_key(name: &ObjectName) -> Option<String> {
    name.0.last()?.as_ident().map(key)
}

/// A name as the database compares it.
pub fn key(name: &Ident) -> String {
    name.value.to_lowercase()
}

#[derive(Default)]
struct SourceNames {
    tables: HashSet<String>,
    local: HashSet<String>,
}

impl Visitor for SourceNames {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if let Some(with) = &query.with {
            self.local.extend(with.cte_tables.iter().map(|table| key(&table.alias.name)));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, args: None, .. } = factor {
            self.tables.extend(table_key(name));
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_select_is_kept_and_anything_else_refused() {
        assert_eq!(parse(" select id from posts ; ;").expect("valid").text, "select id from posts");
        for (text, reason) in [
            ("select 1; select 2", "multiple"),
            ("select id from posts) union (select 1", "parentheses"),
            ("select (1", "parentheses"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(reason), "{text}: {error}");
        }
        assert!(parse("select id from posts -- why; not").is_ok());
    }

    #[test]
    fn sources_are_all_tables_but_not_the_names_a_query_gives_itself() {
        let parsed = parse(
            "with x as (select id from Posts) select id, (select count(*) from tags) n from x join main.cats c on c.id in (select a from deep)",
        )
        .expect("valid");
        let mut sources: Vec<_> = parsed.sources().expect("known SQL").into_iter().collect();
        sources.sort();
        assert_eq!(sources, ["cats", "deep", "posts", "tags"]);
    }
}

//! Looking at a statement before trusting it: that it is one, that it only reads, what it returns.

use rusqlite::Statement;

use super::{errors::public, run};
use crate::{
    Error, Result,
    store::{
        Conn, DatabaseError,
        inspect::{DescribedColumn, Description},
    },
};

/// Columns and first rows of a SELECT.
pub(in crate::store) fn describe(conn: &Conn<'_>, sql: &str, rows_max: usize) -> Result<Description> {
    let mut statement = one_select(conn, sql)?;
    let columns: Vec<_> = statement
        .columns()
        .iter()
        .map(|column| DescribedColumn {
            name: column.name().to_owned(),
            declared: column.decl_type().map(str::to_owned),
        })
        .collect();
    let mut sample = Vec::new();
    let mut rows = statement.raw_query();
    while sample.len() < rows_max
        && let Some(row) = rows.next().map_err(public)?
    {
        sample.push((0..columns.len()).map(|at| Ok(run::column(row, at)?.to_owned())).collect::<Result<_>>()?);
    }
    drop(rows);
    Ok(Description { columns, rows: sample })
}

/// A statement, when it is one SELECT (or WITH … SELECT, or VALUES) that changes nothing.
pub(super) fn one_select<'c>(conn: &Conn<'c>, sql: &str) -> Result<Statement<'c>> {
    if !["select", "with", "values"].iter().any(|word| first_word(sql).eq_ignore_ascii_case(word)) {
        return Err(refused("only a SELECT is allowed"));
    }
    let statement = one(conn, sql)?;
    if !statement.readonly() || statement.column_count() == 0 {
        return Err(refused("only a SELECT that changes nothing is allowed"));
    }
    Ok(statement)
}

/// A statement, when it is the only one in the text.
pub(super) fn one<'c>(conn: &Conn<'c>, sql: &str) -> Result<Statement<'c>> {
    conn.raw.prepare(sql).map_err(|error| match error {
        rusqlite::Error::MultipleStatement => refused("only one statement is allowed"),
        other => public(other),
    })
}

fn refused(words: &str) -> Error {
    Error::invalid(words).caused_by(DatabaseError::Refused(words.to_owned()))
}

/// The first word behind spaces and comments.
fn first_word(sql: &str) -> &str {
    let mut rest = sql.trim_start();
    loop {
        rest = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else {
            break;
        }
        .trim_start();
    }
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    &rest[..end]
}

#[cfg(test)]
mod tests {
    use super::first_word;

    #[test]
    fn the_first_word_stands_behind_comments() {
        for (sql, expected) in [
            ("select 1", "select"),
            (" \n-- x\n /* y */WITH a", "WITH"),
            ("(select 1)", ""),
            ("-- only", ""),
            ("/* open", ""),
        ] {
            assert_eq!(first_word(sql), expected, "{sql}");
        }
    }
}

//! SQLite's plan of a statement.
//!
//! Source: sqlite.org/eqp.html.

use crate::{
    Result,
    query::Statement,
    schema::ScalarRef,
    store::{Conn, Row, explain::PlanStep},
};

/// The steps of `EXPLAIN QUERY PLAN`.
pub(in crate::store) fn explain(conn: &Conn<'_>, statement: &Statement) -> Result<Vec<PlanStep>> {
    let mut steps = Vec::new();
    conn.rows_with(&format!("EXPLAIN QUERY PLAN {}", statement.sql), &statement.binds, |row| {
        steps.push(PlanStep { id: number(row, 0)?, parent: number(row, 1)?, detail: row.text(3)?.to_owned() });
        Ok(())
    })?;
    Ok(steps)
}

fn number(row: &Row<'_>, column: usize) -> Result<i64> {
    Ok(match row.get(column)? {
        ScalarRef::Int(number) => number,
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        query::Pace,
        schema::Scalar,
        store::testing::{lines, store_with_numbers},
    };

    #[tokio::test]
    async fn a_statement_is_explained_and_not_run() {
        let test = store_with_numbers().await;
        let db = test.store.db();
        let find = Statement::new("SELECT n FROM t WHERE n = ?", vec![Scalar::Int(1)]);
        let steps = db.read(&Pace::default(), move |conn| explain(conn, &find)).await.expect("a plan");
        assert!(steps[0].parent == 0 && steps[0].detail.contains("PRIMARY KEY"), "{steps:?}");
        let insert = Statement::new("INSERT INTO t VALUES (?)", vec![Scalar::Int(1)]);
        db.write(move |conn| explain(conn, &insert)).await.expect("a plan");
        assert_eq!(lines(&db, "SELECT count(*) FROM t").await, ["0"]);
    }
}

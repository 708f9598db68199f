//! SQL by people: it may work with the data, not with what holds it together, and a view never with secrets.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use super::{errors::public, inspect, run};
use crate::{Error, Result, store::Conn};

/// Tables that only bakend itself writes.
const OWN_TABLES: [&str; 4] = ["_collections", "_params", "_migrations", "_migration_files"];

/// How the names of tables of multiple relations begin.
const JOIN_TABLES: &str = "_rel_";

/// Runs statements that may neither end the transaction, nor leave the database, nor change the tables in `kept` (lower-case names) in any
/// other way than row by row.
pub(in crate::store) fn script(conn: &Conn<'_>, sql: &str, kept: HashSet<String>) -> Result<()> {
    judged(conn, move |action| refused(action, &kept), |conn| run::script(conn.raw, sql))
}

/// Whether a SELECT reads only what views may: of the tables in `collections` (lower-case names) all columns but those named there (lower-case
/// too), and of what bakend or the database keep about themselves nothing. Also what it reads through views counts.
pub(in crate::store) fn view(conn: &Conn<'_>, sql: &str, collections: HashMap<String, HashSet<String>>) -> Result<()> {
    // The database asks while it prepares; nothing is run.
    judged(conn, move |action| unreadable(action, &collections), |conn| inspect::one_select(conn, sql).map(drop))
}

/// Does `work` on a connection that asks `refusal` about every action; its words become the error.
fn judged<'c, T>(
    conn: &Conn<'c>,
    refusal: impl Fn(&AuthAction<'_>) -> Option<String> + Send + 'static,
    work: impl FnOnce(&Conn<'c>) -> Result<T>,
) -> Result<T> {
    let first: Arc<Mutex<Option<String>>> = Arc::default();
    let note = Arc::clone(&first);
    let judge = move |context: AuthContext<'_>| match refusal(&context.action) {
        None => Authorization::Allow,
        Some(words) => {
            note.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(words);
            Authorization::Deny
        }
    };
    conn.raw.authorizer(Some(judge)).map_err(public)?;
    let outcome = work(conn);
    conn.raw.authorizer(None::<fn(AuthContext<'_>) -> Authorization>).map_err(public)?;
    let first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
    match first {
        Some(words) => Err(Error::invalid(words)),
        None => outcome,
    }
}

/// Why a view may not do this, if it may not.
fn unreadable(action: &AuthAction<'_>, collections: &HashMap<String, HashSet<String>>) -> Option<String> {
    let AuthAction::Read { table_name, column_name } = action else { return None };
    let table = table_name.to_lowercase();
    match collections.get(&table) {
        Some(secrets) if secrets.contains(&column_name.to_lowercase()) => {
            Some(format!("the column {table_name}.{column_name} is secret; a view cannot read it"))
        }
        Some(_) => None,
        // Tables that somebody else put there, and join tables, hold nothing of ours. `sqlite_stat4` holds samples of indexed columns.
        None if table.starts_with(JOIN_TABLES) || !table.starts_with('_') && !table.starts_with("sqlite_") => None,
        None => Some(format!("the table {table_name} is bakend's own; a view cannot read it")),
    }
}

/// Why an action is refused, if it is.
fn refused(action: &AuthAction<'_>, kept: &HashSet<String>) -> Option<String> {
    use AuthAction as A;
    let is_kept = |table: &str| kept.contains(&table.to_lowercase()) || OWN_TABLES.contains(&table);
    Some(match action {
        A::Transaction { .. } | A::Savepoint { .. } => {
            "SQL of a migration runs in a transaction already; leave out BEGIN, COMMIT, ROLLBACK and SAVEPOINT"
                .to_owned()
        }
        A::Attach { .. } | A::Detach { .. } => "SQL of a migration cannot attach or detach databases".to_owned(),
        A::Pragma { pragma_name, .. } => format!("SQL of a migration cannot use PRAGMA {pragma_name}"),
        A::AlterTable { table_name, .. } | A::DropTable { table_name } | A::DropView { view_name: table_name }
            if is_kept(table_name) =>
        {
            format!("the table {table_name} belongs to a collection; change it with a step about the collection")
        }
        A::CreateIndex { table_name, .. } | A::DropIndex { table_name, .. } if is_kept(table_name) => {
            format!("the table {table_name} belongs to a collection; its indexes are part of the collection")
        }
        A::Insert { table_name } | A::Update { table_name, .. } | A::Delete { table_name }
            if OWN_TABLES.contains(table_name) =>
        {
            format!("the table {table_name} is written by bakend only")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::store::testing::{lines, store};

    #[tokio::test]
    async fn sql_by_people_stays_within_its_bounds() {
        let test = store().await;
        let db = test.store.db();
        db.write(|conn| conn.run_script("CREATE TABLE posts (id TEXT PRIMARY KEY, n INTEGER)")).await.expect("a table");
        let run = |sql: &'static str| {
            let kept = std::iter::once("posts".to_owned()).collect();
            db.write(move |conn| conn.run_guarded(sql, kept))
        };
        run("INSERT INTO posts VALUES ('a', 1); UPDATE posts SET n = n + 1; CREATE TABLE other (x); CREATE INDEX o ON other (x);
             CREATE TRIGGER t AFTER INSERT ON posts BEGIN INSERT INTO other VALUES (new.id); END; DROP TRIGGER t; DROP TABLE other")
            .await
            .expect("allowed");
        for (sql, part) in [
            ("COMMIT", "runs in a transaction already"),
            ("DELETE FROM posts; ROLLBACK", "runs in a transaction already"),
            ("SAVEPOINT x", "runs in a transaction already"),
            ("ATTACH ':memory:' AS x", "cannot attach"),
            ("PRAGMA foreign_keys = OFF", "cannot use PRAGMA foreign_keys"),
            ("DROP TABLE posts", "The table posts belongs to a collection"),
            ("ALTER TABLE Posts ADD COLUMN x", "belongs to a collection"),
            ("CREATE INDEX i ON posts (n)", "its indexes are part of the collection"),
            ("DELETE FROM _collections", "_collections is written by bakend only"),
            ("UPDATE _migration_files SET text = ''", "written by bakend only"),
        ] {
            let error = run(sql).await.expect_err(sql);
            assert!(error.message().contains(part), "{sql}: {error:?}");
        }
        run("UPDATE posts SET nope = 1").await.expect_err("no such column");
        assert_eq!(lines(&db, "SELECT id, n FROM posts").await, ["a|2"]);
        db.write(|conn| conn.run_script("DROP TABLE posts")).await.expect("the guard is gone");
    }
}

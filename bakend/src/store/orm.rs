//! SeaORM's own connection, and the way from its and sea-query's statements to the store's.

mod joined;

use std::{path::Path, time::Duration};

use sea_orm::{
    DatabaseConnection, DbErr, QueryTrait, RuntimeErr,
    sqlx::{
        self, ConnectOptions as _, Executor as _,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};
use sea_query::Value as Bind;

pub use self::joined::OrmTx;
use super::{Conn, sqlite};
use crate::{Error, Result, query::Statement, schema::Scalar};

/// Connections of SeaORM at most.
const CONNECTIONS_MAX: u32 = 2;
/// How long an unused connection of SeaORM stays open: each costs a thread and a page cache.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait of SeaORM for a lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A pool that opens its first connection when it is first used. (SeaORM's own `connect` opens one to ask for the version.)
pub(super) fn connect(path: &Path, synchronous_full: bool) -> DatabaseConnection {
    let synchronous = if synchronous_full { SqliteSynchronous::Full } else { SqliteSynchronous::Normal };
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        // What REPLACE removes is deleted like anything else, in the words of triggers.
        .pragma("recursive_triggers", "ON")
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging();
    SqlitePoolOptions::new()
        .min_connections(0)
        .max_connections(CONNECTIONS_MAX)
        .idle_timeout(IDLE_TIMEOUT)
        .connect_lazy_with(options)
        .into()
}

/// A pool over empty databases in memory, whose connections open when they are first used.
pub(super) fn memory() -> DatabaseConnection {
    SqlitePoolOptions::new()
        .after_connect(|connection, _| Box::pin(async move { connection.execute(joined::PREPARED).await.map(drop) }))
        .min_connections(0)
        .max_connections(CONNECTIONS_MAX)
        .idle_timeout(IDLE_TIMEOUT)
        .connect_lazy_with(SqliteConnectOptions::new().filename(":memory:").disable_statement_logging())
        .into()
}

/// What a statement returned: the names of its columns, and its rows.
pub(super) struct Found {
    pub names: Vec<String>,
    pub rows: Vec<Vec<Bind>>,
}

/// What a statement did.
pub(super) struct Changed {
    pub rows: u64,
    /// The row id of the row that was inserted last.
    pub last_id: i64,
}

/// What SeaORM's connection says, in the store's own words: a row that is not there is `NotFound`, a violated constraint `Invalid`.
impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::RecordNotFound(_) => Self::not_found().caused_by(error),
            DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => {
                refusal(inner).unwrap_or_else(|| Self::internal(error))
            }
            _ => Self::internal(error),
        }
    }
}

fn refusal(error: &sqlx::Error) -> Option<Error> {
    let sqlx::Error::Database(error) = error else { return None };
    if let Some(told) = joined::told(&**error) {
        return Some(told);
    }
    let code = error.code()?.parse().ok()?;
    Some(sqlite::errors::refusal_heard(code, error.message()).into())
}

/// A statement of a SeaORM query, to run through [`Conn`].
pub(super) fn statement(query: &impl QueryTrait) -> Result<Statement> {
    let built = query.build(sqlite::ORM_BACKEND);
    let binds = built.values.map_or_else(|| Ok(Vec::new()), |values| scalars(values.0))?;
    Ok(Statement::new(built.sql, binds))
}

/// sea-query's binds as the store's.
pub(super) fn scalars(binds: Vec<Bind>) -> Result<Vec<Scalar>> {
    binds.into_iter().map(scalar).collect()
}

/// One of sea-query's binds as the store's.
pub(super) fn scalar(bind: Bind) -> Result<Scalar> {
    Ok(match bind {
        Bind::Bool(flag) => flag.map_or(Scalar::Null, Scalar::from),
        Bind::TinyInt(number) => integer(number),
        Bind::SmallInt(number) => integer(number),
        Bind::Int(number) => integer(number),
        Bind::BigInt(number) => integer(number),
        Bind::TinyUnsigned(number) => integer(number),
        Bind::SmallUnsigned(number) => integer(number),
        Bind::Unsigned(number) => integer(number),
        Bind::BigUnsigned(number) => match number {
            Some(number) => Scalar::Int(i64::try_from(number).map_err(Error::internal)?),
            None => Scalar::Null,
        },
        Bind::Float(number) => number.map_or(Scalar::Null, |number| Scalar::Real(f64::from(number))),
        Bind::Double(number) => number.map_or(Scalar::Null, Scalar::Real),
        Bind::String(text) => text.map_or(Scalar::Null, Scalar::Text),
        Bind::Char(letter) => letter.map_or(Scalar::Null, |letter| Scalar::Text(letter.to_string())),
        other => return Err(Error::internal(format!("a bind of a kind that the store does not know: {other:?}"))),
    })
}

fn integer(number: Option<impl Into<i64>>) -> Scalar {
    number.map_or(Scalar::Null, |number| Scalar::Int(number.into()))
}

impl Conn<'_> {
    /// Runs a SeaORM query that returns no rows, inside this connection's transaction; returns the number of changed rows.
    ///
    /// # Errors
    /// As of [`rows`](Self::rows).
    pub fn execute_query(&self, query: &impl QueryTrait) -> Result<u64> {
        self.execute(&statement(query)?)
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait as _;

    use crate::{Kind, store::testing::store};

    #[tokio::test]
    async fn refusals_of_the_database_keep_their_meaning_on_the_way_through_seaorm() {
        let test = store().await;
        let orm = test.store.orm();
        orm.execute_unprepared("CREATE TABLE t (a TEXT UNIQUE, b TEXT NOT NULL DEFAULT '')").await.unwrap();
        orm.execute_unprepared("INSERT INTO t (a) VALUES ('x')").await.unwrap();
        for (sql, kind, field) in [
            ("INSERT INTO t (a) VALUES ('x')", Kind::Invalid, Some("/a/code")),
            ("INSERT INTO t (b) VALUES (NULL)", Kind::Invalid, Some("/b/code")),
            ("INSERT INTO nowhere VALUES (1)", Kind::Internal, None),
        ] {
            let error = crate::Error::from(orm.execute_unprepared(sql).await.unwrap_err());
            let fields = error.field_errors().to_json();
            assert_eq!(error.kind(), kind, "{sql}: {error:?}");
            assert!(field.is_none_or(|at| fields.pointer(at).is_some()), "{sql}: {error:?}");
        }
    }
}

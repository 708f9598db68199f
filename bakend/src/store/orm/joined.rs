//! SeaORM inside an open transaction: its statements run on the writer's connection, not on SeaORM's own.
//!
//! SeaORM makes rows and outcomes only from those of its driver. (Its "proxy" feature, meant for this, mixes up the order of columns, and
//! 2.0.4 does not compile with it beside SQLite.) So what the writer reads is selected once more, as values, from an empty database in memory
//! on a connection of that driver: columns keep their order, names and kinds, whatever the query asks for. In the same way what it changed
//! is counted.

use std::{borrow::Cow, fmt, pin::Pin};

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, IsolationLevel, QueryResult,
    RuntimeErr, Statement, TransactionError, TransactionOptions, TransactionSession, TransactionTrait,
    sqlx::{self, error::ErrorKind},
};
use sea_query::{Alias, Expr, Query, SelectStatement, Value as Bind, ValueTuple};

use super::{Changed, Found};
use crate::{
    Error, Result,
    store::{Db, Tx, error::repeat, sqlite},
};

/// Values in one statement that turns them into rows.
const BINDS_MAX: usize = 4096;
/// What the database in memory is prepared with: a table that counts rows and keeps none.
pub(super) const PREPARED: &str = "CREATE TABLE changed (id INTEGER PRIMARY KEY); \
    CREATE TRIGGER gone AFTER INSERT ON changed BEGIN DELETE FROM changed WHERE id = NEW.id; END";
/// Changes ?1 rows of that table, each with the id ?2.
const CHANGE: &str = "WITH RECURSIVE n(i) AS (SELECT 1 WHERE ?1 > 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) \
    INSERT INTO changed (id) SELECT ?2 FROM n";

/// An open transaction as SeaORM knows connections: what its queries do through it commits or vanishes with everything else in the
/// transaction. A transaction in it is a savepoint.
///
/// Errors of its statements become [`Error`]s with the same meaning as those of [`App::db`](crate::App::db).
pub struct OrmTx {
    db: Db,
    memory: DatabaseConnection,
    savepoint: Option<Tx>,
}

impl OrmTx {
    /// On an open transaction.
    pub(in crate::store) fn new(db: Db, memory: DatabaseConnection) -> Self {
        Self { db, memory, savepoint: None }
    }

    async fn found(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let binds = statement.values.map(|values| values.0).unwrap_or_default();
        let found = self.db.write(move |conn| sqlite::orm::rows(conn.raw, &statement.sql, binds)).await;
        let Found { names, rows } = found.map_err(query_refused)?;
        let mut results = Vec::with_capacity(rows.len());
        for rows in rows.chunks((BINDS_MAX / names.len().max(1)).max(1)) {
            results.extend(self.memory.query_all(&values_as_rows(&names, rows)).await?);
        }
        Ok(results)
    }

    async fn changed(&self, changed: Result<Changed>) -> Result<ExecResult, DbErr> {
        let Changed { rows, last_id } = changed.map_err(exec_refused)?;
        // A row id below 0 is none that SeaORM could name.
        let (rows, last_id) = (i64::try_from(rows).unwrap_or(i64::MAX), i64::max(last_id, 0));
        let count = Statement::from_sql_and_values(sqlite::ORM_BACKEND, CHANGE, [rows.into(), last_id.into()]);
        self.memory.execute_raw(count).await
    }
}

/// `SELECT "column1" AS "id", … FROM (VALUES (…), …)`
fn values_as_rows(names: &[String], rows: &[Vec<Bind>]) -> SelectStatement {
    let mut select = Query::select();
    for (at, name) in names.iter().enumerate() {
        select.expr_as(Expr::col(Alias::new(format!("column{}", at + 1))), Alias::new(name));
    }
    select.from_values(rows.iter().map(|row| ValueTuple::Many(row.clone())), Alias::new("found"));
    select
}

impl fmt::Debug for OrmTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OrmTx")
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for OrmTx {
    fn get_database_backend(&self) -> DbBackend {
        sqlite::ORM_BACKEND
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let binds = statement.values.map(|values| values.0).unwrap_or_default();
        self.changed(self.db.write(move |conn| sqlite::orm::execute(conn.raw, &statement.sql, binds)).await).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = sql.to_owned();
        let done = self.db.write(move |conn| {
            let before = conn.raw.total_changes();
            conn.run_script(&sql)?;
            let rows = conn.raw.total_changes().saturating_sub(before);
            Ok(Changed { rows, last_id: conn.raw.last_insert_rowid() })
        });
        self.changed(done.await).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.found(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.found(statement).await
    }
}

#[async_trait::async_trait]
impl TransactionTrait for OrmTx {
    type Transaction = Self;

    async fn begin(&self) -> Result<Self, DbErr> {
        let savepoint = self.db.begin().await.map_err(exec_refused)?;
        Ok(Self { db: savepoint.db(), memory: self.memory.clone(), savepoint: Some(savepoint) })
    }

    async fn begin_with_config(
        &self,
        _isolation_level: Option<IsolationLevel>,
        _access_mode: Option<AccessMode>,
    ) -> Result<Self, DbErr> {
        self.begin().await
    }

    async fn begin_with_options(&self, _options: TransactionOptions) -> Result<Self, DbErr> {
        self.begin().await
    }

    async fn transaction<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(&'c Self) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>> + Send,
        T: Send,
        E: fmt::Display + fmt::Debug + Send,
    {
        let open = self.begin().await?;
        match callback(&open).await {
            Ok(value) => open.commit().await.map(|()| value).map_err(TransactionError::Connection),
            Err(error) => {
                open.rollback().await?;
                Err(TransactionError::Transaction(error))
            }
        }
    }

    async fn transaction_with_config<F, T, E>(
        &self,
        callback: F,
        _isolation_level: Option<IsolationLevel>,
        _access_mode: Option<AccessMode>,
    ) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(&'c Self) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>> + Send,
        T: Send,
        E: fmt::Display + fmt::Debug + Send,
    {
        self.transaction(callback).await
    }
}

const NOT_ITS_OWN: &str =
    "the transaction ends with the closure that was given it: return Ok to commit, an error to undo";

#[async_trait::async_trait]
impl TransactionSession for OrmTx {
    async fn commit(self) -> Result<(), DbErr> {
        match self.savepoint {
            Some(savepoint) => savepoint.commit().await.map_err(exec_refused),
            None => Err(DbErr::Custom(NOT_ITS_OWN.to_owned())),
        }
    }

    async fn rollback(self) -> Result<(), DbErr> {
        match self.savepoint {
            Some(savepoint) => {
                savepoint.rollback().await;
                Ok(())
            }
            None => Err(DbErr::Custom(NOT_ITS_OWN.to_owned())),
        }
    }
}

fn exec_refused(error: Error) -> DbErr {
    DbErr::Exec(through(error))
}

fn query_refused(error: Error) -> DbErr {
    DbErr::Query(through(error))
}

fn through(error: Error) -> RuntimeErr {
    RuntimeErr::SqlxError(std::sync::Arc::new(sqlx::Error::Database(Box::new(Told(error)))))
}

/// The store's own error behind one of SeaORM's, if it came through a transaction.
pub(super) fn told(error: &(dyn sqlx::error::DatabaseError + 'static)) -> Option<Error> {
    error.try_downcast_ref::<Told>().map(|told| repeat(&told.0))
}

/// An error of the store on its way through SeaORM, which knows those of its driver only.
#[derive(Debug)]
struct Told(Error);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Told {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.0)
    }
}

impl sqlx::error::DatabaseError for Told {
    fn message(&self) -> &str {
        self.0.message()
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        None
    }

    fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        use crate::store::DatabaseError as Refusal;
        match crate::store::database_error(&self.0) {
            Some(Refusal::Unique(_) | Refusal::UniqueIndex(_)) => ErrorKind::UniqueViolation,
            Some(Refusal::ForeignKey) => ErrorKind::ForeignKeyViolation,
            Some(Refusal::NotNull(_)) => ErrorKind::NotNullViolation,
            _ => ErrorKind::Other,
        }
    }
}

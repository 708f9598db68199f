//! Several reads and writes that happen together or not at all.

use std::{sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value as Json};

use super::{
    App,
    records::{Place, Records},
};
use crate::{
    Error, Result,
    limits::TRANSACTION_DEADLINE,
    query::Statement,
    schema::{Scalar, ScalarRef},
    service::{records::Deferred, typed::Collection},
    store::{Conn, OrmTx, Row, changelog},
};

/// An open transaction: what is done through it commits or vanishes together. Clones are the same transaction; after its end each of
/// them answers with an error.
#[derive(Clone)]
pub struct Tx {
    place: Arc<Place>,
}

impl App {
    /// Does several things together or not at all: records, also through their hooks, SeaORM's queries and SQL of your own.
    ///
    /// It commits when `work` returns `Ok`, and undoes everything when that returns an error, panics, is dropped, or takes longer than
    /// [`TRANSACTION_DEADLINE`]. Hooks of `before` and `within` run as the records are written, those of `after` once everything is
    /// committed. It holds the only writer: keep it short, and do nothing in it through the app itself that writes: records
    /// refuse that, [`App::db`] waits in vain; [`Tx::db`] is SeaORM's way into the transaction. Its writes happen one after the other, also
    /// those that are awaited together: a record with `within` hooks is a transaction of its own inside this one.
    ///
    /// ```
    /// # async fn demo(app: &bakend::App) -> bakend::Result<()> {
    /// use bakend::serde_json::json;
    /// let order = app
    ///     .transaction(async |tx| {
    ///         let order = tx.records("orders").as_system().create(json!({"item": "tea"})).await?;
    ///         let changed = tx.execute("UPDATE stock SET count = count - 1 WHERE item = ? AND count > 0", ["tea"]).await?;
    ///         if changed == 0 {
    ///             return Err(bakend::Error::invalid("Sold out"));
    ///         }
    ///         Ok(order)
    ///     })
    ///     .await?;
    /// # let _ = order;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// - What `work` returns.
    /// - `RateLimited`: more than [`WRITE_QUEUE_MAX`](crate::limits::WRITE_QUEUE_MAX) writes wait.
    /// - `Internal`: the deadline passed, or the commit failed; nothing was written.
    pub async fn transaction<T>(&self, work: impl AsyncFnOnce(Tx) -> Result<T>) -> Result<T> {
        self.transaction_within(TRANSACTION_DEADLINE, work).await
    }

    /// The same with a time of its own, at most [`TRANSACTION_DEADLINE`].
    ///
    /// # Errors
    /// As of [`transaction`](Self::transaction).
    pub async fn transaction_within<T>(&self, allowed: Duration, work: impl AsyncFnOnce(Tx) -> Result<T>) -> Result<T> {
        let allowed = allowed.min(TRANSACTION_DEADLINE);
        let open = self.store().db().begin_within(allowed).await?;
        let deferred = Deferred::default();
        let place = Place { app: self.clone(), db: open.db(), deferred: Some(deferred.clone()) };
        // The writer keeps the time too, but only says so to the next statement.
        let outcome = tokio::time::timeout(allowed, open.hold(work(Tx::of(place)))).await;
        let outcome = outcome.unwrap_or_else(|_| Err(too_long(allowed)));
        deferred.ended(open, outcome).await
    }
}

fn too_long(allowed: Duration) -> Error {
    let message = format!("The transaction took longer than {} seconds and was rolled back.", allowed.as_secs_f32());
    Error::new(crate::Kind::Internal, message)
}

impl Tx {
    pub(crate) fn of(place: Place) -> Self {
        Self { place: Arc::new(place) }
    }

    /// The app. It cannot write before the transaction is over.
    pub fn app(&self) -> &App {
        &self.place.app
    }

    /// Records of a collection by its name or id, as the transaction sees them.
    pub fn records(&self, collection: &str) -> Records {
        self.place.records(collection)
    }

    /// Records of a typed collection, as the transaction sees them.
    pub fn records_of<T: Collection>(&self) -> Records<T> {
        self.place.records_of()
    }

    /// The transaction as SeaORM knows connections, for every query of its: what they write commits or vanishes with the rest. Records are
    /// changed past rules, checks and hooks.
    ///
    /// ```
    /// use bakend::{App, Collection, Error, Id, Result, sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set}};
    ///
    /// #[derive(Collection)]
    /// #[collection(name = "stock")]
    /// struct Item {
    ///     id: Id<Item>,
    ///     count: i64,
    /// }
    ///
    /// async fn take_one(app: &App, id: &str) -> Result<()> {
    ///     app.transaction(async |tx| {
    ///         let item = item_entity::Entity::find_by_id(id).one(&tx.db()).await?.ok_or_else(Error::not_found)?;
    ///         let left = item.count - 1;
    ///         let mut item = item.into_active_model();
    ///         item.count = Set(left);
    ///         item.update(&tx.db()).await?;
    ///         Ok(())
    ///     })
    ///     .await
    /// }
    /// # fn main() {}
    /// ```
    pub fn db(&self) -> OrmTx {
        self.place.app.store().orm_in(&self.place.db)
    }

    /// Runs a statement that returns no rows; `?` in it stand for the values in order. Returns the number of changed rows. Records are
    /// changed past rules, checks and hooks.
    ///
    /// # Errors
    /// `Invalid`: a constraint is violated, a value is neither text, number, bool nor null. `Internal`: the database refuses, the
    /// transaction is over.
    pub async fn execute<V: Serialize>(&self, sql: &str, values: impl IntoIterator<Item = V>) -> Result<u64> {
        let statement = statement(sql, values)?;
        self.run(move |conn| conn.execute(&statement)).await
    }

    /// Runs a query; `?` in it stand for the values in order. Each row is an object of its columns by name.
    ///
    /// # Errors
    /// As of [`execute`](Self::execute); `Internal`: a row does not fit `T`.
    pub async fn query<T: DeserializeOwned, V: Serialize>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Result<Vec<T>> {
        let statement = statement(sql, values)?;
        let rows = self.run(move |conn| rows(conn, &statement)).await?;
        rows.into_iter().map(|row| serde_json::from_value(row).map_err(Error::internal)).collect()
    }

    /// Runs SQL that nobody but the changelog knows; what it changes of accounts, sessions and keys is forgotten after the commit.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Conn) -> Result<T> + Send + 'static) -> Result<T> {
        let work = move |conn: &Conn| Ok((changelog::last(conn)?, work(conn)?));
        let (before, done) = self.place.db.write(work).await?;
        if let Some(deferred) = &self.place.deferred {
            deferred.note_sql(&self.place.app, before);
        }
        Ok(done)
    }
}

fn statement<V: Serialize>(sql: &str, values: impl IntoIterator<Item = V>) -> Result<Statement> {
    let values = values.into_iter().map(|value| scalar(serde_json::to_value(value).map_err(Error::internal)?));
    Ok(Statement::new(sql.to_owned(), values.collect::<Result<_>>()?))
}

fn scalar(value: Json) -> Result<Scalar> {
    Ok(match value {
        Json::Null => Scalar::Null,
        Json::Bool(flag) => flag.into(),
        Json::String(text) => text.into(),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Scalar::Int(whole),
            None => Scalar::Real(number.as_f64().unwrap_or_default()),
        },
        Json::Array(_) | Json::Object(_) => {
            return Err(Error::invalid("A value of a statement is neither text, number, bool nor null."));
        }
    })
}

fn rows(conn: &Conn, statement: &Statement) -> Result<Vec<Json>> {
    let mut rows = Vec::new();
    conn.rows(statement, |row| {
        rows.push(object(row)?);
        Ok(())
    })?;
    Ok(rows)
}

fn object(row: &Row<'_>) -> Result<Json> {
    let mut object = Map::new();
    for column in 0..row.len() {
        let value = match row.get(column)? {
            ScalarRef::Null => Json::Null,
            ScalarRef::Int(number) => number.into(),
            ScalarRef::Real(number) => number.into(),
            ScalarRef::Text(text) => text.into(),
        };
        object.insert(row.name(column)?.to_owned(), value);
    }
    Ok(Json::Object(object))
}

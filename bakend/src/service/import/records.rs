//! Moving the records: each collection after those it points at, circles in a second round.

use std::{collections::HashSet, sync::Arc};

use super::{
    order::{by_dependency, late_relations},
    pocketbase::{Import, Progress},
    rows::Reader,
};
use crate::{
    Kind, Result,
    schema::{Collection, Schema, Value},
    service::auth::password,
    store::{self, Conn, records::Change, system::params},
};

/// Rows read and written at once.
const BATCH_ROWS: usize = 2000;

impl<P: FnMut(Progress)> Import<'_, P> {
    /// Moves all records, and counts them in the report.
    pub(super) async fn records(&mut self, schema: &Schema) -> Result<()> {
        let mut complete: HashSet<String> = HashSet::new();
        let mut late = Vec::new();
        for collection in by_dependency(schema.collections()) {
            let relations = late_relations(&collection, &complete);
            self.insert_records(schema, &collection, &relations).await?;
            complete.insert(collection.id.clone());
            if !relations.is_empty() {
                late.push((collection, relations));
            }
        }
        for (collection, relations) in late {
            self.point(schema, &collection, &relations).await?;
        }
        let position = |name: &str| schema.collections().iter().position(|one| one.name == name);
        self.report.records.sort_by_key(|(name, _)| position(name));
        Ok(())
    }

    /// Inserts all records of a collection, with `late` relations left empty.
    async fn insert_records(&mut self, schema: &Schema, collection: &Arc<Collection>, late: &[usize]) -> Result<()> {
        let total = self.source.count(&collection.name)?;
        let source = self.source;
        let reader = Reader::new(source, schema, collection, |_| true)?;
        let password = collection.position("password").filter(|_| collection.is_auth());
        let (mut after, mut read, mut stored, mut bcrypt_cost) = (0, 0, 0, 0);
        loop {
            let rows = reader.batch(after, BATCH_ROWS)?;
            let Some(last) = rows.last() else { break };
            after = last.rowid;
            read += rows.len() as u64;
            let mut batch = Vec::with_capacity(rows.len());
            for row in rows {
                let mut record = reader.record(row)?;
                let id = id_of(collection, &record.values).to_owned();
                for (at, count) in &record.dangling {
                    self.report.drop_reference(&collection.name, &collection.fields[*at].name, &id, *count);
                }
                for at in late {
                    record.values[*at] = collection.fields[*at].zero();
                }
                let hash = password.and_then(|at| record.values[at].as_text());
                bcrypt_cost = bcrypt_cost.max(hash.and_then(password::bcrypt_cost).unwrap_or(0));
                batch.push(record.values);
            }
            stored += self.insert_batch(collection, batch).await?;
            (self.progress)(Progress::Records { collection: collection.name.clone(), done: read, total });
        }
        self.report.records.push((collection.name.clone(), stored));
        self.leave_word_of_hashes(bcrypt_cost).await
    }

    /// Sign-ins then take as long for everybody as for those whose hash was imported.
    async fn leave_word_of_hashes(&mut self, cost: u32) -> Result<()> {
        if cost == 0 {
            return Ok(());
        }
        self.write(move |conn| {
            let known = params::load(conn, password::BCRYPT_COST_PARAM)?.and_then(|text| text.parse().ok());
            params::save(conn, password::BCRYPT_COST_PARAM, &cost.max(known.unwrap_or(0)).to_string())
        })
        .await
    }

    async fn insert_batch(&mut self, collection: &Arc<Collection>, batch: Vec<Vec<Value>>) -> Result<u64> {
        let collection = Arc::clone(collection);
        let name = collection.name.clone();
        let (stored, refused) = self
            .write(move |conn| {
                let (mut stored, mut refused) = (0, Vec::new());
                for values in batch {
                    match insert(conn, &collection, &values) {
                        Ok(()) => stored += 1,
                        // A record that does not fit must not keep the others out; a failing disk must.
                        Err(error) if error.kind() == Kind::Invalid => {
                            refused.push((id_of(&collection, &values).to_owned(), error.to_string()));
                        }
                        Err(error) => return Err(error),
                    }
                }
                Ok((stored, refused))
            })
            .await?;
        for (id, reason) in refused {
            self.report.refuse(&name, &id, &reason);
        }
        Ok(stored)
    }

    /// Fills relations whose targets were not there when the records were inserted.
    async fn point(&mut self, schema: &Schema, collection: &Arc<Collection>, relations: &[usize]) -> Result<()> {
        let source = self.source;
        let id = collection.position("id");
        let reader = Reader::new(source, schema, collection, |at| Some(at) == id || relations.contains(&at))?;
        let mut after = 0;
        loop {
            let rows = reader.batch(after, BATCH_ROWS)?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.rowid;
            let mut batch = Vec::new();
            for row in rows {
                let record = reader.record(row)?;
                if relations.iter().any(|at| !record.values[*at].as_list().is_empty()) {
                    batch.push(record.values);
                }
            }
            self.point_batch(collection, relations, batch).await?;
        }
    }

    async fn point_batch(
        &mut self,
        collection: &Arc<Collection>,
        relations: &[usize],
        batch: Vec<Vec<Value>>,
    ) -> Result<()> {
        let (collection, relations) = (Arc::clone(collection), relations.to_vec());
        let name = collection.name.clone();
        let lost = self
            .write(move |conn| {
                let mut lost = Vec::new();
                for values in batch {
                    let id = id_of(&collection, &values);
                    for at in &relations {
                        let change = [(*at, Change::Set(&values[*at]))];
                        match store::records::update(conn, &collection, id, &change) {
                            Ok(_) => {}
                            // What it points at was refused itself.
                            Err(error) if error.kind() == Kind::Invalid => {
                                lost.push((collection.fields[*at].name.clone(), id.to_owned()));
                            }
                            Err(error) => return Err(error),
                        }
                    }
                }
                Ok(lost)
            })
            .await?;
        for (field, id) in lost {
            self.report.drop_reference(&name, &field, &id, 1);
        }
        Ok(())
    }
}

/// Inserts all of a record or nothing.
fn insert(conn: &Conn, collection: &Collection, values: &[Value]) -> Result<()> {
    store::records::insert(conn, collection, values).inspect_err(|error| {
        if store::is_foreign_key(error) {
            // Only the rows of its join tables can have failed after its own was written; the id is its own, for no other row had it.
            let _ = store::records::delete(conn, collection, id_of(collection, values));
        }
    })
}

fn id_of<'a>(collection: &Collection, values: &'a [Value]) -> &'a str {
    collection.position("id").and_then(|at| values[at].as_text()).unwrap_or_default()
}

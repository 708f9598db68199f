//! Events of typed collections: the record as its Rust type.

use serde_json::Value as Json;

use super::{AuthEvent, EnrichEvent, ListEvent, LookupEvent, QueryEvent, RecordEvent};
use crate::{
    Result,
    service::typed::{Collection, FieldValue, Filter, Id, Path, write_field},
};

impl<T: Collection> RecordEvent<T> {
    /// The record as it is now: before and within a write as it will be stored.
    ///
    /// # Errors
    /// `Internal`: the record does not fit the type; the source says where.
    pub fn record(&self) -> Result<T> {
        T::from_record(&self.record)
    }

    /// At updates: the record as it was.
    ///
    /// # Errors
    /// As of [`record`](Self::record).
    pub fn original(&self) -> Result<Option<T>> {
        self.original.as_ref().map(T::from_record).transpose()
    }

    /// Sets a field, as a `before` hook may: `e.set(Post::slug, &slug)`.
    ///
    /// Only a field of the record itself can be set, nothing that it leads to:
    /// ```compile_fail,E0308
    /// # use bakend::{Collection, Id, RecordEvent, Relation};
    /// # #[derive(Collection)] #[collection(name = "tags")] pub struct Tag { pub id: Id<Tag>, pub name: String }
    /// # #[derive(Collection)] #[collection(name = "posts")] pub struct Post { pub id: Id<Post>, pub tag: Relation<Tag> }
    /// # fn hook(e: &mut RecordEvent<Post>) {
    /// e.set(Post::tag.then(Tag::name), "other");
    /// # }
    /// ```
    pub fn set<V: FieldValue>(&mut self, field: Path<T, V>, value: impl Into<V>) {
        write_field(&mut self.record, field.name(), &value.into());
    }

    /// Changes the record, as a `before` hook may: `e.change(|post| post.title.truncate(80))?`.
    ///
    /// # Errors
    /// As of [`record`](Self::record).
    pub fn change(&mut self, change: impl FnOnce(&mut T)) -> Result<()> {
        let mut record = self.record()?;
        change(&mut record);
        record.write_to(&mut self.record);
        Ok(())
    }
}

impl<T: Collection> AuthEvent<T> {
    /// The account.
    ///
    /// # Errors
    /// `Internal`: the record does not fit the type; the source says where.
    pub fn record(&self) -> Result<T> {
        T::from_record(&self.record)
    }

    /// Sets a field of the account; it counts before a registration only.
    pub fn set<V: FieldValue>(&mut self, field: Path<T, V>, value: impl Into<V>) {
        write_field(&mut self.record, field.name(), &value.into());
    }
}

impl<T: Collection> QueryEvent<T> {
    /// Asks for a filter beside the caller's own: `e.only(Post::published.eq(true))?`.
    ///
    /// # Errors
    /// `Invalid`: the caller's filter does not parse.
    pub fn only(&mut self, filter: Filter<T>) -> Result<()> {
        self.narrow(&String::from(filter))
    }
}

impl<T: Collection> LookupEvent<T> {
    /// The id that is asked for.
    pub fn id(&self) -> Id<T> {
        Id::new(self.id.as_str())
    }
}

impl<T: Collection> ListEvent<T> {
    /// The records of the page.
    ///
    /// # Errors
    /// `Internal`: a record does not fit the type; the source says where.
    pub fn records(&self) -> Result<Vec<T>> {
        self.records.iter().map(T::from_record).collect()
    }

    /// Leaves out records that are not to be kept; the total stays what was counted.
    ///
    /// # Errors
    /// As of [`records`](Self::records).
    pub fn keep(&mut self, keep: impl Fn(&T) -> bool) -> Result<()> {
        let kept: Vec<bool> = self.records()?.iter().map(keep).collect();
        let mut kept = kept.into_iter();
        self.records.retain(|_| kept.next().unwrap_or(true));
        Ok(())
    }
}

impl<T: Collection> EnrichEvent<T> {
    /// The record that is written.
    ///
    /// # Errors
    /// `Internal`: the record does not fit the type; the source says where.
    pub fn record(&self) -> Result<T> {
        T::from_record(&self.record)
    }

    /// Leaves a field of the record out of this answer.
    pub fn leave_out<V>(&mut self, field: Path<T, V>) {
        self.hide.push(field.name().to_owned());
    }

    /// Adds a property to this answer, or replaces a field of that name.
    pub fn add(&mut self, name: &str, value: impl Into<Json>) {
        self.extra.insert(name.to_owned(), value.into());
    }
}

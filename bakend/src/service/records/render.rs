//! From a row or a record to the JSON that a client may see.

use std::{collections::BTreeMap, io::Write as _, sync::Arc};

use quick_cache::sync::Cache;
use serde_json::{Map, Value as Json};

use super::{Call, expand};
use crate::{
    Error, Result,
    query::{Context, RequestInfo},
    schema::{Collection, FieldKind, Record, ScalarRef, Schema, Value},
    service::events::{self, EnrichEvent, EnrichParts},
    store::Row,
};

/// Layouts kept at most; one for each collection and kind of caller.
const LAYOUTS_MAX: usize = 1024;

/// The order of a record's properties in JSON (alphabetical), with what stands before each value.
pub struct Layout {
    parts: Vec<(Box<[u8]>, Box<str>, Source)>,
}

enum Source {
    Field(usize),
    Text(Box<[u8]>),
    Expand,
}

impl Layout {
    fn new(collection: &Collection, hidden: bool) -> Self {
        let mut sources: BTreeMap<&str, Source> = BTreeMap::new();
        for (at, field) in collection.fields.iter().enumerate() {
            let secret = collection.is_auth() && matches!(field.name.as_str(), "password" | "tokenKey");
            if !secret && (hidden || !field.hidden) {
                sources.insert(&field.name, Source::Field(at));
            }
        }
        sources.insert("collectionId", Source::Text(quoted(&collection.id)));
        sources.insert("collectionName", Source::Text(quoted(&collection.name)));
        sources.insert("expand", Source::Expand);
        let parts = sources
            .into_iter()
            .map(|(name, source)| {
                let mut key = quoted(name).into_vec();
                key.push(b':');
                (key.into(), name.into(), source)
            })
            .collect();
        Self { parts }
    }

    /// Appends a row of the planner's as an object.
    ///
    /// # Errors
    /// `Internal`: the row has fewer columns than the collection has fields.
    pub(super) fn write_row(&self, collection: &Collection, row: &Row<'_>, out: &mut Vec<u8>) -> Result<()> {
        let mut object = ObjectWriter::new(out);
        for (key, _, source) in &self.parts {
            match source {
                Source::Field(at) => collection.fields[*at].write_column(row.get(*at)?, object.key(key)),
                Source::Text(text) => object.key(key).extend_from_slice(text),
                Source::Expand => {}
            }
        }
        object.end();
        Ok(())
    }

    fn write(&self, shown: &Shown, out: &mut Vec<u8>, layouts: &dyn Fn(&Record) -> Arc<Layout>) -> Result<()> {
        let mut object = ObjectWriter::new(out);
        for (key, name, source) in &self.parts {
            let left_out = shown.hide.iter().any(|hidden| **hidden == **name) || shown.extra.contains_key(&**name);
            match source {
                _ if left_out => {}
                Source::Field(at) => write_value(&shown.record, *at, object.key(key))?,
                Source::Text(text) => object.key(key).extend_from_slice(text),
                Source::Expand => {
                    if let Some(expanded) = &shown.expand {
                        write_expand(expanded, object.key(key), layouts)?;
                    }
                }
            }
        }
        for (name, value) in &shown.extra {
            let mut key = quoted(name).into_vec();
            key.push(b':');
            write_json(value, object.key(&key))?;
        }
        object.end();
        Ok(())
    }
}

struct ObjectWriter<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
}

impl<'a> ObjectWriter<'a> {
    fn new(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, first: true }
    }

    fn key(&mut self, key: &[u8]) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
        self.out.extend_from_slice(key);
        self.out
    }

    fn end(self) {
        self.out.push(b'}');
    }
}

/// The layouts made so far.
pub struct Layouts {
    cache: Cache<(u64, usize, bool), Arc<Layout>>,
}

impl Default for Layouts {
    fn default() -> Self {
        Self { cache: Cache::new(LAYOUTS_MAX) }
    }
}

impl Layouts {
    /// The layout of a collection of this snapshot, with or without its hidden fields.
    pub(crate) fn of(&self, schema: &Schema, collection: &Arc<Collection>, hidden: bool) -> Arc<Layout> {
        // Within one version of the schema a collection stays where it is, so its address names it.
        let ours = schema.by_id(&collection.id).is_some_and(|own| Arc::ptr_eq(own, collection));
        if !ours {
            return Arc::new(Layout::new(collection, hidden));
        }
        let key = (schema.version, Arc::as_ptr(collection) as usize, hidden);
        self.cache.get(&key).unwrap_or_else(|| {
            let layout = Arc::new(Layout::new(collection, hidden));
            self.cache.insert(key, Arc::clone(&layout));
            layout
        })
    }
}

/// A record on its way to a client: what to leave out, what to add.
pub(super) struct Shown {
    pub record: Record,
    pub hide: Vec<String>,
    pub extra: Map<String, Json>,
    pub expand: Option<BTreeMap<String, Expanded>>,
}

impl Shown {
    /// With nothing left out or added.
    fn whole(record: Record) -> Self {
        Self { record, hide: Vec::new(), extra: Map::new(), expand: None }
    }
}

/// What an expanded relation holds.
pub(super) enum Expanded {
    One(Arc<Shown>),
    Many(Vec<Arc<Shown>>),
}

/// Whether every record of the collection looks the same to this caller: no email to hide.
pub(super) fn is_plain(call: &Call, collection: &Collection) -> bool {
    !collection.is_auth() || call.info.is_superuser()
}

/// Decides for each record what this caller may see of it, and lets the enrich hooks have their say.
pub(super) async fn show(call: &Call, records: Vec<Record>) -> Result<Vec<Shown>> {
    let Some(first) = records.first() else { return Ok(Vec::new()) };
    if call.unshown {
        return Ok(records.into_iter().map(Shown::whole).collect());
    }
    let collection = Arc::clone(&first.collection);
    let managed = managed_ids(call, &collection, &records).await?;
    let mut shown = Vec::with_capacity(records.len());
    for record in records {
        let mut hide = Vec::new();
        if managed.as_ref().is_some_and(|managed| !email_visible(call, &record) && !managed.contains(record.id())) {
            hide.push("email".to_owned());
        }
        shown.push(enriched(call, Shown { record, hide, extra: Map::new(), expand: None }).await?);
    }
    Ok(shown)
}

fn email_visible(call: &Call, record: &Record) -> bool {
    record.flag("emailVisibility")
        || call
            .info
            .auth
            .as_ref()
            .is_some_and(|auth| auth.id() == record.id() && auth.collection.id == record.collection.id)
}

/// The ids of those accounts whose email shows because the caller satisfies the manage rule; `None`: no email is ever hidden here.
async fn managed_ids(
    call: &Call,
    collection: &Arc<Collection>,
    records: &[Record],
) -> Result<Option<std::collections::BTreeSet<String>>> {
    if is_plain(call, collection) {
        return Ok(None);
    }
    let rule = collection.auth.as_ref().and_then(|auth| auth.manage_rule.as_deref());
    let hidden: Vec<&str> = records.iter().filter(|record| !email_visible(call, record)).map(Record::id).collect();
    let (Some(rule), false) = (rule, hidden.is_empty()) else { return Ok(Some(Default::default())) };
    let schema = call.app.schema();
    let statement = match call.app.planner().by_ids(&schema, collection, &call.info, &hidden, Some(rule)) {
        Ok(statement) => statement,
        Err(error) => {
            tracing::warn!(collection = collection.name, %error, "the manage rule cannot be evaluated and denies");
            return Ok(Some(Default::default()));
        }
    };
    let managed = super::find_all(&call.db, statement, collection).await?;
    Ok(Some(managed.iter().map(|record| record.id().to_owned()).collect()))
}

/// Whether the caller satisfies the collection's manage rule for this record (superusers do, guests never).
pub(crate) async fn manages(call: &Call, record: &Record) -> Result<bool> {
    if call.info.is_superuser() {
        return Ok(true);
    }
    let rule = record.collection.auth.as_ref().and_then(|auth| auth.manage_rule.as_deref());
    let Some(rule) = rule.filter(|rule| !rule.is_empty() && call.info.auth.is_some()) else { return Ok(false) };
    let schema = call.app.schema();
    let statement = call.app.planner().view(&schema, &record.collection, &call.info, record.id(), Some(rule));
    let Ok(statement) = statement else { return Ok(false) };
    let pace = statement.pace.clone();
    Ok(call.db.read(&pace, move |conn| conn.rows(&statement, |_| Ok(()))).await? > 0)
}

async fn enriched(call: &Call, shown: Shown) -> Result<Shown> {
    let hooks = &call.app.hooks().enrich;
    let collection = Arc::clone(&shown.record.collection);
    let tags = events::tags(&collection);
    if !hooks.listens(&tags) {
        return Ok(shown);
    }
    let mut event = EnrichEvent::new(EnrichParts {
        app: call.app.clone(),
        request: Arc::clone(&call.info),
        record: shown.record,
        hide: shown.hide,
        extra: shown.extra,
    });
    if !hooks.before.all_agree(&mut event, &tags).await? {
        return Err(events::stopped());
    }
    hooks.on.all_agree(&mut event, &tags).await?;
    let settled = event.into_parts();
    if hooks.after.listens(&tags) {
        events::heard(&hooks.after, &mut EnrichEvent::new(settled.clone()), &collection).await;
    }
    let EnrichParts { record, hide, extra, .. } = settled;
    Ok(Shown { record, hide, extra, expand: shown.expand })
}

/// Appends the records, with commas between.
pub(super) fn write_all(call: &Call, shown: &[Shown], out: &mut Vec<u8>) -> Result<()> {
    let schema = call.app.schema();
    let hidden = call.info.is_superuser();
    let layouts = |record: &Record| call.app.layouts().of(&schema, &record.collection, hidden);
    for (at, shown) in shown.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        layouts(&shown.record).write(shown, out, &layouts)?;
    }
    Ok(())
}

/// A record as the caller may see it; with `own`, email included: the answer of a sign-in.
///
/// # Errors
/// Those of hooks and of the database.
pub async fn render(call: &Call, record: Record, expand: &str, own: bool) -> Result<Json> {
    let mut shown = expand::expand(call, vec![record], expand).await?;
    if own {
        shown.iter_mut().for_each(|shown| shown.hide.retain(|name| name != "email"));
    }
    let mut out = Vec::new();
    write_all(call, &shown, &mut out)?;
    serde_json::from_slice(&out).map_err(Error::internal)
}

/// What rules see while relations are expanded.
pub(super) fn expanding(info: &RequestInfo) -> RequestInfo {
    RequestInfo { context: Context::Expand, ..info.clone() }
}

fn write_expand(
    expanded: &BTreeMap<String, Expanded>,
    out: &mut Vec<u8>,
    layouts: &dyn Fn(&Record) -> Arc<Layout>,
) -> Result<()> {
    let mut object = ObjectWriter::new(out);
    for (name, value) in expanded {
        let mut key = quoted(name).into_vec();
        key.push(b':');
        let out = object.key(&key);
        match value {
            Expanded::One(one) => layouts(&one.record).write(one, out, layouts)?,
            Expanded::Many(many) => {
                out.push(b'[');
                for (at, one) in many.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    layouts(&one.record).write(one, out, layouts)?;
                }
                out.push(b']');
            }
        }
    }
    object.end();
    Ok(())
}

fn write_value(record: &Record, at: usize, out: &mut Vec<u8>) -> Result<()> {
    let field = &record.collection.fields[at];
    match &record.values[at] {
        Value::Text(_) if matches!(field.kind, FieldKind::Password(_)) => out.extend_from_slice(b"\"\""),
        Value::Text(text) => field.write_column(ScalarRef::Text(text), out),
        Value::Number(number) => field.write_column(ScalarRef::Real(*number), out),
        Value::Bool(flag) => field.write_column(ScalarRef::Int(i64::from(*flag)), out),
        value => write_json(&field.to_json(value), out)?,
    }
    Ok(())
}

fn write_json(value: &Json, out: &mut Vec<u8>) -> Result<()> {
    serde_json::to_writer(out.by_ref(), value).map_err(Error::internal)
}

fn quoted(text: &str) -> Box<[u8]> {
    Json::from(text).to_string().into_bytes().into()
}

//! Expanding relations and back-relations into the records they point at.

use std::{collections::BTreeMap, collections::HashMap, future::Future, pin::Pin, sync::Arc};

use super::{
    Call, access,
    render::{self, Expanded, Shown},
    stored,
};
use crate::{
    Result, limits,
    schema::{Collection, FieldKind, Record, Value},
    service::typed::Loaded,
};

/// Names to expand, each with what to expand below it.
#[derive(Debug, Default, PartialEq)]
struct Tree(BTreeMap<String, Tree>);

impl Tree {
    /// `a,b.c` → a, b → c. Deeper than the limit is left out.
    fn parse(text: &str) -> Self {
        let mut tree = Self::default();
        for path in text.split(',').filter(|path| !path.contains("..")) {
            let mut at = &mut tree;
            for name in path.split('.').map(str::trim).filter(|name| !name.is_empty()).take(limits::EXPAND_MAX_DEPTH) {
                at = at.0.entry(name.to_owned()).or_default();
            }
        }
        tree
    }
}

/// Where a name leads.
struct Step {
    target: Arc<Collection>,
    /// The position of the relation field: of the record's own collection, or for back-relations of the target's.
    field: usize,
    back: bool,
    many: bool,
}

/// The records as the caller may see them, with what `text` asks to expand. What cannot be seen is silently left out.
pub(super) async fn expand(call: &Call, records: Vec<Record>, text: &str) -> Result<Vec<Shown>> {
    let mut shown = render::show(call, records).await?;
    let tree = Tree::parse(text);
    if !tree.0.is_empty() {
        let inner = call.with_info(render::expanding(&call.info));
        attach(&inner, &mut shown, &tree).await?;
    }
    Ok(shown)
}

/// The records with what `text` asks to expand, for the program: the rules of the caller decide which related records are there, nothing
/// of them is hidden.
///
/// # Errors
/// Those of the database.
pub async fn load(call: &Call, records: Vec<Record>, text: &str) -> Result<Vec<Loaded>> {
    let call = Call { unshown: true, ..call.clone() };
    Ok(expand(&call, records, text).await?.iter().map(loaded).collect())
}

fn loaded(shown: &Shown) -> Loaded {
    let many = |expanded: &Expanded| match expanded {
        Expanded::One(one) => vec![Arc::new(loaded(one))],
        Expanded::Many(many) => many.iter().map(|one| Arc::new(loaded(one))).collect(),
    };
    let expand = shown.expand.iter().flatten().map(|(name, value)| (name.clone(), many(value))).collect();
    Loaded { record: shown.record.clone(), expand }
}

fn attach<'a>(
    call: &'a Call,
    shown: &'a mut [Shown],
    tree: &'a Tree,
) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
    Box::pin(async move {
        let Some(collection) = shown.first().map(|first| Arc::clone(&first.record.collection)) else { return Ok(()) };
        for (name, below) in &tree.0 {
            let Some(step) = step(call, &collection, name) else { continue };
            // A path that goes on to something unknown is left out as a whole.
            if below.0.keys().any(|next| self::step(call, &step.target, next).is_none()) {
                continue;
            }
            if let Some(rule) = allowed(call, &step.target) {
                shown.iter_mut().for_each(|shown| {
                    shown.expand.get_or_insert_default();
                });
                if step.back {
                    attach_back(call, shown, name, &step, rule.as_deref(), below).await?;
                } else {
                    attach_forward(call, shown, name, &step, rule.as_deref(), below).await?;
                }
            }
        }
        Ok(())
    })
}

/// The rule that expanded records must satisfy; outer `None`: nothing may be seen.
fn allowed(call: &Call, target: &Collection) -> Option<Option<String>> {
    if !access::may_see(&call.info, target) {
        return None;
    }
    if call.info.is_superuser() {
        return Some(None);
    }
    target.rules.view.clone().map(|rule| (!rule.is_empty()).then_some(rule))
}

fn step(call: &Call, collection: &Arc<Collection>, name: &str) -> Option<Step> {
    let schema = call.app.schema();
    if let Some(field) = collection.position(name) {
        let own = &collection.fields[field];
        let FieldKind::Relation(options) = &own.kind else { return None };
        if own.hidden && !call.info.is_superuser() {
            return None;
        }
        let target = Arc::clone(schema.by_id(&options.collection_id)?);
        return Some(Step { target, field, back: false, many: own.is_multiple() });
    }
    // `comments_via_post`, or as older clients write it `comments(post)`.
    let (source, back) = name.split_once("_via_").or_else(|| name.strip_suffix(')')?.split_once('('))?;
    let target = Arc::clone(schema.find(source)?);
    let field = target.position(back)?;
    let relation = &target.fields[field];
    let points_here = matches!(&relation.kind, FieldKind::Relation(options) if options.collection_id == collection.id);
    if !points_here || target.is_view() && relation.is_multiple() || relation.hidden && !call.info.is_superuser() {
        return None;
    }
    let many = !crate::schema::index::is_unique_alone(&target.indexes, back);
    Some(Step { target, field, back: true, many })
}

async fn attach_forward(
    call: &Call,
    shown: &mut [Shown],
    name: &str,
    step: &Step,
    rule: Option<&str>,
    below: &Tree,
) -> Result<()> {
    let mut ids: Vec<&str> = shown.iter().flat_map(|shown| ids_of(&shown.record, step.field)).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(());
    }
    let schema = call.app.schema();
    let statement = match call.app.planner().by_ids(&schema, &step.target, &call.info, &ids, rule) {
        Ok(statement) => statement,
        Err(error) => return unreadable(&step.target, &error),
    };
    let records = stored::find_all(&call.db, statement, &step.target).await?;
    let targets = by_id(call, records, below).await?;
    for shown in shown {
        let found: Vec<_> = ids_of(&shown.record, step.field).filter_map(|id| targets.get(id).cloned()).collect();
        put(shown, name, step.many, found);
    }
    Ok(())
}

async fn attach_back(
    call: &Call,
    shown: &mut [Shown],
    name: &str,
    step: &Step,
    rule: Option<&str>,
    below: &Tree,
) -> Result<()> {
    let ids: Vec<&str> = shown.iter().map(|shown| shown.record.id()).collect();
    let schema = call.app.schema();
    let statement = match call.app.planner().pointing_at(&schema, &step.target, &call.info, step.field, &ids, rule) {
        Ok(statement) => statement,
        Err(error) => return unreadable(&step.target, &error),
    };
    let (pace, target) = (statement.pace.clone(), Arc::clone(&step.target));
    let rows = call.db.read(&pace, move |conn| stored::read_pointing(conn, &statement, &target)).await?;
    let mut order: HashMap<String, Vec<String>> = HashMap::new();
    let mut records: HashMap<String, Record> = HashMap::new();
    for (pointed_at, record) in rows {
        let sources = order.entry(pointed_at).or_default();
        if sources.len() < limits::EXPAND_BACK_MAX_RECORDS {
            sources.push(record.id().to_owned());
            records.insert(record.id().to_owned(), record);
        }
    }
    let targets = by_id(call, records.into_values().collect(), below).await?;
    for shown in shown {
        let sources = order.get(shown.record.id()).map(Vec::as_slice).unwrap_or_default();
        let found: Vec<_> = sources.iter().filter_map(|id| targets.get(id).cloned()).collect();
        put(shown, name, step.many, found);
    }
    Ok(())
}

/// The records as the caller may see them, with what is to be expanded below, by their ids.
async fn by_id(call: &Call, records: Vec<Record>, below: &Tree) -> Result<HashMap<String, Arc<Shown>>> {
    let mut shown = render::show(call, records).await?;
    attach(call, &mut shown, below).await?;
    Ok(shown.into_iter().map(|shown| (shown.record.id().to_owned(), Arc::new(shown))).collect())
}

fn ids_of(record: &Record, field: usize) -> impl Iterator<Item = &str> {
    record.values.get(field).map(Value::as_list).unwrap_or_default().iter().map(String::as_str)
}

fn put(shown: &mut Shown, name: &str, many: bool, found: Vec<Arc<Shown>>) {
    let Some(first) = found.first() else { return };
    let value = if many { Expanded::Many(found) } else { Expanded::One(Arc::clone(first)) };
    shown.expand.get_or_insert_default().insert(name.to_owned(), value);
}

/// A view rule that cannot be evaluated denies: the relation is left out, the log says why.
fn unreadable(target: &Collection, error: &crate::Error) -> Result<()> {
    tracing::warn!(collection = target.name, %error, "the view rule cannot be evaluated and denies");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_with_a_common_start_merge_and_depth_is_bounded() {
        let tree = Tree::parse("a.b, a.c ,d,,");
        assert_eq!(tree.0.keys().collect::<Vec<_>>(), ["a", "d"]);
        assert_eq!(tree.0["a"].0.keys().collect::<Vec<_>>(), ["b", "c"]);
        let mut deep = &Tree::parse(&["x"; 50].join("."));
        let mut depth = 0;
        while let Some(below) = deep.0.get("x") {
            (deep, depth) = (below, depth + 1);
        }
        assert_eq!(depth, limits::EXPAND_MAX_DEPTH);
    }
}

//! What code says about a collection against what the database has: every difference, and what it could lose. Pure.

use super::{
    describe::{self, Line, Sign},
    diff,
    plan::keeps_values,
    step::{CollectionJson, Create, FieldStep, IndexStep, Step, Update},
};
use crate::schema::{
    Collection, Field, FieldKind,
    index::{Index, IndexColumn},
};

/// Properties of a field that say nothing about its values.
const HARMLESS: [&str; 6] = ["name", "hidden", "presentable", "help", "system", "id"];

/// One difference between a collection in code and in the database.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What changes.
    pub line: Line,
    /// What it could lose; whether it does depends on the records.
    pub loss: Option<Loss>,
}

/// What a difference could lose.
#[derive(Clone, Debug, PartialEq)]
pub enum Loss {
    /// The values of a field.
    Values(Field),
    /// That the values of a field fit its options.
    Fit {
        /// As it is.
        before: Field,
        /// As it becomes; the same id.
        after: Field,
    },
    /// That no two records have the same values.
    Uniqueness,
}

impl Loss {
    /// What happens to so many records, as the end of a sentence.
    pub fn words(&self, records: u64) -> String {
        let records = if records == 1 { "1 record".to_owned() } else { format!("{records} records") };
        match self {
            Self::Values(_) => format!("{records} would lose a value"),
            Self::Fit { after, .. } => format!("{records} would hold a value that {} no longer allows", after.name),
            Self::Uniqueness => format!("{records} would no longer be kept apart"),
        }
    }
}

/// Every difference between a collection as it is and as code wants it. Fields are the same when their ids are.
pub fn compare(old: &Collection, new: &Collection) -> Vec<Difference> {
    let Some(step) = diff::update(old, new) else { return Vec::new() };
    let mut found = Vec::new();
    // A view keeps nothing.
    let losing = !old.is_view();
    for field in &step.fields {
        let part = Update {
            set: Default::default(),
            fields: vec![field.clone()],
            field_order: None,
            indexes: Vec::new(),
            ..step.clone()
        };
        found.push(Difference { line: one_line(&part), loss: field_loss(old, new, field).filter(|_| losing) });
    }
    for index in &step.indexes {
        let part = Update {
            set: Default::default(),
            fields: Vec::new(),
            field_order: None,
            indexes: vec![index.clone()],
            ..step.clone()
        };
        found.push(Difference { line: one_line(&part), loss: index_loss(new, index).filter(|_| losing) });
    }
    let rest = Update { fields: Vec::new(), indexes: Vec::new(), ..step };
    found.extend(describe::update(&rest).into_iter().map(|line| Difference { line, loss: None }));
    found
}

/// The difference that a collection makes that is only in code.
pub fn new(collection: &Collection) -> Vec<Difference> {
    let step = Step::Create(Create { create: CollectionJson::of(collection), if_missing: false });
    describe::describe(&[step]).into_iter().map(|line| Difference { line, loss: None }).collect()
}

/// What changes of one field or index, on one line.
fn one_line(step: &Update) -> Line {
    let mut lines = describe::update(step).into_iter();
    let first = lines.next().unwrap_or(Line { sign: Sign::Change, text: step.update.clone() });
    lines.fold(first, |mut all, line| {
        let text = line.text.rsplit_once(&format!("{}.", step.update)).map_or(line.text.as_str(), |(_, rest)| rest);
        all.text += &format!(", {text}");
        all
    })
}

fn field_loss(old: &Collection, new: &Collection, step: &FieldStep) -> Option<Loss> {
    match step {
        FieldStep::Add { .. } => None,
        FieldStep::Remove { remove, .. } => {
            let id = remove.get("id").and_then(serde_json::Value::as_str)?;
            old.fields.iter().find(|field| field.id == id).cloned().map(Loss::Values)
        }
        FieldStep::Change { id, set, .. } => {
            let find = |fields: &[Field]| fields.iter().find(|field| field.id == *id).cloned();
            let (before, after) = (find(&old.fields)?, find(&new.fields)?);
            if set.keys().all(|key| HARMLESS.contains(&key.as_str())) {
                return None;
            }
            match (&before.kind, &after.kind) {
                (old, new) if old.name() != new.name() && !keeps_values(&before, &after) => Some(Loss::Values(before)),
                // Stored as a hash, and set by the server: their options bind only what comes.
                (_, FieldKind::Password(_) | FieldKind::Autodate(_)) => None,
                _ => Some(Loss::Fit { before, after }),
            }
        }
    }
}

fn index_loss(new: &Collection, step: &IndexStep) -> Option<Loss> {
    let IndexStep::Remove(text) = step else { return None };
    let gone = Index::parse(text).filter(|index| index.unique)?;
    // With a field that goes, its own loss says it all.
    if gone.columns.iter().any(|column| !new.fields.iter().any(|field| field.name.eq_ignore_ascii_case(&column.name))) {
        return None;
    }
    // Another unique index over some of the same columns keeps at least as much apart, unless it tells values apart that were the same.
    let is_as_strict = |one: &IndexColumn, other: &IndexColumn| {
        let is_exact = one.collate.is_empty() || one.collate.eq_ignore_ascii_case("binary");
        one.name.eq_ignore_ascii_case(&other.name) && (is_exact || one.collate.eq_ignore_ascii_case(&other.collate))
    };
    let replaces = |other: &Index| {
        other.unique
            && (other.condition.is_empty() || other.condition == gone.condition)
            && other.columns.iter().all(|column| gone.columns.iter().any(|one| is_as_strict(one, column)))
    };
    let is_replaced = new.indexes.iter().filter_map(|text| Index::parse(text)).any(|other| replaces(&other));
    (!is_replaced).then_some(Loss::Uniqueness)
}

//! Steps in words, a line for each thing that changes. Pure.

use serde_json::{Map, Value as Json};

use super::step::{CollectionJson, FieldStep, FromTo, IndexStep, Step, Update};

/// Longest value that a line repeats, in characters.
const VALUE_MAX_CHARS: usize = 80;

/// Whether something comes, changes or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It comes.
    Add,
    /// It changes.
    Change,
    /// It goes.
    Remove,
}

/// One thing that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How.
    pub sign: Sign,
    /// What: `posts.title (text)`, `posts.listRule: null → ""`.
    pub text: String,
}

impl Line {
    fn new(sign: Sign, text: impl Into<String>) -> Self {
        Self { sign, text: text.into() }
    }
}

/// Everything that steps do.
pub fn describe(steps: &[Step]) -> Vec<Line> {
    steps.iter().flat_map(step).collect()
}

fn step(step: &Step) -> Vec<Line> {
    match step {
        Step::Create(step) => whole(Sign::Add, &step.create),
        Step::Delete(step) => vec![Line::new(Sign::Remove, collection(&step.delete))],
        Step::Update(step) => update(step),
        Step::Sql(step) => {
            step.sql.lines().filter(|line| !line.trim().is_empty()).map(|line| Line::new(Sign::Change, line)).collect()
        }
        Step::Snapshot(step) => step.snapshot.iter().flat_map(|one| whole(Sign::Add, one)).collect(),
    }
}

/// What changes of a collection.
pub(super) fn update(step: &Update) -> Vec<Line> {
    let name = &step.update;
    let mut lines: Vec<Line> = step.set.iter().map(|(path, change)| changed(name, path, change)).collect();
    for field in &step.fields {
        match field {
            FieldStep::Add { add, .. } => lines.push(Line::new(Sign::Add, self::field(name, add))),
            FieldStep::Remove { remove, .. } => lines.push(Line::new(Sign::Remove, self::field(name, remove))),
            FieldStep::Change { change, set, .. } => {
                let place = format!("{name}.{change}");
                lines.extend(set.iter().map(|(path, change)| changed(&place, path, change)));
            }
        }
    }
    if step.field_order.is_some() {
        lines.push(Line::new(Sign::Change, format!("{name}: the order of the fields")));
    }
    for index in &step.indexes {
        lines.push(match index {
            IndexStep::Add(text) => Line::new(Sign::Add, format!("{name}: {}", one_line(text))),
            IndexStep::Remove(text) => Line::new(Sign::Remove, format!("{name}: {}", one_line(text))),
        });
    }
    lines
}

fn whole(sign: Sign, json: &CollectionJson) -> Vec<Line> {
    let fields = json.0.get("fields").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object);
    let fields = fields.map(|field| Line::new(sign, self::field(json.name(), field)));
    std::iter::once(Line::new(sign, collection(json))).chain(fields).collect()
}

fn collection(json: &CollectionJson) -> String {
    let kind = json.0.get("type").and_then(Json::as_str).unwrap_or("base");
    format!("{} ({kind} collection)", json.name())
}

fn field(place: &str, json: &Map<String, Json>) -> String {
    let text = |key: &str| json.get(key).and_then(Json::as_str).unwrap_or_default();
    format!("{place}.{} ({})", text("name"), text("type"))
}

fn changed(place: &str, path: &str, change: &FromTo) -> Line {
    Line::new(Sign::Change, format!("{place}.{path}: {} → {}", short(&change.from), short(&change.to)))
}

fn short(json: &Json) -> String {
    let text = json.to_string();
    match text.char_indices().nth(VALUE_MAX_CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

//! Dotted paths: through relations, back-relations and JSON to the value at the end.

use std::sync::Arc;

use super::{
    fault::Fault,
    ir::{Cond, JoinKind, Operand, Place, Row, Side, Term, Value},
    known::{JsonStep, Known, Source},
    lexer::Op,
    parser,
    resolver::Resolver,
};
use crate::{
    limits::PATH_MAX_RELATIONS,
    schema::{Collection, Field, FieldKind, index::Index},
};

/// What a last part asks of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Value,
    Isset,
    Changed,
    Length,
    Each,
    Lower,
}

/// A last part into its name and its modifier.
pub(super) fn split_modifier(part: &str) -> Result<(&str, Ask), Fault> {
    let Some((name, modifier)) = part.split_once(':') else {
        return Ok((part, Ask::Value));
    };
    let ask = match modifier {
        "isset" => Ask::Isset,
        "changed" => Ask::Changed,
        "length" => Ask::Length,
        "each" => Ask::Each,
        "lower" => Ask::Lower,
        _ => return Err(Fault::whole(format!("unknown modifier in {part:?}"))),
    };
    Ok((name, ask))
}

/// How far a path has come.
struct Walk {
    place: Place,
    /// Names the joins of the path.
    key: String,
    walls: Vec<Cond>,
    limited: bool,
    /// Whether what does not exist is NULL instead of a fault (`@request.*`).
    lenient: bool,
}

impl Resolver<'_> {
    /// The value at the end of a path that starts at a place.
    pub(super) fn walk(
        &mut self,
        place: Place,
        key: String,
        parts: &[&str],
        limited: bool,
        lenient: bool,
    ) -> Result<Value, Fault> {
        let mut walk = Walk { place, key, walls: Vec::new(), limited, lenient };
        let Some((last, steps)) = parts.split_last() else {
            return Err(Fault::whole("empty path"));
        };
        for (depth, part) in steps.iter().enumerate() {
            let Some(at) = walk.place.collection.position(part) else {
                if depth >= PATH_MAX_RELATIONS {
                    return Err(Fault::whole(format!("max nested relations reached for field {part:?}")));
                }
                match self.back_relation(&mut walk, part) {
                    Ok(()) => continue,
                    Err(_) if walk.lenient => return Ok(self.null()),
                    Err(fault) => return Err(fault),
                }
            };
            if Self::is_hidden_from(&walk, at)? {
                return Ok(self.null());
            }
            if matches!(walk.place.field(at).kind, FieldKind::Json(_) | FieldKind::GeoPoint) {
                return Ok(self.json(&walk, at, &parts[depth + 1..]));
            }
            if depth >= PATH_MAX_RELATIONS {
                return Err(Fault::whole(format!("max nested relations reached for field {part:?}")));
            }
            let is_id_of_single = depth + 1 == steps.len() && *last == "id" && !walk.place.field(at).is_multiple();
            if is_id_of_single && matches!(walk.place.field(at).kind, FieldKind::Relation(_)) {
                return self.last(walk, part);
            }
            self.relation(&mut walk, at)?;
        }
        self.last(walk, last)
    }

    /// Whether a field counts as NULL here; where names are not taken leniently that is a fault.
    fn is_hidden_from(walk: &Walk, at: usize) -> Result<bool, Fault> {
        let field = walk.place.field(at);
        let is_hidden = (field.hidden && walk.limited) || Self::is_secret(&walk.place.collection, at);
        if is_hidden && !walk.lenient {
            return Err(Fault::whole(format!("non-filterable field {:?}", field.name)));
        }
        Ok(is_hidden)
    }

    fn json(&mut self, walk: &Walk, at: usize, rest: &[&str]) -> Value {
        let path: Vec<JsonStep> = rest.iter().map(|part| JsonStep::of(part)).collect();
        match self.json_source(&walk.place, at, path) {
            Ok(known) => self.known(known),
            Err(path) => {
                let term = Term::Json(Box::new(self.column(&walk.place, at)), path);
                walled(self.operand(term, true), walk.walls.clone(), None)
            }
        }
    }

    /// A path into a JSON column of a record in memory; the path again when the record is in the database.
    fn json_source(&self, place: &Place, at: usize, path: Vec<JsonStep>) -> Result<Known, Vec<JsonStep>> {
        let source = match place.row {
            Row::New => Source::NewJson(at, path),
            Row::Auth => Source::AuthJson(at, path),
            _ => return Err(path),
        };
        Ok(Known { exact: true, ..Known::plain(source) })
    }

    /// A step through a relation of the place.
    fn relation(&mut self, walk: &mut Walk, at: usize) -> Result<(), Fault> {
        let field = walk.place.field(at).clone();
        let FieldKind::Relation(options) = &field.kind else {
            return Err(Fault::whole(format!("field {:?} is not a valid relation", field.name)));
        };
        let Some(collection) = self.schema.by_id(&options.collection_id).cloned() else {
            return Err(Fault::whole(format!("failed to load field {:?} collection", field.name)));
        };
        let by = if field.is_multiple() { self.several(walk, at, &field)? } else { self.column(&walk.place, at) };
        walk.key = format!("{}.{}", walk.key, field.name);
        let row = Row::Found { column: "id".to_owned(), by: Box::new(by), sure: !walk.place.collection.is_view() };
        self.enter(walk, row, collection)
    }

    /// The ids, names or values of a field that holds several, one at a time.
    fn several(&mut self, walk: &Walk, at: usize, field: &Field) -> Result<Term, Fault> {
        let key = format!("{}.{}[]", walk.key, field.name);
        if walk.place.is_joined(field) && !matches!(walk.place.row, Row::New | Row::Auth) {
            let kind = JoinKind::Links {
                table: walk.place.collection.join_table(field),
                near: Side::Source,
                by: self.id(&walk.place)?,
            };
            return Ok(Term::Step(self.scope.join(&key, kind)?, Side::Target));
        }
        let column = self.column(&walk.place, at);
        Ok(Term::Step(self.scope.join(&key, JoinKind::Elements(column))?, Side::Element))
    }

    /// A step to the records whose relation points at the place: `coll_via_field`.
    fn back_relation(&mut self, walk: &mut Walk, part: &str) -> Result<(), Fault> {
        let missing = || Fault::whole(format!("failed to resolve field {part:?}"));
        let (name, field_name) = part.rsplit_once("_via_").ok_or_else(missing)?;
        let Some(collection) = self.schema.find(name).cloned() else {
            return Err(Fault::whole(format!("failed to load back relation field {part:?} collection")));
        };
        let Some(field) = collection.field(field_name).cloned() else {
            return Err(Fault::whole(format!("missing back relation field {field_name:?}")));
        };
        match &field.kind {
            FieldKind::Relation(options) if options.collection_id == walk.place.collection.id => {}
            FieldKind::Relation(_) => {
                return Err(Fault::whole(format!(
                    "invalid collection reference of a back relation field {field_name:?}"
                )));
            }
            _ => return Err(Fault::whole(format!("invalid back relation field {field_name:?}"))),
        }
        if field.hidden && walk.limited {
            return Err(Fault::whole(format!("non-filterable back relation field {field_name:?}")));
        }
        let by = self.id(&walk.place)?;
        walk.key = format!("{}.{part}", walk.key);
        let row = self.pointing(walk, &collection, &field, by)?;
        self.enter(walk, row, collection)
    }

    fn pointing(&mut self, walk: &Walk, collection: &Arc<Collection>, field: &Field, by: Term) -> Result<Row, Fault> {
        if field.is_multiple() && !collection.is_view() {
            let kind = JoinKind::Links { table: collection.join_table(field), near: Side::Target, by };
            let join = self.scope.join(&walk.key, kind)?;
            let by = Box::new(Term::Step(join, Side::Source));
            return Ok(Row::Found { column: "id".to_owned(), by, sure: true });
        }
        if field.is_multiple() {
            return Err(Fault::whole(format!("{:?} of a view cannot be followed back", field.name)));
        }
        if is_unique(collection, &field.name) {
            return Ok(Row::Found { column: field.name.clone(), by: Box::new(by), sure: true });
        }
        let kind = JoinKind::Back { collection: collection.clone(), column: field.name.clone(), by };
        Ok(Row::Joined(self.scope.join(&walk.key, kind)?))
    }

    /// Moves to a record of another collection, if the caller may look there.
    fn enter(&mut self, walk: &mut Walk, row: Row, collection: Arc<Collection>) -> Result<(), Fault> {
        walk.place = Place { row, collection };
        if walk.limited {
            let wall = self.list_wall(walk)?;
            walk.walls.extend(wall);
        }
        Ok(())
    }

    /// What a client must satisfy to filter by another collection's records: their list rule.
    fn list_wall(&mut self, walk: &Walk) -> Result<Option<Cond>, Fault> {
        let collection = walk.place.collection.clone();
        let rule = match collection.rules.list.as_deref() {
            None => return Err(Fault::whole(format!("only superusers can filter by {:?}", collection.name))),
            Some(rule) if rule.trim().is_empty() => return Ok(None),
            Some(rule) => rule,
        };
        if let Some((_, wall)) = self.scope.walls.iter().find(|(key, _)| *key == walk.key) {
            return Ok(Some(wall.clone()));
        }
        let node = parser::parse(rule)?;
        let id = self.id(&walk.place)?;
        let left = self.operand(id, false);
        let right = self.null();
        let absent = self.leaf(left, Op::Eq, true, right);
        let mut inner = Resolver {
            schema: self.schema,
            subject: self.subject,
            auth: self.auth,
            limited: false,
            base: walk.place.clone(),
            prefix: format!("{}/", walk.key),
            scope: &mut *self.scope,
        };
        let wall = Cond::Any(vec![absent, inner.condition(&node)?]);
        self.scope.walls.push((walk.key.clone(), wall.clone()));
        Ok(Some(wall))
    }

    /// The value of the last part.
    fn last(&mut self, walk: Walk, part: &str) -> Result<Value, Fault> {
        let (name, ask) = split_modifier(part)?;
        let Some(at) = walk.place.collection.position(name) else {
            if walk.lenient {
                return Ok(self.null());
            }
            return Err(Fault::whole(format!("unknown field {name:?}")));
        };
        if Self::is_hidden_from(&walk, at)? {
            return Ok(self.null());
        }
        let mut gate = None;
        if walk.limited && Self::is_email(&walk.place.collection, at) {
            let visible = walk.place.collection.position("emailVisibility");
            gate = visible.map(|at| self.compares(&walk.place, at, Op::Eq, Known::plain(Source::Int(1))));
        }
        let field = walk.place.field(at).clone();
        let holds_several = matches!(field.kind, FieldKind::Select(_) | FieldKind::File(_) | FieldKind::Relation(_));
        let (term, exact) = match ask {
            Ask::Length if holds_several => (self.length(&walk.place, at, &field), false),
            Ask::Each if holds_several && field.is_multiple() => (self.several(&walk, at, &field)?, false),
            _ => match self.json_or_column(&walk.place, at, &field) {
                (term, exact) if ask == Ask::Lower => (self.lower(term), exact),
                plain => plain,
            },
        };
        Ok(walled(self.operand(term, exact), walk.walls, gate))
    }

    fn json_or_column(&mut self, place: &Place, at: usize, field: &Field) -> (Term, bool) {
        if name_is_id_of_reference(place, field)
            && let Ok(id) = self.id(place)
        {
            return (id, false);
        }
        if !matches!(field.kind, FieldKind::Json(_)) {
            return (self.column(place, at), false);
        }
        match self.json_source(place, at, Vec::new()) {
            Ok(known) => (Term::Known(self.scope.know(known)), true),
            Err(path) => (Term::Json(Box::new(self.column(place, at)), path), true),
        }
    }

    fn length(&mut self, place: &Place, at: usize, field: &Field) -> Term {
        let known = match place.row {
            Row::New => Some(Source::NewLength(at)),
            Row::Auth => Some(Source::AuthLength(at)),
            _ => None,
        };
        match known {
            Some(source) => Term::Known(self.scope.know(Known::plain(source))),
            None if place.is_joined(field) => Term::Count(place.clone(), at),
            None => Term::Length { of: Box::new(self.column(place, at)), multiple: field.is_multiple() },
        }
    }

    /// A term in lower case.
    pub(super) fn lower(&mut self, term: Term) -> Term {
        match term {
            Term::Known(at) => {
                let inner = self.scope.known[at].clone();
                let source = Source::Lower(Box::new(inner.source));
                Term::Known(self.scope.know(Known { source, ..inner }))
            }
            term => Term::Lower(Box::new(term)),
        }
    }

    /// The same value with something known in its place while `guard` is empty or false.
    pub(super) fn guarded(&mut self, value: Value, guard: Known, instead: Known) -> Value {
        match value {
            Value::Known(_) => value,
            Value::Asked(operand) => {
                let guard = Some((self.scope.know(guard), self.scope.know(instead)));
                Value::Asked(Box::new(Operand { guard, ..*operand }))
            }
        }
    }
}

/// The same operand with what this caller must satisfy.
fn walled(value: Value, walls: Vec<Cond>, gate: Option<Cond>) -> Value {
    let mut operand = match (value, &gate) {
        (Value::Asked(operand), _) => operand,
        (known, None) => return known,
        // Of a record in memory: only where the database compares it can it depend on more than itself.
        (Value::Known(at), Some(_)) => {
            let (gates, walls) = (Vec::new(), Vec::new());
            Box::new(Operand { term: Term::Known(at), exact: false, gates, walls, bare: false, guard: None })
        }
    };
    operand.walls = walls;
    operand.gates.extend(gate);
    Value::Asked(operand)
}

/// Whether the field is the id of a record that is already known by its id.
fn name_is_id_of_reference(place: &Place, field: &Field) -> bool {
    field.name == "id" && matches!(place.row, Row::Found { .. })
}

/// Whether a unique index covers exactly this column, for all rows.
fn is_unique(collection: &Collection, column: &str) -> bool {
    let mut indexes = collection.indexes.iter().filter_map(|text| Index::parse(text));
    indexes.any(|index| {
        index.unique && index.condition.is_empty() && matches!(&index.columns[..], [only] if only.name == column)
    })
}

//! Names in a parsed filter, found in the schema: from words to operands.

use std::sync::Arc;

use super::{
    fault::Fault,
    ir::{Cond, Join, JoinId, JoinKind, KnownId, Leaf, Operand, Place, Row, Term, Value},
    known::{Known, Source},
    lexer::Op,
    macros::Macro,
    parser::{Comparison, Node, Word, WordKind},
    value::Affinity,
};
use crate::{
    limits::{FILTER_MAX_JOINS, STATEMENT_MAX_COMPARISONS},
    schema::{Collection, FieldKind, Schema},
};

/// What the texts of one statement share: joins by path, and known operands.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Joins; parents before their children.
    pub joins: Vec<Join>,
    /// Known operands.
    pub known: Vec<Known>,
    /// What must hold of the other collections' rows that a client's own filter or sort reaches, by path.
    pub walls: Vec<(String, Cond)>,
    comparisons: usize,
}

impl Scope {
    /// The position of a known operand, added when it is new.
    pub fn know(&mut self, known: Known) -> KnownId {
        match self.known.iter().position(|item| *item == known) {
            Some(at) => at,
            None => {
                self.known.push(known);
                self.known.len() - 1
            }
        }
    }

    /// The join of a path, added when it is new.
    pub fn join(&mut self, key: &str, kind: JoinKind) -> Result<JoinId, Fault> {
        if let Some(at) = self.joins.iter().position(|join| join.key == key) {
            return Ok(at);
        }
        if self.joins.len() >= FILTER_MAX_JOINS {
            return Err(Fault::whole(format!("more than {FILTER_MAX_JOINS} different ways to other records")));
        }
        let mut parent = None;
        if let Some(by) = kind.by() {
            by.joins(&mut |join| parent = parent.max(Some(join)));
        }
        self.joins.push(Join { key: key.to_owned(), parent, kind });
        Ok(self.joins.len() - 1)
    }

    /// Adds `join` and all it starts from to a list without repeats.
    pub fn with_parents(&self, join: JoinId, into: &mut Vec<JoinId>) {
        let mut next = Some(join);
        while let Some(at) = next {
            if !into.contains(&at) {
                into.push(at);
            }
            next = self.joins[at].parent;
        }
    }
}

/// Finds the names of one text.
pub struct Resolver<'a> {
    /// All collections.
    pub schema: &'a Schema,
    /// What `@request.body` fields are fields of.
    pub subject: &'a Arc<Collection>,
    /// The collection of the caller.
    pub auth: Option<&'a Arc<Collection>>,
    /// Whether the text is a client's own, with its limits.
    pub limited: bool,
    /// The record that the text is about.
    pub base: Place,
    /// Starts the path of every join.
    pub prefix: String,
    /// What is shared with the other texts of the statement.
    pub scope: &'a mut Scope,
}

impl<'a> Resolver<'a> {
    /// Resolves texts about records of a collection by themselves, as a superuser may write them.
    pub fn alone(schema: &'a Schema, subject: &'a Arc<Collection>, scope: &'a mut Scope) -> Self {
        let base = Place { row: Row::Base, collection: Arc::clone(subject) };
        Self { schema, subject, auth: None, limited: false, base, prefix: String::new(), scope }
    }

    /// The condition of a parsed filter.
    pub fn condition(&mut self, node: &Node) -> Result<Cond, Fault> {
        Ok(match node {
            Node::All(nodes) => Cond::All(nodes.iter().map(|node| self.condition(node)).collect::<Result<_, _>>()?),
            Node::Any(nodes) => Cond::Any(nodes.iter().map(|node| self.condition(node)).collect::<Result<_, _>>()?),
            Node::Compare(comparison) => self.comparison(comparison)?,
        })
    }

    fn comparison(&mut self, comparison: &Comparison) -> Result<Cond, Fault> {
        self.scope.comparisons += 1;
        if self.scope.comparisons > STATEMENT_MAX_COMPARISONS {
            return Err(Fault::whole(format!(
                "more than {STATEMENT_MAX_COMPARISONS} comparisons, with the rules reached"
            )));
        }
        let left = self.word(&comparison.left).map_err(|fault| blame("left", &comparison.left, &fault))?;
        let right = self.word(&comparison.right).map_err(|fault| blame("right", &comparison.right, &fault))?;
        Ok(self.leaf(left, comparison.op, comparison.any, right))
    }

    fn word(&mut self, word: &Word) -> Result<Value, Fault> {
        match &word.kind {
            WordKind::Text(text) => Ok(self.known(Known::bound(Source::Text(text.clone())))),
            WordKind::Number(number) => Ok(self.known(Known::bound(Source::Number(*number)))),
            WordKind::Identifier(name) => self.identifier(name),
            WordKind::Call(name, arguments) => self.call(name, arguments),
        }
    }

    fn identifier(&mut self, name: &str) -> Result<Value, Fault> {
        if let Some(known) = Macro::named(name) {
            return Ok(self.known(Known::bound(Source::Macro(known))));
        }
        self.path(name).or_else(|fault| match name.to_ascii_lowercase().as_str() {
            "null" => Ok(self.known(Known::plain(Source::Null))),
            "true" => Ok(self.known(Known::plain(Source::Int(1)))),
            "false" => Ok(self.known(Known::plain(Source::Int(0)))),
            _ => Err(fault),
        })
    }

    /// The value of a path, without macros and keywords.
    pub fn path(&mut self, name: &str) -> Result<Value, Fault> {
        if name.contains('#') || name.trim_start_matches('@').contains('@') {
            return Err(Fault::whole(format!("failed to resolve field {name:?}")));
        }
        let parts: Vec<&str> = name.split('.').collect();
        match parts.as_slice() {
            ["@request", rest @ ..] => self.request(name, rest),
            ["@collection", target, rest @ ..] if !rest.is_empty() => self.collection(target, rest),
            [first, ..] if first.starts_with('@') => Err(Fault::whole(format!("failed to resolve field {name:?}"))),
            parts => {
                let (base, prefix, limited) = (self.base.clone(), self.prefix.clone(), self.limited);
                self.walk(base, prefix, parts, limited, false)
            }
        }
    }

    /// `@collection.name.x`, `@collection.name:alias.x`
    fn collection(&mut self, target: &str, rest: &[&str]) -> Result<Value, Fault> {
        let (name, alias) = target.split_once(':').unwrap_or((target, ""));
        let Some(collection) = self.schema.find(name).cloned() else {
            return Err(Fault::whole(format!("failed to load collection {name:?}")));
        };
        let key = match alias {
            "" => format!("{}@collection.{}", self.prefix, collection.name),
            alias => format!("{}@collection:{alias}", self.prefix),
        };
        let join = self.scope.join(&key, JoinKind::All(collection.clone()))?;
        if !matches!(&self.scope.joins[join].kind, JoinKind::All(known) if known.id == collection.id) {
            return Err(Fault::whole(format!("the alias {alias:?} stands for two collections")));
        }
        self.walk(Place { row: Row::Joined(join), collection }, key, rest, false, false)
    }

    fn call(&mut self, name: &str, words: &[Word]) -> Result<Value, Fault> {
        match name {
            "geoDistance" if words.len() != 4 => Err(Fault::whole("[geoDistance] expected 4 arguments")),
            "geoDistance" => {
                if words.iter().any(|word| matches!(word.kind, WordKind::Text(_) | WordKind::Call(..))) {
                    return Err(Fault::whole("[geoDistance] arguments must be identifiers or numbers"));
                }
                self.function(words, true, Term::GeoDistance)
            }
            "strftime" => {
                let valid = words.iter().enumerate().all(|(at, word)| match &word.kind {
                    WordKind::Text(_) => true,
                    WordKind::Identifier(_) | WordKind::Number(_) => at == 1,
                    WordKind::Call(..) => false,
                });
                if words.is_empty() || !valid {
                    return Err(Fault::whole(
                        "[strftime] expected a text, then an identifier, text or number, then texts",
                    ));
                }
                self.function(words, false, Term::Strftime)
            }
            _ => Err(Fault::whole(format!("unknown function {name:?}"))),
        }
    }

    fn function(&mut self, words: &[Word], exact: bool, build: fn(Vec<Term>) -> Term) -> Result<Value, Fault> {
        let (mut terms, mut gates, mut walls) = (Vec::new(), Vec::new(), Vec::new());
        for word in words {
            match self.word(word)? {
                Value::Known(at) => terms.push(Term::Known(at)),
                Value::Asked(operand) => {
                    gates.extend(operand.gates);
                    walls.extend(operand.walls);
                    terms.push(operand.term);
                }
            }
        }
        Ok(Value::Asked(Box::new(Operand { term: build(terms), exact, gates, walls, bare: false, guard: None })))
    }

    /// A known operand.
    pub(super) fn known(&mut self, known: Known) -> Value {
        Value::Known(self.scope.know(known))
    }

    /// NULL
    pub(super) fn null(&mut self) -> Value {
        self.known(Known::plain(Source::Null))
    }

    /// A comparison of a column of a place with a known value, as a condition.
    pub(super) fn compares(&mut self, place: &Place, at: usize, op: Op, known: Known) -> Cond {
        let term = self.column(place, at);
        let left = self.operand(term, false);
        let right = self.known(known);
        self.leaf(left, op, true, right)
    }

    /// A comparison about the base.
    pub(super) fn leaf(&self, left: Value, op: Op, any: bool, right: Value) -> Cond {
        let mut given = Vec::new();
        self.base.row.joins(&mut |join| self.scope.with_parents(join, &mut given));
        Cond::Leaf(Box::new(Leaf { left, op, any, right, given }))
    }

    /// The term of a column; of records in memory a known value.
    pub(super) fn column(&mut self, place: &Place, at: usize) -> Term {
        match place.row {
            Row::New => Term::Known(self.scope.know(Known::plain(Source::New(at)))),
            Row::Auth => {
                let name = place.collection.fields[at].name.as_str();
                let source = Source::Auth(at);
                let is_plain = matches!(name, "id" | "email" | "emailVisibility" | "verified");
                let affinity = match &place.collection.fields[at].kind {
                    FieldKind::Json(_) => None,
                    FieldKind::Number(_) | FieldKind::Bool => Some(Affinity::Number),
                    _ => Some(Affinity::Text),
                };
                let plain = Known { affinity, ..Known::plain(source.clone()) };
                Term::Known(self.scope.know(if is_plain { Known::bound(source) } else { plain }))
            }
            _ if place.is_joined(place.field(at)) => Term::Ids(place.clone(), at),
            _ => Term::Column(place.clone(), at),
        }
    }

    /// The term of a record's id.
    pub(super) fn id(&mut self, place: &Place) -> Result<Term, Fault> {
        match &place.row {
            Row::Found { by, sure: true, column } if column == "id" => Ok((**by).clone()),
            _ => match place.collection.position("id") {
                Some(at) => Ok(self.column(place, at)),
                None => Err(Fault::whole(format!("collection {:?} has no id", place.collection.name))),
            },
        }
    }

    /// An operand of a term; known terms become known operands.
    pub(super) fn operand(&self, term: Term, exact: bool) -> Value {
        match term {
            Term::Known(at) => Value::Known(at),
            term => {
                let (gates, walls) = (Vec::new(), Vec::new());
                Value::Asked(Box::new(Operand { term, exact, gates, walls, bare: false, guard: None }))
            }
        }
    }

    /// Whether an auth collection's column is its email.
    pub(super) fn is_email(collection: &Collection, at: usize) -> bool {
        collection.is_auth() && collection.fields[at].name == "email"
    }

    /// Whether a column is a password, which no filter ever reads.
    pub(super) fn is_secret(collection: &Collection, at: usize) -> bool {
        matches!(collection.fields[at].kind, FieldKind::Password(_))
    }
}

fn blame(side: &str, word: &Word, fault: &Fault) -> Fault {
    let text = match &word.kind {
        WordKind::Identifier(name) | WordKind::Call(name, _) => name.clone(),
        WordKind::Text(text) => text.clone(),
        WordKind::Number(number) => number.to_string(),
    };
    Fault::at(word.at, format!("invalid {side} operand {text:?} - {fault}"))
}

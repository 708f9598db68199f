//! `@request.*`: what was sent, who asks, and paths that start there.

use super::{
    fault::Fault,
    ir::{JoinKind, Place, Row, Side, Term, Value},
    known::{Known, Source},
    path::{Ask, split_modifier},
    resolver::Resolver,
};
use crate::schema::FieldKind;

impl Resolver<'_> {
    /// The value of `@request.…`; `rest` are the parts behind `@request`.
    pub(super) fn request(&mut self, name: &str, rest: &[&str]) -> Result<Value, Fault> {
        let unknown = || Fault::whole(format!("failed to resolve field {name:?}"));
        match rest {
            ["context"] => Ok(self.known(Known::bound(Source::Context))),
            ["method"] => Ok(self.known(Known::bound(Source::Method))),
            ["query", path @ ..] => self.sent(path, Source::Query, Source::QueryIsset).ok_or_else(unknown)?,
            ["headers", path @ ..] => self.sent(path, Source::Header, Source::HeaderIsset).ok_or_else(unknown)?,
            ["auth", path @ ..] if !path.is_empty() => self.auth(path),
            ["body", path @ ..] if !path.is_empty() => self.body(path),
            _ => Err(unknown()),
        }
    }

    /// A query value or a header; there is nothing inside them.
    fn sent(
        &mut self,
        path: &[&str],
        value: fn(String) -> Source,
        isset: fn(String) -> Source,
    ) -> Option<Result<Value, Fault>> {
        let (last, before) = path.split_last()?;
        Some(split_modifier(last).map(|(name, ask)| {
            if !before.is_empty() {
                return if ask == Ask::Isset { self.known(Known::plain(Source::Int(0))) } else { self.null() };
            }
            self.known(match ask {
                Ask::Isset => Known::plain(isset(name.to_owned())),
                Ask::Lower => Known::bound(Source::Lower(Box::new(value(name.to_owned())))),
                _ => Known::bound(value(name.to_owned())),
            })
        }))
    }

    /// The caller's record: known values; relations go on from there.
    fn auth(&mut self, path: &[&str]) -> Result<Value, Fault> {
        let Some(collection) = self.auth else {
            path.last().map_or(Ok(()), |last| split_modifier(last).map(|_| ()))?;
            return Ok(self.null());
        };
        match path {
            ["collectionId"] => Ok(self.known(Known::bound(Source::AuthCollectionId))),
            ["collectionName"] => Ok(self.known(Known::bound(Source::AuthCollectionName))),
            path => {
                let place = Place { row: Row::Auth, collection: collection.clone() };
                self.walk(place, "@request.auth".to_owned(), path, false, true)
            }
        }
    }

    /// The submitted data.
    fn body(&mut self, path: &[&str]) -> Result<Value, Fault> {
        let (name, ask) = split_modifier(path[0])?;
        let Some(at) = self.subject.position(name) else {
            return self.plain_body(path);
        };
        let field = self.subject.fields[at].clone();
        let holds_several = matches!(field.kind, FieldKind::Select(_) | FieldKind::File(_) | FieldKind::Relation(_));
        match (path, ask) {
            ([_, rest @ ..], _) if !rest.is_empty() && matches!(field.kind, FieldKind::Relation(_)) => {
                self.body_relation(at, rest)
            }
            ([_], Ask::Length | Ask::Each) if !holds_several => {
                Err(Fault::whole(format!("field {name:?} doesn't support multivalue operations")))
            }
            ([_], Ask::Length) => Ok(self.known(Known::plain(Source::BodyLength(name.to_owned())))),
            ([_], Ask::Each) => self.body_each(name, field.is_multiple()),
            ([_], Ask::Changed) => self.changed(at),
            _ => self.plain_body(path),
        }
    }

    fn plain_body(&mut self, path: &[&str]) -> Result<Value, Fault> {
        let mut keys: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        let last = keys.pop().unwrap_or_default();
        let (name, ask) = split_modifier(&last)?;
        keys.push(name.to_owned());
        if ask == Ask::Changed {
            return Err(Fault::whole(format!("unknown field {name:?}")));
        }
        let numeric = self.subject.field(name).is_some_and(|field| matches!(field.kind, FieldKind::Number(_)));
        let value = Source::Body { path: keys.clone(), numeric };
        Ok(self.known(match ask {
            Ask::Isset => Known::plain(Source::BodyIsset(keys)),
            Ask::Lower => Known::bound(Source::Lower(Box::new(value))),
            _ => Known::bound(value),
        }))
    }

    /// Every submitted value of a field.
    fn body_each(&mut self, name: &str, multiple: bool) -> Result<Value, Fault> {
        if !multiple {
            return self.plain_body(&[name]);
        }
        let list = self.scope.know(Known::plain(Source::BodyList(name.to_owned())));
        let join = self.scope.join(&format!("@request.body.{name}[]"), JoinKind::Elements(Term::Known(list)))?;
        let mut value = self.operand(Term::Step(join, Side::Element), false);
        if let Value::Asked(operand) = &mut value {
            operand.bare = true;
        }
        Ok(value)
    }

    /// Through the submitted ids of a relation; NULL while there are none.
    fn body_relation(&mut self, at: usize, rest: &[&str]) -> Result<Value, Fault> {
        let field = self.subject.fields[at].clone();
        let FieldKind::Relation(options) = &field.kind else {
            return Err(Fault::whole(format!("field {:?} is not a valid relation", field.name)));
        };
        let Some(collection) = self.schema.by_id(&options.collection_id).cloned() else {
            return Err(Fault::whole(format!("failed to load collection of field {:?}", field.name)));
        };
        let key = format!("@request.body.{}", field.name);
        let first = Known::plain(Source::BodyId(field.name.clone()));
        let row = if field.is_multiple() {
            let list = self.scope.know(Known::plain(Source::BodyList(field.name.clone())));
            Row::Joined(self.scope.join(&key, JoinKind::Listed(collection.clone(), list))?)
        } else {
            let by = Box::new(Term::Known(self.scope.know(first.clone())));
            Row::Found { column: "id".to_owned(), by, sure: false }
        };
        let value = self.walk(Place { row, collection }, key, rest, false, true)?;
        Ok(self.guarded(value, first, Known::plain(Source::Null)))
    }

    /// Whether a field was sent and differs from what is stored.
    fn changed(&mut self, at: usize) -> Result<Value, Fault> {
        let field = self.subject.fields[at].clone();
        if Self::is_secret(self.subject, at) {
            return Err(Fault::whole(format!("non-filterable field {:?}", field.name)));
        }
        let base = self.base.clone();
        let column = self.column(&base, at);
        let numeric = matches!(field.kind, FieldKind::Number(_));
        let sent = Known::bound(Source::Body { path: vec![field.name.clone()], numeric });
        let sent = self.scope.know(sent);
        let term = Term::Differs(sent, Box::new(column));
        let isset = Known::plain(Source::BodyIsset(vec![field.name.clone()]));
        let value = self.operand(term, false);
        Ok(self.guarded(value, isset, Known::plain(Source::Int(0))))
    }
}

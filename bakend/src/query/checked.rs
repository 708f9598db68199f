//! What is wrong with a rule, filter or sort, and where.

use std::{ops::Range, sync::Arc};

use super::{
    fault::Fault,
    parts::blamed,
    resolver::{Resolver, Scope},
};
use crate::{
    limits::RULE_MAX_CHARS,
    schema::{Collection, Schema},
};

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// A rule of the collection.
    Rule,
    /// A superuser's filter of its records.
    Filter,
    /// A superuser's sort of its records.
    Sort,
}

/// Why a text is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// A sentence without its end.
    pub reason: String,
    /// What is to blame, in bytes of the text; empty where something is missing.
    pub at: Range<usize>,
}

/// What is wrong with a text about records of a collection, if anything is. An empty one is always fine.
pub fn wrong_in(schema: &Schema, collection: &Arc<Collection>, kind: Text, text: &str) -> Option<Wrong> {
    if text.is_empty() {
        return None;
    }
    let mut scope = Scope::default();
    let mut resolver = Resolver::alone(schema, collection, &mut scope);
    let what = match kind {
        Text::Sort => return wrong_entry(&mut resolver, text),
        Text::Rule => "rule",
        Text::Filter => "filter",
    };
    let fault = resolver.text(text, RULE_MAX_CHARS, what).err()?;
    let at = blamed(text, fault.offset());
    Some(wrong(&fault, at))
}

/// The first entry of a sort that is refused; all of it, when there are too many.
fn wrong_entry(resolver: &mut Resolver<'_>, text: &str) -> Option<Wrong> {
    let fault = resolver.sort(text).err()?;
    let mut start = 0;
    for entry in text.split(',') {
        if let Err(fault) = resolver.sort(entry) {
            let from = start + entry.len() - entry.trim_start().len();
            return Some(wrong(&fault, from..from + entry.trim().len()));
        }
        start += entry.len() + 1;
    }
    Some(wrong(&fault, 0..text.len()))
}

fn wrong(fault: &Fault, at: Range<usize>) -> Wrong {
    Wrong { reason: fault.reason().to_owned(), at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::CollectionKind;

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let mut posts = Collection::new("posts", CollectionKind::Base);
        posts.complete(None, &Schema::default());
        let posts = Arc::new(posts);
        let schema = Schema::new(1, vec![Arc::clone(&posts)]);
        for (kind, text, blame) in [
            (Text::Rule, "id = 'x'", None),
            (Text::Rule, "", None),
            (Text::Rule, "id = 'é' && nope = 1", Some("nope")),
            (Text::Rule, "id = 1 &&", Some("")),
            (Text::Rule, "id ! 1", Some("!")),
            (Text::Rule, "strftime(id, id) = 1", Some("strftime(id, id)")),
            (Text::Filter, "@request.auth.id = '' && @collection.nope.x = 1", Some("@collection.nope.x")),
            (Text::Sort, "-id, @random", None),
            (Text::Sort, "id,  -nope ,x", Some("-nope")),
            (Text::Sort, "id,", Some("")),
        ] {
            let wrong = wrong_in(&schema, &posts, kind, text);
            assert_eq!(wrong.as_ref().map(|wrong| &text[wrong.at.clone()]), blame, "{text}: {wrong:?}");
        }
    }
}

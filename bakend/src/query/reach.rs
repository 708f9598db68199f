//! Which other collections a client's filter or sort looks into.

use std::sync::Arc;

use super::parser::{Node, Word, WordKind, parse};
use crate::schema::{Collection, FieldKind, Schema};

/// What a filter and a sort look into beside the collection itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Reach {
    /// These collections, some perhaps twice.
    Collections(Vec<Arc<Collection>>),
    /// The request, whose account may point anywhere.
    Anything,
}

/// What a filter and a sort of records of `base` look into. What cannot be understood looks into nothing: it fails where it is used.
pub fn reach(schema: &Schema, base: &Arc<Collection>, filter: &str, sort: &str) -> Reach {
    let mut paths: Vec<String> =
        sort.split(',').map(|entry| entry.trim().trim_start_matches(['-', '+']).into()).collect();
    if let Ok(node) = parse(filter) {
        collect(&node, &mut paths);
    }
    let mut found = Vec::new();
    for path in &paths {
        let mut parts = path.split('.').map(|part| part.split(':').next().unwrap_or_default());
        let mut place = Arc::clone(base);
        if path.starts_with('@') {
            match (parts.next(), parts.next()) {
                (Some("@request"), _) => return Reach::Anything,
                (Some("@collection"), Some(name)) => match schema.find(name) {
                    Some(named) => place = Arc::clone(named),
                    None => continue,
                },
                _ => continue,
            }
            found.push(Arc::clone(&place));
        }
        let mut parts = parts.peekable();
        while let Some(part) = parts.next() {
            // The last part is a value of the place itself: the id that a relation holds is no look into its target.
            let Some(target) = parts.peek().and_then(|_| target(schema, &place, part)) else { break };
            found.push(Arc::clone(&target));
            place = target;
        }
    }
    Reach::Collections(found)
}

fn target(schema: &Schema, place: &Collection, part: &str) -> Option<Arc<Collection>> {
    if let Some(at) = place.position(part) {
        let FieldKind::Relation(options) = &place.fields[at].kind else { return None };
        return schema.by_id(&options.collection_id).cloned();
    }
    let (source, _) = part.split_once("_via_")?;
    schema.find(source).cloned()
}

fn collect(node: &Node, paths: &mut Vec<String>) {
    match node {
        Node::All(nodes) | Node::Any(nodes) => nodes.iter().for_each(|node| collect(node, paths)),
        Node::Compare(comparison) => {
            [&comparison.left, &comparison.right].map(|word| words(word, paths)).into_iter().collect()
        }
    }
}

fn words(word: &Word, paths: &mut Vec<String>) {
    match &word.kind {
        WordKind::Identifier(path) => paths.push(path.clone()),
        WordKind::Call(_, arguments) => arguments.iter().for_each(|word| words(word, paths)),
        WordKind::Text(_) | WordKind::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{CollectionKind, Field, field::relation::RelationOptions};

    fn schema() -> Schema {
        let collection = |name: &str| {
            let mut collection = Collection::new(name, CollectionKind::Base);
            collection.id = format!("id_{name}");
            collection
        };
        let mut posts = collection("posts");
        let options = RelationOptions { collection_id: "id_people".to_owned(), ..RelationOptions::default() };
        posts.fields.push(Field {
            id: "r".to_owned(),
            name: "author".to_owned(),
            system: false,
            hidden: false,
            presentable: false,
            required: false,
            help: String::new(),
            kind: FieldKind::Relation(options),
        });
        Schema::new(1, [posts, collection("people"), collection("notes")].map(Arc::new).to_vec())
    }

    #[test]
    fn a_filter_looks_where_its_paths_lead() {
        let schema = schema();
        let posts = schema.find("posts").expect("posts");
        let looks = |filter: &str, sort: &str| match reach(&schema, posts, filter, sort) {
            Reach::Anything => vec!["anything".to_owned()],
            Reach::Collections(found) => found.iter().map(|collection| collection.name.clone()).collect(),
        };
        for (filter, sort, found) in [
            ("", "", &[][..]),
            ("author = 'x' && title ~ 'y'", "-title", &[]),
            ("author.name = 'x'", "", &["people"]),
            ("", "title,-author.name", &["people"]),
            ("strftime('%Y', author.born) = '1'", "", &["people"]),
            ("@collection.notes:a.text ?= title", "", &["notes"]),
            ("author.posts_via_author.title ?= 'x'", "", &["people", "posts"]),
            ("(title = 1 || (@request.auth.id = 'x'))", "", &["anything"]),
            ("((", "", &[]),
        ] {
            assert_eq!(looks(filter, sort), found, "{filter} {sort}");
        }
    }
}

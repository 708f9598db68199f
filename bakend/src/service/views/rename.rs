//! A view's query after a collection it reads got another name; everything else in it stays as its author wrote it.

use std::{collections::HashMap, ops::ControlFlow};

use sqlparser::{
    ast::{
        Expr, Ident, ObjectName, Select, SelectItem, SelectItemQualifiedWildcardKind, TableFactor, Visit as _, Visitor,
    },
    tokenizer::Location,
};

use super::parse::{self, key, local_names};

/// The query with each table of an old name called by its new one, all at the same time: names may go from one to another. A name stays
/// where the query calls something else so too; the whole query where only the database knows its SQL.
pub fn renamed(text: &str, names: &HashMap<String, String>) -> String {
    let Some((parsed, query)) = parse::parse(text).ok().and_then(|parsed| Some((parsed.text.clone(), parsed.query?)))
    else {
        return text.to_owned();
    };
    let mut names: HashMap<String, &str> = names.iter().map(|(old, new)| (old.to_lowercase(), new.as_str())).collect();
    for local in local_names(&query) {
        names.remove(&local);
    }
    let mut places = Places { names, found: Vec::new() };
    let _ = query.visit(&mut places);
    let Places { names, mut found } = places;
    found.retain(|place| names.contains_key(&key(place)));
    let mut out = parsed;
    // From the end, so that the places before stay where they are.
    found.sort_by_key(|place| std::cmp::Reverse((place.span.start.line, place.span.start.column)));
    found.dedup_by_key(|place| place.span.start);
    for place in found {
        let (Some(start), Some(end)) = (offset(&out, place.span.start), offset(&out, place.span.end)) else {
            return text.to_owned();
        };
        let new = Ident { value: names[&key(&place)].to_owned(), ..place };
        out.replace_range(start..end, &new.to_string());
    }
    out
}

struct Places<'a> {
    /// By old names, those that mean the collection wherever they stand for a table.
    names: HashMap<String, &'a str>,
    found: Vec<Ident>,
}

impl Places<'_> {
    fn note(&mut self, name: Option<&Ident>) {
        self.found.extend(name.filter(|name| self.names.contains_key(&key(name))).cloned());
    }

    fn note_last(&mut self, name: &ObjectName) {
        self.note(name.0.last().and_then(|part| part.as_ident()));
    }
}

impl Visitor for Places<'_> {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        let alias = match factor {
            TableFactor::Table { name, alias, args, .. } => {
                if args.is_none() {
                    self.note_last(name);
                }
                alias
            }
            TableFactor::Derived { alias, .. } => alias,
            _ => return ControlFlow::Continue(()),
        };
        if let Some(alias) = alias {
            self.names.remove(&key(&alias.name));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let Expr::CompoundIdentifier(parts) = expr {
            self.note(parts.len().checked_sub(2).and_then(|at| parts.get(at)));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        for item in &select.projection {
            if let SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) = item {
                self.note_last(name);
            }
        }
        ControlFlow::Continue(())
    }
}

/// The byte offset of a line and column, both counted from 1, the column in characters.
fn offset(text: &str, place: Location) -> Option<usize> {
    let line = usize::try_from(place.line).ok()?.checked_sub(1)?;
    let column = usize::try_from(place.column).ok()?.checked_sub(1)?;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text.get(start..)?;
    let (at, _) = rest.char_indices().chain([(rest.len(), ' ')]).nth(column)?;
    Some(start + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_changes() {
        for (before, after) in [
            ("select id,  title -- é posts\n from posts", "select id,  title -- é posts\n from articles"),
            (
                "select p.id, 'é', (select count(*) from posts q where q.a = p.id) n\nfrom Posts p",
                "select p.id, 'é', (select count(*) from articles q where q.a = p.id) n\nfrom articles p",
            ),
            (
                "select posts.id, \"posts\".title, posts from `posts` join cats on cats.post = posts.id",
                "select articles.id, \"articles\".title, posts from `articles` join cats on cats.post = articles.id",
            ),
            (
                "with x as (select posts.* from posts) select id from x",
                "with x as (select articles.* from articles) select id from x",
            ),
            ("select posts.id from cats posts", "select posts.id from cats posts"),
            (
                "with posts as (select id from cats) select id from posts",
                "with posts as (select id from cats) select id from posts",
            ),
            ("select id from postsx", "select id from postsx"),
        ] {
            let names = HashMap::from([("posts".to_owned(), "articles".to_owned())]);
            assert_eq!(renamed(before, &names), after);
        }
    }

    #[test]
    fn names_that_go_from_one_to_another_are_followed_once() {
        let names = [("public", "private"), ("private", "Vault"), ("cats", "public")];
        let names = names.map(|(old, new)| (old.to_owned(), new.to_owned())).into();
        assert_eq!(
            renamed("select public.id from public join private p join cats public2", &names),
            "select private.id from private join Vault p join public public2"
        );
        // What is called so here as well stays, and keeps nothing else from following.
        assert_eq!(renamed("select id from private, cats public", &names), "select id from Vault, public public");
    }
}

//! A view's query after a collection it reads got another name; everything else in it stays as its author wrote it.

use std::ops::ControlFlow;

use sqlparser::{
    ast::{
        Expr, Ident, ObjectName, Select, SelectItem, SelectItemQualifiedWildcardKind, TableFactor, Visit as _, Visitor,
    },
    tokenizer::Location,
};

use super::parse::{self, key, local_names};

/// The query with the table `old` called `new`. It is returned as it is when it names something else `old` too, or
/// when only the database knows its SQL.
pub fn renamed(text: &str, old: &str, new: &str) -> String {
    let Some((parsed, query)) = parse::parse(text).ok().and_then(|parsed| Some((parsed.text.clone(), parsed.query?)))
    else {
        return text.to_owned();
    };
    let mut places = Places { old: old.to_lowercase(), found: Vec::new(), is_clear: true };
    places.is_clear = !local_names(&query).contains(&places.old);
    let _ = query.visit(&mut places);
    if !places.is_clear {
        return text.to_owned();
    }
    let mut out = parsed;
    // From the end, so that the places before stay where they are.
    places.found.sort_by_key(|place| std::cmp::Reverse((place.span.start.line, place.span.start.column)));
    places.found.dedup_by_key(|place| place.span.start);
    for place in places.found {
        let (Some(start), Some(end)) = (offset(&out, place.span.start), offset(&out, place.span.end)) else {
            return text.to_owned();
        };
        let quoted = Ident { value: new.to_owned(), ..place };
        out.replace_range(start..end, &quoted.to_string());
    }
    out
}

struct Places {
    old: String,
    found: Vec<Ident>,
    /// Whether the name means the collection wherever it stands for a table.
    is_clear: bool,
}

impl Places {
    fn note(&mut self, name: Option<&Ident>) {
        self.found.extend(name.filter(|name| key(name) == self.old).cloned());
    }

    fn note_last(&mut self, name: &ObjectName) {
        self.note(name.0.last().and_then(|part| part.as_ident()));
    }
}

impl Visitor for Places {
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
        self.is_clear &= alias.as_ref().is_none_or(|alias| key(&alias.name) != self.old);
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
            assert_eq!(renamed(before, "posts", "articles"), after);
        }
    }
}

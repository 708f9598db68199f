//! Names and texts of a schema as TypeScript: whatever they hold, they stay names and texts.

use std::collections::BTreeSet;

use crate::collection::Collection;

/// A text as a literal.
pub(super) fn text(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    // Ends of lines for some readers of scripts, and the end of a script for some pages.
    quoted.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029").replace("</", "<\\/")
}

/// The name of a property, in quotes where it needs them.
pub(super) fn key(name: &str) -> String {
    let is_word = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_word && !name.starts_with(|first: char| first.is_ascii_digit()) { name.to_owned() } else { text(name) }
}

/// What the types of the collections are called, in their order: each begins with a name of its own.
pub(super) fn types(collections: &[Collection<'_>]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut free = |name: String| {
        let tries = (2..).map(|number| format!("{name}{number}"));
        let found = std::iter::once(name.clone()).chain(tries).find(|name| taken.insert(name.clone()));
        found.unwrap_or(name)
    };
    collections.iter().map(|collection| free(pascal(collection.name))).collect()
}

/// `blog_posts` is `BlogPosts`.
fn pascal(name: &str) -> String {
    let words = name.split(|char: char| !char.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let joined: String = words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect();
    match joined.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => joined,
        _ => format!("Collection{joined}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_end_its_literal() {
        for (given, written) in [
            ("it's", r#""it's""#),
            (r#"a"; alert(1); ""#, r#""a\"; alert(1); \"""#),
            ("\\", r#""\\""#),
            ("a\nb\u{2028}c", r#""a\nb\u2028c""#),
            ("</script>*/`${x}`", r#""<\/script>*/`${x}`""#),
            ("größe 🚀", "\"größe 🚀\""),
        ] {
            assert_eq!(text(given), written);
        }
    }

    #[test]
    fn a_key_is_bare_only_where_it_is_a_word() {
        for (given, written) in [
            ("title", "title"),
            ("class", "class"),
            ("__proto__", "__proto__"),
            ("1st", r#""1st""#),
            ("views+", r#""views+""#),
            ("", r#""""#),
            ("größe", r#""größe""#),
            ("a]: never; x[", r#""a]: never; x[""#),
        ] {
            assert_eq!(key(given), written);
        }
    }

    #[test]
    fn a_type_has_a_name_whatever_the_collection_is_called() {
        for (given, made) in [
            ("posts", "Posts"),
            ("blog_posts", "BlogPosts"),
            ("_superusers", "Superusers"),
            ("2fa", "Collection2fa"),
            ("___", "Collection"),
            ("größe", "GrE"),
            ("日本", "Collection"),
        ] {
            assert_eq!(pascal(given), made);
        }
    }
}

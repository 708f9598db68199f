//! A tree of comparisons as filter text: what the parser reads back as the same tree.

use std::fmt::{self, Display, Write as _};

use super::{
    lexer::Op,
    parser::{Comparison, Node, Word, WordKind},
};

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare(comparison) => comparison.fmt(f),
            // `&&` binds tighter, so a group of it may stand among `||` as it is.
            Self::All(nodes) => joined(f, nodes, " && ", |node| matches!(node, Self::Compare(_))),
            Self::Any(nodes) => joined(f, nodes, " || ", |node| !matches!(node, Self::Any(_))),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, nodes: &[Node], by: &str, is_bare: fn(&Node) -> bool) -> fmt::Result {
    for (at, node) in nodes.iter().enumerate() {
        if at > 0 {
            f.write_str(by)?;
        }
        if is_bare(node) {
            node.fmt(f)?;
        } else {
            write!(f, "({node})")?;
        }
    }
    Ok(())
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let any = if self.any { "?" } else { "" };
        write!(f, "{} {any}{} {}", self.left, self.op.sign(), self.right)
    }
}

impl Op {
    /// As filters spell it.
    fn sign(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Neq => "!=",
            Self::Gt => ">",
            Self::Gte => ">=",
            Self::Lt => "<",
            Self::Lte => "<=",
            Self::Like => "~",
            Self::NotLike => "!~",
        }
    }

    /// The one that holds where this does not.
    pub(crate) fn opposite(self) -> Self {
        match self {
            Self::Eq => Self::Neq,
            Self::Neq => Self::Eq,
            Self::Gt => Self::Lte,
            Self::Gte => Self::Lt,
            Self::Lt => Self::Gte,
            Self::Lte => Self::Gt,
            Self::Like => Self::NotLike,
            Self::NotLike => Self::Like,
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            WordKind::Identifier(name) => f.write_str(name),
            WordKind::Text(text) => quoted(f, text),
            // Never with an exponent, which filters do not know.
            WordKind::Number(number) => write!(f, "{number}"),
            WordKind::Call(name, words) => {
                write!(f, "{name}(")?;
                for (at, word) in words.iter().enumerate() {
                    f.write_str(if at > 0 { ", " } else { "" })?;
                    word.fmt(f)?;
                }
                f.write_char(')')
            }
        }
    }
}

/// In single quotes; a quote or a backslash inside gets a backslash in front.
fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('\'')?;
    for char in text.chars() {
        if matches!(char, '\'' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(char)?;
    }
    f.write_char('\'')
}

/// What `#[derive(Collection)]` checks rules with while a program is compiled.
#[cfg(test)]
#[path = "../../../bakend-macros/src/rule.rs"]
mod rule_of_macros;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::parser::parse;
    use super::*;

    /// The tree without the places where words stood.
    fn bare(node: Node) -> Node {
        fn word(given: Word) -> Word {
            let kind = match given.kind {
                WordKind::Call(name, words) => WordKind::Call(name, words.into_iter().map(word).collect()),
                kind => kind,
            };
            Word { at: 0, kind }
        }
        let all = |nodes: Vec<Node>| nodes.into_iter().map(bare).collect();
        match node {
            Node::All(nodes) => Node::All(all(nodes)),
            Node::Any(nodes) => Node::Any(all(nodes)),
            Node::Compare(it) => Node::Compare(Comparison { left: word(it.left), right: word(it.right), ..it }),
        }
    }

    fn words() -> impl Strategy<Value = Word> {
        let plain = prop_oneof![
            "[a-z@_][a-z0-9_.:]{0,8}".prop_map(WordKind::Identifier),
            // quotes, backslashes, operators, comments, line breaks: what could end a text early
            r#"['"\\%_&|()=/ a-zé\n\x00-]{0,12}"#.prop_map(WordKind::Text),
            any::<String>().prop_map(WordKind::Text),
            any::<f64>().prop_filter("filters know finite numbers", |n| n.is_finite()).prop_map(WordKind::Number),
        ]
        .prop_map(|kind| Word { at: 0, kind });
        plain.prop_recursive(2, 6, 3, |inner| {
            ("[a-z]{1,6}", prop::collection::vec(inner, 0..3))
                .prop_map(|(name, words)| Word { at: 0, kind: WordKind::Call(name, words) })
        })
    }

    fn nodes() -> impl Strategy<Value = Node> {
        let ops = [Op::Eq, Op::Neq, Op::Gt, Op::Gte, Op::Lt, Op::Lte, Op::Like, Op::NotLike];
        let compare = (words(), prop::sample::select(ops.to_vec()), any::<bool>(), words())
            .prop_map(|(left, op, any, right)| Node::Compare(Comparison { left, op, any, right }));
        compare.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 2..4).prop_map(Node::All),
                // A group of `||` that has no group of `&&` would print as the one it stands in.
                prop::collection::vec(inner, 2..4).prop_map(Node::Any),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_as_the_same_tree(node in nodes()) {
            let text = node.to_string();
            prop_assert_eq!(parse(&text).map(bare).map_err(|fault| fault.to_string()), Ok(node), "{}", text);
        }
    }

    proptest! {
        #[test]
        fn the_compiler_takes_every_rule_that_the_parser_takes(node in nodes(), noise in r#"[a-z@._:'"()&|=!?~<>,/ 0-9-]{0,24}"#) {
            let fields = super::rule_of_macros::fields;
            prop_assert!(fields(&node.to_string()).is_ok(), "{}: {:?}", node, fields(&node.to_string()));
            if parse(&noise).is_ok() {
                prop_assert!(fields(&noise).is_ok(), "{}: {:?}", noise, fields(&noise));
            }
        }
    }

    #[test]
    fn hostile_texts_stay_literals() {
        for text in ["' || 1=1 || '", "\\", "\\'", "a\\' || id != '", "// no comment", "\u{0}", "@request.auth.id"] {
            let word = |kind| Word { at: 0, kind };
            let left = word(WordKind::Identifier("title".into()));
            let right = word(WordKind::Text(text.into()));
            let node = Node::Compare(Comparison { left, op: Op::Eq, any: false, right });
            assert_eq!(parse(&node.to_string()).map(bare).ok(), Some(node), "{text:?}");
        }
    }
}

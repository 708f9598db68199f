//! The texts that a rule or filter consists of: its groups and comparisons, each a rule of its own.

use std::ops::Range;

use super::{
    fault::Fault,
    lexer::{Lexer, Token},
    parser,
};
use crate::Result;

/// A group or comparison of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it stands, in bytes; a group with its parentheses.
    pub at: Range<usize>,
    /// What it is.
    pub kind: PartKind,
    /// The position of the group that it is a member of.
    pub parent: Option<usize>,
}

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// A comparison.
    Compare,
    /// Joined by `&&`.
    And,
    /// Joined by `||`.
    Or,
}

impl PartKind {
    /// As the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compare => "compare",
            Self::And => "and",
            Self::Or => "or",
        }
    }
}

/// A token and where it stands.
struct Placed {
    at: Range<usize>,
    token: Token,
}

/// Every group and comparison, in the order of the text, groups before their members; the first is the whole.
///
/// # Errors
/// `Invalid`: the text does not parse.
pub fn parts(text: &str) -> Result<Vec<Part>> {
    // From here on the tokens are known to stand as they should.
    parser::parse(text)?;
    let mut out = Vec::new();
    group(&tokens(text)?, None, None, &mut out);
    Ok(out)
}

/// What a fault at an offset is about: the token that stands there, a function with its arguments; without an offset, everything.
pub(super) fn blamed(text: &str, offset: Option<usize>) -> Range<usize> {
    let Some(offset) = offset else { return 0..text.len() };
    let mut lexer = Lexer::new(text.get(offset..).unwrap_or_default());
    let mut open = 0_usize;
    loop {
        match lexer.next_token() {
            Ok(Some((_, Token::Call(_)))) => open += 1,
            Ok(Some((_, Token::Open))) if open > 0 => open += 1,
            Ok(Some((_, Token::Close))) if open > 0 => open -= 1,
            Ok(Some(_)) => {}
            // What never ends is to blame up to the end; otherwise the character that nothing begins with.
            Ok(None) | Err(_) => {
                let first = text.get(offset..).and_then(|rest| rest.chars().next());
                let is_one = open == 0 && first.is_some_and(|char| !matches!(char, '\'' | '"'));
                return offset..if is_one { offset + first.map_or(0, char::len_utf8) } else { text.len() };
            }
        }
        if open == 0 {
            return offset..offset + lexer.end();
        }
    }
}

fn tokens(text: &str) -> std::result::Result<Vec<Placed>, Fault> {
    let mut lexer = Lexer::new(text);
    let mut out = Vec::new();
    while let Some((start, token)) = lexer.next_token()? {
        out.push(Placed { at: start..lexer.end(), token });
    }
    Ok(out)
}

/// `outer`: the place of the parentheses around these tokens.
fn group(tokens: &[Placed], parent: Option<usize>, outer: Option<Range<usize>>, out: &mut Vec<Part>) {
    for (token, kind) in [(Token::Or, PartKind::Or), (Token::And, PartKind::And)] {
        let members = split(tokens, &token);
        if members.len() < 2 {
            continue;
        }
        let own = out.len();
        out.push(Part { at: outer.unwrap_or_else(|| place(tokens)), kind, parent });
        members.into_iter().for_each(|member| group(member, Some(own), None, out));
        return;
    }
    match tokens {
        [open, inner @ .., _] if open.token == Token::Open => group(inner, parent, Some(place(tokens)), out),
        _ => out.push(Part { at: place(tokens), kind: PartKind::Compare, parent }),
    }
}

/// The tokens between those that stand outside all parentheses.
fn split<'a>(tokens: &'a [Placed], by: &Token) -> Vec<&'a [Placed]> {
    let mut open = 0_usize;
    let splits = |placed: &Placed| {
        match placed.token {
            Token::Open | Token::Call(_) => open += 1,
            Token::Close => open = open.saturating_sub(1),
            _ => {}
        }
        open == 0 && placed.token == *by
    };
    tokens.split(splits).collect()
}

fn place(tokens: &[Placed]) -> Range<usize> {
    match tokens {
        [] => 0..0,
        [first, .., last] => first.at.start..last.at.end,
        [only] => only.at.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> Vec<(String, &'static str, Option<usize>)> {
        let parts = parts(text).expect("valid");
        parts.into_iter().map(|part| (text[part.at].to_owned(), part.kind.as_str(), part.parent)).collect()
    }

    #[test]
    fn groups_come_before_their_members() {
        let found = shown("a = 1 && (b = 2 || ((strftime('%Y', c) = \"(&&\"))) // why");
        let expected = [
            ("a = 1 && (b = 2 || ((strftime('%Y', c) = \"(&&\")))", "and", None),
            ("a = 1", "compare", Some(0)),
            ("(b = 2 || ((strftime('%Y', c) = \"(&&\")))", "or", Some(0)),
            ("b = 2", "compare", Some(2)),
            ("strftime('%Y', c) = \"(&&\"", "compare", Some(2)),
        ];
        assert_eq!(found, expected.map(|(text, kind, parent)| (text.to_owned(), kind, parent)));
        assert_eq!(shown("((a = 1))"), [("a = 1".to_owned(), "compare", None)]);
        assert_eq!(shown("a=1||b=1&&c=1").len(), 5);
        assert!(parts("a = ").is_err());
    }

    #[test]
    fn what_is_blamed_is_a_whole_token_or_call() {
        for (text, offset, blame) in [
            ("abc = 1", Some(0), "abc"),
            ("a = 'it''", Some(8), "'"),
            ("a = 'open", Some(4), "'open"),
            ("f(a, g(1)) = 1", Some(0), "f(a, g(1))"),
            ("f(a = 1", Some(0), "f(a = 1"),
            ("a = ", Some(4), ""),
            ("a = 1", None, "a = 1"),
            ("é = 1", Some(0), "é"),
        ] {
            assert_eq!(&text[blamed(text, offset)], blame, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_part_of_a_text_that_parses_parses(text in "[ab@]( ?(=|!=|\\?~) ?)('x'|1|f\\(a, 1\\))(( ?(&&|\\|\\|) ?)\\(*a = 1\\)*){0,6}") {
            if let Ok(found) = parts(&text) {
                for part in &found {
                    prop_assert!(parser::parse(&text[part.at.clone()]).is_ok(), "{} of {}", &text[part.at.clone()], text);
                }
            }
        }
    }
}

//! Tokens into a tree of comparisons, with bounds on size and depth.

use super::{
    fault::Fault,
    lexer::{Lexer, Op, Token},
};
use crate::limits::{FILTER_MAX_COMPARISONS, FILTER_MAX_DEPTH, FUNCTION_MAX_ARGUMENTS, FUNCTION_MAX_DEPTH};

/// A parsed filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// All must hold.
    All(Vec<Node>),
    /// One must hold.
    Any(Vec<Node>),
    /// A comparison.
    Compare(Comparison),
}

/// `left op right`.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What stands left.
    pub left: Word,
    /// How they are compared.
    pub op: Op,
    /// Whether one of several values is enough.
    pub any: bool,
    /// What stands right.
    pub right: Word,
}

/// An operand and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// Byte offset.
    pub at: usize,
    /// What it is.
    pub kind: WordKind,
}

/// What an operand is.
#[derive(Clone, Debug, PartialEq)]
pub enum WordKind {
    /// A path, macro or keyword.
    Identifier(String),
    /// Quoted text.
    Text(String),
    /// A number.
    Number(f64),
    /// A function and its arguments.
    Call(String, Vec<Word>),
}

/// Parses a filter or rule; blank text is a fault.
pub fn parse(text: &str) -> Result<Node, Fault> {
    let mut parser = Parser { lexer: Lexer::new(text), ahead: None, end: text.len(), comparisons: 0 };
    parser.advance()?;
    let node = parser.group(0)?;
    match parser.ahead.take() {
        None => Ok(node),
        Some((at, _)) => Err(Fault::at(at, "expected \"&&\" or \"||\"")),
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    ahead: Option<(usize, Token)>,
    end: usize,
    comparisons: usize,
}

impl Parser<'_> {
    fn advance(&mut self) -> Result<Option<(usize, Token)>, Fault> {
        let next = self.lexer.next_token()?;
        Ok(std::mem::replace(&mut self.ahead, next))
    }

    fn here(&self) -> usize {
        self.ahead.as_ref().map_or(self.end, |(at, _)| *at)
    }

    /// Items joined by `&&` and `||`; the first binds tighter.
    fn group(&mut self, depth: usize) -> Result<Node, Fault> {
        if depth > FILTER_MAX_DEPTH {
            return Err(Fault::at(self.here(), format!("more than {FILTER_MAX_DEPTH} nested parentheses")));
        }
        let mut any = Vec::new();
        let mut all = vec![self.item(depth)?];
        loop {
            match self.ahead {
                Some((_, Token::And)) => {
                    self.advance()?;
                    all.push(self.item(depth)?);
                }
                Some((_, Token::Or)) => {
                    self.advance()?;
                    any.push(one_or(std::mem::take(&mut all), Node::All));
                    all.push(self.item(depth)?);
                }
                _ => break,
            }
        }
        any.push(one_or(all, Node::All));
        Ok(one_or(any, Node::Any))
    }

    fn item(&mut self, depth: usize) -> Result<Node, Fault> {
        if let Some((_, Token::Open)) = self.ahead {
            self.advance()?;
            let node = self.group(depth + 1)?;
            self.close()?;
            return Ok(node);
        }
        let left = self.operand(0)?;
        let at = self.here();
        let Some((_, Token::Op { op, any })) = self.advance()? else {
            return Err(Fault::at(at, "expected an operator"));
        };
        let right = self.operand(0)?;
        self.comparisons += 1;
        if self.comparisons > FILTER_MAX_COMPARISONS {
            return Err(Fault::at(left.at, format!("more than {FILTER_MAX_COMPARISONS} comparisons")));
        }
        Ok(Node::Compare(Comparison { left, op, any, right }))
    }

    fn operand(&mut self, depth: usize) -> Result<Word, Fault> {
        let at = self.here();
        let kind = match self.advance()? {
            Some((_, Token::Identifier(name))) => WordKind::Identifier(name),
            Some((_, Token::Text(text))) => WordKind::Text(text),
            Some((_, Token::Number(number))) => WordKind::Number(number),
            Some((_, Token::Call(name))) => WordKind::Call(name, self.arguments(at, depth + 1)?),
            _ => return Err(Fault::at(at, "expected a field, text, number or function")),
        };
        Ok(Word { at, kind })
    }

    fn arguments(&mut self, at: usize, depth: usize) -> Result<Vec<Word>, Fault> {
        if depth > FUNCTION_MAX_DEPTH {
            return Err(Fault::at(at, format!("more than {FUNCTION_MAX_DEPTH} nested functions")));
        }
        let mut words = Vec::new();
        if let Some((_, Token::Close)) = self.ahead {
            self.advance()?;
            return Ok(words);
        }
        loop {
            words.push(self.operand(depth)?);
            if words.len() > FUNCTION_MAX_ARGUMENTS {
                return Err(Fault::at(at, format!("more than {FUNCTION_MAX_ARGUMENTS} arguments")));
            }
            if !matches!(self.ahead, Some((_, Token::Comma))) {
                self.close()?;
                return Ok(words);
            }
            self.advance()?;
        }
    }

    fn close(&mut self) -> Result<(), Fault> {
        let at = self.here();
        match self.advance()? {
            Some((_, Token::Close)) => Ok(()),
            _ => Err(Fault::at(at, "expected \")\"")),
        }
    }
}

fn one_or(mut nodes: Vec<Node>, group: fn(Vec<Node>) -> Node) -> Node {
    if nodes.len() == 1 { nodes.remove(0) } else { group(nodes) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn show(node: &Node) -> String {
        let list = |nodes: &[Node], sign: &str| format!("({})", nodes.iter().map(show).collect::<Vec<_>>().join(sign));
        match node {
            Node::All(nodes) => list(nodes, " & "),
            Node::Any(nodes) => list(nodes, " | "),
            Node::Compare(comparison) => match &comparison.left.kind {
                WordKind::Identifier(name) => name.clone(),
                other => format!("{other:?}"),
            },
        }
    }

    #[test]
    fn and_binds_tighter_than_or() {
        for (text, tree) in [
            ("a=1", "a"),
            ("a=1&&b=1||c=1", "((a & b) | c)"),
            ("a=1||b=1&&c=1", "(a | (b & c))"),
            ("(a=1||b=1)&&c=1", "((a | b) & c)"),
            ("((a=1))", "a"),
        ] {
            assert_eq!(show(&parse(text).expect("valid")), tree, "{text}");
        }
    }

    #[test]
    fn what_is_unfinished_or_too_much_is_refused_with_its_place() {
        let deep = |count: usize| format!("{}a=1{}", "(".repeat(count), ")".repeat(count));
        let many = |count: usize| vec!["a=1"; count].join("&&");
        assert!(parse(&deep(FILTER_MAX_DEPTH)).is_ok());
        assert!(parse(&many(FILTER_MAX_COMPARISONS)).is_ok());
        for (text, offset) in [
            ("", 0),
            ("a", 1),
            ("a=", 2),
            ("a=1 &&", 6),
            ("&& a=1", 0),
            ("(a=1", 4),
            ("a=1)", 3),
            ("()", 1),
            ("a=1 b=2", 4),
            ("f(a=1", 3),
            ("f(g(h(i(1)))) = 1", 6),
            (&deep(FILTER_MAX_DEPTH + 1), FILTER_MAX_DEPTH + 1),
            (&many(FILTER_MAX_COMPARISONS + 1), 5 * FILTER_MAX_COMPARISONS),
        ] {
            let fault = parse(text).expect_err(text);
            assert_eq!(fault.offset(), Some(offset), "{text}: {fault}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused_without_a_panic(text in "\\PC{0,200}|[a-z@.:'\"()&|=!<>?~,#/\\\\ 0-9-]{0,200}") {
            if let Err(fault) = parse(&text) {
                prop_assert!(fault.offset().is_none_or(|offset| offset <= text.len()));
            }
        }
    }
}

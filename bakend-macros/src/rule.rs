//! Rules are filters: their syntax, and which fields of the collection they name.

use std::iter::Peekable;
use std::str::CharIndices;

/// Most levels of parentheses. Source: `FILTER_MAX_DEPTH` of bakend.
const DEPTH_MAX: usize = 100;

/// The first fields that a rule names: of `author.name = @request.auth.id` it is `author`.
pub fn fields(rule: &str) -> Result<Vec<String>, String> {
    let mut reader = Reader { tokens: tokens(rule)?.into_iter().peekable(), fields: Vec::new(), end: rule.len() };
    reader.group(0)?;
    match reader.tokens.next() {
        None => Ok(reader.fields),
        Some((at, _)) => Err(fault(at, "expected `&&` or `||`")),
    }
}

fn fault(at: usize, reason: &str) -> String {
    format!("{reason} (at byte {at} of the rule)")
}

#[derive(Debug, PartialEq)]
enum Token {
    Name(String),
    Call,
    Literal,
    Operator,
    And,
    Or,
    Open,
    Close,
    Comma,
}

fn tokens(rule: &str) -> Result<Vec<(usize, Token)>, String> {
    let mut found = Vec::new();
    let mut chars = rule.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        let rest = &rule[at..];
        let token = match char {
            char if char.is_whitespace() => continue,
            '/' if rest.starts_with("//") => {
                while chars.next().is_some_and(|(_, char)| char != '\n') {}
                continue;
            }
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            '\'' | '"' => quoted(&mut chars, char).ok_or_else(|| fault(at, "this quote is never closed"))?,
            '0'..='9' | '-' => {
                skip(&mut chars, |char| matches!(char, '0'..='9' | '.' | '-'));
                Token::Literal
            }
            'a'..='z' | 'A'..='Z' | '_' | '@' | '#' => {
                let is_part = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '@' | '#' | '.' | ':');
                skip(&mut chars, is_part);
                let length = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
                if chars.next_if(|(_, char)| *char == '(').is_some() {
                    Token::Call
                } else {
                    Token::Name(rest[..length].to_owned())
                }
            }
            '&' if rest.starts_with("&&") => pair(&mut chars, Token::And),
            '|' if rest.starts_with("||") => pair(&mut chars, Token::Or),
            _ => operator(rest, &mut chars).ok_or_else(|| fault(at, &format!("unexpected `{char}`")))?,
        };
        found.push((at, token));
    }
    Ok(found)
}

fn pair(chars: &mut Peekable<CharIndices<'_>>, token: Token) -> Token {
    chars.next();
    token
}

fn skip(chars: &mut Peekable<CharIndices<'_>>, is_part: impl Fn(char) -> bool) {
    while chars.next_if(|(_, char)| is_part(*char)).is_some() {}
}

fn quoted(chars: &mut Peekable<CharIndices<'_>>, quote: char) -> Option<Token> {
    let mut escaped = false;
    for (_, char) in chars.by_ref() {
        if char == quote && !escaped {
            return Some(Token::Literal);
        }
        escaped = char == '\\' && !escaped;
    }
    None
}

fn operator(rest: &str, chars: &mut Peekable<CharIndices<'_>>) -> Option<Token> {
    let sign = rest.strip_prefix('?').unwrap_or(rest);
    let known = ["!=", "!~", ">=", "<=", "=", "~", ">", "<"];
    let length = known.iter().find(|known| sign.starts_with(**known))?.len() + rest.len() - sign.len();
    for _ in 1..length {
        chars.next();
    }
    Some(Token::Operator)
}

struct Reader {
    tokens: Peekable<std::vec::IntoIter<(usize, Token)>>,
    fields: Vec<String>,
    end: usize,
}

impl Reader {
    fn here(&mut self) -> usize {
        self.tokens.peek().map_or(self.end, |(at, _)| *at)
    }

    fn group(&mut self, depth: usize) -> Result<(), String> {
        if depth > DEPTH_MAX {
            return Err(fault(self.here(), "too many nested parentheses"));
        }
        loop {
            if self.tokens.next_if(|(_, token)| *token == Token::Open).is_some() {
                self.group(depth + 1)?;
                self.expect(&Token::Close, "expected `)`")?;
            } else {
                self.operand(0)?;
                self.expect(&Token::Operator, "expected an operator: = != > >= < <= ~ !~, or one with `?` in front")?;
                self.operand(0)?;
            }
            if self.tokens.next_if(|(_, token)| matches!(token, Token::And | Token::Or)).is_none() {
                return Ok(());
            }
        }
    }

    fn operand(&mut self, depth: usize) -> Result<(), String> {
        let at = self.here();
        match self.tokens.next() {
            Some((_, Token::Literal)) => Ok(()),
            Some((_, Token::Name(name))) => {
                let first = name.split(['.', ':']).next().unwrap_or_default();
                if !first.starts_with(['@', '#']) && !["true", "false", "null"].contains(&first) {
                    self.fields.push(first.to_owned());
                }
                Ok(())
            }
            Some((_, Token::Call)) if depth < 3 => {
                if self.tokens.next_if(|(_, token)| *token == Token::Close).is_some() {
                    return Ok(());
                }
                loop {
                    self.operand(depth + 1)?;
                    if self.tokens.next_if(|(_, token)| *token == Token::Comma).is_none() {
                        return self.expect(&Token::Close, "expected `,` or `)`");
                    }
                }
            }
            _ => Err(fault(at, "expected a field, a text, a number or a function")),
        }
    }

    fn expect(&mut self, wanted: &Token, message: &str) -> Result<(), String> {
        let at = self.here();
        match self.tokens.next() {
            Some((_, token)) if token == *wanted => Ok(()),
            _ => Err(fault(at, message)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fields;

    #[test]
    fn the_first_names_of_paths_are_fields() {
        for (rule, named) in [
            ("author = @request.auth.id", &["author"][..]),
            ("a.b.c ?!= 'x' && (tags:each ~ \"y\" || published = true)", &["a", "tags", "published"]),
            (
                "geoDistance(place.lon, place.lat, 1, -2.5) < 5 // near\n&& comments_via_post.id != ''",
                &["place", "place", "comments_via_post"],
            ),
            ("1 = 1", &[]),
            (r"title = 'it\'s' && id != ''", &["title", "id"]),
        ] {
            assert_eq!(
                fields(rule).as_deref(),
                Ok(&named.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()[..]),
                "{rule}"
            );
        }
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        for (rule, fault) in [
            ("a = ", "expected a field, a text, a number or a function (at byte 4 of the rule)"),
            ("a == 1", "expected a field, a text, a number or a function (at byte 3 of the rule)"),
            ("a = 'x", "this quote is never closed (at byte 4 of the rule)"),
            ("a = 1 b = 2", "expected `&&` or `||` (at byte 6 of the rule)"),
            ("(a = 1", "expected `)` (at byte 6 of the rule)"),
            ("a and b", "expected an operator: = != > >= < <= ~ !~, or one with `?` in front (at byte 2 of the rule)"),
            ("a & b", "unexpected `&` (at byte 2 of the rule)"),
        ] {
            assert_eq!(fields(rule), Err(fault.to_owned()), "{rule}");
        }
    }
}

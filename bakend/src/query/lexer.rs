//! Filter text into tokens, each with its byte offset.

use super::fault::Fault;

/// How two operands are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// `=`
    Eq,
    /// `!=`
    Neq,
    /// `>`
    Gt,
    /// `>=`
    Gte,
    /// `<`
    Lt,
    /// `<=`
    Lte,
    /// `~`
    Like,
    /// `!~`
    NotLike,
}

/// A piece of filter text.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A field path, a macro or a keyword.
    Identifier(String),
    /// The name right before a `(`; the parenthesis is taken.
    Call(String),
    /// Quoted text without its quotes.
    Text(String),
    /// A number.
    Number(f64),
    /// An operator; `any`: with a `?` in front.
    Op {
        /// Which.
        op: Op,
        /// Whether one of several values is enough.
        any: bool,
    },
    /// `&&`
    And,
    /// `||`
    Or,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
}

/// Reads tokens from text.
pub struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    /// Starts at the beginning.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token with its offset in bytes; `None` at the end.
    pub fn next_token(&mut self) -> Result<Option<(usize, Token)>, Fault> {
        self.skip_blank();
        let start = self.at;
        let Some(first) = self.rest().chars().next() else {
            return Ok(None);
        };
        let token = match first {
            '(' => self.take(1, Token::Open),
            ')' => self.take(1, Token::Close),
            ',' => self.take(1, Token::Comma),
            '\'' | '"' => self.quoted(first)?,
            '0'..='9' | '-' => self.number()?,
            'A'..='Z' | 'a'..='z' | '_' | '@' | '#' => self.identifier(),
            '&' if self.rest().starts_with("&&") => self.take(2, Token::And),
            '|' if self.rest().starts_with("||") => self.take(2, Token::Or),
            _ => self.operator()?,
        };
        Ok(Some((start, token)))
    }

    /// Where the token ends that was read last, in bytes.
    pub fn end(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn take(&mut self, bytes: usize, token: Token) -> Token {
        self.at += bytes;
        token
    }

    /// White space and `// …` to the end of the line.
    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    /// A quote or a backslash inside is written with a backslash in front; any other backslash stands for itself.
    fn quoted(&mut self, quote: char) -> Result<Token, Fault> {
        let start = self.at;
        let body = &self.text[start + 1..];
        let mut out = String::new();
        let mut escaped = false;
        for (offset, char) in body.char_indices() {
            if char == quote && !escaped {
                self.at = start + 1 + offset + 1;
                return Ok(Token::Text(out));
            }
            if escaped && (char == quote || char == '\\') {
                out.pop();
            }
            out.push(char);
            escaped = char == '\\' && !escaped;
        }
        Err(Fault::at(start, "unfinished quoted text"))
    }

    fn number(&mut self) -> Result<Token, Fault> {
        let start = self.at;
        let rest = self.rest();
        let length = rest.find(|char: char| !matches!(char, '0'..='9' | '-' | '.')).unwrap_or(rest.len());
        let text = &rest[..length];
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse::<f64>() {
            Ok(number) if all_digits(whole) && all_digits(fraction) => Ok(self.take(length, Token::Number(number))),
            _ => Err(Fault::at(start, format!("invalid number {text:?}"))),
        }
    }

    fn identifier(&mut self) -> Token {
        let rest = self.rest();
        let part = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '@' | '#' | '.' | ':');
        let length = rest.find(|char| !part(char)).unwrap_or(rest.len());
        let name = rest[..length].to_owned();
        if rest[length..].starts_with('(') {
            return self.take(length + 1, Token::Call(name));
        }
        self.take(length, Token::Identifier(name))
    }

    fn operator(&mut self) -> Result<Token, Fault> {
        let rest = self.rest();
        let any = rest.starts_with('?');
        let sign = rest.strip_prefix('?').unwrap_or(rest);
        let known = [
            ("!=", Op::Neq),
            ("!~", Op::NotLike),
            (">=", Op::Gte),
            ("<=", Op::Lte),
            ("=", Op::Eq),
            ("~", Op::Like),
            (">", Op::Gt),
            ("<", Op::Lt),
        ];
        match known.iter().find(|(text, _)| sign.starts_with(text)) {
            Some((text, op)) => Ok(self.take(text.len() + usize::from(any), Token::Op { op: *op, any })),
            None => Err(Fault::at(self.at, format!("unexpected character {:?}", rest.chars().next().unwrap_or(' ')))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Vec<Token>, usize> {
        let mut lexer = Lexer::new(text);
        let mut out = Vec::new();
        loop {
            match lexer.next_token() {
                Ok(Some((_, token))) => out.push(token),
                Ok(None) => return Ok(out),
                Err(fault) => return Err(fault.offset().expect("a lexer knows where")),
            }
        }
    }

    #[test]
    fn texts_keep_their_backslashes_except_before_a_quote_or_another() {
        for (given, read) in [
            (r#"'a'"#, "a"),
            (r#"'it\'s'"#, "it's"),
            (r#""q\"q""#, "q\"q"),
            (r#"'a\%b'"#, r"a\%b"),
            (r#"'a\\'"#, r"a\"),
            (r#"'"'"#, "\""),
        ] {
            assert_eq!(tokens(given), Ok(vec![Token::Text(read.to_owned())]), "{given}");
        }
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        for (given, offset) in
            [("a = 'x", 4), ("a = 1.", 4), ("a = --1", 4), ("a & b", 2), ("  ^", 2), ("a ?b", 2), ("é = 1", 0)]
        {
            assert_eq!(tokens(given), Err(offset), "{given}");
        }
    }

    #[test]
    fn comments_and_white_space_are_skipped() {
        let read = tokens("a // one\n ?>= // two\n-1.5").expect("valid");
        assert_eq!(read, [Token::Identifier("a".into()), Token::Op { op: Op::Gte, any: true }, Token::Number(-1.5)]);
    }
}

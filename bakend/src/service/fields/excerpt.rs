//! `:excerpt(max, withEllipsis?)`: the beginning of a text without its markup.

use super::truth;
use crate::{Error, Result};

/// Elements that do not separate words.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdo", "big", "br", "button", "cite", "code", "em", "i", "img", "input", "label",
    "map", "object", "output", "q", "samp", "script", "select", "small", "span", "strike", "strong", "sub", "sup",
    "textarea", "time", "tt", "u", "var",
];
/// Elements whose content is not text.
const SILENT: &[&str] = &["head", "iframe", "noscript", "script", "style", "svg", "template", "textarea", "title"];
/// Names of characters that texts use most.
const ENTITIES: &[(&str, &str)] = &[
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", "\u{a0}"),
    ("copy", "©"),
    ("reg", "®"),
    ("trade", "™"),
    ("hellip", "…"),
    ("mdash", "—"),
    ("ndash", "–"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("laquo", "«"),
    ("raquo", "»"),
    ("bull", "•"),
    ("middot", "·"),
    ("euro", "€"),
    ("pound", "£"),
    ("yen", "¥"),
    ("cent", "¢"),
    ("sect", "§"),
    ("para", "¶"),
    ("deg", "°"),
    ("plusmn", "±"),
    ("times", "×"),
    ("divide", "÷"),
    ("frac12", "½"),
    ("szlig", "ß"),
    ("auml", "ä"),
    ("ouml", "ö"),
    ("uuml", "ü"),
    ("Auml", "Ä"),
    ("Ouml", "Ö"),
    ("Uuml", "Ü"),
    ("agrave", "à"),
    ("aacute", "á"),
    ("acirc", "â"),
    ("aring", "å"),
    ("aelig", "æ"),
    ("ccedil", "ç"),
    ("egrave", "è"),
    ("eacute", "é"),
    ("ecirc", "ê"),
    ("euml", "ë"),
    ("igrave", "ì"),
    ("iacute", "í"),
    ("icirc", "î"),
    ("iuml", "ï"),
    ("ntilde", "ñ"),
    ("ograve", "ò"),
    ("oacute", "ó"),
    ("ocirc", "ô"),
    ("oslash", "ø"),
    ("ugrave", "ù"),
    ("uacute", "ú"),
    ("ucirc", "û"),
    ("yacute", "ý"),
];

/// How much of a text is wanted.
#[derive(Clone, Debug)]
pub(super) struct Excerpt {
    max: usize,
    ellipsis: bool,
}

impl Excerpt {
    /// Reads `excerpt(max, withEllipsis?)`.
    ///
    /// # Errors
    /// `Invalid`: it is something else, or `max` is not a positive number.
    pub fn parse(text: &str) -> Result<Self> {
        let refused = || Error::invalid("");
        let arguments = text.strip_prefix("excerpt(").and_then(|rest| rest.strip_suffix(')')).ok_or_else(refused)?;
        let mut arguments = arguments.split(',').map(str::trim);
        let max = arguments.next().and_then(|max| max.parse().ok()).filter(|max| *max > 0).ok_or_else(refused)?;
        let ellipsis = arguments.next().and_then(truth).unwrap_or(false);
        if arguments.next().is_some() {
            return Err(refused());
        }
        Ok(Self { max, ellipsis })
    }

    /// The first characters of a text without its markup, and `...` if that was wanted and something is missing.
    pub fn of(&self, html: &str) -> String {
        let plain = plain(html);
        match plain.char_indices().nth(self.max) {
            None => plain,
            Some((end, _)) => {
                let mut cut = plain[..end].trim_end().to_owned();
                if self.ellipsis {
                    cut.push_str("...");
                }
                cut
            }
        }
    }
}

/// The text of HTML: no tags, no scripts, one space for any white space.
fn plain(html: &str) -> String {
    let mut out = Words::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let closing = after.starts_with('/');
        let name_start = &after[usize::from(closing)..];
        if !name_start.starts_with(|c: char| c.is_ascii_alphabetic()) && !after.starts_with(['!', '?']) {
            out.push("<");
            rest = after;
            continue;
        }
        let name: String =
            name_start.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        let Some(end) = tag_end(after) else { break };
        rest = &after[end..];
        if !INLINE.contains(&name.as_str()) {
            out.space();
        }
        if !closing && SILENT.contains(&name.as_str()) {
            rest = after_closing(rest, &name);
        }
    }
    if !rest.contains('<') {
        out.push(rest);
    }
    out.text.truncate(out.text.trim_end().len());
    out.text
}

/// Where a tag ends, quoted attributes respected.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in tag.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at + 1),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

fn after_closing<'a>(rest: &'a str, name: &str) -> &'a str {
    let closing = format!("</{name}");
    let at = rest.as_bytes().windows(closing.len()).position(|window| window.eq_ignore_ascii_case(closing.as_bytes()));
    match at {
        Some(at) => rest[at..].split_once('>').map_or("", |(_, rest)| rest),
        None => "",
    }
}

/// Text whose white space is collapsed as it comes.
#[derive(Default)]
struct Words {
    text: String,
}

impl Words {
    fn push(&mut self, raw: &str) {
        let mut rest = raw;
        while let Some(at) = rest.find('&') {
            self.add(&rest[..at]);
            let (text, length) = entity(&rest[at..]);
            self.add(&text);
            rest = &rest[at + length..];
        }
        self.add(rest);
    }

    fn add(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_whitespace() {
                self.space();
            } else {
                self.text.push(c);
            }
        }
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
    }
}

/// The character that a text beginning with `&` names, and how many bytes name it.
fn entity(text: &str) -> (String, usize) {
    let literal = || ("&".to_owned(), 1);
    let Some(end) = text.bytes().take(12).position(|c| c == b';') else { return literal() };
    let name = &text[1..end];
    let known = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => number.parse().ok(),
            };
            code.and_then(char::from_u32).map(String::from)
        }
        None => ENTITIES.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned()),
    };
    known.map_or_else(literal, |known| (known, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_words_stay_apart() {
        for (html, expected) in [
            ("<p>Hello <b>big</b>   world</p>\n<p>Second&nbsp;par &amp; more</p>", "Hello big world Second par & more"),
            ("<p>a</p><p>b</p>", "a b"),
            ("<script>x()</script><style>y</style> end<br>line", "endline"),
            ("a < b > c &lt;x&gt; &eacute;&#233;&#xe9;&bogus;", "a < b > c <x> ééé&bogus;"),
            ("<!-- c -->x<a href=\"a>b\">y</a>", "xy"),
            ("x<unclosed", "x"),
            ("  lead  trail  ", "lead trail"),
            ("é & ü", "é & ü"),
        ] {
            assert_eq!(plain(html), expected, "{html}");
        }
    }
}

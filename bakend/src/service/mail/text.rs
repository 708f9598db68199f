//! The plain text of a mail's HTML, for readers that show no HTML.

/// Tags whose content is not text.
const SILENT: [&str; 4] = ["head", "style", "script", "title"];
/// Tags that end a line.
const LINES: [&str; 4] = ["br", "li", "tr", "div"];
/// Tags that end a paragraph.
const PARAGRAPHS: [&str; 12] = ["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "hr", "blockquote"];

/// What the HTML says. A link is written as its text and its address.
pub(super) fn of(html: &str) -> String {
    let mut out = Text::default();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        out.say(&rest[..open]);
        let Some((tag, after)) = tag(&rest[open..]) else {
            rest = &rest[open + 1..];
            out.say("<");
            continue;
        };
        rest = out.meet(&tag, after);
    }
    out.say(rest);
    out.end()
}

struct Tag<'a> {
    name: String,
    closes: bool,
    inner: &'a str,
}

/// The tag that a text starts with, and what follows it.
fn tag(text: &str) -> Option<(Tag<'_>, &str)> {
    if let Some(comment) = text.strip_prefix("<!--") {
        let end = comment.find("-->")?;
        return Some((Tag { name: String::new(), closes: false, inner: "" }, &comment[end + 3..]));
    }
    let end = text.find('>')?;
    let inner = &text[1..end];
    let closes = inner.starts_with('/');
    let name: String = inner.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
    if name.is_empty() && !inner.starts_with('!') {
        return None;
    }
    Some((Tag { name: name.to_ascii_lowercase(), closes, inner }, &text[end + 1..]))
}

#[derive(Default)]
struct Text {
    out: String,
    /// The address of the link we are in, and where its text begins.
    link: Option<(String, usize)>,
}

impl Text {
    /// Adds text: entities become what they stand for, blanks one blank.
    fn say(&mut self, html: &str) {
        for char in decoded(html).chars() {
            if !char.is_whitespace() || char == '\u{a0}' {
                self.out.push(char);
            } else if !self.out.is_empty() && !self.out.ends_with([' ', '\n']) {
                self.out.push(' ');
            }
        }
    }

    /// Takes a tag in; returns what is left to read.
    fn meet<'a>(&mut self, tag: &Tag<'_>, after: &'a str) -> &'a str {
        let name = tag.name.as_str();
        if SILENT.contains(&name) && !tag.closes {
            return after_end(after, name);
        }
        if name == "a" {
            self.end_link();
            if !tag.closes {
                self.link = attribute(tag.inner, "href").map(|address| (address, self.out.len()));
            }
        }
        if LINES.contains(&name) {
            self.break_lines(1);
        } else if PARAGRAPHS.contains(&name) {
            self.break_lines(2);
        }
        after
    }

    fn end_link(&mut self) {
        let Some((address, start)) = self.link.take() else { return };
        let text = self.out[start.min(self.out.len())..].trim();
        if text.is_empty() {
            self.out.push_str(&address);
        } else if text != address {
            let end = self.out.trim_end().len();
            self.out.truncate(end);
            self.out.push_str(": ");
            self.out.push_str(&address);
        }
    }

    /// So many line breaks, counting those that are there.
    fn break_lines(&mut self, count: usize) {
        let end = self.out.trim_end_matches(' ').len();
        self.out.truncate(end);
        if self.out.is_empty() {
            return;
        }
        let there = self.out.len() - self.out.trim_end_matches('\n').len();
        self.out.extend(std::iter::repeat_n('\n', count.saturating_sub(there)));
    }

    fn end(mut self) -> String {
        self.end_link();
        self.out.trim().to_owned()
    }
}

/// What follows the end of a silent tag.
fn after_end<'a>(text: &'a str, name: &str) -> &'a str {
    let end = format!("</{name}");
    let found = text.as_bytes().windows(end.len()).position(|part| part.eq_ignore_ascii_case(end.as_bytes()));
    // What was found is ASCII, so that its start is a character's.
    match found.and_then(|at| text[at..].find('>').map(|close| at + close + 1)) {
        Some(after) => &text[after..],
        None => "",
    }
}

fn attribute(inner: &str, name: &str) -> Option<String> {
    let at = inner.find(&format!(" {name}="))? + name.len() + 2;
    let rest = &inner[at..];
    let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''));
    let value = match quote {
        Some(quote) => rest[1..].split(quote).next()?,
        None => rest.split_whitespace().next()?,
    };
    Some(decoded(value))
}

/// The text with its entities resolved.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match rest.find(';').and_then(|end| Some((end, entity(&rest[1..end])?))) {
            Some((end, char)) => {
                out.push(char);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|char| !char.is_control())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_reads_as_text() {
        for (html, text) in [
            ("", ""),
            ("<p>Hello,</p>\n<p>one\n two</p>", "Hello,\n\none two"),
            ("a<br/>b<BR>c", "a\nb\nc"),
            (
                "<p><a class=\"btn\" href=\"https://x.example/?a=1&amp;b=2\">Verify</a></p><p>x</p>",
                "Verify: https://x.example/?a=1&b=2\n\nx",
            ),
            ("<a href='https://x.example'>https://x.example</a>.", "https://x.example."),
            ("<a href=https://x.example></a>", "https://x.example"),
            ("<a>no address</a>", "no address"),
            ("<head><title>t</title></head><style>p{}</style>x<!-- c > d -->y", "xy"),
            ("<STYLE>never closed", ""),
            ("&lt;b&gt; &amp;amp; &#39;&#x41; &nope; &#0; &", "<b> &amp; 'A &nope; &#0; &"),
            ("1 < 2 and <3", "1 < 2 and <3"),
            ("<ul><li>a</li><li>b</li></ul>c", "a\nb\n\nc"),
            ("ä <b>ö</b>", "ä ö"),
        ] {
            assert_eq!(of(html), text, "{html}");
        }
    }

    #[test]
    fn any_text_is_read_without_panic() {
        for html in [
            "<",
            "</",
            "<a",
            "<a href",
            "<a href=",
            "<a href=\"",
            "<!--",
            "<ä>",
            "&",
            "&#;",
            "<style",
            "<style>ä</Style",
        ] {
            let _ = of(html);
        }
    }
}

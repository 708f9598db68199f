//! Placeholders: `{APP_NAME}`, `{TOKEN}`, `{RECORD:name}` in a text.

/// The text with every placeholder that `value` knows replaced by what it says. What is put in is not looked at again, so that a value
/// can never bring placeholders of its own.
pub(super) fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let named = rest[1..].find(['{', '}']).filter(|end| rest[1 + end..].starts_with('}'));
        match named.and_then(|end| Some((end, value(&rest[1..1 + end])?))) {
            Some((end, value)) => {
                out.push_str(&value);
                rest = &rest[end + 2..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The text, harmless in HTML and in the attributes of its tags.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// The text on one line, fit for a header.
pub(super) fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_placeholders_are_replaced_once() {
        let value = |name: &str| match name {
            "A" => Some("{B}".to_owned()),
            "B" => Some("b".to_owned()),
            "RECORD:x" => Some(String::new()),
            _ => None,
        };
        for (text, filled) in [
            ("", ""),
            ("plain", "plain"),
            ("{A} and {B}", "{B} and b"),
            ("<{RECORD:x}>", "<>"),
            ("{C} {", "{C} {"),
            ("{{B}}", "{b}"),
            ("{a {B}", "{a b"),
            ("}{B}{", "}b{"),
            ("ä{B}ö", "äbö"),
        ] {
            assert_eq!(fill(text, value), filled, "{text}");
        }
    }

    #[test]
    fn markup_and_line_breaks_are_made_harmless() {
        assert_eq!(escaped("<a href=\"'&'\">"), "&lt;a href=&#34;&#39;&amp;&#39;&#34;&gt;");
        assert_eq!(one_line(" a\r\nBcc: b\t c "), "a Bcc: b c");
    }
}

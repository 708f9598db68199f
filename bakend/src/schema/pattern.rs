//! Regular expressions of field options: checked once, kept compiled, and drawn from.
//!
//! Patterns are written in RE2 syntax, where `\d`, `\w` and `\s` are ASCII and brackets do not nest; they are translated to
//! the syntax of the `regex` crate before use.

use std::sync::{Arc, LazyLock};

use quick_cache::sync::Cache;
use rand::{Rng, RngExt as _};
use regex::Regex;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind};

use crate::ids;

/// Compiled patterns that are kept; the least used go.
const CACHE_PATTERNS: usize = 1024;
/// Most times an unbounded repetition repeats beyond its minimum when a value is drawn.
const DRAW_EXTRA_REPEATS: u32 = 10;
/// Longest text that is drawn, in characters.
pub const DRAW_MAX_CHARS: usize = 5000;
/// Largest compiled pattern, in bytes: patterns come from superusers, but memory must stay bounded.
const COMPILED_MAX_BYTES: usize = 1 << 20;

static COMPILED: LazyLock<Cache<String, Option<Arc<Regex>>>> = LazyLock::new(|| Cache::new(CACHE_PATTERNS));
static DRAWABLE: LazyLock<Cache<String, Option<Arc<Hir>>>> = LazyLock::new(|| Cache::new(CACHE_PATTERNS));

/// Whether a text matches a pattern; a pattern that does not compile matches nothing.
pub fn matches(pattern: &str, text: &str) -> bool {
    // The pattern of ids, by far the most frequent one.
    if pattern == "^[a-z0-9]+$" {
        return !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    }
    let compiled = match COMPILED.get(pattern) {
        Some(compiled) => compiled,
        None => {
            let compiled = compile(pattern).ok().map(Arc::new);
            COMPILED.insert(pattern.to_owned(), compiled.clone());
            compiled
        }
    };
    compiled.is_some_and(|regex| regex.is_match(text))
}

/// Why a pattern does not compile.
pub fn check(pattern: &str) -> Result<(), String> {
    parse(pattern)?;
    compile(pattern).map(|_| ()).map_err(|_| format!("Error parsing regexp: `{pattern}` is too large."))
}

/// Why nothing can be drawn from a pattern.
pub fn check_drawable(pattern: &str) -> Result<(), String> {
    unsupported(&parse(pattern)?).map_or(Ok(()), |what| Err(format!("Unsupported pattern operator: {what}.")))
}

/// A text drawn from a pattern; `None` when that is not possible.
pub fn draw(pattern: &str) -> Option<String> {
    let hir = match DRAWABLE.get(pattern) {
        Some(hir) => hir,
        None => {
            let hir = parse(pattern).ok().filter(|hir| unsupported(hir).is_none()).map(Arc::new);
            DRAWABLE.insert(pattern.to_owned(), hir.clone());
            hir
        }
    }?;
    let mut out = String::new();
    ids::drawing(|rng| draw_into(&hir, rng, &mut out));
    Some(out)
}

fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    regex::RegexBuilder::new(&translate(pattern)).size_limit(COMPILED_MAX_BYTES).build()
}

fn parse(pattern: &str) -> Result<Hir, String> {
    regex_syntax::parse(&translate(pattern)).map_err(|error| {
        let reason = match error {
            regex_syntax::Error::Parse(error) => error.kind().to_string(),
            regex_syntax::Error::Translate(error) => error.kind().to_string(),
            other => other.to_string(),
        };
        format!("Error parsing regexp: {reason}: `{pattern}`.")
    })
}

/// RE2 syntax in the syntax of the `regex` crate.
fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut chars = pattern.chars().peekable();
    let mut in_class = false;
    let mut class_start = false;
    while let Some(char) = chars.next() {
        let at_start = std::mem::take(&mut class_start);
        match char {
            '\\' => match chars.next() {
                Some(escaped) => translate_escape(escaped, in_class, &mut out),
                None => out.push('\\'),
            },
            '[' if !in_class => {
                in_class = true;
                class_start = true;
                out.push('[');
                if chars.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
            }
            '[' if chars.peek() == Some(&':') => {
                out.push('[');
                for char in chars.by_ref() {
                    out.push(char);
                    if char == ']' {
                        break;
                    }
                }
            }
            '[' => out.push_str("\\["),
            ']' if in_class && at_start => out.push_str("\\]"),
            ']' => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' if in_class => out.extend(['\\', char]),
            _ => out.push(char),
        }
    }
    out
}

fn translate_escape(escaped: char, in_class: bool, out: &mut String) {
    let class = match escaped {
        'd' | 'D' => "0-9",
        'w' | 'W' => "0-9A-Za-z_",
        's' | 'S' => "\\t\\n\\f\\r\\x20",
        'b' if !in_class => return out.push_str("(?-u:\\b)"),
        'B' if !in_class => return out.push_str("(?-u:\\B)"),
        '<' | '>' => return out.push(escaped),
        _ => return out.extend(['\\', escaped]),
    };
    match (escaped.is_ascii_uppercase(), in_class) {
        (true, _) => out.extend(["[^", class, "]"]),
        (false, true) => out.push_str(class),
        (false, false) => out.extend(["[", class, "]"]),
    }
}

/// The part of a pattern that asks for a place rather than for characters.
fn unsupported(hir: &Hir) -> Option<&'static str> {
    match hir.kind() {
        HirKind::Look(_) => Some("anchors and word boundaries"),
        HirKind::Class(class) if class.is_empty() => Some("a class without characters"),
        HirKind::Repetition(repetition) => unsupported(&repetition.sub),
        HirKind::Capture(capture) => unsupported(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(unsupported),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) => None,
    }
}

fn draw_into(hir: &Hir, rng: &mut dyn Rng, out: &mut String) {
    if out.len() >= DRAW_MAX_CHARS {
        return;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => out.extend(draw_char(class, rng)),
        HirKind::Capture(capture) => draw_into(&capture.sub, rng, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| draw_into(part, rng, out)),
        HirKind::Alternation(parts) => {
            if !parts.is_empty() {
                draw_into(&parts[rng.random_range(0..parts.len())], rng, out);
            }
        }
        HirKind::Repetition(repetition) => {
            // A part that is always empty could repeat for billions of times without growing.
            if repetition.sub.properties().maximum_len() == Some(0) {
                return;
            }
            let most = repetition.max.unwrap_or_else(|| repetition.min.saturating_add(DRAW_EXTRA_REPEATS));
            for _ in 0..rng.random_range(repetition.min..=most.max(repetition.min)) {
                if out.len() >= DRAW_MAX_CHARS {
                    break;
                }
                draw_into(&repetition.sub, rng, out);
            }
        }
    }
}

/// A character of a class: out of its printable ASCII characters when it has any, as odd ones surprise people.
fn draw_char(class: &Class, rng: &mut dyn Rng) -> Option<char> {
    let wide;
    let class = match class {
        Class::Unicode(class) => class,
        Class::Bytes(bytes) => {
            wide = bytes.to_unicode_class()?;
            &wide
        }
    };
    if class.ranges().iter().all(|range| range.start() >= ' ' && range.end() <= '~') {
        return pick(class, rng);
    }
    let mut printable = class.clone();
    printable.intersect(&ClassUnicode::new([ClassUnicodeRange::new(' ', '~')]));
    pick(if printable.ranges().is_empty() { class } else { &printable }, rng)
}

fn pick(class: &ClassUnicode, rng: &mut dyn Rng) -> Option<char> {
    let total: u32 = class.ranges().iter().map(|range| range.len() as u32).sum();
    if total == 0 {
        return None;
    }
    let mut at = rng.random_range(0..total);
    for range in class.ranges() {
        let length = range.len() as u32;
        if at < length {
            return (range.start()..=range.end()).nth(at as usize);
        }
        at -= length;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_ascii_and_brackets_literal() {
        for (pattern, text, fits) in [
            ("^\\d+$", "12", true),
            ("^\\d+$", "١٢", false),
            ("^\\w+$", "ä", false),
            ("^[\\w-]+$", "a-b_1", true),
            ("^[^\\s]+$", "a b", false),
            ("^\\W$", "ä", true),
            ("^[[]$", "[", true),
            ("^[]a]+$", "]a", true),
            ("^[[:alpha:]]+$", "ab", true),
            ("^[a&&b]+$", "a&b", true),
            ("^\\<a\\>$", "<a>", true),
            ("^\\p{L}+$", "äö", true),
            ("^[a-z0-9]+$", "", false),
            ("(", "(", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn a_pattern_that_does_not_compile_says_why() {
        assert!(check("[a-z").expect_err("refused").starts_with("Error parsing regexp: "));
        assert!(check("a(?=b)").is_err());
        assert!(check("(a{1000}){1000}").is_err());
        assert!(check("^[a-z]+$").is_ok());
    }

    #[test]
    fn what_is_drawn_matches() {
        for pattern in ["[a-z0-9]{15}", "(a|b)c?d*\\d\\w.", "(?i)ab", "[a-zA-Z0-9]{50}", "\\p{L}", "[^a]{3,5}", "x+y*"]
        {
            for _ in 0..50 {
                let drawn = draw(pattern).expect("drawable");
                assert!(matches(&format!("^(?:{pattern})$"), &drawn), "{pattern} {drawn}");
            }
        }
    }

    #[test]
    fn drawing_is_bounded() {
        let drawn = draw("((a{1000}){1000}){1000}").expect("drawable");
        assert!(drawn.len() <= DRAW_MAX_CHARS + 1);
        assert_eq!(draw("(|){1000000}").as_deref(), Some(""));
    }

    #[test]
    fn places_cannot_be_drawn() {
        for pattern in ["^abc$", "a\\b", "[a-"] {
            assert!(check_drawable(pattern).is_err(), "{pattern}");
            assert_eq!(draw(pattern), None);
        }
    }
}

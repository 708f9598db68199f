//! From the name a client gave a file to the name it is stored under.

use crate::{
    ids::{self, ID_ALPHABET},
    limits,
};

/// Characters of the random part.
const RANDOM_CHARS: usize = 10;
/// A shorter first part gets random characters.
const BASE_MIN_CHARS: usize = 3;

/// `My File (1).txt` → `my_file_1_wn9daq7u7n.txt`: readable, safe, and not to be guessed. `detected` is the extension (with its dot, or
/// nothing) when the name has none.
///
/// Source: PocketBase web API, files.
pub(crate) fn normalized(original: &str, detected: &str) -> String {
    let name = last_bytes(original, limits::FILE_NAME_MAX_BYTES);
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let (base, extension) = split(name);
    let mut extension: String =
        extension.chars().filter(|c| c.is_ascii_alphanumeric() || "_.*-+=#".contains(*c)).collect();
    if extension.is_empty() || extension == "." {
        extension = detected.to_owned();
    }
    if extension.len() > limits::FILE_EXTENSION_MAX_CHARS {
        // All ASCII by now.
        extension = format!(".{}", extension[extension.len() - limits::FILE_EXTENSION_MAX_CHARS..].trim_matches('.'));
    }
    let mut base = snake_case(base);
    if base.len() < BASE_MIN_CHARS {
        base.push_str(&ids::random_text(RANDOM_CHARS, ID_ALPHABET));
    }
    base.truncate(limits::FILE_BASE_MAX_CHARS);
    format!("{base}_{}{extension}", ids::random_text(RANDOM_CHARS, ID_ALPHABET))
}

fn last_bytes(text: &str, count: usize) -> &str {
    let start = (text.len().saturating_sub(count)..=text.len()).find(|at| text.is_char_boundary(*at));
    &text[start.unwrap_or(0)..]
}

/// The extension begins at the second-last dot if there are two, so that `.tar.gz` stays whole.
fn split(name: &str) -> (&str, &str) {
    let Some(last) = name.rfind('.') else { return (name, "") };
    match name[..last].rfind('.') {
        Some(earlier) if earlier + 1 < last => (&name[..earlier], &name[earlier..]),
        Some(earlier) => (&name[..earlier], &name[last..]),
        None => (&name[..last], &name[last..]),
    }
}

/// Letters and digits of ASCII in lower case; one `_` for anything between, and before a capital that follows a small letter.
fn snake_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut small = false;
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            if small && c.is_ascii_uppercase() {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        small = c.is_ascii_lowercase();
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_readable_safe_and_not_to_be_guessed() {
        for (original, start, end) in [
            ("My File (1).txt", "my_file_1_", ".txt"),
            ("../../etc/pass wd.tar.gz", "pass_wd_", ".tar.gz"),
            ("CamelCaseName.JPEG", "camel_case_name_", ".JPEG"),
            ("HTTPServer2.png", "httpserver2_", ".png"),
            ("a b-c_d.e.f.g", "a_b_c_d_e_", ".f.g"),
            ("foo.t$x!t", "foo_", ".txt"),
            ("noext", "noext_", ".html"),
            ("x.verylongextensionthatislongerthantwenty", "x", ".atislongerthantwenty"),
            ("", "", ".html"),
            ("a\\b\\ccc.png", "ccc_", ".png"),
        ] {
            let name = normalized(original, ".html");
            assert!(name.starts_with(start) && name.ends_with(end), "{original} → {name}");
            let random = &name[..name.len() - end.len()];
            assert!(random.len() > RANDOM_CHARS && !random.contains(['/', '\\', '.']), "{original} → {name}");
        }
        let long = normalized(&"é".repeat(1000), "");
        assert!(long.len() <= limits::FILE_BASE_MAX_CHARS + 1 + RANDOM_CHARS, "{long}");
    }
}

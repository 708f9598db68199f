//! The page that mail bodies are put into.

use super::template;

/// Styles that every mail has; buttons are `.btn`.
const LAYOUT: &str = include_str!("layout.html");

/// A body as a whole page.
pub(super) fn page(body: &str) -> String {
    template::fill(LAYOUT, |name| (name == "BODY").then(|| body.to_owned()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_body_stands_in_the_page() {
        let page = super::page("<p>{BODY}</p>");
        assert!(page.contains("<body>\n<p>{BODY}</p>\n</body>"), "{page}");
    }
}

//! The markup of a page. Whatever others wrote is escaped where it is put in.

use std::fmt::Write as _;

use crate::{
    Error,
    service::{mail::escaped, settings::Meta},
};

/// A page: what it says, and what it asks for.
#[derive(Default)]
pub(super) struct Page {
    pub title: &'static str,
    pub text: Vec<String>,
    /// For password managers; `""`: there is none.
    pub username: String,
    pub fields: Vec<Field>,
    /// What the button says; `None`: there is nothing to send.
    pub button: Option<&'static str>,
    /// What went wrong as a whole.
    pub fault: String,
    /// Whether all went well.
    pub is_done: bool,
    /// Whether nothing more can be done here.
    pub is_over: bool,
}

/// A field, most often for a password.
pub(super) struct Field {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    value: String,
    fault: String,
}

impl Field {
    /// For a new password.
    pub fn new(name: &'static str, label: &'static str) -> Self {
        let (value, fault) = (String::new(), String::new());
        Self { name, label, kind: "password", autocomplete: "new-password", value, fault }
    }

    /// For an email address that may have been typed before.
    pub fn email(name: &'static str, label: &'static str, value: &str) -> Self {
        Self { kind: "email", autocomplete: "username", value: value.to_owned(), ..Self::new(name, label) }
    }

    /// For the password that somebody has.
    pub fn current(name: &'static str, label: &'static str) -> Self {
        Self { autocomplete: "current-password", ..Self::new(name, label) }
    }
}

impl Page {
    /// With what was wrong with what was sent.
    pub fn with_error(mut self, error: &Error) -> Self {
        for field in &mut self.fields {
            field.fault = error.field_errors().at(field.name).map(|fault| fault.message.clone()).unwrap_or_default();
        }
        if self.fields.iter().all(|field| field.fault.is_empty()) {
            self.fault = error.message().to_owned();
        }
        self
    }

    /// The whole page.
    pub fn render(&self, meta: &Meta) -> String {
        let mut main = format!("<h1>{}</h1>\n", escaped(self.title));
        for text in &self.text {
            add(&mut main, format_args!("<p>{}</p>\n", escaped(text)));
        }
        if !self.fault.is_empty() {
            add(&mut main, format_args!("<p class=\"fault\" role=\"alert\">{}</p>\n", escaped(&self.fault)));
        }
        if let Some(button) = self.button {
            self.form(&mut main, button);
        }
        if self.is_done
            && let Some(link) = web_address(&meta.app_url)
        {
            let (link, name) = (escaped(link), escaped(&meta.app_name));
            add(&mut main, format_args!("<p><a class=\"button\" href=\"{link}\">Continue to {name}</a></p>\n"));
        }
        let mark = match (self.is_done, self.is_over) {
            (true, _) => "<p class=\"mark good\" aria-hidden=\"true\">✓</p>\n",
            (_, true) => "<p class=\"mark\" aria-hidden=\"true\">!</p>\n",
            _ => "",
        };
        whole(meta, self.title, "../", "", &format!("{mark}{main}"))
    }

    fn form(&self, out: &mut String, button: &str) {
        out.push_str("<form method=\"post\">\n");
        if !self.username.is_empty() {
            let value = escaped(&self.username);
            add(
                out,
                format_args!("<input type=\"text\" autocomplete=\"username\" value=\"{value}\" readonly hidden>\n"),
            );
        }
        for (at, field) in self.fields.iter().enumerate() {
            field.write(out, at == 0);
        }
        add(out, format_args!("<button type=\"submit\">{}</button>\n</form>\n", escaped(button)));
    }
}

impl Field {
    fn write(&self, out: &mut String, is_first: bool) {
        let (name, label, complete) = (self.name, escaped(self.label), self.autocomplete);
        let (kind, value) = (self.kind, escaped(&self.value));
        let focus = if is_first { " autofocus" } else { "" };
        let faulty = if self.fault.is_empty() {
            String::new()
        } else {
            format!(" aria-invalid=\"true\" aria-describedby=\"{name}-fault\"")
        };
        add(
            out,
            format_args!(
                "<label for=\"{name}\">{label}</label>\n<input id=\"{name}\" name=\"{name}\" type=\"{kind}\" value=\"{value}\" autocomplete=\"{complete}\" required{focus}{faulty}>\n"
            ),
        );
        if !self.fault.is_empty() {
            let fault = escaped(&self.fault);
            add(out, format_args!("<p class=\"fault\" id=\"{name}-fault\" role=\"alert\">{fault}</p>\n"));
        }
    }
}

/// The page behind links whose end no server sees.
pub(super) fn landing(meta: &Meta) -> String {
    let main = "<h1>One moment</h1>\n<noscript><p>The link you followed needs JavaScript. Take <code>#/</code> out of its address, and it works without.</p></noscript>\n<p id=\"nothing\" hidden>There is nothing to see at this address.</p>\n<p id=\"sign-in-success\" hidden>You are signed in. You can close this window.</p>\n<p id=\"sign-in-failure\" hidden>The sign-in did not succeed. Close this window and try again.</p>\n";
    whole(meta, "One moment", "auth/", "<script src=\"auth/links.js\" defer></script>\n", main)
}

fn whole(meta: &Meta, title: &str, base: &str, head: &str, main: &str) -> String {
    let (title, app) = (escaped(title), escaped(&meta.app_name));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} · {app}</title>\n\
         <link rel=\"stylesheet\" href=\"{base}pages.css\">\n{head}</head>\n<body>\n<main>\n\
         <p class=\"app\">{app}</p>\n{main}</main>\n</body>\n</html>\n"
    )
}

/// The address, if a browser would go there and nowhere else.
fn web_address(address: &str) -> Option<&str> {
    (address.starts_with("https://") || address.starts_with("http://")).then_some(address)
}

fn add(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a String cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FieldError;

    fn meta() -> Meta {
        Meta { app_name: "<i>A&B</i>".to_owned(), app_url: "javascript:alert(1)".to_owned(), ..Meta::default() }
    }

    #[test]
    fn what_others_wrote_is_text_and_links_are_web_addresses() {
        let text = vec!["<script>x</script>".to_owned()];
        let page = Page {
            title: "T",
            text,
            username: "\"><b>".to_owned(),
            button: Some("Go"),
            is_done: true,
            ..Page::default()
        };
        let html = page.render(&meta());
        for (markup, there) in [
            ("<script", false),
            ("<b>", false),
            ("<i>", false),
            ("javascript:", false),
            ("&lt;script&gt;x&lt;/script&gt;", true),
            ("value=\"&#34;&gt;&lt;b&gt;\"", true),
            ("&lt;i&gt;A&amp;B&lt;/i&gt;", true),
            ("style=", false),
        ] {
            assert_eq!(html.contains(markup), there, "{markup} in {html}");
        }
    }

    #[test]
    fn a_fault_stands_at_its_field_or_else_above_the_form() {
        let page = || Page { fields: vec![Field::new("password", "P")], button: Some("Go"), ..Page::default() };
        let of_field = Error::invalid("All in all").field("password", FieldError::new("code", "Too short."));
        let html = page().with_error(&of_field).render(&meta());
        assert!(html.contains("aria-describedby=\"password-fault\"") && html.contains(">Too short.<"), "{html}");
        assert!(!html.contains("All in all"), "{html}");
        let html = page().with_error(&Error::forbidden("Not today")).render(&meta());
        assert!(html.contains("<p class=\"fault\" role=\"alert\">Not today.</p>"), "{html}");
    }
}

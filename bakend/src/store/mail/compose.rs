//! From a mail to the bytes that travel: MIME parts, encoded headers, nothing smuggled in.

use lettre::{
    Address, Message as Letter,
    message::{
        Mailbox as LetterBox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};

use super::{MailFault, Mailbox, Message, with_reasons};
use crate::ids;

/// Headers that are made from the mail itself.
const OWN_HEADERS: [&str; 10] = [
    "from",
    "to",
    "cc",
    "bcc",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
];

/// The mail as it travels.
///
/// # Errors
/// A permanent fault: an address is none, there is no recipient or no text, or a header holds a control character.
pub(super) fn compose(message: &Message) -> Result<Letter, MailFault> {
    if message.to.is_empty() {
        return Err(MailFault::for_good("the mail has no recipient"));
    }
    let domain = message.from.address.rsplit('@').next().unwrap_or_default();
    let id = format!("<{}@{domain}>", ids::record_id());
    let mut letter = Letter::builder()
        .from(mailbox(&message.from)?)
        .subject(one_line("the subject", &message.subject)?)
        .message_id(Some(one_line("the sender's address", &id)?.to_owned()));
    for to in &message.to {
        letter = letter.to(mailbox(to)?);
    }
    for cc in &message.cc {
        letter = letter.cc(mailbox(cc)?);
    }
    for bcc in &message.bcc {
        letter = letter.bcc(mailbox(bcc)?);
    }
    for (name, value) in &message.headers {
        letter = letter.raw_header(header(name, value)?);
    }
    let built = match (message.text.is_empty(), message.html.is_empty()) {
        (false, false) => {
            letter.multipart(MultiPart::alternative_plain_html(message.text.clone(), message.html.clone()))
        }
        (true, false) => letter.singlepart(SinglePart::html(message.html.clone())),
        (false, true) => letter.singlepart(SinglePart::plain(message.text.clone())),
        (true, true) => return Err(MailFault::for_good("the mail has no text")),
    };
    built.map_err(|error| MailFault::for_good(with_reasons(&error)))
}

fn mailbox(mailbox: &Mailbox) -> Result<LetterBox, MailFault> {
    let name = one_line("a name", &mailbox.name)?;
    let text = one_line("an address", &mailbox.address)?;
    let address: Address =
        text.parse().map_err(|error| MailFault::for_good(format!("{text:?} is not an address: {error}")))?;
    Ok(LetterBox::new((!name.is_empty()).then(|| name.to_owned()), address))
}

fn header(name: &str, value: &str) -> Result<HeaderValue, MailFault> {
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_name || OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(MailFault::for_good(format!("{name:?} cannot be added as a header")));
    }
    let value = one_line("a header", value)?.to_owned();
    let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|error| MailFault::for_good(error.to_string()))?;
    Ok(HeaderValue::new(name, value))
}

/// A line break in a header would begin another one.
fn one_line<'a>(what: &str, text: &'a str) -> Result<&'a str, MailFault> {
    if text.chars().any(char::is_control) {
        return Err(MailFault::for_good(format!("{what} of the mail holds a control character")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Message {
        Message {
            from: Mailbox { name: "Größe & Co".to_owned(), address: "hello@example.com".to_owned() },
            to: vec![Mailbox::new("ana@example.com")],
            subject: "Grüße, “Ana”".to_owned(),
            html: "<p>ä</p>".to_owned(),
            text: "ä".to_owned(),
            ..Message::default()
        }
    }

    fn bytes(message: &Message) -> String {
        String::from_utf8(compose(message).expect("composes").formatted()).expect("headers are ASCII")
    }

    #[test]
    fn a_mail_has_both_parts_and_encoded_headers() {
        let text = bytes(&mail());
        assert!(text.is_ascii(), "{text}");
        for part in ["To: ana@example.com", "Subject: =?utf-8?", "multipart/alternative", "text/plain", "text/html"] {
            assert!(text.contains(part), "no {part} in {text}");
        }
        assert!(text.contains("@example.com>"), "the id names our domain: {text}");
    }

    #[test]
    fn one_part_is_enough_and_bcc_is_not_shown() {
        let bcc = vec![Mailbox::new("eve@example.com")];
        let headers = vec![("X-Reason".to_owned(), "test".to_owned())];
        let text = bytes(&Message { text: String::new(), bcc, headers, ..mail() });
        assert!(!text.contains("multipart") && !text.contains("eve@"), "{text}");
        assert!(text.contains("X-Reason: test"), "{text}");
    }

    #[test]
    fn what_would_smuggle_a_header_in_is_refused() {
        let evil = "x\r\nBcc: eve@example.com";
        let header = |name: &str, value: &str| Message { headers: vec![(name.to_owned(), value.to_owned())], ..mail() };
        for message in [
            Message { subject: evil.to_owned(), ..mail() },
            Message { to: vec![Mailbox::new(evil)], ..mail() },
            Message { to: vec![Mailbox { name: evil.to_owned(), address: "a@example.com".to_owned() }], ..mail() },
            Message { from: Mailbox::new("a@example.com\n"), ..mail() },
            Message { to: Vec::new(), ..mail() },
            Message { to: vec![Mailbox::new("nobody")], ..mail() },
            Message { html: String::new(), text: String::new(), ..mail() },
            header("X-A", evil),
            header("X-A: b\r\nX-B", "c"),
            header("bcc", "eve@example.com"),
        ] {
            let fault = compose(&message).expect_err("refused");
            assert!(fault.permanent, "{fault}");
        }
    }
}

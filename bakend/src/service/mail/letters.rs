//! Mails about an account, out of the templates of its collection.

use std::sync::Arc;

use super::{
    MailEvent, MailKind, MailParts, Mailbox, layout,
    template::{escaped, fill, one_line},
    text,
};
use crate::{
    Error, Result,
    schema::{AuthOptions, FieldKind, Record, Value, auth_options::MailTemplate},
    service::App,
    store::mail::Message,
};

/// A page of PocketBase's panel, as its default templates name it. What follows `#` never reaches a server, and our pages must work
/// without a script: so the link is sent without it. Links with it are understood too.
const PANEL_PAGES: &str = "{APP_URL}/_/#/auth/confirm-";
/// The same page of ours.
const OWN_PAGES: &str = "{APP_URL}/_/auth/confirm-";

/// What one mail says beside its template.
pub(crate) struct Letter {
    /// What it is about.
    pub kind: MailKind,
    /// About whom.
    pub record: Record,
    /// To which address.
    pub to: String,
    /// Further placeholders: `TOKEN`, `OTP`, `OTP_ID`, `ALERT_INFO`.
    pub facts: Vec<(&'static str, String)>,
}

/// Writes a mail about an account.
///
/// # Errors
/// `Internal`: the record is of no auth collection.
pub(crate) fn write(app: &App, letter: Letter) -> Result<MailEvent> {
    let collection = &letter.record.collection;
    let auth = collection.auth.as_deref().ok_or_else(|| Error::internal("not an auth collection"))?;
    let template = template(auth, letter.kind)?;
    let meta = app.settings().meta.clone();
    let app_url = meta.app_url.trim_end_matches('/');
    let value = |name: &str| match name {
        "APP_NAME" => Some(meta.app_name.clone()),
        "APP_URL" => Some(app_url.to_owned()),
        _ => match name.strip_prefix("RECORD:") {
            Some(field) => shown(&letter.record, field),
            None => letter.facts.iter().find(|(fact, _)| *fact == name).map(|(_, value)| value.clone()),
        },
    };
    let body = fill(&template.body.replace(PANEL_PAGES, OWN_PAGES), |name| value(name).map(|value| escaped(&value)));
    let html = layout::page(&body);
    let message = Message {
        to: vec![Mailbox::new(letter.to.as_str())],
        subject: one_line(&fill(&template.subject, value)),
        text: text::of(&html),
        html,
        ..app.mail().message()
    };
    Ok(MailEvent::new(MailParts {
        app: app.clone(),
        kind: letter.kind,
        collection: Some(Arc::clone(&letter.record.collection)),
        record: Some(letter.record),
        message,
    }))
}

fn template(auth: &AuthOptions, kind: MailKind) -> Result<&MailTemplate> {
    Ok(match kind {
        MailKind::Verification => &auth.verification_template,
        MailKind::PasswordReset => &auth.reset_password_template,
        MailKind::EmailChange => &auth.confirm_email_change_template,
        MailKind::Otp => &auth.otp.email_template,
        MailKind::AuthAlert => &auth.auth_alert.email_template,
        MailKind::Own => return Err(Error::internal("an app's own mail has no template")),
    })
}

/// The value of a field, if there is such a field and it is not hidden.
fn shown(record: &Record, name: &str) -> Option<String> {
    let at = record.collection.position(name)?;
    let field = &record.collection.fields[at];
    if field.hidden || matches!(field.kind, FieldKind::Password(_)) {
        return None;
    }
    Some(match &record.values[at] {
        Value::Text(text) => text.clone(),
        Value::List(list) => list.join(", "),
        value => field.to_json(value).to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        schema::{Collection, CollectionKind, Schema},
        service::AppOptions,
    };

    async fn written(subject: &str, body: &str, facts: Vec<(&'static str, String)>) -> Message {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::open(AppOptions::new(folder.path())).await.expect("opens");
        let mut people = Collection::new("people", CollectionKind::Auth);
        people.complete(None, &Schema::default());
        let auth = people.auth.get_or_insert_default();
        auth.verification_template = MailTemplate { subject: subject.to_owned(), body: body.to_owned() };
        let mut ana = Record::new(Arc::new(people));
        ana.set("email", Value::Text("<b>\"a'n&a\r\n{TOKEN}".to_owned()));
        ana.set("tokenKey", Value::Text("secret".to_owned()));
        ana.set("password", Value::Text("secret".to_owned()));
        ana.set("verified", Value::Bool(true));
        let to = "ana@example.com".to_owned();
        let letter = Letter { kind: MailKind::Verification, record: ana, to, facts };
        let event = write(&app, letter).expect("writes");
        app.close().await;
        event.into_parts().message
    }

    #[tokio::test]
    async fn placeholders_hold_what_may_be_shown_and_markup_is_none() {
        let body = "<p>{RECORD:email}|{RECORD:verified}|{RECORD:tokenKey}|{RECORD:password}|{RECORD:nope}|{OTP}</p>";
        let mail = written("{APP_NAME}: {RECORD:email}", body, vec![("TOKEN", "t<".to_owned())]).await;
        assert_eq!(mail.subject, "Acme: <b>\"a'n&a {TOKEN}");
        let expected = "<p>&lt;b&gt;&#34;a&#39;n&amp;a\r\n{TOKEN}|true|{RECORD:tokenKey}|{RECORD:password}|{RECORD:nope}|{OTP}</p>";
        assert!(mail.html.contains(expected), "{}", mail.html);
        assert!(mail.text.starts_with("<b>\"a'n&a {TOKEN}|true|"), "{}", mail.text);
        assert_eq!((mail.to[0].address.as_str(), mail.from.name.as_str()), ("ana@example.com", "Support"));
    }

    #[tokio::test]
    async fn links_to_the_panels_pages_reach_the_server() {
        let body = "<a href=\"{APP_URL}/_/#/auth/confirm-verification/{TOKEN}\">Verify</a>";
        let mail = written("s", body, vec![("TOKEN", "a.b.c".to_owned())]).await;
        assert_eq!(mail.text, "Verify: http://localhost:8090/_/auth/confirm-verification/a.b.c");
    }
}

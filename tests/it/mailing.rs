//! A server that keeps its mails, and what a mail's link holds.

use bakend::{
    http::ServeOptions,
    service::mail::{MailMessage, MailOptions, Outbox},
};

use super::client::{Ask, Server, patch, post};

/// Where the accounts are.
pub const USERS: &str = "/api/collections/users";

/// A server with its mails.
pub async fn with_mails() -> (Server, Outbox) {
    let outbox = Outbox::default();
    let mail = MailOptions { outbox: Some(outbox.clone()), ..MailOptions::default() };
    (Server::start_mailing(ServeOptions::default(), mail).await, outbox)
}

/// Asks one of the endpoints of `users`.
pub fn ask(endpoint: &str, body: serde_json::Value) -> Ask {
    post(&format!("{USERS}/{endpoint}"), body)
}

/// Changes options of `users`.
pub async fn set(server: &Server, options: serde_json::Value) {
    server.made(patch(USERS, options)).await;
}

/// The address in a mail that leads to a page, and the token at its end.
pub fn link(mail: &MailMessage) -> (String, String) {
    let link = mail.text.split_whitespace().find(|word| word.starts_with("http")).expect("a mail with a link");
    let token = link.rsplit('/').next().unwrap_or_default();
    (link.to_owned(), token.to_owned())
}

/// The one-time password in a mail.
pub fn code(mail: &MailMessage) -> String {
    let digits = |word: &&str| word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    mail.text.split_whitespace().find(digits).expect("a mail with a code").to_owned()
}

//! Hooks on what happens to accounts, and on mails.

use std::sync::{Arc, Mutex};

use bakend::{
    Error,
    hooks::{Bind, Chain},
    service::{
        events::{AuthEvent, AuthPhases, MailEvent, MailKind},
        mail::{MailMessage, Mailbox},
    },
};
use serde_json::json;

use super::{
    client::{PASSWORD, Server, patch, post, status},
    mailing::{USERS, ask, code, link, set, with_mails},
    world::{Guest, Superuser, Who},
};

type Heard = Arc<Mutex<Vec<String>>>;

fn listen(chain: &Chain<AuthEvent>, phase: &'static str, heard: &Heard) {
    let heard = Arc::clone(heard);
    chain.add(Bind::all(), move |event, next| {
        let heard = Arc::clone(&heard);
        Box::pin(async move {
            heard.lock().expect("no test panics while it holds this").push(format!("{phase} {:?}", event.action));
            next.run(event).await
        })
    });
}

fn heard_of(heard: &Heard) -> Vec<String> {
    std::mem::take(&mut *heard.lock().expect("no test panics while it holds this"))
}

fn both(action: &str) -> Vec<String> {
    vec![format!("before {action}"), format!("after {action}")]
}

async fn heard_by_all(server: &Server) -> Heard {
    let heard = Heard::default();
    let hooks = &server.app.hooks().auth;
    let all: [&AuthPhases; 10] = [
        &hooks.sign_in,
        &hooks.refresh,
        &hooks.register,
        &hooks.otp_request,
        &hooks.verification_request,
        &hooks.verification,
        &hooks.password_reset_request,
        &hooks.password_reset,
        &hooks.email_change_request,
        &hooks.email_change,
    ];
    for phases in all {
        listen(&phases.before, "before", &heard);
        listen(&phases.after, "after", &heard);
    }
    heard
}

#[tokio::test]
async fn everything_that_happens_to_an_account_is_heard_of_once() {
    let (server, outbox) = with_mails().await;
    set(&server, json!({"otp": {"enabled": true}, "authAlert": {"enabled": false}})).await;
    server.root().await;
    let heard = heard_by_all(&server).await;
    let body = json!({"email": "ana@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    server.check([(Guest, post(&format!("{USERS}/records"), body), status(200))]).await;
    assert_eq!(heard_of(&heard), both("Register"));
    let other = json!({"email": "bob@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    server.check([(Superuser, post(&format!("{USERS}/records"), other), status(200))]).await;
    assert_eq!(heard_of(&heard), Vec::<String>::new(), "a superuser does not register");

    let ana = Who::Token(server.token("users", "ana@example.com", PASSWORD).await);
    assert_eq!(heard_of(&heard), both("SignIn(Password)"));
    server.check([(ana.clone(), ask("auth-refresh", json!({})), status(200))]).await;
    assert_eq!(heard_of(&heard), both("Refresh"));

    let email = || json!({"email": "ana@example.com"});
    server.check([(Guest, ask("request-verification", email()), status(204))]).await;
    assert_eq!(heard_of(&heard), both("VerificationRequest"));
    let (_, token) = link(&outbox.wait_for(1).await[0]);
    server.check([(Guest, ask("confirm-verification", json!({"token": token})), status(204))]).await;
    assert_eq!(heard_of(&heard), both("Verification"));

    let request = ask("request-email-change", json!({"newEmail": "new@example.com"}));
    server.check([(ana, request, status(204))]).await;
    assert_eq!(heard_of(&heard), both("EmailChangeRequest { new_email: \"new@example.com\" }"));
    let (_, token) = link(&outbox.wait_for(2).await[1]);
    let confirm = ask("confirm-email-change", json!({"token": token, "password": PASSWORD}));
    server.check([(Guest, confirm, status(204))]).await;
    assert_eq!(heard_of(&heard), both("EmailChange { new_email: \"new@example.com\" }"));

    let email = || json!({"email": "new@example.com"});
    server.check([(Guest, ask("request-password-reset", email()), status(204))]).await;
    assert_eq!(heard_of(&heard), both("PasswordResetRequest"));
    let (_, token) = link(&outbox.wait_for(3).await[2]);
    let body = json!({"token": token, "password": "another one", "passwordConfirm": "another one"});
    server.check([(Guest, ask("confirm-password-reset", body), status(204))]).await;
    assert_eq!(heard_of(&heard), both("PasswordReset"));

    let otp = server.ask(&Guest, ask("request-otp", email())).await.json();
    assert_eq!(heard_of(&heard), both("OtpRequest"));
    let mail = outbox.wait_for(4).await.remove(3);
    let sign_in = ask("auth-with-otp", json!({"otpId": otp["otpId"], "password": code(&mail)}));
    server.check([(Guest, sign_in, status(200))]).await;
    assert_eq!(heard_of(&heard), both("SignIn(Otp)"));
    server.check([(Guest, ask("request-otp", json!({"email": "nobody@example.com"})), status(200))]).await;
    assert_eq!(heard_of(&heard), Vec::<String>::new(), "there is no account to hear of");
}

#[tokio::test]
async fn a_before_hook_keeps_somebody_out_and_an_after_hook_cannot() {
    let (server, _outbox) = with_mails().await;
    let ana = server.person("ana").await;
    let hooks = &server.app.hooks().auth.sign_in;
    hooks.after.add(Bind::on("users"), |_, _| Box::pin(async { Err(Error::forbidden("too late")) }));
    let sign_in = || ask("auth-with-password", json!({"identity": "ana@example.com", "password": PASSWORD}));
    let meta = hooks.before.add(Bind::on("users"), |event, next| {
        Box::pin(async move {
            event.meta = Some(json!({"greeting": "hello"}));
            next.run(event).await
        })
    });
    server.check([(Guest, sign_in(), status(200).has("/meta/greeting", "hello"))]).await;
    hooks.before.remove(meta);
    let id = hooks.before.add(Bind::on("users"), |_, _| Box::pin(async { Err(Error::forbidden("Not today")) }));
    server.check([(Guest, sign_in(), status(403).says("Not today."))]).await;
    hooks.before.remove(id);
    let id = hooks.before.add(Bind::on("users"), |_, _| Box::pin(async { panic!("boom") }));
    server.check([(Guest, sign_in(), status(500))]).await;
    hooks.before.remove(id);
    hooks.before.add(Bind::on("users"), |_, _| Box::pin(async { Ok(()) }));
    server.check([(Guest, sign_in(), status(400).says("A hook stopped"))]).await;
    let change = patch(&format!("{USERS}/records/{}", ana.id), json!({"name": "Ana"}));
    server.check([(ana.asks(), change, status(200))]).await;
}

#[tokio::test]
async fn a_hook_on_registering_changes_or_refuses_the_account() {
    let (server, _outbox) = with_mails().await;
    server.app.hooks().auth.register.before.add(Bind::on("users"), |event, next| {
        Box::pin(async move {
            if event.record.text("email").ends_with("@spam.example") {
                return Err(Error::invalid("No thanks"));
            }
            event.record.set("name", bakend::schema::Value::Text("new here".to_owned()));
            next.run(event).await
        })
    });
    let make = |email: &str| {
        let body = json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD});
        post(&format!("{USERS}/records"), body)
    };
    server
        .check([
            (Guest, make("eve@spam.example"), status(400).says("No thanks.")),
            (Guest, make("ana@example.com"), status(200).has("/name", "new here")),
        ])
        .await;
    assert_eq!(server.count("users").await, 1);
}

fn change_mails(server: &Server, change: fn(&mut MailEvent) -> bakend::Result<bool>) {
    server.app.hooks().mail.add(Bind::all(), move |event, next| {
        Box::pin(async move { if change(event)? { next.run(event).await } else { Ok(()) } })
    });
}

async fn reset_asked(server: &Server) {
    server.check([(Guest, ask("request-password-reset", json!({"email": "ana@example.com"})), status(204))]).await;
}

#[tokio::test]
async fn a_hook_changes_a_mail() {
    let (server, outbox) = with_mails().await;
    server.person("ana").await;
    change_mails(&server, |event| {
        assert_eq!(event.kind, MailKind::PasswordReset);
        event.message.subject = format!("For {}", event.record.as_ref().map_or("", |record| record.text("email")));
        Ok(true)
    });
    reset_asked(&server).await;
    assert_eq!(outbox.wait_for(1).await[0].subject, "For ana@example.com");
}

#[tokio::test]
async fn a_hook_that_stops_or_fails_keeps_the_mail_and_the_caller_does_not_learn_of_it() {
    for change in [|_: &mut MailEvent| Ok(false), |_: &mut MailEvent| Err(Error::invalid("no"))] {
        let (server, outbox) = with_mails().await;
        server.person("ana").await;
        change_mails(&server, change);
        reset_asked(&server).await;
        server.close().await;
        assert!(outbox.all().is_empty());
    }
}

#[tokio::test]
async fn mails_that_wait_leave_before_the_end() {
    let (server, outbox) = with_mails().await;
    for at in 0..200 {
        let mail = server.app.mail();
        mail.send(MailMessage {
            to: vec![Mailbox::new(format!("a{at}@example.com"))],
            text: "hello".to_owned(),
            ..mail.message()
        });
    }
    server.close().await;
    assert_eq!(outbox.all().len(), 200);
}

//! Hooks on what happens to accounts and on mails about them, with the account as its Rust type.

use bakend::{
    Bakend, Builder, Collection, Email, Error, Id, MailKind,
    test::{PASSWORD, TestApp},
};
use serde_json::{Value as Data, json};

#[derive(Clone, Debug, Collection)]
#[collection(name = "users", auth(alert = false), rules(create = ""))]
struct User {
    id: Id<User>,
    email: Email,
    name: Option<String>,
    blocked: bool,
}

#[derive(Clone, Debug, Collection)]
#[collection(name = "staff", auth(alert = false), rules(create = ""))]
struct Staff {
    id: Id<Staff>,
    email: Email,
}

fn program() -> Builder {
    Bakend::builder()
        .collection::<User>()
        .collection::<Staff>()
        .before_register::<User>(async |e| {
            let email = e.record()?.email.to_string();
            e.set(User::name, email.split('@').next().unwrap_or_default());
            Ok(())
        })
        .before_sign_in::<User>(async |e| {
            let user = e.record()?;
            if user.blocked {
                return Err(Error::forbidden(format!("The account {} is blocked", user.email)));
            }
            // What is set here counts before a registration only.
            e.set(User::name, "somebody else");
            e.meta = Some(json!({ "hello": user.name }));
            Ok(())
        })
        .after_sign_in::<User>(async |e| {
            let user = e.record()?;
            let seen = json!({ "name": format!("{} was here", user.name.unwrap_or_default()) });
            e.app.records("users").as_system().update(user.id.as_str(), seen).await?;
            Ok(())
        })
        .on_mail_about::<User>(async |e| {
            let user = e.record.as_ref().map(User::from_record).transpose()?.expect("a mail about an account");
            assert_eq!(e.kind, MailKind::Verification);
            e.message.subject = format!("{}, {}", user.name.unwrap_or_default(), e.message.subject);
            if user.blocked {
                e.stop();
            }
            Ok(())
        })
}

fn account(email: &str) -> Data {
    json!({ "email": email, "password": PASSWORD, "passwordConfirm": PASSWORD })
}

fn sign_in(email: &str) -> Data {
    json!({ "identity": email, "password": PASSWORD })
}

#[tokio::test]
async fn a_registration_is_completed_by_the_fields_of_its_type() {
    let test = TestApp::start(program()).await;
    test.post("/api/collections/users/records", account("ana@example.com")).await.status(200).has("/name", "ana");
    test.post("/api/collections/staff/records", account("sam@example.com")).await.status(200).lacks("/name");
    test.hooks_ran(["before_register users"]);
    test.close().await;
}

#[tokio::test]
async fn a_sign_in_is_refused_by_the_fields_of_the_account() {
    let test = TestApp::start(program()).await;
    let ana = test.account("users", json!({ "email": "ana@example.com", "name": "Ana" })).await;
    let path = "/api/collections/users/auth-with-password";
    let answer = test.post(path, sign_in("ana@example.com")).await.status(200);
    answer.has("/meta/hello", "Ana").has("/record/name", "Ana");
    test.hooks_ran(["before_sign_in users", "after_sign_in users"]);
    let users = || test.app().records_of::<User>().as_system();
    let stored = users().one(Id::<User>::new(ana.record.id())).await.expect("stored");
    assert_eq!(stored.name.as_deref(), Some("Ana was here"));
    users().update(&stored.id, User::update().blocked(true)).await.expect("changed");
    test.post(path, sign_in("ana@example.com")).await.status(403).says("The account ana@example.com is blocked.");
    test.hooks_ran(["before_sign_in users"]);
    test.account("staff", json!({ "email": "ana@example.com" })).await;
    test.post("/api/collections/staff/auth-with-password", sign_in("ana@example.com"))
        .await
        .status(200)
        .lacks("/meta/hello");
    test.hooks_ran([]);
    test.close().await;
}

#[tokio::test]
async fn a_mail_about_an_account_of_the_type_is_changed_or_kept() {
    let test = TestApp::start(program()).await;
    for (collection, email, more) in [
        ("users", "ana@example.com", json!({ "name": "Ana" })),
        ("users", "eve@example.com", json!({ "name": "Eve", "blocked": true })),
        ("staff", "sam@example.com", json!({})),
    ] {
        let mut data = json!({ "email": email, "verified": false });
        data.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        test.account(collection, data).await;
        let path = format!("/api/collections/{collection}/request-verification");
        test.post(&path, json!({ "email": email })).await.status(204);
    }
    let mails = test.mails().wait_for(2).await;
    let mut told: Vec<(String, bool)> =
        mails.iter().map(|mail| (mail.to[0].address.clone(), mail.subject.starts_with("Ana, "))).collect();
    told.sort();
    assert_eq!(told, [("ana@example.com".to_owned(), true), ("sam@example.com".to_owned(), false)]);
    test.close().await;
}

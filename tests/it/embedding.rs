//! Backends that are a part of something larger: layers around them, routers that hold them, settings and hooks that the program brings.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use bakend::{
    AuthAction, Bakend, Error, MailKind,
    axum::{
        Router,
        extract::Request,
        http::{HeaderValue, StatusCode},
        middleware::{self, Next},
        response::{IntoResponse as _, Response},
        routing::get,
        serve,
    },
    service::auth::superusers,
    test::{PASSWORD, TestApp},
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::client::{PASSWORD as ROOT_PASSWORD, ROOT};

const USERS: &str = "/api/collections/users";

/// Adds a letter to the header `x-way`.
async fn mark(letter: &'static str, request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let way = answer.headers().get("x-way").and_then(|way| way.to_str().ok()).unwrap_or_default().to_owned();
    let way = HeaderValue::from_str(&format!("{way}{letter}")).expect("letters");
    answer.headers_mut().insert("x-way", way);
    answer
}

#[tokio::test]
async fn layers_are_around_every_route_the_later_further_out() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let backend = Bakend::builder()
        .routes(Router::new().route("/own", get(async || "mine")))
        .layer(middleware::from_fn(async |request: Request, next: Next| mark("a", request, next).await))
        .layer(middleware::from_fn(async |request: Request, next: Next| mark("b", request, next).await))
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                if request.headers().contains_key("x-blocked") {
                    return (StatusCode::IM_A_TEAPOT, "not today").into_response();
                }
                next.run(request).await
            }
        }));
    let app = TestApp::start(backend).await;
    for path in ["/own", "/api/health", "/api/collections/users/auth-methods"] {
        app.get(path).await.status(200).header("x-way", "ab");
    }
    app.get("/nowhere").await.status(404).header("x-way", "ab");
    app.get("/api/health").header("x-blocked", "1").await.status(418).says("not today");
    assert_eq!(asked.load(Ordering::Relaxed), 5);
    app.close().await;
}

/// What comes back to a request over a socket: the status line and everything behind it.
async fn over_tcp(address: SocketAddr, method: &str, path: &str, token: &str, body: &str) -> String {
    let mut tcp = TcpStream::connect(address).await.expect("it listens");
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    tcp.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    tcp.read_to_string(&mut answer).await.expect("answered");
    answer
}

#[tokio::test]
async fn a_larger_app_holds_the_backend_below_a_path_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let routes = Router::new().route("/hello", get(async || "hello"));
    let backend = Bakend::builder().dir(folder.path()).routes(routes).build().await.expect("it opens");
    let app = backend.app().clone();
    superusers::create(&app, ROOT, ROOT_PASSWORD).await.expect("a superuser");
    let larger = Router::new().route("/", get(async || "the larger one")).nest("/backend", backend.into_router());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let served =
        tokio::spawn(async move { serve(listener, larger.into_make_service_with_connect_info::<SocketAddr>()).await });

    assert!(over_tcp(address, "GET", "/", "", "").await.ends_with("the larger one"));
    assert!(over_tcp(address, "GET", "/backend/hello", "", "").await.ends_with("hello"));
    assert!(over_tcp(address, "GET", "/backend/api/health", "", "").await.starts_with("HTTP/1.1 200"));
    assert!(over_tcp(address, "GET", "/api/health", "", "").await.starts_with("HTTP/1.1 404"), "not at the top");
    assert!(over_tcp(address, "GET", "/backend/nothing", "", "").await.contains("\"status\":404"), "in our words");
    let body = json!({"identity": ROOT, "password": ROOT_PASSWORD}).to_string();
    let path = "/backend/api/collections/_superusers/auth-with-password";
    let answer = over_tcp(address, "POST", path, "", &body).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let token = answer.split("\"token\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    let sessions = over_tcp(address, "GET", "/backend/api/sessions", token, "").await;
    assert!(sessions.contains("\"ip\":\"127.0.0.1\""), "clients' addresses are known: {sessions}");

    app.close().await;
    served.abort();
}

#[tokio::test]
async fn settings_begin_as_the_program_says_and_change_as_it_asks() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = || Bakend::builder().dir(folder.path()).settings(|settings| settings.meta.app_name = "Shop".to_owned());
    let backend = shop().build().await.expect("it opens");
    let app = backend.app().clone();
    assert_eq!(app.settings().meta.app_name, "Shop");
    app.change_settings(json!({"meta": {"appName": "Stall"}, "batch": {"enabled": true}})).await.expect("changes");
    assert_eq!((app.settings().meta.app_name.as_str(), app.settings().batch.enabled), ("Stall", true));
    for (wrong, field) in [
        (json!(["x"]), None),
        (json!({"meta": {"appName": 5}}), None),
        (json!({"meta": {"appName": ""}}), Some("/meta/appName")),
    ] {
        let error = app.change_settings(wrong.clone()).await.expect_err("refused");
        assert_eq!(error.kind(), bakend::Kind::Invalid, "{wrong}");
        assert!(field.is_none_or(|at| error.field_errors().to_json().pointer(at).is_some()), "{error:?}");
        assert_eq!(app.settings().meta.app_name, "Stall", "{wrong} changes nothing");
    }
    backend.close().await;
    let again = shop().build().await.expect("it opens again");
    assert_eq!(again.app().settings().meta.app_name, "Stall", "what was changed stays");
    again.close().await;
}

#[tokio::test]
async fn hooks_of_accounts_hear_and_refuse_what_happens_to_them() {
    let methods = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&methods);
    let backend = Bakend::builder()
        .before_sign_in_of("users", async |e| {
            if e.record.text("name") == "banned" { Err(Error::forbidden("You are banned")) } else { Ok(()) }
        })
        .after_sign_in_of("users", async move |e| {
            heard.lock().expect("no hook panics").push(format!("{:?}", e.action));
            Ok(())
        })
        .before_register_of("users", async |e| {
            let name = e.record.text("email").split('@').next().unwrap_or_default().to_owned();
            e.record.set("name", bakend::schema::Value::Text(name));
            assert_eq!(e.action, AuthAction::Register);
            Ok(())
        })
        .before_refresh_of("users", async |_| Err(Error::forbidden("Sign in again")))
        .after_password_reset_request_of("users", async |_| Ok(()));
    let app = TestApp::start(backend).await;
    let new = json!({"email": "ana@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    app.post(&format!("{USERS}/records"), new).await.status(200).has("/name", "ana");
    app.hooks_ran(["before_register users"]);
    let sign_in = json!({"identity": "ana@example.com", "password": PASSWORD});
    app.post(&format!("{USERS}/auth-with-password"), sign_in).await.status(200).has("/record/name", "ana");
    app.hooks_ran(["before_sign_in users", "after_sign_in users"]);
    assert_eq!(methods.lock().expect("no hook panics").len(), 1);
    let wrong = json!({"identity": "ana@example.com", "password": "wrong"});
    app.post(&format!("{USERS}/auth-with-password"), wrong).await.status(400);
    app.hooks_ran([]);

    let ana = app.user("bea@example.com").await;
    app.post(&format!("{USERS}/auth-refresh"), json!({})).as_user(&ana).await.status(403).says("Sign in again");
    app.hooks_ran(["before_refresh users"]);
    app.account("users", json!({"email": "eve@example.com", "name": "banned"})).await;
    let banned = json!({"identity": "eve@example.com", "password": PASSWORD});
    app.post(&format!("{USERS}/auth-with-password"), banned).await.status(403).says("You are banned");
    app.hooks_ran(["before_sign_in users"]);
    assert_eq!(methods.lock().expect("no hook panics").len(), 1, "who was refused did not sign in");
    app.close().await;
}

#[tokio::test]
async fn hooks_of_mails_change_them_and_keep_them_back() {
    let backend = Bakend::builder()
        .on_mail_about_of("users", async |e| {
            if e.message.to[0].address.starts_with("quiet") {
                e.stop();
            }
            assert_eq!(e.kind, MailKind::PasswordReset);
            Ok(())
        })
        .on_mail(async |e| {
            e.message.subject = format!("[Shop] {}", e.message.subject);
            Ok(())
        });
    let app = TestApp::start(backend).await;
    for name in ["quiet", "loud"] {
        let email = format!("{name}@example.com");
        app.user(&email).await;
        app.post(&format!("{USERS}/request-password-reset"), json!({ "email": email })).await.status(204);
    }
    let mails = app.mails().wait_for(1).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to[0].address, "loud@example.com");
    assert!(mails[0].subject.starts_with("[Shop] "), "{}", mails[0].subject);
    app.close().await;
}

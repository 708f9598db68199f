//! The document of another server, asked for as a superuser.

use serde_json::{Value as Json, json};

use crate::{
    Error, Kind, Result, limits,
    store::outbound::{Asked, Outbound},
};

/// As whom to ask.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// With a superuser's token or API key.
    Token(String),
    /// With a superuser's address and password.
    Password {
        /// The address.
        email: String,
        /// The password.
        password: String,
    },
}

/// The document of the server at `url`, as in `https://example.com`.
///
/// # Errors
/// `Invalid`: the server cannot be reached, is too slow, or answers with something else; the message holds its address.
/// `Unauthenticated`: it refuses the login, or the login is no superuser's.
///
/// # Example
/// ```no_run
/// # async fn demo() -> bakend::Result<()> {
/// use bakend::service::openapi::{self, Login};
///
/// let login = Login::Password { email: "you@example.com".to_owned(), password: "a-long-password".to_owned() };
/// let document = openapi::of_server("https://example.com", login).await?;
/// # Ok(()) }
/// ```
pub async fn of_server(url: &str, login: Login) -> Result<String> {
    let url = url.trim_end_matches('/');
    let outbound = Outbound::default();
    let token = match login {
        Login::Token(token) => token,
        Login::Password { email, password } => {
            let body = json!({ "identity": email, "password": password }).to_string();
            let path = "/api/collections/_superusers/auth-with-password";
            let told = ask(&outbound, url, path, Vec::new(), Some(("application/json", body))).await?;
            let answer: Json = serde_json::from_str(&told).map_err(|error| strange(url).caused_by(error))?;
            answer["token"].as_str().ok_or_else(|| strange(url))?.to_owned()
        }
    };
    ask(&outbound, url, "/api/openapi.json", vec![("Authorization", token)], None).await
}

async fn ask(
    outbound: &Outbound,
    url: &str,
    path: &str,
    headers: Vec<(&str, String)>,
    body: Option<(&'static str, String)>,
) -> Result<String> {
    let address = format!("{url}{path}");
    let told = outbound
        .ask_up_to(limits::DOCUMENT_MAX_BYTES, Asked { url: &address, headers, body })
        .await
        .map_err(|error| Error::invalid(format!("The server at {url} cannot be reached")).caused_by(error))?;
    match told.status {
        200..300 => String::from_utf8(told.body).map_err(|error| strange(url).caused_by(error)),
        400 | 401 | 403 => {
            let message =
                format!("The server at {url} refused: it takes a superuser to read the schema, and this was none");
            Err(Error::new(Kind::Unauthenticated, message))
        }
        status => {
            Err(Error::invalid(format!("The server at {url} answered with {status}: is it a bakend of this version?")))
        }
    }
}

fn strange(url: &str) -> Error {
    Error::invalid(format!("The server at {url} answered with something else than a bakend does"))
}

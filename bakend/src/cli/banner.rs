//! What `start` says: where it answers, where the data is, what to do next.

use std::{net::SocketAddr, path::Path};

use super::words::{self, ADDRESS, BRAND, COMMAND, DIM, HINT};
use crate::service::auth::installer;

/// How long the link is good.
const INSTALL_MINUTES: i64 = installer::LINK_SECONDS / 60;
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The text for a server that listens on `address`.
///
/// `install` is the token of the link that makes the first superuser, while there is none; `panel`: whether there is an admin panel.
pub(super) fn text(address: SocketAddr, dir: &Path, install: Option<&str>, panel: bool) -> String {
    let url = url(address);
    let dir_text = dir.display();
    let reach = if address.ip().is_unspecified() { "  and every other address of this machine" } else { "" };
    let panel = if panel { format!("  Panel   {ADDRESS}{url}/_/{ADDRESS:#}\n") } else { String::new() };
    let mut text = format!(
        "\n  {BRAND}bakend{BRAND:#} {DIM}{VERSION}{DIM:#}\n\n  \
         Server  {ADDRESS}{url}{ADDRESS:#}{DIM}{reach}{DIM:#}\n  \
         API     {url}/api/\n{panel}  \
         Data    {dir_text}\n\n"
    );
    if let Some(token) = install {
        let command = words::command("admin create you@example.com", dir);
        text += &format!(
            "  {HINT}There is no superuser yet.{HINT:#} Make one with this link, which is good for {INSTALL_MINUTES} minutes:\n\n      \
             {ADDRESS}{url}/_/#/pbinstall/{token}{ADDRESS:#}\n\n  \
             or in another terminal, with your address:\n\n      \
             {COMMAND}{command}{COMMAND:#}\n\n"
        );
    } else {
        text += &format!("  {DIM}Sign in with any PocketBase SDK. Ctrl+C stops.{DIM:#}\n\n");
    }
    text
}

/// What to type into a browser.
fn url(address: SocketAddr) -> String {
    let port = address.port();
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => format!("http://127.0.0.1:{port}"),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => format!("http://[::1]:{port}"),
        _ => format!("http://{address}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(address: &str, dir: &str, install: Option<&str>) -> String {
        let address = address.parse().expect("an address");
        anstream::adapter::strip_str(&text(address, Path::new(dir), install, true)).to_string()
    }

    #[test]
    fn the_first_url_is_the_one_to_open() {
        for (address, expected) in [
            ("127.0.0.1:8090", "http://127.0.0.1:8090\n"),
            ("0.0.0.0:80", "http://127.0.0.1:80  and every other address of this machine\n"),
            ("[::]:80", "http://[::1]:80  and every other address of this machine\n"),
            ("[::1]:80", "http://[::1]:80\n"),
        ] {
            let text = plain(address, "bak_data", None);
            let at = text.find("http://").expect("a URL");
            assert!(text[at..].starts_with(expected), "{text}");
        }
    }

    #[test]
    fn without_a_superuser_it_says_how_to_make_one_in_the_same_folder() {
        let text = plain("127.0.0.1:1", "/srv/my data", Some("a.b.c"));
        assert!(text.contains(" admin create you@example.com --dir '/srv/my data'\n"), "{text}");
        assert!(text.contains(" http://127.0.0.1:1/_/#/pbinstall/a.b.c\n"), "{text}");
        assert!(!plain("127.0.0.1:1", "/srv/my data", None).contains("admin create"));
    }
}

//! `--http`: the address to listen on, and why it could not be had.

use std::{fmt, io, net::SocketAddr, str::FromStr};

use tokio::net::TcpListener;

use super::failure::{Failure, Outcome};

/// The port when only a host is given.
const PORT_DEFAULT: u16 = 8090;
/// The host when only a port is given.
const HOST_DEFAULT: &str = "127.0.0.1";
/// The host of `:8090`: every address of this machine.
const HOST_ANY: &str = "0.0.0.0";

/// A host (name or number) and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    host: String,
    port: u16,
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(socket) = text.parse::<SocketAddr>() {
            return Ok(Self { host: socket.ip().to_string(), port: socket.port() });
        }
        let port = |text: &str| {
            text.parse().map_err(|_| format!("`{text}` is no port: use a number from 0 to 65535, as in 127.0.0.1:8090"))
        };
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        if bare.parse::<std::net::Ipv6Addr>().is_ok() {
            return Ok(Self { host: bare.to_owned(), port: PORT_DEFAULT });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some(("", number)) => (HOST_ANY, port(number)?),
            Some((host, number)) => (host, port(number)?),
            None if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => (HOST_DEFAULT, port(text)?),
            None => (text, PORT_DEFAULT),
        };
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if host.is_empty() || !host.bytes().all(is_name) {
            return Err("write it as HOST:PORT, as in 127.0.0.1:8090; it is no URL".to_owned());
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// Starts to listen; connections wait until they are accepted.
pub(super) async fn bind(address: &Address) -> Outcome<TcpListener> {
    TcpListener::bind((address.host.as_str(), address.port)).await.map_err(|error| refused(address, &error))
}

fn refused(address: &Address, error: &io::Error) -> Failure {
    let Address { host, port } = address;
    let free = Address { host: host.clone(), port: port.checked_add(1).unwrap_or(0) };
    match error.kind() {
        io::ErrorKind::AddrInUse => Failure::new(format!("Port {port} on {host} is already in use."))
            .next(format!("Stop the program that uses it, or choose another: --http {free}")),
        io::ErrorKind::PermissionDenied => Failure::new(format!("Listening on {address} is not permitted."))
            .next("Ports below 1024 belong to the system: choose a higher one, as in --http 127.0.0.1:8090"),
        io::ErrorKind::AddrNotAvailable => Failure::new(format!("{host} is no address of this machine."))
            .next(format!("Use --http 127.0.0.1:{port} for this machine only, --http 0.0.0.0:{port} for everyone.")),
        _ => Failure::new(format!("Listening on {address} failed: {error}."))
            .next("Check the address, as in --http 127.0.0.1:8090"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_a_port_or_both() {
        for (given, expected) in [
            ("127.0.0.1:8090", Ok("127.0.0.1:8090")),
            ("127.0.0.1", Ok("127.0.0.1:8090")),
            ("localhost:0", Ok("localhost:0")),
            (":80", Ok("0.0.0.0:80")),
            ("3000", Ok("127.0.0.1:3000")),
            ("[::1]:8090", Ok("[::1]:8090")),
            ("::1", Ok("[::1]:8090")),
            ("127.0.0.1:99999", Err("`99999` is no port")),
            ("127.0.0.1:", Err("`` is no port")),
            ("http://127.0.0.1:80", Err("it is no URL")),
            ("70000", Err("is no port")),
            ("", Err("HOST:PORT")),
        ] {
            match (given.parse::<Address>(), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found.to_string(), expected, "{given}"),
                (Err(message), Err(part)) => assert!(message.contains(part), "{given}: {message}"),
                (found, _) => panic!("{given}: {found:?}"),
            }
        }
    }

    #[tokio::test]
    async fn a_taken_port_is_named_with_a_way_out() {
        let first = bind(&"127.0.0.1:0".parse().expect("an address")).await.expect("a free port");
        let port = first.local_addr().expect("it listens").port();
        let refused = bind(&Address { host: "127.0.0.1".to_owned(), port }).await.expect_err("it is taken").to_string();
        assert!(refused.contains(&format!("Port {port} on 127.0.0.1 is already in use.")), "{refused}");
        assert!(refused.contains("--http 127.0.0.1:"), "{refused}");
    }
}

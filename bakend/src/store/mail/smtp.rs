//! The mail server: TLS from the start or on the way, sign-in, one connection a mail.

use std::{net::IpAddr, sync::Arc, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor,
    transport::smtp::{
        Error as SmtpError,
        authentication::{Credentials, Mechanism},
        client::{Certificate, CertificateStore, Tls, TlsParameters},
        extension::ClientId,
    },
};

use super::{MailFault, Message, compose::compose, with_reasons};
use crate::{Error, Result};

/// Longest time for one answer of the server.
const ANSWER_DEADLINE: Duration = Duration::from_secs(20);
/// Longest time for one mail, from the connection to the server's word that it has it.
const MAIL_DEADLINE: Duration = Duration::from_secs(60);
/// Our name when none is set.
const LOCAL_NAME_DEFAULT: &str = "localhost";

/// Where mails are handed over.
#[derive(Clone, Debug)]
pub struct Server {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whether TLS comes first; otherwise STARTTLS, where the server offers it or where a password is to be sent to another machine.
    pub tls: bool,
    /// How to sign in; `None`: not at all.
    pub sign: Option<Sign>,
    /// What we call ourselves; `""`: `localhost`.
    pub local_name: String,
}

/// How to sign in to a mail server.
#[derive(Clone)]
pub struct Sign {
    /// Who.
    pub username: String,
    /// Plain.
    pub password: String,
    /// Whether by the LOGIN mechanism; otherwise by PLAIN.
    pub by_login: bool,
}

impl std::fmt::Debug for Sign {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Sign").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Hands mails over. Certificates are checked against the roots that browsers know and the ones given, never skipped.
#[derive(Clone, Default)]
pub struct Relay {
    roots: Arc<[Certificate]>,
}

impl Relay {
    /// With further root certificates, as PEM.
    ///
    /// # Errors
    /// `Invalid`: there is none in it, or it cannot be read.
    pub fn trusting(pem: &[u8]) -> Result<Self> {
        let unreadable = || Error::invalid("The root certificates for mail servers are not PEM certificates.");
        let roots: Vec<Certificate> = blocks(pem)
            .map(|block| Certificate::from_pem(block).map_err(|error| unreadable().caused_by(error)))
            .collect::<Result<_>>()?;
        if roots.is_empty() {
            return Err(unreadable());
        }
        Ok(Self { roots: roots.into() })
    }

    /// Hands one mail over; ready when the server has taken it.
    ///
    /// # Errors
    /// The fault, which says whether another try may help.
    pub async fn send(&self, server: &Server, message: &Message) -> Result<(), MailFault> {
        let letter = compose(message)?;
        let sent = tokio::time::timeout(MAIL_DEADLINE, self.transport(server)?.send(letter)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(fault(&error)),
            Err(_) => Err(MailFault { permanent: false, reason: "the mail server took too long".to_owned() }),
        }
    }

    fn transport(&self, server: &Server) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailFault> {
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.host.as_str())
            .port(server.port)
            .timeout(Some(ANSWER_DEADLINE))
            .hello_name(own_name(&server.local_name))
            .tls(self.tls(server)?);
        if let Some(sign) = &server.sign {
            let mechanism = if sign.by_login { Mechanism::Login } else { Mechanism::Plain };
            let credentials = Credentials::new(sign.username.clone(), sign.password.clone());
            transport = transport.credentials(credentials).authentication(vec![mechanism]);
        }
        Ok(transport.build())
    }

    fn tls(&self, server: &Server) -> Result<Tls, MailFault> {
        let mut parameters =
            TlsParameters::builder(server.host.clone()).certificate_store(CertificateStore::WebpkiRoots);
        for root in self.roots.iter() {
            parameters = parameters.add_root_certificate(root.clone());
        }
        let parameters = parameters.build_rustls().map_err(|error| MailFault::for_good(with_reasons(&error)))?;
        Ok(if server.tls {
            Tls::Wrapper(parameters)
        } else if server.sign.is_some() && !is_this_machine(&server.host) {
            // Who is on the way could take the offer out of the server's answer, and the password with it.
            Tls::Required(parameters)
        } else {
            Tls::Opportunistic(parameters)
        })
    }
}

/// The certificates of a PEM file, each from its first line to its last.
fn blocks(pem: &[u8]) -> impl Iterator<Item = &[u8]> {
    const START: &[u8] = b"-----BEGIN CERTIFICATE-----";
    const END: &[u8] = b"-----END CERTIFICATE-----";
    let mut rest = pem;
    std::iter::from_fn(move || {
        let start = find(rest, START)?;
        let end = start + find(&rest[start..], END).map_or(rest.len() - start, |end| end + END.len());
        let block = &rest[start..end];
        rest = &rest[end..];
        Some(block)
    })
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

fn own_name(name: &str) -> ClientId {
    let name = if name.is_empty() { LOCAL_NAME_DEFAULT } else { name };
    match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
        Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
        Err(_) => ClientId::Domain(name.to_owned()),
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn fault(error: &SmtpError) -> MailFault {
    MailFault { permanent: error.is_permanent() || error.is_client(), reason: with_reasons(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_refused() {
        for pem in ["", "nothing", "-----BEGIN CERTIFICATE-----\n?!\n-----END CERTIFICATE-----\n"] {
            assert!(Relay::trusting(pem.as_bytes()).is_err(), "{pem:?}");
        }
    }

    #[test]
    fn passwords_leave_this_machine_encrypted_only() {
        let sign = Some(Sign { username: "u".to_owned(), password: "p".to_owned(), by_login: false });
        let server = |host: &str, tls, sign: &Option<Sign>| Server {
            host: host.to_owned(),
            port: 587,
            tls,
            sign: sign.clone(),
            local_name: String::new(),
        };
        for (host, tls, sign, expected) in [
            ("mail.example.com", true, &sign, "wrapper"),
            ("mail.example.com", false, &sign, "required"),
            ("mail.example.com", false, &None, "offered"),
            ("127.0.0.1", false, &sign, "offered"),
            ("LOCALHOST", false, &sign, "offered"),
        ] {
            let how = match Relay::default().tls(&server(host, tls, sign)).expect("builds") {
                Tls::Wrapper(_) => "wrapper",
                Tls::Required(_) => "required",
                Tls::Opportunistic(_) => "offered",
                _ => "none",
            };
            assert_eq!(how, expected, "{host}");
        }
        assert!(!format!("{:?}", server("h", true, &sign)).contains("\"p\""));
    }

    #[test]
    fn a_file_may_hold_several_certificates() {
        let one = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----";
        let file = format!("# ours\n{one}\n{one}\n");
        assert_eq!(blocks(file.as_bytes()).count(), 2);
        assert!(blocks(file.as_bytes()).all(|block| block == one.as_bytes()));
    }
}

//! Files from addresses that strangers name: from the public internet only, so that nobody reads our neighbours through us.

use std::{
    fs::File,
    io::Write as _,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use reqwest::{
    Response,
    dns::{Addrs, Name, Resolve, Resolving},
    header,
};
use url::{Host, Url};

use super::Outbound;
use crate::{Error, Result};

/// Most redirects that a download follows.
const REDIRECTS_MAX: usize = 5;

/// Which addresses a download may go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Those of the public internet.
    Public,
    /// All; a test's server is no public one.
    #[cfg(test)]
    Anywhere,
}

/// Finds public addresses of a name; the connection goes to what was found here, so that a name cannot change its mind in between.
pub(super) struct PublicNames;

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("the name has no public address".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

impl Outbound {
    /// Downloads a file of at most `max_bytes` into `file`; returns its size.
    ///
    /// # Errors
    /// `Invalid`: the URL is not one of the reach, the other side fails, or sends too much; the reason is the source.
    pub async fn download(&self, url: &str, reach: Reach, max_bytes: u64, file: &mut File) -> Result<u64> {
        let mut response = self.follow(url, reach).await?;
        let mut size = 0;
        loop {
            let chunk = response.chunk().await.map_err(|error| refused(error.without_url()))?;
            let Some(chunk) = chunk else { return Ok(size) };
            size += chunk.len() as u64;
            if size > max_bytes {
                return Err(refused("the file is too large"));
            }
            file.write_all(&chunk).map_err(Error::internal)?;
        }
    }

    async fn follow(&self, url: &str, reach: Reach) -> Result<Response> {
        let mut url = Url::parse(url).map_err(refused)?;
        for _ in 0..=REDIRECTS_MAX {
            let host_is_fine = match url.host() {
                Some(Host::Ipv4(address)) => is_reached(address.into(), reach),
                Some(Host::Ipv6(address)) => is_reached(address.into(), reach),
                Some(Host::Domain(_)) => true,
                None => false,
            };
            if !host_is_fine || !matches!(url.scheme(), "http" | "https") {
                return Err(refused("not an address of the public web"));
            }
            let request = self.reaching(reach)?.get(url.clone());
            let response = request.send().await.map_err(|error| refused(error.without_url()))?;
            if response.status().is_redirection() {
                let next = response.headers().get(header::LOCATION).and_then(|next| next.to_str().ok());
                url = url.join(next.ok_or_else(|| refused("a redirect to nowhere"))?).map_err(refused)?;
                continue;
            }
            return response.error_for_status().map_err(|error| refused(error.without_url()));
        }
        Err(refused("too many redirects"))
    }
}

fn refused(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::invalid("").caused_by(why)
}

fn is_reached(address: IpAddr, reach: Reach) -> bool {
    match reach {
        Reach::Public => is_public(address),
        #[cfg(test)]
        Reach::Anywhere => true,
    }
}

/// Whether an address is one of the public internet.
///
/// Source: IANA's registries of special-purpose addresses.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        // Carrier-grade NAT, protocol assignments, 6to4 relays, benchmarks.
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && matches!(b, 18 | 19));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // Only 2000::/3 is given out; in it, what hides an IPv4 address (Teredo, 6to4), protocol assignments and documentation are not.
    first & 0xe000 == 0x2000
        && !(first == 0x2001 && second < 0x200)
        && (first, second) != (0x2001, 0x0db8)
        && first != 0x2002
        && !(first == 0x3fff && second < 0x1000)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    /// Serves one canned answer after the other.
    async fn serve(answers: Vec<String>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            for answer in answers {
                let (mut stream, _) = listener.accept().await.expect("a connection");
                let mut asked = [0; 2048];
                let _ = stream.read(&mut asked).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        format!("http://{address}/picture")
    }

    fn answer(status: &str, headers: &str, body: &str) -> String {
        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len())
    }

    #[test]
    fn addresses_of_neighbours_are_not_public() {
        for (address, public) in [
            ("8.8.8.8", true),
            ("93.184.216.34", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("192.168.0.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("0.0.0.0", false),
            ("255.255.255.255", false),
            ("198.18.0.1", false),
            ("192.0.2.1", false),
            ("224.0.0.1", false),
            ("2606:4700::1111", true),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("fe80::1", false),
            ("fd00::1", false),
            ("2001:db8::1", false),
            ("2002:7f00:1::", false),
            ("64:ff9b::7f00:1", false),
            ("ff02::1", false),
        ] {
            assert_eq!(is_public(address.parse().expect("address")), public, "{address}");
        }
    }

    #[tokio::test]
    async fn a_file_is_downloaded_within_its_bound_and_through_redirects() {
        let outbound = Outbound::default();
        let last = serve(vec![answer("200 OK", "", "picture")]).await;
        let first = serve(vec![answer("302 Found", &format!("Location: {last}\r\n"), "")]).await;
        let mut file = tempfile::tempfile().expect("a file");
        let size = outbound.download(&first, Reach::Anywhere, 7, &mut file).await.expect("downloads");
        let mut text = String::new();
        std::io::Seek::rewind(&mut file).expect("rewinds");
        file.read_to_string(&mut text).expect("reads");
        assert_eq!((size, text.as_str()), (7, "picture"));
        for (why, answer) in [
            ("too large", answer("200 OK", "", "pictures")),
            ("not there", answer("404 Not Found", "", "")),
            ("no place to go on", answer("302 Found", "", "")),
            ("another scheme", answer("302 Found", "Location: file:///etc/passwd\r\n", "")),
        ] {
            let url = serve(vec![answer]).await;
            let outcome = outbound.download(&url, Reach::Anywhere, 7, &mut file).await;
            assert!(outcome.is_err(), "{why}");
        }
    }

    #[tokio::test]
    async fn a_download_never_reaches_a_neighbour() {
        let outbound = Outbound::default();
        let url = serve(vec![answer("200 OK", "", "secret")]).await;
        let port = Url::parse(&url).expect("a URL").port().expect("a port");
        let mut file = tempfile::tempfile().expect("a file");
        for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0.0.0.0"] {
            let url = format!("http://{host}:{port}/");
            assert!(outbound.download(&url, Reach::Public, 100, &mut file).await.is_err(), "{url}");
        }
        assert!(outbound.download("file:///etc/passwd", Reach::Public, 100, &mut file).await.is_err());
    }
}

//! Fetches a file over HTTPS into an anonymous temporary file, within bounds of size and time, and from nowhere inside a network of our own
//! unless somebody allowed that: an address may come from a page.

use anyhow::{Context as _, bail};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::handshake;
use hyper::header::{HOST, LOCATION, USER_AGENT};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

/// The longest wait for a connection or for the next bytes.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest that a whole file may take.
const WHOLE: Duration = Duration::from_secs(900);
/// How often an answer may point elsewhere.
const REDIRECTS: usize = 5;

/// Where a file may lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// On the public network only.
    Public,
    /// On this machine and in networks of our own, too.
    Anywhere,
}

/// Fetches `address`; at most `most` bytes.
pub(crate) async fn fetch(address: &str, most: u64, reach: Reach) -> anyhow::Result<File> {
    timeout(WHOLE, fetch_all(address, most, reach)).await.context("it did not come whole in time")?
}

async fn fetch_all(address: &str, most: u64, reach: Reach) -> anyhow::Result<File> {
    let mut url = Url::parse(address).context("this is no address")?;
    for _ in 0..=REDIRECTS {
        let answer = ask(&url, reach).await?;
        if answer.status().is_redirection() {
            let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok()).context("it points nowhere")?;
            let next = url.join(to).with_context(|| format!("it points to {to:?}, which is no address"))?;
            if next.scheme() != url.scheme() {
                bail!("it points from {}:// to {}://, which is not followed", url.scheme(), next.scheme());
            }
            url = next;
            continue;
        }
        return keep_good(answer, most).await;
    }
    bail!("it points elsewhere more than {REDIRECTS} times")
}

/// A server that answers, and not with what was asked for.
#[derive(Debug)]
pub(crate) struct Answered(StatusCode);

impl std::fmt::Display for Answered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the server answers {}", self.0)
    }
}

impl std::error::Error for Answered {}

/// Fetches `address` from a server whose own addresses are known. Where the answer points elsewhere, nothing is fetched: that is an
/// answer like any other ([`Answered`]).
pub(crate) async fn fetch_from(address: &str, at: &[IpAddr], most: u64, reach: Reach) -> anyhow::Result<File> {
    let url = Url::parse(address).context("this is no address")?;
    let port = url.port_or_known_default().context("the address names no port")?;
    let all: Vec<SocketAddr> = at.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
    let places = allowed(&all, reach)?;
    let answer = call(&url, &places).await?;
    timeout(WHOLE, keep_good(answer, most)).await.context("it did not come whole in time")?
}

async fn keep_good(answer: Response<Incoming>, most: u64) -> anyhow::Result<File> {
    if answer.status() != StatusCode::OK {
        bail!(Answered(answer.status()));
    }
    keep(answer, most).await
}

async fn ask(url: &Url, reach: Reach) -> anyhow::Result<Response<Incoming>> {
    let host = url.host_str().context("the address names no server")?.to_owned();
    let port = url.port_or_known_default().context("the address names no port")?;
    let local = ["localhost", "127.0.0.1", "[::1]"].contains(&host.as_str());
    if !(url.scheme() == "https" || (url.scheme() == "http" && local)) {
        // On the way from elsewhere anybody could change it.
        bail!("{}:// is not taken: use https://", url.scheme());
    }
    let places = places(host.trim_matches(['[', ']']), port, reach).await.with_context(|| format!("{host}:{port}"))?;
    call(url, &places).await
}

/// Asks the server at one of these places.
async fn call(url: &Url, places: &[SocketAddr]) -> anyhow::Result<Response<Incoming>> {
    let host = url.host_str().context("the address names no server")?.to_owned();
    let port = url.port_or_known_default().context("the address names no port")?;
    let connect = TcpStream::connect(places);
    let tcp =
        timeout(PATIENCE, connect).await.context("no answer in time")?.with_context(|| format!("{host}:{port}"))?;
    match url.scheme() {
        "https" => {
            let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).context("no name of a server")?;
            let tls = TlsConnector::from(Arc::new(tls()?)).connect(name, tcp);
            send(timeout(PATIENCE, tls).await.context("no answer in time")??, url, &host).await
        }
        _ => send(tcp, url, &host).await,
    }
}

/// Where the host is: the very addresses that are then called, so that a name cannot lead elsewhere the second time.
async fn places(host: &str, port: u16, reach: Reach) -> anyhow::Result<Vec<SocketAddr>> {
    let found = timeout(PATIENCE, lookup_host((host, port))).await.context("no answer in time")??;
    allowed(&found.collect::<Vec<_>>(), reach)
}

/// Those of the places that may be called.
fn allowed(all: &[SocketAddr], reach: Reach) -> anyhow::Result<Vec<SocketAddr>> {
    let allowed: Vec<SocketAddr> =
        all.iter().copied().filter(|place| reach == Reach::Anywhere || is_public(place.ip())).collect();
    if allowed.is_empty() && !all.is_empty() {
        bail!("it lies on this machine or in a network of our own, which is not allowed here");
    }
    Ok(allowed)
}

/// Whether an address belongs to the public network (the special ones of RFC 6890 do not).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let special =
                matches!((a, b, c), (0, ..) | (100, 64..=127, _) | (192, 0, 0) | (198, 18..=19, _) | (240..=255, ..));
            !(special
                || v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_documentation())
        }
        IpAddr::V6(v6) => {
            let [a, b, ..] = v6.segments();
            let inner = v6.to_ipv4_mapped().or_else(|| {
                let [x, y, .., high, low] = v6.segments();
                // RFC 6052: an address of the old network within one of the new.
                (x == 0x64 && y == 0xff9b).then(|| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
            });
            match inner {
                Some(v4) => is_public(IpAddr::V4(v4)),
                None => (a & 0xe000) == 0x2000 && !(a == 0x2001 && b == 0xdb8) && a != 0x2002,
            }
        }
    }
}

fn tls() -> anyhow::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for root in rustls_native_certs::load_native_certs().certs {
        // One that cannot be used is no reason to do without the others.
        let _ = roots.add(root);
    }
    if roots.is_empty() {
        bail!("this machine knows no certificate authorities: install the package ca-certificates");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

async fn send<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(
    stream: S,
    url: &Url,
    host: &str,
) -> anyhow::Result<Response<Incoming>> {
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let agent = concat!("baluardo/", env!("CARGO_PKG_VERSION"));
    let request = Request::get(path).header(HOST, host).header(USER_AGENT, agent).body(Empty::<Bytes>::new())?;
    Ok(timeout(PATIENCE, sender.send_request(request)).await.context("no answer in time")??)
}

async fn keep(answer: Response<Incoming>, most: u64) -> anyhow::Result<File> {
    let mut file = anonymous()?;
    let (mut body, mut written) = (answer.into_body(), 0_u64);
    while let Some(frame) = timeout(PATIENCE, body.frame()).await.context("no more bytes came in time")? {
        let Ok(bytes) = frame?.into_data() else { continue };
        written += bytes.len() as u64;
        if written > most {
            bail!("it has more than {most} bytes");
        }
        file.write_all(&bytes).context("the folder for temporary files has no room")?;
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// A file without a name in the folder for temporary files: it is gone with this process.
fn anonymous() -> anyhow::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).mode(0o600).custom_flags(nix::libc::O_TMPFILE);
    let folder = std::env::temp_dir();
    options.open(&folder).with_context(|| format!("no file can be made in {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// Answers each call on the loopback address with the next of `answers`.
    async fn server(answers: Vec<String>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        tokio::spawn(async move {
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = [0; 1024];
                let _ = stream.read(&mut head).await.unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        origin
    }

    fn ok(body: &str) -> String {
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
    }

    #[tokio::test]
    async fn a_file_is_fetched_also_where_it_has_moved() {
        let moved =
            "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned();
        let origin = server(vec![moved, ok("{}")]).await;
        let mut text = String::new();
        fetch(&format!("{origin}/here"), 100, Reach::Anywhere).await.unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "{}");
    }

    #[tokio::test]
    async fn what_is_too_long_missing_or_in_the_open_is_refused() {
        let origin =
            server(vec![ok("too long"), "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned()]).await;
        let told = |error: anyhow::Error| format!("{error:#}");
        let any = Reach::Anywhere;
        assert!(told(fetch(&origin, 3, any).await.unwrap_err()).contains("more than 3 bytes"));
        assert!(told(fetch(&origin, 3, any).await.unwrap_err()).contains("404"));
        assert!(told(fetch("ftp://127.0.0.1:1/x", 3, any).await.unwrap_err()).contains("use https://"));
        assert!(told(fetch("http://rules.example/x", 3, any).await.unwrap_err()).contains("use https://"));
        assert!(fetch("nonsense", 3, any).await.is_err());
    }

    #[tokio::test]
    async fn nothing_leads_to_another_scheme_or_into_a_network_of_our_own() {
        let moved = |to: &str| {
            format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        };
        let told = |error: anyhow::Error| format!("{error:#}");
        let origin = server(vec![moved("https://127.0.0.1:1/"), moved("file:///etc/passwd"), ok("{}")]).await;
        assert!(told(fetch(&origin, 9, Reach::Anywhere).await.unwrap_err()).contains("not followed"));
        assert!(told(fetch(&origin, 9, Reach::Anywhere).await.unwrap_err()).contains("not followed"));
        assert!(told(fetch(&origin, 9, Reach::Public).await.unwrap_err()).contains("network of our own"));
        assert!(
            told(fetch("https://localhost:1/", 9, Reach::Public).await.unwrap_err()).contains("network of our own")
        );
    }

    #[test]
    fn addresses_of_our_own_networks_are_told_from_public_ones() {
        let own = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.2.7",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2001:db8::1",
            "2002:a00:1::1",
        ];
        for address in own {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["1.1.1.1", "151.101.1.1", "2a04:4e42::1", "::ffff:1.1.1.1", "64:ff9b::101:101"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }
}

//! Fetches a file over HTTPS into an anonymous temporary file, within bounds of size and time.

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
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

/// The longest wait for a connection or for the next bytes.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often an answer may point elsewhere.
const REDIRECTS: usize = 5;

/// Fetches `address`; at most `most` bytes.
pub(super) async fn fetch(address: &str, most: u64) -> anyhow::Result<File> {
    let mut url = Url::parse(address).context("this is no address")?;
    for _ in 0..=REDIRECTS {
        let answer = ask(&url).await?;
        if answer.status().is_redirection() {
            let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok()).context("it points nowhere")?;
            url = url.join(to).with_context(|| format!("it points to {to:?}, which is no address"))?;
            continue;
        }
        if answer.status() != StatusCode::OK {
            bail!("the server answers {}", answer.status());
        }
        return keep(answer, most).await;
    }
    bail!("it points elsewhere more than {REDIRECTS} times")
}

async fn ask(url: &Url) -> anyhow::Result<Response<Incoming>> {
    let host = url.host_str().context("the address names no server")?.to_owned();
    let port = url.port_or_known_default().context("the address names no port")?;
    let local = ["localhost", "127.0.0.1", "[::1]"].contains(&host.as_str());
    let connect = TcpStream::connect((host.trim_matches(['[', ']']), port));
    let tcp =
        timeout(PATIENCE, connect).await.context("no answer in time")?.with_context(|| format!("{host}:{port}"))?;
    match url.scheme() {
        "https" => {
            let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).context("no name of a server")?;
            let tls = TlsConnector::from(Arc::new(tls()?)).connect(name, tcp);
            send(timeout(PATIENCE, tls).await.context("no answer in time")??, url, &host).await
        }
        // On the way from elsewhere anybody could change it.
        "http" if local => send(tcp, url, &host).await,
        other => bail!("{other}:// is not taken: use https://"),
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
        fetch(&format!("{origin}/here"), 100).await.unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "{}");
    }

    #[tokio::test]
    async fn what_is_too_long_missing_or_in_the_open_is_refused() {
        let origin =
            server(vec![ok("too long"), "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned()]).await;
        let told = |error: anyhow::Error| format!("{error:#}");
        assert!(told(fetch(&origin, 3).await.unwrap_err()).contains("more than 3 bytes"));
        assert!(told(fetch(&origin, 3).await.unwrap_err()).contains("404"));
        assert!(told(fetch("ftp://127.0.0.1:1/x", 3).await.unwrap_err()).contains("127.0.0.1:1"));
        assert!(fetch("nonsense", 3).await.is_err());
    }
}

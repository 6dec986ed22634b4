//! HTTP over TLS, by hand: a story must be able to send what no client would.

use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// Longer than any answer takes; only a hang reaches it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection.
pub(crate) type Line = StreamOwned<ClientConnection, TcpStream>;

/// Whose certificate is shown: the chain, leaf first, and the leaf's key.
pub(crate) type Shown = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// How a caller comes: which root it trusts, and which certificate it shows.
pub(crate) fn config(root: &[u8], shown: Option<Shown>) -> Arc<ClientConfig> {
    baluardo_server::tls::install_provider();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_slice(root).into_owned()).unwrap();
    let builder = ClientConfig::builder().with_root_certificates(roots);
    Arc::new(match shown {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
        None => builder.with_no_client_auth(),
    })
}

/// Opens a connection and shakes hands.
pub(crate) fn connect(address: SocketAddr, config: &Arc<ClientConfig>) -> io::Result<Line> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut line = StreamOwned::new(ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?, stream);
    line.conn.complete_io(&mut line.sock)?;
    Ok(line)
}

/// The bytes of a request that closes the connection.
pub(crate) fn request(method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// Sends bytes and reads what comes until the end: the status, and the body.
pub(crate) fn exchange(line: &mut Line, bytes: &[u8]) -> io::Result<(u16, String)> {
    // A server that refuses early may close before it has read all; its answer is there nevertheless.
    let sent = line.write_all(bytes).and_then(|()| line.flush());
    let mut answer = Vec::new();
    match line.read_to_end(&mut answer) {
        Err(e) if answer.is_empty() => return Err(sent.err().unwrap_or(e)),
        _ => {}
    }
    read(&answer).ok_or_else(|| io::Error::other(format!("no answer: {:?}", String::from_utf8_lossy(&answer))))
}

fn read(answer: &[u8]) -> Option<(u16, String)> {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    Some((status, if chunked { unchunk(body) } else { body.to_owned() }))
}

fn unchunk(body: &str) -> String {
    let mut rest = body;
    let mut whole = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        if size == 0 {
            break;
        }
        whole.push_str(after.get(..size).unwrap_or_default());
        rest = after.get(size + 2..).unwrap_or_default();
    }
    whole
}

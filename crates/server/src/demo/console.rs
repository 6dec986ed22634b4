//! The console as a browser sees it: an HTTPS connection to the live events, to measure when a page would know.

use anyhow::{Context as _, bail};
use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;

/// Something that the console was told, and when it knew.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// What changed: `finding`, `device` and the like.
    pub(super) topic: String,
    /// Of which one.
    pub(super) id: String,
    /// When its last byte had arrived.
    pub(super) at: Instant,
}

/// Opens `/api/v1/events` with an API token and hands on what comes, until the receiver is dropped.
pub(super) async fn watch(
    address: SocketAddr,
    root_der: &[u8],
    token: &str,
) -> anyhow::Result<mpsc::UnboundedReceiver<Told>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_slice(root_der))?;
    let tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost")?;
    let stream = TlsConnector::from(Arc::new(tls)).connect(name, stream).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::get("/api/v1/events")
        .header("host", "localhost")
        .header("authorization", format!("Bearer {token}"))
        .header("accept", "text/event-stream")
        .body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await.context("the console did not answer")?;
    if !response.status().is_success() {
        bail!("the console's live events answered {}", response.status());
    }
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        // The connection lives as long as its sender.
        let _sender = sender;
        let mut body = response.into_body();
        let mut lines = Lines::default();
        while let Some(Ok(frame)) = body.frame().await {
            for (topic, id) in frame.data_ref().map(|bytes| lines.changes(bytes)).unwrap_or_default() {
                let at = Instant::now();
                if tell.send(Told { topic, id, at }).is_err() {
                    return;
                }
            }
        }
    });
    Ok(told)
}

/// Cuts a stream of server-sent events into what they say changed.
#[derive(Default)]
struct Lines(Vec<u8>);

impl Lines {
    /// Topic and id of each change.
    fn changes(&mut self, bytes: &[u8]) -> Vec<(String, String)> {
        self.0.extend_from_slice(bytes);
        let mut changes = Vec::new();
        while let Some(end) = self.0.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.0.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let data = line.strip_prefix("data:").and_then(|data| serde_json::from_str::<Value>(data).ok());
            if let Some(topic) = data.as_ref().and_then(|data| data["topic"].as_str()) {
                let id = data.as_ref().and_then(|data| data["id"].as_str()).unwrap_or_default();
                changes.push((topic.to_owned(), id.to_owned()));
            }
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_found_wherever_the_stream_is_cut() {
        let stream = b": beat\n\nevent: change\ndata: {\"topic\":\"finding\",\"id\":\"7\"}\n\nevent: change\ndata: {\"topic\":\"device\"}\n\n";
        for cut in 0..stream.len() {
            let mut lines = Lines::default();
            let mut changes = lines.changes(&stream[..cut]);
            changes.extend(lines.changes(&stream[cut..]));
            let told: Vec<(&str, &str)> = changes.iter().map(|(topic, id)| (topic.as_str(), id.as_str())).collect();
            assert_eq!(told, [("finding", "7"), ("device", "")], "cut at {cut}");
        }
    }
}

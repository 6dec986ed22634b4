//! A server as small as can be, which can also misbehave as no real one would.

use rustls::ServerConfig;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_rustls::TlsAcceptor;

/// A request.
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
}

/// What the server does with it.
pub(crate) enum Reply {
    /// Status and JSON.
    Json(u16, Vec<u8>),
    /// These bytes and nothing more, then the line is closed.
    Raw(Vec<u8>),
    /// The line is closed without a word.
    Silence,
    /// An answer that stays open and carries what [`Server::say`] gives.
    Stream,
}

impl Reply {
    pub(crate) fn json<T: serde::Serialize>(value: &T) -> Self {
        Self::Json(200, serde_json::to_vec(value).unwrap())
    }

    pub(crate) fn problem(status: u16, code: &str, title: &str, detail: &str) -> Self {
        let body = serde_json::json!({ "code": code, "title": title, "detail": detail, "status": status });
        Self::Json(status, body.to_string().into_bytes())
    }
}

type Handler = dyn Fn(Call) -> Reply + Send + Sync;

/// The server; it ends when it is dropped.
pub(crate) struct Server {
    pub(crate) address: String,
    words: broadcast::Sender<&'static str>,
    pub(crate) streams: Arc<AtomicU64>,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    pub(crate) fn start(tls: Arc<ServerConfig>, handler: impl Fn(Call) -> Reply + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("localhost:{}", listener.local_addr().unwrap().port());
        let (words, _) = broadcast::channel(16);
        let streams = Arc::new(AtomicU64::new(0));
        let stage = Stage {
            acceptor: TlsAcceptor::from(tls),
            handler: Arc::new(handler),
            words: words.clone(),
            streams: Arc::clone(&streams),
        };
        runtime.spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let _ = tcp.set_nodelay(true);
                tokio::spawn(stage.clone().serve(tcp));
            }
        });
        Self { address, words, streams, _runtime: runtime }
    }

    /// Says a line on every stream that is open.
    pub(crate) fn say(&self, line: &'static str) {
        let _ = self.words.send(line);
    }
}

#[derive(Clone)]
struct Stage {
    acceptor: TlsAcceptor,
    handler: Arc<Handler>,
    words: broadcast::Sender<&'static str>,
    streams: Arc<AtomicU64>,
}

impl Stage {
    async fn serve(self, tcp: TcpStream) {
        let Ok(mut tls) = self.acceptor.accept(tcp).await else { return };
        let mut bytes = Vec::new();
        while let Some(call) = next_call(&mut tls, &mut bytes).await {
            match (self.handler)(call) {
                Reply::Json(status, body) => {
                    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n", body.len());
                    if tls.write_all(&[head.as_bytes(), &body].concat()).await.is_err() || tls.flush().await.is_err() {
                        return;
                    }
                }
                Reply::Raw(bytes) => {
                    let _ = tls.write_all(&bytes).await;
                    let _ = tls.shutdown().await;
                    return;
                }
                Reply::Silence => return,
                Reply::Stream => {
                    let mut words = self.words.subscribe();
                    let _ = tls.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
                    let _ = tls.flush().await;
                    self.streams.fetch_add(1, Ordering::SeqCst);
                    while let Ok(word) = words.recv().await {
                        if tls.write_all(word.as_bytes()).await.is_err() || tls.flush().await.is_err() {
                            return;
                        }
                    }
                }
            }
        }
    }
}

/// The next request of a line; `None` at its end.
async fn next_call(tls: &mut tokio_rustls::server::TlsStream<TcpStream>, bytes: &mut Vec<u8>) -> Option<Call> {
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned))
                .map_or(0, |length| length.parse::<usize>().unwrap());
            if bytes.len() >= end + 4 + length {
                let body = bytes[end + 4..end + 4 + length].to_vec();
                bytes.drain(..end + 4 + length);
                return Some(Call { path: head.split(' ').nth(1)?.to_owned(), body });
            }
        }
        let mut chunk = [0; 8192];
        match tls.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend_from_slice(&chunk[..n]),
        }
    }
}

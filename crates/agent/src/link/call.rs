//! One call to the server: HTTP/1.1 over TLS, every wait and every size bounded.

use crate::lock::locked;
use baluardo_wire::MAX_BODY_BYTES;
use baluardo_wire::problem::Problem;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use serde::de::DeserializeOwned;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// The longest wait for a connection, handshake included.
const CONNECT_WAIT: Duration = Duration::from_secs(15);

/// The longest wait for a whole answer.
const ANSWER_WAIT: Duration = Duration::from_secs(60);

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The address makes no sense.
    #[error("{0:?} is not a server address: write it as host:port, for example difesa.example.it:8444")]
    Address(String),
    /// No connection.
    #[error("{server} cannot be reached: {cause}; check the network and the firewall (outgoing TCP)")]
    Unreachable {
        /// Host and port.
        server: String,
        /// What the operating system said.
        cause: String,
    },
    /// TLS failed: wrong server, wrong dates, or a certificate that is not accepted.
    #[error("no secure line to {server}: {cause}{remedy}")]
    Secure {
        /// Host and port.
        server: String,
        /// What the TLS library said.
        cause: String,
        /// What a person can do, where the cause has a usual one.
        remedy: &'static str,
    },
    /// The line broke before the whole answer was here.
    #[error("the line to {server} broke: {cause}; the agent tries again by itself")]
    Broken {
        /// Host and port.
        server: String,
        /// What happened.
        cause: String,
    },
    /// No answer in time.
    #[error("{server} did not answer in time; the agent tries again by itself")]
    Late {
        /// Host and port.
        server: String,
    },
    /// More than either end may send.
    #[error("the answer of {server} is longer than {MAX_BODY_BYTES} bytes and was not read; is it the right server?")]
    TooLong {
        /// Host and port.
        server: String,
    },
    /// Not what the protocol says.
    #[error("the answer of {server} cannot be understood: {cause}; is it the right server, and of the right version?")]
    Garbled {
        /// Host and port.
        server: String,
        /// What is wrong.
        cause: String,
    },
    /// The server says no, and why.
    #[error("{}: {} [{}]", .0.title, .0.detail, .0.code)]
    Refused(Problem),
}

/// A server's door.
pub struct Door {
    address: String,
    host: String,
    port: u16,
    name: ServerName<'static>,
    tls: RwLock<Arc<ClientConfig>>,
    /// Where it was last reached.
    reached: Mutex<Option<SocketAddr>>,
}

/// A line to it.
pub struct Line {
    sender: SendRequest<Full<Bytes>>,
}

impl Line {
    /// Whether it can still be used.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }
}

impl Door {
    /// The door at `address` (`host:port`).
    ///
    /// # Errors
    /// [`CallError::Address`].
    pub fn new(address: &str, tls: ClientConfig) -> Result<Self, CallError> {
        let wrong = || CallError::Address(address.to_owned());
        let (host, port) = address.rsplit_once(':').ok_or_else(wrong)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = port.parse().map_err(|_| wrong())?;
        let name = ServerName::try_from(host.clone()).map_err(|_| wrong())?;
        let (tls, reached) = (RwLock::new(Arc::new(tls)), Mutex::new(None));
        Ok(Self { address: address.to_owned(), host, port, name, tls, reached })
    }

    /// Shows another certificate on every line that is made from now on.
    pub fn show(&self, tls: ClientConfig) {
        *self.tls.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(tls);
    }

    /// A fresh line.
    ///
    /// # Errors
    /// [`CallError::Unreachable`], [`CallError::Secure`], [`CallError::Late`].
    pub async fn connect(&self) -> Result<Line, CallError> {
        timeout(CONNECT_WAIT, self.connect_unbounded()).await.map_err(|_| self.late())?
    }

    async fn connect_unbounded(&self) -> Result<Line, CallError> {
        let server = || self.address.clone();
        let tcp = self.reach().await.map_err(|e| CallError::Unreachable { server: server(), cause: e.to_string() })?;
        // Small messages, each waited for.
        let _ = tcp.set_nodelay(true);
        let config = Arc::clone(&self.tls.read().unwrap_or_else(PoisonError::into_inner));
        let tls =
            TlsConnector::from(config).connect(self.name.clone(), tcp).await.map_err(|e| match tls_error(&e) {
                Some(error) => self.insecure(error),
                None => CallError::Secure { server: server(), cause: e.to_string(), remedy: "" },
            })?;
        let (sender, connection) = handshake(TokioIo::new(tls)).await.map_err(|e| self.broken(&e))?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!("a line ended: {error}");
            }
        });
        Ok(Line { sender })
    }

    /// By its name; where names cannot be asked for, at the address where it was last reached. Who is there, TLS proves.
    async fn reach(&self) -> std::io::Result<TcpStream> {
        let by_name = TcpStream::connect((self.host.as_str(), self.port)).await;
        let tcp = match (by_name, self.reached()) {
            (Ok(tcp), _) => tcp,
            (Err(_), Some(address)) => TcpStream::connect(address).await?,
            (Err(error), None) => return Err(error),
        };
        if let Ok(address) = tcp.peer_addr() {
            self.was_reached_at(address);
        }
        Ok(tcp)
    }

    /// Where it was last reached, in this life of the agent or the one before.
    #[must_use]
    pub fn reached(&self) -> Option<SocketAddr> {
        *locked(&self.reached)
    }

    /// Notes where it was reached.
    pub fn was_reached_at(&self, address: SocketAddr) {
        *locked(&self.reached) = Some(address);
    }

    /// Sends `body` as JSON and reads the answer.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn post<T: DeserializeOwned>(&self, line: &mut Line, path: &str, body: Vec<u8>) -> Result<T, CallError> {
        let answer = async {
            let response = self.send(line, Method::POST, path, Bytes::from(body)).await?;
            let status = response.status();
            let bytes = self.read(response).await?;
            if status == StatusCode::OK { self.understand(&bytes) } else { Err(self.refusal(status, &bytes)) }
        };
        timeout(ANSWER_WAIT, answer).await.map_err(|_| self.late())?
    }

    /// Reads an answer of bytes.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn get(&self, line: &mut Line, path: &str) -> Result<Bytes, CallError> {
        let answer = async {
            let response = self.send(line, Method::GET, path, Bytes::new()).await?;
            let status = response.status();
            let bytes = self.read(response).await?;
            if status == StatusCode::OK { Ok(bytes) } else { Err(self.refusal(status, &bytes)) }
        };
        timeout(ANSWER_WAIT, answer).await.map_err(|_| self.late())?
    }

    /// Opens an answer that stays open.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn open(&self, line: &mut Line, path: &str) -> Result<Incoming, CallError> {
        let answer = async {
            let response = self.send(line, Method::GET, path, Bytes::new()).await?;
            let status = response.status();
            if status == StatusCode::OK {
                return Ok(response.into_body());
            }
            let bytes = self.read(response).await?;
            Err(self.refusal(status, &bytes))
        };
        timeout(ANSWER_WAIT, answer).await.map_err(|_| self.late())?
    }

    async fn send(
        &self,
        line: &mut Line,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<Response<Incoming>, CallError> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.address)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body))
            .map_err(|e| self.garbled(e.to_string()))?;
        line.sender.ready().await.map_err(|e| self.broken(&e))?;
        line.sender.send_request(request).await.map_err(|e| self.failed(&e))
    }

    async fn read(&self, response: Response<Incoming>) -> Result<Bytes, CallError> {
        let body = response.into_body();
        if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
            return Err(CallError::TooLong { server: self.address.clone() });
        }
        match Limited::new(body, MAX_BODY_BYTES).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(e) if e.is::<LengthLimitError>() => Err(CallError::TooLong { server: self.address.clone() }),
            Err(e) => Err(CallError::Broken { server: self.address.clone(), cause: e.to_string() }),
        }
    }

    fn understand<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T, CallError> {
        let text = std::str::from_utf8(bytes).map_err(|e| self.garbled(format!("not UTF-8 text ({e})")))?;
        serde_json::from_str(text).map_err(|e| self.garbled(e.to_string()))
    }

    fn refusal(&self, status: StatusCode, bytes: &[u8]) -> CallError {
        match serde_json::from_slice(bytes) {
            Ok(problem) => CallError::Refused(shown(problem)),
            Err(_) => self.garbled(format!("status {status} without a reason")),
        }
    }

    /// What the line's end is called.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    fn late(&self) -> CallError {
        CallError::Late { server: self.address.clone() }
    }

    fn garbled(&self, cause: String) -> CallError {
        CallError::Garbled { server: self.address.clone(), cause }
    }

    fn broken(&self, error: &hyper::Error) -> CallError {
        CallError::Broken { server: self.address.clone(), cause: with_causes(error) }
    }

    fn insecure(&self, error: &rustls::Error) -> CallError {
        CallError::Secure { server: self.address.clone(), cause: error.to_string(), remedy: remedy(error) }
    }

    /// With TLS 1.3 a refused client certificate shows only after the handshake; it is told as what it is.
    fn failed(&self, error: &hyper::Error) -> CallError {
        match tls_error(error) {
            Some(error) => self.insecure(error),
            None if error.is_parse() => self.garbled(with_causes(error)),
            None => self.broken(error),
        }
    }
}

/// A problem whose words can be shown on a terminal and in a log: no control characters, no endless text.
fn shown(problem: Problem) -> Problem {
    let plain =
        |text: String| -> String { text.chars().take(500).map(|c| if c.is_control() { ' ' } else { c }).collect() };
    let Problem { code, title, detail, status } = problem;
    let title = plain(title).trim_end_matches('.').to_owned();
    Problem { code: plain(code), title, detail: plain(detail), status }
}

/// What a person can do about a TLS failure.
fn remedy(error: &rustls::Error) -> &'static str {
    use rustls::CertificateError as Certificate;
    match error {
        rustls::Error::InvalidCertificate(
            Certificate::Expired
            | Certificate::ExpiredContext { .. }
            | Certificate::NotValidYet
            | Certificate::NotValidYetContext { .. },
        ) => "; check this computer's date and time first, then the server's certificate",
        rustls::Error::InvalidCertificate(
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. },
        ) => "; use the address that the console shows",
        rustls::Error::InvalidCertificate(_) => {
            "; this is not the server that the token or the enrolment names: check the address, and that nobody \
             intercepts the connection"
        }
        rustls::Error::AlertReceived(_) => {
            "; the server does not accept this computer's certificate: check the computer's date and time, and in the \
             console whether the device was revoked"
        }
        _ => "",
    }
}

/// The TLS library's own error among the causes of another.
fn tls_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(found) = error.downcast_ref::<rustls::Error>() {
        return Some(found);
    }
    let inner: Option<&(dyn std::error::Error + 'static)> = match error.downcast_ref::<std::io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as _),
        None => error.source(),
    };
    inner.and_then(tls_error)
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

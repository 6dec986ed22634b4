//! A TLS door: accepts connections, shakes hands, serves HTTP/1.1, and closes in order.
//!
//! Handshakes run beside the accept loop and have a time limit, headers have a time limit, and the number of open
//! connections is bounded, in all and for each network, so that a slow or hostile peer holds nobody else up.

use crate::crowd::{Crowd, Place};
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use baluardo_model::identity::Actor;
use baluardo_service::House;
use baluardo_service::fleet::{Refusal, note_refusal};
use baluardo_web::Peer;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower_service::Service as _;
use tracing::{debug, warn};

/// How long a peer may take to shake hands.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long a peer may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(30);

/// The largest head of a request, in bytes; also the read buffer of each connection, so it is kept small.
const HEAD_BYTES: usize = 16 * 1024;

/// How long open requests may take to end after the door closes.
const CLOSING: Duration = Duration::from_secs(5);

/// A door: bound, not yet open.
#[derive(Debug)]
pub struct Door {
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    places: Arc<Semaphore>,
    crowd: Crowd,
    /// Where connections that came to nothing are counted.
    counted: Option<Arc<House>>,
}

impl Door {
    /// Over a bound listener; `places` is the most connections at once, and `crowd` says what one network may.
    #[must_use]
    pub fn over(listener: TcpListener, tls: ServerConfig, places: usize, crowd: Crowd) -> Self {
        Self { listener, tls: Arc::new(tls), places: Arc::new(Semaphore::new(places)), crowd, counted: None }
    }

    /// Counts connections that came to nothing among the refusals that people see.
    #[must_use]
    pub fn counting(mut self, house: Arc<House>) -> Self {
        self.counted = Some(house);
        self
    }

    /// Where it is bound.
    ///
    /// # Errors
    /// What the system says.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Serves `router` until `closing` turns true; then lets open requests end.
    pub async fn serve(self, router: axum::Router, mut closing: watch::Receiver<bool>) {
        let acceptor = TlsAcceptor::from(self.tls);
        let open = self.places.available_permits();
        loop {
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { break };
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = closed(&mut closing) => break,
            };
            let (stream, address) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of descriptors or memory: a short rest lets others finish, where a tight loop would not.
                    warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let tally = Tally(self.counted.clone());
            let Some(stand) = self.crowd.enter(address.ip(), Instant::now()) else {
                tally.count(&Refusal::crowd(&address.ip().to_string()));
                continue;
            };
            let (acceptor, router, closing) = (acceptor.clone(), router.clone(), closing.clone());
            tokio::spawn(async move {
                connection((acceptor, stream, address), Arc::new(stand), router, closing, &tally).await;
                drop(place);
            });
        }
        // Every place is free again once every connection has ended.
        let everybody = u32::try_from(open).unwrap_or(u32::MAX);
        let _ = tokio::time::timeout(CLOSING, self.places.acquire_many(everybody)).await;
    }
}

/// Returns when the door closes; the guard that the watch hands out is dropped at once, because it cannot cross threads.
async fn closed(closing: &mut watch::Receiver<bool>) {
    drop(closing.wait_for(|closed| *closed).await);
}

/// Counts what came to nothing, where the door counts.
struct Tally(Option<Arc<House>>);

impl Tally {
    fn count(&self, refusal: &Refusal) {
        debug!(%refusal);
        if let Some(house) = &self.0 {
            note_refusal(house, &Actor::Public, refusal);
        }
    }
}

/// What a network hears that asks too much.
fn later(wait: Duration) -> Response<Body> {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let problem = serde_json::json!({
        "type": "about:blank", "title": "Too Many Requests", "status": 429, "code": "throttled",
        "detail": format!("your network asks too often: try again in {seconds} seconds"),
    });
    let mut response = Response::new(Body::from(problem.to_string()));
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/problem+json"));
    response
}

async fn connection(
    (acceptor, stream, address): (TlsAcceptor, TcpStream, SocketAddr),
    stand: Arc<Place>,
    router: axum::Router,
    mut closing: watch::Receiver<bool>,
    tally: &Tally,
) {
    let _ = stream.set_nodelay(true);
    let stream = match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tally.count(&Refusal::handshake(format!("{address}: {error}"))),
        Err(_) => return tally.count(&Refusal::handshake(format!("{address}: the handshake took too long"))),
    };
    let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first()).map(|leaf| leaf.to_vec());
    let peer = Peer { address, certificate: certificate.map(Into::into) };
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        let (asked, mut router) = (stand.ask(Instant::now()), router.clone());
        async move {
            match asked {
                Ok(()) => router.call(request).await,
                Err(wait) => Ok(later(wait)),
            }
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = closed(&mut closing) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tally.count(&Refusal::broken(format!("{address}: {error}")));
    }
}

//! A TLS door: accepts connections, shakes hands, serves HTTP/1.1, and closes in order.
//!
//! Handshakes run beside the accept loop and have a time limit, headers have a time limit, and the number of open
//! connections is bounded, so that a slow or hostile peer holds nobody else up.

use axum::body::Body;
use axum::http::Request;
use baluardo_web::Peer;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
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
}

impl Door {
    /// Over a bound listener; `places` is the most connections at once.
    #[must_use]
    pub fn over(listener: TcpListener, tls: ServerConfig, places: usize) -> Self {
        Self { listener, tls: Arc::new(tls), places: Arc::new(Semaphore::new(places)) }
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
            let (acceptor, router, closing) = (acceptor.clone(), router.clone(), closing.clone());
            tokio::spawn(async move {
                connection(acceptor, stream, address, router, closing).await;
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

async fn connection(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    address: SocketAddr,
    router: axum::Router,
    mut closing: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let stream = match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return debug!(%address, %error, "no handshake"),
        Err(_) => return debug!(%address, "the handshake took too long"),
    };
    let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first()).map(|leaf| leaf.to_vec());
    let peer = Peer { address, certificate: certificate.map(Into::into) };
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        router.clone().call(request)
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
        debug!(%address, %error, "a connection ended early");
    }
}

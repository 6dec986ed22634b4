//! Who is at the other end of the line, as the door that accepted the connection knows it.

use std::net::SocketAddr;
use std::sync::Arc;

/// The other end of a connection; the server's door puts it on every request.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// Its certificate in DER, which rustls has verified up to our root; none when it showed none.
    pub certificate: Option<Arc<[u8]>>,
}

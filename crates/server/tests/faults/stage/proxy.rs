//! A wire between agent and server that can hold back what the server says, and be cut.

use super::until;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Default)]
struct State {
    holding: AtomicBool,
    /// Bytes of the server's that were held back.
    held: AtomicUsize,
    /// Pieces that passed either way.
    passed: AtomicUsize,
    open: Mutex<Vec<TcpStream>>,
}

/// The wire. It knows only ciphertext.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
}

impl Proxy {
    /// A wire to `server`.
    pub(crate) fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // The server is away: the client learns it by the end of its connection.
                let Ok(server) = TcpStream::connect(server) else { continue };
                join(&client, &server, &shared);
            }
        });
        Self { address, state }
    }

    /// From now on nothing that the server says arrives.
    pub(crate) fn hold(&self) {
        self.state.held.store(0, Ordering::SeqCst);
        self.state.holding.store(true, Ordering::SeqCst);
    }

    /// Waits until neither end has said anything for a while.
    pub(crate) fn rest(&self) {
        let mut before = None;
        until("the wire rests", || {
            let now = self.state.passed.load(Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(700));
            before.replace(now) == Some(now)
        });
    }

    /// Whether the server said something that did not arrive.
    pub(crate) fn holds_something(&self) -> bool {
        self.state.held.load(Ordering::SeqCst) > 0
    }

    /// Ends every connection with what was held back, and is an open wire again.
    pub(crate) fn cut(&self) {
        for stream in self.state.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.state.holding.store(false, Ordering::SeqCst);
    }
}

fn join(client: &TcpStream, server: &TcpStream, state: &Arc<State>) {
    let copy = |stream: &TcpStream| stream.try_clone().unwrap();
    state.open.lock().unwrap().extend([copy(client), copy(server)]);
    // The handshake passes: only what the server says after the client's second flight is an answer.
    let (greeted, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (mut from, mut to) = (copy(client), copy(server));
    let (has_greeted, has_asked, up) = (Arc::clone(&greeted), Arc::clone(&asked), Arc::clone(state));
    std::thread::spawn(move || {
        pass(&mut from, &mut to, |_| {
            up.passed.fetch_add(1, Ordering::SeqCst);
            has_asked.fetch_or(has_greeted.load(Ordering::SeqCst), Ordering::SeqCst);
            true
        });
    });
    let (mut from, mut to, state) = (copy(server), copy(client), Arc::clone(state));
    std::thread::spawn(move || {
        pass(&mut from, &mut to, |count| {
            greeted.store(true, Ordering::SeqCst);
            state.passed.fetch_add(1, Ordering::SeqCst);
            if !asked.load(Ordering::SeqCst) || !state.holding.load(Ordering::SeqCst) {
                return true;
            }
            state.held.fetch_add(count, Ordering::SeqCst);
            // What was held back is never said: the rest of this connection would not be understood.
            while state.holding.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(5));
            }
            false
        });
    });
}

/// Passes bytes on until one end is gone or `may` says no.
fn pass(from: &mut TcpStream, to: &mut TcpStream, may: impl Fn(usize) -> bool) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if !may(count) || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

//! Somebody on the way between the guard and a mail server, who listens, and changes what the server says.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What becomes of what the server says.
pub(crate) type Change = fn(Vec<u8>) -> Vec<u8>;

/// The one on the way.
pub(crate) struct Wiretap {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Wiretap {
    /// Stands before the server on port `to`.
    pub(crate) fn before(to: u16, change: Change) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let heard_there = Arc::clone(&heard);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else { continue };
                let (from, to, heard) =
                    (client.try_clone().unwrap(), server.try_clone().unwrap(), Arc::clone(&heard_there));
                std::thread::spawn(move || {
                    carry(from, to, |bytes| {
                        heard.lock().unwrap().extend_from_slice(&bytes);
                        bytes
                    });
                });
                std::thread::spawn(move || carry(server, client, change));
            }
        });
        Self { port, heard }
    }

    /// Everything that the guard said, as text.
    pub(crate) fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().unwrap()).into_owned()
    }
}

/// Carries bytes until one of the two ends.
fn carry(mut from: TcpStream, mut to: TcpStream, mut change: impl FnMut(Vec<u8>) -> Vec<u8>) {
    let mut room = [0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut room) {
        if to.write_all(&change(room[..length].to_vec())).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

/// The same with the first of two texts replaced by the second.
pub(crate) fn instead(bytes: &[u8], text: &str, other: &str) -> Vec<u8> {
    let Some(at) = bytes.windows(text.len()).position(|window| window == text.as_bytes()) else {
        return bytes.to_vec();
    };
    [&bytes[..at], other.as_bytes(), &bytes[at + text.len()..]].concat()
}

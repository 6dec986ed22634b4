//! What the tests stand on: the milter as a process, a mail server that speaks its protocol, messages.

pub(crate) mod authority;
pub(crate) mod client;
pub(crate) mod copies;
pub(crate) mod dovecot;
pub(crate) mod gateway;
pub(crate) mod milter;
pub(crate) mod names;
pub(crate) mod provider;
pub(crate) mod server;
pub(crate) mod signing;
pub(crate) mod smtp;
pub(crate) mod stranger;
pub(crate) mod town;
pub(crate) mod wiretap;

/// A message that nothing speaks against.
pub(crate) fn honest(subject: &str) -> Vec<u8> {
    let text = [
        "From: Anna Bianchi <anna.bianchi@comune.prova.it>",
        "To: protocollo@comune.siena.it",
        &format!("Subject: {subject}"),
        "Date: Mon, 02 Nov 2026 08:00:00 +0000",
        &format!("Message-ID: <{}@comune.prova.it>", subject.replace(' ', ".")),
        "DKIM-Signature: v=1; a=rsa-sha256; d=comune.prova.it; s=x;",
        "\tbh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;",
        "\tb=notasignature",
        "",
        "Ciao Carla, ti mando il verbale della riunione di ieri: è tutto.",
        ".una riga che comincia con un punto",
        "",
        "Anna  ",
        "",
    ];
    text.join("\r\n").into_bytes()
}

/// A message that is held.
pub(crate) fn phish(word: &str) -> Vec<u8> {
    baluardo_testkit::mail::phish(word)
}

/// A port that nobody holds now.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until `there` gives something; `what` is said when it never does.
pub(crate) fn wait_for<T>(what: &str, mut there: impl FnMut() -> Option<T>) -> T {
    let started = std::time::Instant::now();
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(started.elapsed().as_secs() < 180, "{what} does not happen");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

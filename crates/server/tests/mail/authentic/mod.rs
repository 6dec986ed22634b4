//! What the milter finds out about senders, from a DNS whose names the test writes and Knot signs.

mod chains;
mod domains;
mod senders;
mod signatures;
mod trouble;

use crate::stage::client::{MailServer, Packet, inserted};
use crate::stage::milter::Milter;
use crate::stage::names::{Names, why_not};
use baluardo_mail::AuthResults;

/// From where mail of strangers comes.
const OUTSIDE: &str = "198.51.100.7";
/// To whom it goes: the domain is one of ours for a milter without a house.
const CARLA: &str = "carla@comune.siena.it";

/// A milter that asks a DNS of the test's own, and the mail server that it serves.
struct Outside {
    names: Names,
    server: MailServer,
    _milter: Milter,
    _folder: tempfile::TempDir,
}

impl Outside {
    /// Starts them; none, with the reason printed, where the DNS cannot run.
    fn with(records: &str, args: &[&str]) -> Option<Self> {
        if let Some(why) = why_not() {
            println!("not run: {why}");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let names = Names::start(folder.path(), records);
        let all: Vec<String> = names.args().into_iter().chain(args.iter().map(|arg| (*arg).to_owned())).collect();
        let milter = Milter::start(folder.path(), &all.iter().map(String::as_str).collect::<Vec<_>>());
        let server = MailServer::connect(milter.port);
        Some(Self { names, server, _milter: milter, _folder: folder })
    }

    /// Sends a message from an address, and gives what the milter says.
    fn send(&mut self, address: &str, helo: &str, sender: &str, message: &[u8]) -> Vec<Packet> {
        self.server.arrive(address, helo);
        self.server.deliver(sender, &[CARLA], message)
    }
}

/// The header that was put in, as it stands.
fn header(said: &[Packet]) -> String {
    inserted(said, "Authentication-Results").unwrap_or_else(|| panic!("no results are written: {said:?}"))
}

/// What stands in it.
fn results(said: &[Packet]) -> AuthResults {
    let header = header(said);
    let read = AuthResults::read(header.as_bytes()).unwrap();
    assert_eq!(read.authserv, "mx.comune.siena.it", "{header}");
    read
}

/// What came out of one method.
fn result(said: &[Packet], method: &str) -> String {
    let read = results(said);
    let found = read.findings.iter().find(|finding| finding.method == method);
    found.unwrap_or_else(|| panic!("{method} is not told: {read:?}")).result.clone()
}

/// What was done with the message, in a word.
fn verdict(said: &[Packet]) -> String {
    inserted(said, "X-Baluardo-Verdict").unwrap_or_else(|| format!("{said:?}"))
}

/// A note that nothing speaks against but its sender.
fn note(from: &str) -> Vec<u8> {
    let text = [
        &format!("From: Anna Bianchi <{from}>"),
        "To: carla@comune.siena.it",
        "Subject: Verbale di ieri",
        "Date: Mon, 02 Nov 2026 08:00:00 +0000",
        &format!("Message-ID: <verbale.{from}>"),
        "",
        "Ciao Carla, ti mando il verbale della riunione di ieri.",
        "",
        "Anna",
        "",
    ];
    text.join("\r\n").into_bytes()
}

//! The milter by its protocol alone, without a house.

use crate::stage::client::{MailServer, inserted, last, removed};
use crate::stage::milter::Milter;
use crate::stage::{honest, phish};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn an_honest_message_passes_with_our_headers_and_nothing_else() {
    let folder = folder();
    let milter = Milter::start(folder.path(), &[]);
    let mut server = MailServer::connect(milter.port);
    for number in 0..3 {
        let said = server.deliver("anna@comune.prova.it", &["a@comune.siena.it"], &honest(&number.to_string()));
        assert_eq!(last(&said), 'c');
        assert!(said[..said.len() - 1].iter().all(|(kind, _)| *kind == 'i'), "{said:?}");
        assert_eq!(inserted(&said, "X-Baluardo-Verdict").as_deref(), Some("deliver"));
        assert_eq!(inserted(&said, "X-Baluardo-Class").as_deref(), Some("legitimate"));
    }
}

#[test]
fn a_phish_is_held_marked_or_refused_as_the_command_line_says() {
    let folder = folder();
    let answer = |args: &[&str]| {
        let milter = Milter::start(folder.path(), args);
        MailServer::connect(milter.port).deliver("x@y.example", &["a@b.example"], &phish("esempio"))
    };
    let held = answer(&[]);
    assert!(held.iter().any(|(kind, why)| *kind == 'q' && why.starts_with(b"Baluardo ")), "{held:?}");
    assert_eq!(last(&held), 'c');
    let marked = answer(&["--tag-only", "--prefix", "[SOSPETTO]"]);
    assert_eq!(inserted(&marked, "X-Baluardo-Verdict").as_deref(), Some("tag"));
    let subject = marked.iter().find(|(kind, _)| *kind == 'm').map(|(_, data)| String::from_utf8_lossy(&data[4..]));
    assert!(subject.is_some_and(|subject| subject.starts_with("Subject\0 [SOSPETTO] esempio:")), "{marked:?}");
    let refused = answer(&["--refuse"]);
    assert_eq!(refused.len(), 1);
    assert!(String::from_utf8_lossy(&refused[0].1).starts_with("550 5.7.1 Messaggio rifiutato"), "{refused:?}");
}

#[test]
fn headers_of_ours_that_somebody_else_wrote_are_removed() {
    let folder = folder();
    let milter = Milter::start(folder.path(), &[]);
    let mut message =
        b"X-Baluardo-Verdict: deliver\r\nX-Baluardo-Release: forged\r\nx-baluardo-verdict: deliver\r\n".to_vec();
    message.extend(honest("falso"));
    let said = MailServer::connect(milter.port).deliver("a@b.example", &["c@d.example"], &message);
    let removals: Vec<_> = said.iter().filter(|(kind, _)| *kind == 'm').map(|(_, data)| data.clone()).collect();
    let expected: [&[u8]; 3] =
        [b"\0\0\0\x02x-baluardo-verdict\0\0", b"\0\0\0\x01X-Baluardo-Release\0\0", b"\0\0\0\x01X-Baluardo-Verdict\0\0"];
    assert_eq!(removals, expected);
    assert!(removed(&said).is_empty());
}

#[test]
fn a_message_larger_than_the_bound_is_judged_by_its_head() {
    let folder = folder();
    let milter = Milter::start(folder.path(), &["--megabytes", "1", "--tag-only"]);
    let mut message = phish("grande");
    message.extend(b"<p>riempitivo riempitivo riempitivo</p>\r\n".repeat(60_000));
    let said = MailServer::connect(milter.port).deliver("a@b.example", &["c@d.example"], &message);
    assert_eq!(inserted(&said, "X-Baluardo-Verdict").as_deref(), Some("tag"));
}

#[test]
fn when_memory_is_full_the_sender_is_asked_to_try_again() {
    let folder = folder();
    let milter = Milter::start(folder.path(), &["--memory", "1"]);
    let mut first = MailServer::connect(milter.port);
    let mut large = honest("grande");
    large.extend(b"riempitivo\r\n".repeat(80_000));
    first.hand_in("a@b.example", &["c@d.example"], &large);
    let mut second = MailServer::connect(milter.port);
    let later = second.deliver("a@b.example", &["c@d.example"], &large);
    assert!(String::from_utf8_lossy(&later[0].1).starts_with("451 4.7.1"), "{later:?}");
    assert_eq!(last(&first.end()), 'c');
    assert_eq!(last(&second.deliver("a@b.example", &["c@d.example"], &large)), 'c');
}

#[test]
fn more_connections_than_allowed_are_closed_and_the_others_go_on() {
    let folder = folder();
    let milter = Milter::start(folder.path(), &["--connections", "1"]);
    // The wait for the milter was a connection of its own, which may still have the place.
    let mut first = crate::stage::wait_for("a place is free", || {
        let mut stream = TcpStream::connect(("127.0.0.1", milter.port)).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        let offer = [6_u32, 0x1ff, 0x1f_ffff].map(u32::to_be_bytes).concat();
        stream.write_all(&[&[0, 0, 0, 13, b'O'][..], &offer].concat()).ok()?;
        stream.read_exact(&mut [0; 17]).ok()?;
        Some(MailServer(stream))
    });
    let mut refused = TcpStream::connect(("127.0.0.1", milter.port)).unwrap();
    assert!(matches!(refused.read(&mut [0; 1]), Ok(0) | Err(_)));
    assert_eq!(last(&first.deliver("a@b.example", &["c@d.example"], &honest("uno"))), 'c');
}

#[test]
fn who_breaks_the_protocol_is_cut_off_and_nobody_else_is() {
    let folder = folder();
    let milter = Milter::start(folder.path(), &[]);
    let mut good = MailServer::connect(milter.port);
    good.hand_in("a@b.example", &["c@d.example"], &honest("uno"));
    for bytes in
        [&b"\xff\xff\xff\xff"[..], b"\0\0\0\x01z", b"\0\0\0\0", b"\0\0\0\x01E", b"\0\0\0\x02O\0", b"GET / HTTP/1.1\r\n"]
    {
        let mut bad = TcpStream::connect(("127.0.0.1", milter.port)).unwrap();
        bad.set_read_timeout(Some(std::time::Duration::from_secs(120))).unwrap();
        bad.write_all(bytes).unwrap();
        assert!(matches!(bad.read(&mut [0; 1]), Ok(0) | Err(_)), "{bytes:?}");
    }
    assert_eq!(last(&good.end()), 'c');
}

#[test]
fn a_place_to_listen_that_is_none_is_named() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_baluardo"))
        .args(["mail", "milter", "--listen", "8891"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("use inet:127.0.0.1:PORT or unix:/PATH"));
}

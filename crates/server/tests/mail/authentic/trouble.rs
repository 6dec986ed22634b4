//! A DNS that is away, silent or not to be believed; results that somebody else wrote; mail that has nothing to prove.

use super::{CARLA, OUTSIDE, Outside, header, note, result, verdict};
use crate::stage::client::{MailServer, inserted};
use crate::stage::milter::Milter;
use crate::stage::names::Names;

#[test]
fn while_the_dns_is_away_mail_is_delivered_and_says_so() {
    let Some(mut outside) = Outside::with("", &[]) else { return };
    outside.names.stop();
    for author in ["anna@banca.test", "sindaco@comune.siena.it"] {
        let said = outside.send(OUTSIDE, "client.test", "a@evil.test", &note(author));
        let found = ["spf", "dmarc"].map(|method| result(&said, method));
        assert_eq!((found, verdict(&said).as_str()), (["temperror", "temperror"].map(str::to_owned), "deliver"));
    }
}

#[test]
fn a_dns_that_never_answers_does_not_keep_mail_waiting() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let dns = silent.local_addr().unwrap().to_string();
    let milter = Milter::start(folder.path(), &["--dns", &dns, "--dns-seconds", "1"]);
    let mut server = MailServer::connect(milter.port);
    server.arrive(OUTSIDE, "client.test");
    let said = server.deliver("a@evil.test", &[CARLA], &note("anna@banca.test"));
    assert_eq!((result(&said, "spf").as_str(), verdict(&said).as_str()), ("temperror", "deliver"));
}

#[test]
fn answers_that_are_not_signed_by_who_should_have_are_not_believed() {
    let records = "evil.test. TXT \"v=spf1 +all\"\n";
    let Some(outside) = Outside::with(records, &[]) else { return };
    // The same names, signed with another key than the one that is known.
    let folder = tempfile::tempdir().unwrap();
    let other = Names::start(folder.path(), records);
    let dns = format!("127.0.0.1:{}", other.port);
    let milter =
        Milter::start(folder.path(), &["--dns", &dns, "--trust-anchor", outside.names.anchor.to_str().unwrap()]);
    let mut server = MailServer::connect(milter.port);
    server.arrive(OUTSIDE, "client.test");
    let said = server.deliver("a@evil.test", &[CARLA], &note("anna@banca.test"));
    assert_eq!((result(&said, "spf").as_str(), verdict(&said).as_str()), ("temperror", "deliver"));
}

#[test]
fn results_under_our_name_that_came_from_outside_are_removed_and_others_stay() {
    let Some(mut outside) = Outside::with("", &[]) else { return };
    let mut message = b"Authentication-Results: other.example; dmarc=pass\r\nAuthentication-Results: mx.comune.siena.it;\r\n\tdmarc=pass header.from=banca.test\r\n".to_vec();
    message.extend(note("anna@banca.test"));
    let said = outside.send(OUTSIDE, "client.test", "a@evil.test", &message);
    let removed: Vec<_> = said.iter().filter(|(kind, _)| *kind == 'm').map(|(_, data)| data.clone()).collect();
    assert_eq!(removed, [b"\0\0\0\x02Authentication-Results\0\0"]);
    assert_eq!(result(&said, "dmarc"), "none", "{}", header(&said));
}

#[test]
fn mail_of_people_who_signed_in_has_nothing_to_prove() {
    let Some(mut outside) = Outside::with("comune.siena.it. TXT \"v=spf1 -all\"\n", &[]) else { return };
    let ours = note("sindaco@comune.siena.it");
    outside.server.arrive(OUTSIDE, "client.test");
    outside.server.send(b'D', b"M{auth_authen}\0sindaco\0");
    let said = outside.server.deliver("sindaco@comune.siena.it", &[CARLA], &ours);
    assert_eq!((inserted(&said, "Authentication-Results"), verdict(&said).as_str()), (None, "deliver"));
    // The next one on the same connection did not.
    let said = outside.server.deliver("sindaco@comune.siena.it", &[CARLA], &ours);
    assert_eq!((result(&said, "spf").as_str(), verdict(&said).as_str()), ("fail", "quarantine"));
}

#[test]
fn without_the_dns_nothing_is_written_and_the_filter_before_is_believed_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let milter = Milter::start(folder.path(), &["--no-dns", "--authserv-id", "mx.comune.siena.it"]);
    let mut server = MailServer::connect(milter.port);
    server.arrive(OUTSIDE, "client.test");
    let found = b"Authentication-Results: mx.comune.siena.it; dmarc=fail header.from=comune.siena.it\r\n";
    let message = [&found[..], &note("sindaco@comune.siena.it")].concat();
    let said = server.deliver("a@evil.test", &[CARLA], &message);
    assert_eq!(inserted(&said, "Authentication-Results"), None);
    assert!(said.iter().all(|(kind, _)| *kind != 'm'), "{said:?}");
    assert!(inserted(&said, "X-Baluardo-Reasons").unwrap().contains("sender_own_domain"), "{said:?}");
}

#[test]
fn options_that_are_wrong_are_named() {
    for (args, word) in [
        (["--dns", "localhost"], "--dns"),
        (["--inside", "192.0.2.0/40"], "is no network"),
        (["--trust-anchor", "/nowhere"], "--trust-anchor"),
    ] {
        // Its end is waited for, and not for ever where it starts.
        let output = std::process::Command::new("timeout")
            .args(["60", env!("CARGO_BIN_EXE_baluardo"), "mail", "milter", "--listen", "inet:127.0.0.1:0"])
            .args(args)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(word), "{said}");
    }
}

//! A message from outside to a mailbox: through the gateway that ships, the milter, the provider's Postfix and Dovecot.

use crate::house::World;
use crate::stage::gateway::{Mail, why_not};
use crate::stage::milter::Milter;
use crate::stage::names::{self, Names};
use crate::stage::signing::Key;
use crate::stage::smtp::{Ended, send, send_from};
use crate::stage::{free_port, honest, phish, wait_for};
use baluardo_model::mail::HeldState;
use baluardo_service::mail;
use mail_auth::dkim::Canonicalization::Simple;
use mail_auth::hickory_resolver::config::{NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::{AuthenticatedMessage, DkimResult, MessageAuthenticator};

/// What stands in a mailbox without what those who carried it put above: trace headers and ours.
fn as_sent(stored: &[u8]) -> (String, Vec<u8>) {
    const ABOVE: [&str; 5] = ["return-path:", "delivered-to:", "received:", "x-baluardo-", "authentication-results:"];
    let text = String::from_utf8_lossy(stored).into_owned();
    let mut above = String::new();
    let mut from = 0;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let lower = line.to_ascii_lowercase();
        if !ABOVE.iter().any(|name| lower.starts_with(name)) {
            break;
        }
        above.push_str(line);
        from += line.len();
        while let Some(more) = lines.next_if(|more| more.starts_with(['\t', ' '])) {
            above.push_str(more);
            from += more.len();
        }
    }
    // Mailboxes on this system keep lines with a line feed alone.
    (above, stored[from..].to_vec())
}

fn as_kept(message: &[u8]) -> Vec<u8> {
    message.iter().copied().filter(|byte| *byte != b'\r').collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_arrives_to_the_byte_a_phish_is_held_and_a_released_one_arrives_once() {
    if let Some(why) = why_not() {
        println!("not run: {why}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let world = World::on(&state).await;
    let port = free_port();
    let hop = format!("smtp://127.0.0.1:{port}");
    let milter = Milter::start(folder.path(), &["--state", state.to_str().unwrap(), "--next-hop", &hop]);
    let mail = Mail::start(folder.path(), port, milter.port);

    let message = honest("verbale");
    assert_eq!(send(port, "anna@comune.prova.it", "carla@comune.siena.it", &message), Ended::Taken);
    let stored = wait_for("the message arrives", || mail.mailbox("carla").pop());
    let (above, below) = as_sent(&stored);
    assert_eq!(String::from_utf8_lossy(&below), String::from_utf8_lossy(&as_kept(&message)));
    assert!(above.contains("X-Baluardo-Verdict: deliver\n"), "{above}");

    let bait = phish("esempio");
    assert_eq!(send(port, "x@y.example", "ufficio@comune.siena.it", &bait), Ended::Taken);
    let held = world.held(&world.siena).await;
    assert_eq!((held.len(), held[0].state), (1, HeldState::Held));
    let (house, rtd) = (&world.test.house, &world.siena);
    mail::release_held(house, &rtd.actor, rtd.tenant.id, held[0].id).await.unwrap();
    let stored = wait_for("the released message arrives", || mail.mailbox("ufficio").pop());
    let (above, below) = as_sent(&stored);
    assert_eq!(String::from_utf8_lossy(&below), String::from_utf8_lossy(&as_kept(&bait)));
    assert!(above.contains("X-Baluardo-Verdict: released\n"), "{above}");
    assert!(!above.to_ascii_lowercase().contains("x-baluardo-release:"), "the mark stays in the house: {above}");
    assert_eq!(world.held(rtd).await.len(), 1, "it was not held again");
    assert_eq!(mail.mailbox("ufficio").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_waits_at_the_gateway_while_the_provider_is_away_and_with_the_sender_while_the_filter_is() {
    if let Some(why) = why_not() {
        println!("not run: {why}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut milter = Milter::start(folder.path(), &[]);
    let port = free_port();
    let mail = Mail::start(folder.path(), port, milter.port);
    mail.provider.kill();
    assert_eq!(send(port, "anna@comune.prova.it", "carla@comune.siena.it", &honest("uno")), Ended::Taken);
    assert!(mail.mailbox("carla").is_empty());
    mail.provider.start();
    wait_for("the message arrives", || {
        mail.gateway.hurry();
        mail.mailbox("carla").pop()
    });
    milter.kill();
    assert_eq!(send(port, "anna@comune.prova.it", "carla@comune.siena.it", &honest("due")), Ended::Later);
    milter.again();
    assert_eq!(send(port, "anna@comune.prova.it", "carla@comune.siena.it", &honest("due")), Ended::Taken);
    wait_for("the second message arrives", || (mail.mailbox("carla").len() == 2).then_some(()));
}

/// An honest message of a domain, without the signature of no worth that others of it bear.
fn unsigned(subject: &str, domain: &str) -> Vec<u8> {
    let text = String::from_utf8(honest(subject)).unwrap().replace("comune.prova.it", domain);
    let (head, rest) = text.split_once("DKIM-Signature:").unwrap();
    let (_, body) = rest.split_once("notasignature\r\n").unwrap();
    format!("{head}{body}").into_bytes()
}

/// What a mail program of the recipient's makes of the signatures, with no more than the message and the DNS.
async fn signatures_hold(port: u16, stored: &[u8]) -> bool {
    let mut server = NameServerConfig::udp_and_tcp([127, 0, 0, 1].into());
    server.connections.iter_mut().for_each(|connection| connection.port = port);
    let config = ResolverConfig::from_name_servers(vec![server]);
    let dns = MessageAuthenticator::new(config, ResolverOpts::default()).unwrap();
    let message = String::from_utf8_lossy(stored).replace('\n', "\r\n").into_bytes();
    let message = AuthenticatedMessage::parse(&message).unwrap();
    let outputs = dns.verify_dkim(&message).await;
    !outputs.is_empty() && outputs.iter().all(|output| *output.result() == DkimResult::Pass)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_outlives_the_gateway_a_spoof_of_ours_is_held_and_a_forged_proof_is_removed() {
    if let Some(why) = why_not().or_else(names::why_not) {
        println!("not run: {why}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let world = World::on(&state).await;
    let key = Key::of("comune.prova.it");
    let records = format!(
        "{}comune.prova.it. TXT \"v=spf1 ip4:198.51.100.7 -all\"\n_dmarc.comune.prova.it. TXT \"v=DMARC1; p=reject\"\n\
         comune.siena.it. TXT \"v=spf1 ip4:192.0.2.25 -all\"\n",
        key.record()
    );
    let mut dns = Names::start(folder.path(), &records);
    let mut args = vec!["--state".to_owned(), state.to_str().unwrap().to_owned()];
    args.extend(dns.args());
    let milter = Milter::start(folder.path(), &args.iter().map(String::as_str).collect::<Vec<_>>());
    let port = free_port();
    let mail = Mail::start(folder.path(), port, milter.port);

    // The forged header claims what we would write: Postfix tells its name, which is ours.
    let forged = b"Authentication-Results: posta.comune.example.it;\r\n\tdmarc=pass header.from=forged.example\r\n";
    let signed = key.sign(&unsigned("firmato", "comune.prova.it"), Simple);
    let sent = [&forged[..], &signed].concat();
    assert_eq!(send_from(port, "198.51.100.7", "anna@comune.prova.it", "carla@comune.siena.it", &sent), Ended::Taken);
    let stored = wait_for("the message arrives", || mail.mailbox("carla").pop());
    let (above, below) = as_sent(&stored);
    assert_eq!(String::from_utf8_lossy(&below), String::from_utf8_lossy(&as_kept(&signed)));
    let unfolded = above.replace("\n\t", " ");
    assert!(unfolded.contains("Authentication-Results: posta.comune.example.it; spf=pass"), "{above}");
    assert!(unfolded.contains("dkim=pass header.d=comune.prova.it"), "{above}");
    assert!(unfolded.contains("dmarc=pass (p=reject)") && !unfolded.contains("forged.example"), "{above}");
    assert!(above.contains("X-Baluardo-Verdict: deliver\n"), "{above}");
    assert!(signatures_hold(dns.port, &stored).await);
    let spoiled = String::from_utf8_lossy(&stored).replacen("verbale", "bonifico", 1);
    assert!(!signatures_hold(dns.port, spoiled.as_bytes()).await, "it would be seen if it did not hold");

    // From outside in the name of one of ours: it waits in the console.
    let spoof = unsigned("falso", "comune.siena.it");
    let taken = send_from(port, "203.0.113.9", "x@evil.example", "carla@comune.siena.it", &spoof);
    assert_eq!(taken, Ended::Taken);
    let held = world.held(&world.siena).await;
    assert_eq!((held.len(), held[0].state), (1, HeldState::Held));

    // While the DNS is away mail arrives all the same.
    dns.stop();
    let message = unsigned("senza nomi", "altrove.example");
    assert_eq!(send_from(port, "203.0.113.9", "anna@altrove.example", "carla@comune.siena.it", &message), Ended::Taken);
    let stored = wait_for("the second message arrives", || {
        mail.mailbox("carla").into_iter().find(|stored| String::from_utf8_lossy(stored).contains("senza nomi"))
    });
    let (above, _) = as_sent(&stored);
    assert!(above.contains("spf=temperror") && above.contains("dmarc=temperror"), "{above}");
}

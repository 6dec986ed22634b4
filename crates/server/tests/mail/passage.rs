//! A message from outside to a mailbox: through the gateway that ships, the milter, the provider's Postfix and Dovecot.

use crate::house::World;
use crate::stage::gateway::{Mail, why_not};
use crate::stage::milter::Milter;
use crate::stage::smtp::{Ended, send};
use crate::stage::{free_port, honest, phish, wait_for};
use baluardo_model::mail::HeldState;
use baluardo_service::mail;

/// What stands in a mailbox without what those who carried it put above: trace headers and ours.
fn as_sent(stored: &[u8]) -> (String, Vec<u8>) {
    const ABOVE: [&str; 4] = ["return-path:", "delivered-to:", "received:", "x-baluardo-"];
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

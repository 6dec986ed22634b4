//! Mailboxes at a provider under guard: the real server and Debian's Dovecot.

use crate::stage::dovecot::{PASSWORD, why_not};
use crate::stage::town::{QUARANTINE, Town, as_kept, now};
use crate::stage::{honest, phish, wait_for};
use baluardo_model::mail::HeldState;
use baluardo_model::mailbox::{MailboxKind, MailboxTrouble};
use baluardo_service::mail;
use baluardo_service::outbox;
use std::fs;

#[tokio::test(flavor = "multi_thread")]
async fn a_phish_is_moved_and_held_an_honest_message_stays_unread_and_a_release_brings_it_back() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    let town = Town::on(folder.path()).await;
    // What lies there before is nobody's business.
    town.dovecot.deliver("posta", "1.before", &phish("prima"));
    let id = town.guarded().await;
    assert!(town.held().is_empty() && town.inbox().len() == 1);

    town.dovecot.deliver("posta", "2.honest", &honest("verbale"));
    town.dovecot.deliver("posta", "3.bait", &phish("esempio"));
    wait_for("the phish is moved", || town.aside(QUARANTINE).pop());
    let held = town.held();
    assert_eq!((held.len(), held[0].state, held[0].class.as_str()), (1, HeldState::Held, "phishing"));
    assert!(!held[0].reasons.is_empty() && held[0].subject.starts_with("esempio:"));
    assert_eq!(held[0].recipients, ["posta@comune.siena.it"]);
    assert_eq!(town.aside(QUARANTINE), [as_kept(&phish("esempio"))], "it is moved to the byte");
    let inbox = town.dovecot.messages("posta", "");
    let (name, bytes) = inbox.iter().find(|(name, _)| name.starts_with("2.honest")).unwrap();
    assert!(!name.ends_with('S') && (name == "2.honest" || name.ends_with(":2,")), "it is unread: {name}");
    assert_eq!(*bytes, as_kept(&honest("verbale")));
    assert_eq!(inbox.len(), 2);

    let (house, rtd) = (&town.world.test.house, &town.world.siena);
    mail::release_held(house, &rtd.actor, rtd.tenant.id, held[0].id).await.unwrap();
    wait_for("the message is back", || (town.held()[0].state == HeldState::Released).then_some(()));
    assert!(town.inbox().contains(&as_kept(&phish("esempio"))) && town.aside(QUARANTINE).is_empty());

    // A second one is thrown away, into the trash; the first one stays where it was brought back to.
    town.dovecot.deliver("posta", "4.bait", &phish("altro"));
    let second = wait_for("the second is held", || town.held().into_iter().find(|row| row.state == HeldState::Held));
    wait_for("the second is moved", || town.aside(QUARANTINE).pop());
    mail::delete_held(house, &rtd.actor, rtd.tenant.id, second.id).await.unwrap();
    wait_for("the second is in the trash", || town.aside(".Trash").pop());
    assert_eq!(town.aside(".Trash"), [as_kept(&phish("altro"))]);
    assert!(town.aside(QUARANTINE).is_empty());
    assert!(town.inbox().contains(&as_kept(&phish("esempio"))), "what was released is not held again");
    assert_eq!(town.row(id).trouble, None);
    assert!(!town.server.said().contains("segreta"), "the password stands in no log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_between_writing_and_moving_loses_nothing_and_does_nothing_twice() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut town = Town::on(folder.path()).await;
    town.guarded().await;
    // The quarantine cannot be written: the message is held, and stays in the inbox.
    let barred = [QUARANTINE, ".INBOX.Baluardo-Quarantena"].map(|name| town.dovecot.at("posta").join(name));
    barred.iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
    town.dovecot.deliver("posta", "1.bait", &phish("esempio"));
    wait_for("the message is held", || town.held().pop());
    town.server.kill();
    assert_eq!((town.inbox().len(), town.held().len()), (1, 1), "it died between the two");
    barred.iter().for_each(|folder| fs::remove_dir(folder).unwrap());
    town.server.again();
    wait_for("the message is moved", || town.aside(QUARANTINE).pop());
    wait_for("the inbox is empty", || town.inbox().is_empty().then_some(()));
    assert_eq!((town.held().len(), town.aside(QUARANTINE).len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_comes_while_the_provider_or_its_numbers_are_gone_is_guarded_once_they_are_back() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut town = Town::on(folder.path()).await;
    let id = town.guarded().await;
    town.dovecot.deliver("posta", "1.bait", &phish("uno"));
    wait_for("the first is moved", || town.aside(QUARANTINE).pop());
    let first = town.held()[0].id;
    let (house, rtd) = (&town.world.test.house, &town.world.siena);
    mail::release_held(house, &rtd.actor, rtd.tenant.id, first).await.unwrap();
    wait_for("it is back", || (town.held()[0].state == HeldState::Released).then_some(()));
    let validity = town.row(id).validity;

    town.dovecot.kill();
    wait_for("the loss is told", || town.row(id).trouble);
    town.dovecot.forget_numbers("posta");
    town.dovecot.deliver("posta", "2.bait", &phish("due"));
    town.dovecot.deliver("posta", "3.honest", &honest("verbale"));
    town.dovecot.again();
    wait_for("the second is moved", || town.aside(QUARANTINE).pop());
    wait_for("the mailbox is well again", || {
        (town.row(id).trouble.is_none() && town.row(id).validity != validity).then_some(())
    });
    assert_eq!(town.aside(QUARANTINE), [as_kept(&phish("due"))]);
    let mut inbox = town.inbox();
    inbox.sort();
    let mut wanted = vec![as_kept(&phish("uno")), as_kept(&honest("verbale"))];
    wanted.sort();
    assert_eq!(inbox, wanted, "what was released stays, though it has another number now");
    assert_eq!(town.held().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_in_a_word() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    let town = Town::on(folder.path()).await;
    let id = town.add(MailboxKind::Mailbox, "posta", "sbagliata-davvero").await;
    wait_for("it is told", || town.row(id).trouble.filter(|trouble| *trouble == MailboxTrouble::LoginRefused));
    assert!(town.row(id).said.to_lowercase().contains("authentication"), "{}", town.row(id).said);
    assert!(!town.server.said().contains("sbagliata-davvero"));
}

#[tokio::test(flavor = "multi_thread")]
async fn certified_mail_stays_byte_for_byte_and_flag_for_flag_and_a_hostile_one_raises_an_alert() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    let town = Town::on(folder.path()).await;
    let id = town.add(MailboxKind::Pec, "pec", PASSWORD).await;
    town.wait_read(id);
    let bait = baluardo_testkit::mail::pec(&phish("bando"), "bando di gara");
    let good = baluardo_testkit::mail::pec(&honest("verbale"), "verbale");
    town.dovecot.deliver("pec", "1.good", &good);
    town.dovecot.deliver("pec", "2.bait", &bait);
    let before = town.dovecot.messages("pec", "");
    let notes = wait_for("the hostile one is noted", || Some(town.pec()).filter(|notes| !notes.is_empty()));
    wait_for("both were read", || (town.row(id).last_uid == 2).then_some(()));
    assert_eq!(town.dovecot.messages("pec", ""), before, "names carry the flags: nothing changed");
    assert_eq!(notes.len(), 1);
    let note = &notes[0].note;
    assert_eq!((note.sender.as_str(), note.provider.as_str()), ("ditta@pec.example", "GESTORE DI PROVA S.p.A."));
    assert_eq!((note.kind.as_str(), note.subject.as_str(), note.hostile), ("envelope", "bando di gara", true));
    assert!(!note.reasons.is_empty() && town.held().is_empty());
    let letter = wait_for("the letter leaves", || {
        let all = now(outbox::list_local_mail(&town.world.test.house)).unwrap();
        all.into_iter().find(|mail| mail.subject.starts_with("PEC pericolosa"))
    });
    assert_eq!(letter.to, "anna@comune.siena.it");
    assert!(letter.text.contains("ditta@pec.example") && letter.text.contains("resta consegnata"));
}

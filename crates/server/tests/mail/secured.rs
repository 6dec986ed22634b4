//! Mailboxes behind TLS: whom the guard trusts, and that nobody else ever sees a password.

use crate::stage::authority::{Authority, Papers};
use crate::stage::dovecot::{Dovecot, PASSWORD, why_not};
use crate::stage::town::{QUARANTINE, Town, as_kept, described};
use crate::stage::wiretap::{Change, Wiretap, instead};
use crate::stage::{phish, wait_for};
use baluardo_model::mail::HeldState;
use baluardo_model::mailbox::{MailboxTls, MailboxTrouble};
use baluardo_service::mail;
use baluardo_service::mailbox::NewMailbox;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// What Dovecot says before it begins with TLS; and with something behind it that would be heard as if it came through TLS.
const GO: &str = "Begin TLS negotiation now.\r\n";
const TALK: &str = "Begin TLS negotiation now.\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\nb1 OK done\r\n";

/// A mailbox with a password behind TLS.
fn behind(login: &str, tls: MailboxTls, port: u16) -> NewMailbox {
    NewMailbox { port, tls, password: PASSWORD.to_owned(), ..described(login) }
}

/// A comune whose server knows an authority.
async fn town(folder: &Path, authority: &Authority, dovecot: Dovecot) -> Town {
    let known = authority.published(folder);
    Town::with(folder, dovecot, &["--mail-ca", known.to_str().unwrap()]).await
}

/// The words with which the console tells a trouble.
fn remedy(trouble: MailboxTrouble) -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/locales/it.json");
    let words: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    words[format!("mailbox.trouble.{}", trouble.code())].as_str().expect("each trouble has its words").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn mailboxes_behind_tls_and_starttls_are_guarded_with_an_authority_that_the_settings_name() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("nota");
    let dovecot = Dovecot::with_tls(folder.path(), &authority.certify("localhost"), "");
    let town = town(folder.path(), &authority, dovecot).await;
    let ports =
        [("posta", MailboxTls::Implicit, town.dovecot.tls_port), ("pec", MailboxTls::Starttls, town.dovecot.port)];
    for (login, tls, port) in ports {
        let id = town.add_as(&behind(login, tls, port)).await;
        town.wait_read(id);
        assert_eq!(town.row(id).trouble, None);
        let bait = phish(login);
        town.dovecot.deliver(login, "1.bait", &bait);
        wait_for("the phish is moved", || town.folder(login, QUARANTINE).pop());
        let held = town.held().into_iter().find(|row| row.subject.starts_with(login)).unwrap();
        assert_eq!((held.state, held.class.as_str()), (HeldState::Held, "phishing"));
        let (house, rtd) = (&town.world.test.house, &town.world.siena);
        mail::release_held(house, &rtd.actor, rtd.tenant.id, held.id).await.unwrap();
        wait_for("it is back", || (town.folder(login, "") == [as_kept(&bait)]).then_some(()));
        assert!(town.folder(login, QUARANTINE).is_empty());
    }
    let log = town.dovecot.log();
    let logins: Vec<&str> = log.lines().filter(|line| line.contains("Login: user=")).collect();
    assert!(logins.len() >= 2 && logins.iter().all(|line| line.contains(", TLS")), "{logins:?}");
    assert!(town.dovecot.was_shown_a_secret(), "its log tells it, where somebody signs in");
    assert!(!town.server.said().contains("segreta"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_name_a_past_one_and_an_unknown_one_are_refused_before_any_password() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let (authority, stranger) = (Authority::new("nota"), Authority::new("ignota"));
    let wrong = |part: &str, papers: &Papers| {
        let place = folder.path().join(part);
        fs::create_dir(&place).unwrap();
        Dovecot::with_tls(&place, papers, "")
    };
    let cases = [
        (wrong("name", &authority.certify("imap.altrove.example")), MailboxTrouble::Certificate, "localhost", "nome"),
        (
            wrong("past", &authority.certify_until("localhost", 2025)),
            MailboxTrouble::CertificateExpired,
            "expired",
            "scaduto",
        ),
        (wrong("unknown", &stranger.certify("localhost")), MailboxTrouble::CertificateUnknown, "issuer", "--mail-ca"),
    ];
    let good = Dovecot::with_tls(folder.path(), &authority.certify("localhost"), "");
    let town = town(folder.path(), &authority, good).await;
    for (dovecot, trouble, said, word) in &cases {
        for (login, tls, port) in
            [("posta", MailboxTls::Implicit, dovecot.tls_port), ("pec", MailboxTls::Starttls, dovecot.port)]
        {
            let id = town.add_as(&behind(login, tls, port)).await;
            let row = town.wait_trouble(id, *trouble);
            assert!(row.said.to_lowercase().contains(said), "{}", row.said);
        }
        assert!(remedy(*trouble).contains(word), "{}", remedy(*trouble));
        wait_for("their coming is written down", || dovecot.log().contains("no auth attempts").then_some(()));
        assert!(!dovecot.was_shown_a_secret(), "{}", dovecot.log());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stands_on_the_way_learns_no_password_however_they_change_what_the_server_says() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("nota");
    let dovecot = Dovecot::with_tls(folder.path(), &authority.certify("localhost"), "");
    let town = town(folder.path(), &authority, dovecot).await;
    let strip: Change = |said| instead(&instead(&said, " STARTTLS", ""), "LOGINDISABLED", "AUTH=PLAIN");
    let inject: Change = |said| instead(&said, GO, TALK);
    let preauth: Change = |said| instead(&said, "* OK", "* PREAUTH");
    let cases = [
        ("posta", strip, MailboxTrouble::NoStarttls, "STARTTLS"),
        ("pec", inject, MailboxTrouble::NotImap, "before TLS begins"),
        ("terza", preauth, MailboxTrouble::NotImap, "greet"),
    ];
    for (login, change, trouble, said) in cases {
        let tap = Wiretap::before(town.dovecot.port, change);
        let id = town.add_as(&behind(login, MailboxTls::Starttls, tap.port)).await;
        let row = town.wait_trouble(id, trouble);
        assert!(row.said.contains(said), "{}", row.said);
        assert!(row.read_at.is_none());
        let heard = tap.heard().to_uppercase();
        assert_eq!(heard.contains("CAPABILITY"), trouble != MailboxTrouble::NotImap || login == "pec", "{heard}");
        assert!(!heard.contains("LOGIN") && !heard.contains("AUTHENTICATE"), "{heard}");
    }
    assert!(!town.dovecot.was_shown_a_secret());
    // With nobody on the way the same mailbox is reached.
    let tap = Wiretap::before(town.dovecot.port, |said| said);
    let id = town
        .add_as(&NewMailbox { login: "posta".to_owned(), ..behind("diretta", MailboxTls::Starttls, tap.port) })
        .await;
    town.wait_read(id);
    assert!(tap.heard().contains("STARTTLS") && town.dovecot.was_shown_a_secret());
    assert!(!tap.heard().contains("AUTHENTICATE"), "it is heard by nobody there either");
}

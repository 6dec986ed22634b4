//! Mailboxes that take no password but tokens (OAuth 2): renewed while the consent lasts, and told in words when it does not.

use crate::stage::authority::Authority;
use crate::stage::dovecot::{Dovecot, why_not};
use crate::stage::provider::{CLIENT, CLIENT_SECRET, Provider};
use crate::stage::town::{QUARANTINE, Town, described, now};
use crate::stage::{phish, wait_for};
use baluardo_model::mailbox::{MailboxAuth, MailboxTls, MailboxTrouble};
use baluardo_service::audit;
use baluardo_service::mailbox::NewMailbox;
use std::path::Path;

/// A comune whose provider takes tokens only.
struct Consent {
    town: Town,
    provider: Provider,
}

impl Consent {
    /// With a mail server that takes tokens by these ways of signing in.
    async fn on(folder: &Path, ways: &str) -> Self {
        let authority = Authority::new("nota");
        let papers = authority.certify("localhost");
        let known = authority.published(folder);
        let provider = Provider::start(&papers);
        let dovecot = Dovecot::with_tls(folder, &papers, &provider.for_dovecot(folder, ways));
        let town = Town::with(folder, dovecot, &["--mail-ca", known.to_str().unwrap()]).await;
        Self { town, provider }
    }

    /// The mailbox, with what renews now.
    fn described(&self) -> NewMailbox {
        NewMailbox {
            port: self.town.dovecot.tls_port,
            tls: MailboxTls::Implicit,
            auth: MailboxAuth::Oauth2,
            client: CLIENT.to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            refresh_token: self.provider.books().renews.clone(),
            token_url: format!("https://localhost:{}/token?tenant=siena", self.provider.port),
            ..described("posta")
        }
    }

    /// Puts a phish into the mailbox, which is guarded if it is moved.
    fn prove_guarded(&self, word: &str) {
        let before = self.town.aside(QUARANTINE).len();
        self.town.dovecot.deliver("posta", word, &phish(word));
        wait_for("the phish is moved", || (self.town.aside(QUARANTINE).len() == before + 1).then_some(()));
    }

    /// Ends all connections.
    fn cut(&mut self) {
        self.town.dovecot.kill();
        self.town.dovecot.again();
    }

    /// That no secret stands where people read.
    fn assert_nothing_told(&self) {
        let (house, rtd) = (&self.town.world.test.house, &self.town.world.siena);
        let audit = now(audit::export_audit(house, &rtd.actor, rtd.tenant.id)).unwrap();
        let rows = now(baluardo_service::mailbox::list_mailboxes(house, &rtd.actor, rtd.tenant.id)).unwrap();
        let said: Vec<&str> = rows.iter().map(|row| row.said.as_str()).collect();
        let read = format!("{} {audit:?} {said:?} {rows:?}", self.town.server.said());
        assert!(read.contains("mailbox.added"), "{read}");
        let books = self.provider.books();
        for secret in books.handed_out.iter().map(String::as_str).chain([CLIENT_SECRET]) {
            assert!(!read.contains(secret), "{secret} stands in: {read}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_with_tokens_is_guarded_and_one_that_ended_before_its_time_is_renewed_at_once() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut consent = Consent::on(folder.path(), "xoauth2").await;
    let id = consent.town.add_as(&consent.described()).await;
    consent.town.wait_read(id);
    consent.prove_guarded("uno");
    assert_eq!(consent.provider.gave(), 1);

    // A token that lasts opens the next connection, too.
    let before = consent.town.row(id);
    consent.cut();
    consent.town.wait_well(&before);
    consent.prove_guarded("due");
    assert_eq!(consent.provider.gave(), 1, "it lasts an hour");

    // Whatever was said of how long it lasts, the mail server does not take it any more.
    consent.provider.books().good.clear();
    let before = consent.town.row(id);
    consent.cut();
    consent.town.wait_well(&before);
    consent.prove_guarded("tre");
    assert_eq!(consent.provider.gave(), 2);
    assert_eq!(consent.town.row(id).trouble, None);

    // One that is said to be over soon is not used again.
    consent.provider.books().good.clear();
    consent.provider.books().lasts = 30;
    let before = consent.town.row(id);
    consent.cut();
    consent.town.wait_well(&before);
    let gave = consent.provider.gave();
    let before = consent.town.row(id);
    consent.cut();
    consent.town.wait_well(&before);
    assert!(consent.provider.gave() > gave);
    consent.prove_guarded("quattro");
    consent.assert_nothing_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_renews_is_in_the_database_before_it_is_needed_where_a_provider_takes_the_old_one_back() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    // This server knows the standard's way only.
    let mut consent = Consent::on(folder.path(), "oauthbearer").await;
    consent.provider.books().rotates = true;
    consent.provider.books().lasts = 30;
    let id = consent.town.add_as(&consent.described()).await;
    consent.town.wait_read(id);
    let first = consent.provider.books().renews.clone();
    assert_ne!(first, "renews-0");
    for word in ["uno", "due"] {
        let before = consent.town.row(id);
        consent.town.server.kill();
        consent.cut();
        consent.town.server.again();
        consent.town.wait_well(&before);
        consent.prove_guarded(word);
    }
    assert_ne!(consent.provider.books().renews, first);
    consent.assert_nothing_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn withdrawn_consent_is_told_in_words_and_healed_by_a_new_one() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut consent = Consent::on(folder.path(), "xoauth2 oauthbearer").await;
    let id = consent.town.add_as(&consent.described()).await;
    consent.town.wait_read(id);
    {
        let mut books = consent.provider.books();
        books.good.clear();
        books.renews = "renews-anew".to_owned();
        books.handed_out.push("renews-anew".to_owned());
    }
    consent.cut();
    let row = consent.town.wait_trouble(id, MailboxTrouble::ConsentNeeded);
    assert_eq!(row.said, "invalid_grant … was revoked");
    consent.assert_nothing_told();

    consent.town.change(id, &consent.described()).await;
    consent.town.wait_well(&row);
    consent.prove_guarded("uno");
    assert_eq!(consent.town.row(id).trouble, None);
    consent.assert_nothing_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_has_a_remedy_of_its_own() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    let consent = Consent::on(folder.path(), "xoauth2").await;
    let wrong = NewMailbox { client_secret: "scaduto".to_owned(), ..consent.described() };
    let id = consent.town.add_as(&wrong).await;
    let row = consent.town.wait_trouble(id, MailboxTrouble::ClientRefused);
    assert_eq!(row.said, "invalid_client … is wrong");

    consent.provider.books().instead = Some((503, "<html>come back later</html>"));
    consent.town.change(id, &consent.described()).await;
    let row = consent.town.wait_trouble(id, MailboxTrouble::TokenRefused);
    assert!(row.said.contains("503"), "{}", row.said);

    // The provider gives what the mail server does not take: consent for another service, or another name.
    consent.provider.books().instead = Some((200, "{\"access_token\":\"opens-nothing\",\"expires_in\":\"3600\"}"));
    consent.town.change(id, &consent.described()).await;
    consent.town.wait_trouble(id, MailboxTrouble::TokenUnfit);

    // The address of the tokens has a certificate of another name.
    let elsewhere = format!("https://127.0.0.1:{}/token?tenant=siena", consent.provider.port);
    consent.town.change(id, &NewMailbox { token_url: elsewhere, ..consent.described() }).await;
    let row = consent.town.wait_trouble(id, MailboxTrouble::Certificate);
    assert!(row.said.starts_with("127.0.0.1: "), "{}", row.said);
    consent.provider.books().instead = None;
    consent.town.change(id, &consent.described()).await;
    consent.town.wait_well(&row);
    consent.prove_guarded("uno");
    consent.assert_nothing_told();
}

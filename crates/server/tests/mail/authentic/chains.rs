//! ARC (RFC 8617): mail that a list changed on its way, which breaks its author's signature.

use super::{OUTSIDE, Outside, header, note, result, verdict};
use crate::stage::signing::Key;
use mail_auth::dkim::Canonicalization::Relaxed;
use mail_auth::{ArcOutput, AuthenticationResults, DmarcOutput, DmarcResult};

/// What a list writes down of a message that came to it.
fn seen<'x>(name: &'x str, author: &str, came: DmarcResult) -> AuthenticationResults<'x> {
    let dmarc = DmarcOutput::default().with_domain(author).with_dkim_result(came);
    AuthenticationResults::new(name).with_dmarc_result(&dmarc)
}

struct Scene {
    records: String,
    bank: Key,
    list: Key,
    evil: Key,
}

impl Scene {
    fn new() -> Self {
        let [bank, list, evil] = ["banca.test", "liste.test", "evil.test"].map(Key::of);
        let keys = [bank.record(), list.record(), evil.record()].concat();
        let records = format!("_dmarc.banca.test. TXT \"v=DMARC1; p=reject\"\n{keys}");
        Self { records, bank, list, evil }
    }

    /// A message of the bank's, with what the list put into its subject.
    fn changed(&self) -> Vec<u8> {
        let signed = self.bank.sign(&note("anna@banca.test"), Relaxed);
        String::from_utf8(signed).unwrap().replacen("Subject: ", "Subject: [lista] ", 1).into_bytes()
    }

    fn sealed(&self, by: &Key, name: &str, came: DmarcResult) -> Vec<u8> {
        by.seal(&self.changed(), &seen(name, "banca.test", came), &ArcOutput::default())
    }
}

fn list_sends(outside: &mut Outside, message: &[u8]) -> (String, String, String) {
    let said = outside.send(OUTSIDE, "liste.test", "lista@liste.test", message);
    println!("{}", header(&said));
    (result(&said, "dmarc"), result(&said, "arc"), verdict(&said))
}

fn told(dmarc: &str, arc: &str, done: &str) -> (String, String, String) {
    (dmarc.to_owned(), arc.to_owned(), done.to_owned())
}

#[test]
fn a_list_that_is_trusted_vouches_for_what_it_changed() {
    let scene = Scene::new();
    let Some(mut outside) = Outside::with(&scene.records, &["--trust-arc", "liste.test", "--refuse"]) else { return };
    let message = scene.sealed(&scene.list, "liste.test", DmarcResult::Pass);
    assert_eq!(list_sends(&mut outside, &message), told("fail", "pass", "deliver"));
    let said = outside.send(OUTSIDE, "liste.test", "lista@liste.test", &message);
    assert!(header(&said).contains("arc=pass (trusted: liste.test)"), "{}", header(&said));
}

#[test]
fn nobody_else_vouches_and_no_list_does_for_what_it_did_not_see_proven() {
    let scene = Scene::new();
    let Some(mut outside) = Outside::with(&scene.records, &["--trust-arc", "liste.test"]) else { return };
    assert_eq!(list_sends(&mut outside, &scene.changed()), told("fail", "none", "quarantine"));
    let evil = scene.sealed(&scene.evil, "liste.test", DmarcResult::Pass);
    assert_eq!(list_sends(&mut outside, &evil), told("fail", "pass", "quarantine"));
    let unproven = scene.sealed(&scene.list, "liste.test", DmarcResult::Fail(mail_auth::Error::NotAligned));
    assert_eq!(list_sends(&mut outside, &unproven), told("fail", "pass", "quarantine"));
    let good = scene.sealed(&scene.list, "liste.test", DmarcResult::Pass);
    let spoiled = String::from_utf8(good.clone()).unwrap().replace("il verbale", "il nuovo iban");
    assert_eq!(list_sends(&mut outside, spoiled.as_bytes()), told("fail", "fail", "quarantine"));
    let forged = String::from_utf8(good).unwrap().replacen("header.from=banca.test", "header.from=altra.test", 1);
    assert_eq!(list_sends(&mut outside, forged.as_bytes()), told("fail", "fail", "quarantine"));
}

//! Mail that is held, as the milter holds it.

use crate::house::TestHouse;
pub use baluardo_mail::Class;
use baluardo_mail::pec::PecMessage;
use baluardo_mail::{Action, Language, Reason, Verdict, judge};
use baluardo_model::{MailboxId, TenantId, Timestamp};
use baluardo_service::mail::{self, Arriving, HELD_LINK_PATH, Held};
use baluardo_service::mailbox::{self, SeenPec};

/// A message that asks for a password in the name of a brand; `word` stands in its subject, sender and text.
#[must_use]
pub fn phish(word: &str) -> Vec<u8> {
    let text = [
        "From: \"Poste Italiane\" <avvisi@consegne-rapide-48213.top>".to_owned(),
        "To: ufficio@comune.siena.it".to_owned(),
        format!("Subject: {word}: il suo conto e' sospeso, verifichi entro 24 ore"),
        format!("Message-ID: <{word}@consegne-rapide-48213.top>"),
        "Date: Mon, 02 Nov 2026 08:00:00 +0000".to_owned(),
        "MIME-Version: 1.0".to_owned(),
        "Content-Type: text/html; charset=utf-8".to_owned(),
        String::new(),
        format!("<p>Gentile cliente {word}, il suo conto BancoPosta e' stato sospeso.</p>"),
        "<p>Inserisca subito la password e il codice PIN, o il conto sara' chiuso: \
         <a href=\"http://192.0.2.77/poste/login.php\">https://www.poste.it/accesso</a></p>"
            .to_owned(),
        "<form action=\"http://192.0.2.77/p\"><input type=\"password\" name=\"p\"></form>".to_owned(),
        String::new(),
    ];
    text.join("\r\n").into_bytes()
}

/// Holds such a message for a comune, and gives what the milter would learn.
pub async fn hold(test: &TestHouse, tenant: TenantId, word: &str) -> Held {
    let bytes = phish(word);
    let sender = format!("{word}@consegne-rapide-48213.top");
    let recipients = ["ufficio@comune.siena.it".to_owned()];
    let (verdict, english) = (judge(&bytes, Language::Italian), judge(&bytes, Language::English));
    let mail =
        Arriving { sender: &sender, recipients: &recipients, bytes: &bytes, verdict: &verdict, english: &english };
    mail::hold_message(&test.house, tenant, &mail).await.expect("the store takes mail")
}

/// Holds such a message for these recipients as if it had been judged so.
pub async fn hold_for(test: &TestHouse, tenant: TenantId, word: &str, judged: (Class, f32), to: &[&str]) -> Held {
    let bytes = phish(word);
    let recipients: Vec<String> = to.iter().map(|one| (*one).to_owned()).collect();
    let (class, score) = judged;
    let reason = Reason { code: "link_short".to_owned(), text: "Un link accorciato nasconde dove porta".to_owned() };
    let verdict = Verdict { action: Action::Quarantine, class, score, reasons: vec![reason] };
    let sender = format!("{word}@consegne-rapide-48213.top");
    let mail =
        Arriving { sender: &sender, recipients: &recipients, bytes: &bytes, verdict: &verdict, english: &verdict };
    mail::hold_message(&test.house, tenant, &mail).await.expect("the store takes mail")
}

/// Moves the clock to what a clock on a wall in Rome shows (`2026-11-03 08:00`).
///
/// # Panics
/// On what is no moment.
pub fn at(test: &TestHouse, wall: &str) {
    test.clock.set(Timestamp::read(wall).expect("a moment as people write it"));
}

/// The tokens of the links in a letter about held mail, in its order.
#[must_use]
pub fn held_links(letter: &str) -> Vec<String> {
    let tokens = letter.split(HELD_LINK_PATH).skip(1);
    tokens.map(|rest| rest.split_whitespace().next().unwrap_or_default().to_owned()).collect()
}

/// A certified message (PEC) around `inner`, as a provider makes it: the envelope is the provider's, and good.
#[must_use]
pub fn pec(inner: &[u8], subject: &str) -> Vec<u8> {
    let data = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<postacert tipo=\"posta-certificata\" errore=\"nessuno\">\
         <intestazione><mittente>ditta@pec.example</mittente>\
         <destinatari tipo=\"certificato\">protocollo@pec.comune.siena.it</destinatari>\
         <risposte>ditta@pec.example</risposte><oggetto>{subject}</oggetto></intestazione>\
         <dati><gestore-emittente>GESTORE DI PROVA S.p.A.</gestore-emittente>\
         <data zona=\"+0100\"><giorno>02/11/2026</giorno><ora>10:00:01</ora></data>\
         <identificativo>prova1@pec.example</identificativo><msgid>&lt;1@pec.example&gt;</msgid></dati></postacert>\r\n"
    );
    let head = [
        "From: \"Per conto di: ditta@pec.example\" <posta-certificata@gestore.example>".to_owned(),
        "To: protocollo@pec.comune.siena.it".to_owned(),
        format!("Subject: POSTA CERTIFICATA: {subject}"),
        "Message-ID: <prova1@pec.example>".to_owned(),
        "Date: Mon, 02 Nov 2026 10:00:01 +0100".to_owned(),
        "X-Trasporto: posta-certificata".to_owned(),
        "MIME-Version: 1.0".to_owned(),
        "Content-Type: multipart/signed; protocol=\"application/x-pkcs7-signature\"; boundary=firma".to_owned(),
        "\r\n--firma\r\nContent-Type: multipart/mixed; boundary=busta\r\n\r\n--busta".to_owned(),
        "Content-Type: text/plain; charset=utf-8\r\n".to_owned(),
        "Il giorno 02/11/2026 il messaggio e' stato inviato.\r\n--busta".to_owned(),
        "Content-Type: application/xml; name=\"daticert.xml\"".to_owned(),
        format!("Content-Disposition: attachment; filename=\"daticert.xml\"\r\n\r\n{data}--busta"),
        "Content-Type: message/rfc822; name=\"postacert.eml\"".to_owned(),
        "Content-Disposition: attachment; filename=\"postacert.eml\"\r\n\r\n".to_owned(),
    ];
    let tail = "\r\n--busta--\r\n\r\n--firma\r\nContent-Type: application/x-pkcs7-signature; name=smime.p7s\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nMIIB\r\n--firma--\r\n";
    [head.join("\r\n").as_bytes(), inner, tail.as_bytes()].concat()
}

/// Notes a hostile certified message for a comune; gives by what it is known.
pub async fn note_pec(test: &TestHouse, tenant: TenantId, mailbox: MailboxId, word: &str) -> String {
    let bytes = pec(&phish(word), word);
    let message = PecMessage::read(&bytes);
    let italian = message.judge(&bytes, Language::Italian).expect("an envelope is judged");
    let english = message.judge(&bytes, Language::English).expect("an envelope is judged");
    let seen = SeenPec {
        mailbox,
        address: "protocollo@pec.comune.siena.it",
        bytes: &bytes,
        message: &message,
        verdicts: Some((&italian, &english)),
    };
    mailbox::note_pec(&test.house, tenant, &seen).await.expect("the store takes notes");
    let notes = mailbox::list_pec(&test.house, &baluardo_model::identity::Actor::Platform, tenant).await;
    notes.expect("the platform may look").remove(0).note.identity
}

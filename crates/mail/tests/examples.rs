//! Messages of our own, good and bad, and what is said of them.

use baluardo_mail::{Action, Class, Language, Letter, judge};

fn codes(message: &str) -> Vec<String> {
    judge(message.as_bytes(), Language::Italian).reasons.into_iter().map(|reason| reason.code).collect()
}

#[test]
fn orders_to_paste_a_command_are_held_as_malware() {
    let message = "From: Verifica <info@verifica-utente.example>\nTo: ufficio@comune.prova.it\nSubject: Conferma che non sei un robot\n\nPremi il tasto Windows + R, poi Ctrl + V e premi Invio per completare la verifica.\n";
    let verdict = judge(message.as_bytes(), Language::Italian);
    assert_eq!((verdict.action, verdict.class), (Action::Quarantine, Class::Malware));
    assert!(
        verdict.reasons.iter().any(|reason| reason.code == "click_fix" && reason.text.contains("incollare un comando"))
    );
}

#[test]
fn a_brand_in_the_name_and_a_foreign_domain_is_said_in_both_languages() {
    let message = "From: \"Poste Italiane\" <avvisi@sicurezza-clienti.top>\nTo: a@comune.prova.it\nSubject: Conto sospeso\nContent-Type: text/html\n\n<p>Gentile cliente, il suo conto è stato sospeso. Clicchi <a href=\"https://poste-it.verifica.top/a\">https://www.poste.it</a> entro 24 ore per confermare i dati.</p>";
    let verdict = judge(message.as_bytes(), Language::English);
    assert_eq!(verdict.action, Action::Quarantine);
    assert_eq!(verdict.class, Class::Phishing);
    assert!(verdict.reasons.iter().any(|reason| reason.text.contains("claims to be Poste Italiane")), "{verdict:?}");
    assert!(codes(message).contains(&"link_shown_differs".to_owned()));
}

#[test]
fn a_plain_note_between_offices_is_delivered() {
    let message = "From: Anna Bianchi <anna.bianchi@comune.prova.it>\nTo: protocollo@comune.prova.it\nSubject: Verbale di ieri\n\nCiao Carla, ti mando il verbale della riunione di ieri. Se manca qualcosa dimmelo pure lunedì. Anna\n";
    let verdict = judge(message.as_bytes(), Language::Italian);
    assert_eq!((verdict.action, verdict.class), (Action::Deliver, Class::Legitimate));
}

#[test]
fn an_attachment_that_poses_as_a_document_is_held() {
    let message = "From: a@b.it\nSubject: Fattura\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nIn allegato.\n--x\nContent-Type: application/octet-stream; name=\"fattura.pdf.js\"\nContent-Disposition: attachment; filename=\"fattura.pdf.js\"\n\nvar a;\n--x--\n";
    let verdict = judge(message.as_bytes(), Language::Italian);
    assert_eq!((verdict.action, verdict.class), (Action::Quarantine, Class::Malware));
}

#[test]
fn of_certified_mail_the_message_within_is_judged() {
    let message = "From: \"Per conto di: rossi@pec.example\" <posta-certificata@pec.aruba.it>\nX-Trasporto: posta-certificata\nSubject: POSTA CERTIFICATA: avviso\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nMessaggio di posta certificata\n--x\nContent-Type: message/rfc822; name=\"postacert.eml\"\n\nFrom: Rossi <rossi@pec.example>\nSubject: avviso\n\nTesto di dentro.\n--x--\n";
    let letter = Letter::read(message.as_bytes());
    assert_eq!((letter.from.as_str(), letter.text.trim()), ("rossi@pec.example", "Testo di dentro."));
}

#[test]
fn encoded_words_and_texts_are_read_in_their_alphabets() {
    let message = b"From: =?utf-8?B?UG9zdGUgSXRhbGlhbmU=?= <a@b.it>\nSubject: =?iso-8859-1?Q?Attivit=E0?= =?utf-8?Q?_sospetta?=\nContent-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=iso-8859-1\n\nperch=E9 =\nno";
    let letter = Letter::read(message);
    assert_eq!(
        (letter.from_name.as_str(), letter.subject.as_str(), letter.text.trim()),
        ("Poste Italiane", "Attività sospetta", "perché no")
    );
}

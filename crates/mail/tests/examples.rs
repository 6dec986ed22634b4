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

#[test]
fn a_locked_archive_is_held_when_its_password_stands_beside_it_and_not_when_it_was_agreed() {
    let message = |text: &str| {
        let head = "From: Paghe <paghe@studio.it>\nTo: ragioneria@comune.prova.it\nSubject: Cedolini\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\n";
        let file = "\n--x\nContent-Type: application/zip; name=\"c.zip\"\nContent-Disposition: attachment; filename=\"c.zip\"\n\nPK\u{3}\u{4}\u{14}\0\u{1}\0\n--x--\n";
        judge(format!("{head}{text}{file}").as_bytes(), Language::Italian)
    };
    assert_eq!(message("In allegato il documento. Password per aprirlo: 7781").action, Action::Quarantine);
    assert!(!message("In allegato i cedolini; la password è quella concordata per telefono.").action.stops());
}

#[test]
fn new_bank_details_from_a_free_mailbox_are_at_least_marked() {
    let message = "From: Edil Tosi Srl <amministrazione.ediltosi@outlook.it>\nTo: ragioneria@comune.prova.it\nSubject: Coordinate bancarie\n\nBuongiorno, il nostro IBAN è cambiato: la fattura 45 va pagata con bonifico sulle nuove coordinate bancarie.\n";
    let verdict = judge(message.as_bytes(), Language::Italian);
    assert!(verdict.action >= Action::Tag, "{verdict:?}");
    assert_eq!(verdict.class, Class::Fraud);
    assert!(verdict.reasons.iter().any(|reason| reason.text.contains("va verificato per telefono")));
}

#[test]
fn a_newsletter_is_never_held_for_what_it_sells() {
    let links: String =
        (0..15).map(|at| format!("<a href=\"https://www.negozio-prova.com/o/{at}\">Offerta {at}</a> ")).collect();
    let message = format!(
        "From: Negozio <offerte@negozio-prova.com>\nTo: a@comune.prova.it\nSubject: ULTIMA OCCASIONE!! Hai vinto uno sconto\nList-Unsubscribe: <https://www.negozio-prova.com/u>\nContent-Type: text/html\n\n<p>Gentile cliente, clicca subito: hai vinto un premio da 500 euro, entro 24 ore, rispondi al sondaggio. Viagra, casino, gratis.</p>{links}"
    );
    let verdict = judge(message.as_bytes(), Language::Italian);
    assert!(verdict.action <= Action::Tag, "{verdict:?}");
}

#[test]
fn a_known_office_that_writes_of_its_own_site_is_delivered() {
    let message = "Authentication-Results: mx.comune.prova.it; spf=pass; dkim=pass; dmarc=pass\nReceived: from a by b\nFrom: Aruba PEC <noreply@staff.aruba.it>\nTo: protocollo@comune.prova.it\nSubject: Scadenza casella PEC\n\nGentile cliente, la casella PEC scadrà il 28 febbraio. Per rinnovarla accedi all'area clienti: https://www.pec.it/area-clienti\n";
    assert_eq!(judge(message.as_bytes(), Language::Italian).action, Action::Deliver);
}

#[test]
fn a_code_to_scan_is_judged_as_the_link_that_it_is() {
    let code = qrcode::QrCode::new("https://verifica-accesso.example.top/login").unwrap();
    let side = code.width();
    let drawn: String = (0..side)
        .map(|y| {
            let cell = |x| if code[(x, y)] == qrcode::Color::Dark { "\u{2588}\u{2588}" } else { "  " };
            (0..side).map(cell).collect::<String>() + "\n"
        })
        .collect();
    let message = format!(
        "From: \"Microsoft 365\" <it@altrove.example.top>\nTo: ufficio@comune.prova.it\nSubject: Accesso in scadenza\nContent-Type: text/plain; charset=utf-8\n\nInquadri il codice QR con il telefono e acceda con le credenziali della posta.\n\n{drawn}\n"
    );
    let letter = Letter::read(message.as_bytes());
    assert!(letter.links.iter().any(|link| link.target == "https://verifica-accesso.example.top/login"));
    assert!(
        codes(&message).contains(&"qr_link".to_owned()) || judge(message.as_bytes(), Language::Italian).action.stops()
    );
}

#[test]
fn a_superior_who_wants_money_in_haste_from_a_free_mailbox_is_held() {
    let message = "From: Luigi Ferri <l.ferri.sindaco@gmail.com>\nTo: ragioneria@comune.prova.it\nSubject: Urgente\n\nBuongiorno, sei in ufficio? Dovresti farmi un bonifico entro mezzogiorno, ti spiego dopo perche' sono in conferenza. Rispondimi solo qui.\n";
    assert_eq!(judge(message.as_bytes(), Language::Italian).action, Action::Quarantine);
    let citizen = "From: Rosa Bianco <rosabianco71@libero.it>\nTo: urp@comune.prova.it\nSubject: multa\n\nBuongiorno, ho ricevuto una multa ma la macchina era ferma. E' urgente, devo pagare entro 5 giorni.\n";
    assert_eq!(judge(citizen.as_bytes(), Language::Italian).action, Action::Deliver);
}

#[test]
fn a_brand_s_name_over_a_stranger_s_link_is_at_least_marked() {
    let message = "From: Poste Italiane <info@k-spedizioni.example.com>\nTo: a@comune.prova.it\nSubject: Avviso\n\nVedi https://k-spedizioni.example.com/t/1\n";
    assert!(judge(message.as_bytes(), Language::Italian).action >= Action::Tag);
}

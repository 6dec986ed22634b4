//! Samples of mailboxes at providers and of certified mail.

use super::{Maker, SIZES, Sheet, ago, id, sheet};
use crate::view::chrome::Section;
use crate::view::form::FieldErrors;
use crate::view::mail::MailReason;
use crate::view::mailboxes::{MailboxForm, MailboxLine, MailboxPage, MailboxesPage, PecLine, PecPage};
use baluardo_model::identity::Role;
use baluardo_model::mailbox::{MailboxKind, MailboxRemark, MailboxTrouble};

fn line(make: Maker, number: usize) -> MailboxLine {
    let trouble = if number % 3 == 1 { MailboxTrouble::ALL[number % MailboxTrouble::ALL.len()].code() } else { "" };
    MailboxLine {
        id: id(number),
        kind: MailboxKind::ALL[number % 2].code().to_owned(),
        address: make.text(&format!("ufficio{number}@comune.example.it")),
        host: make.text("imaps.fornitore.example"),
        port: 993,
        tls: "implicit".to_owned(),
        login: make.text("ufficio"),
        auth: "password".to_owned(),
        client: String::new(),
        token_url: String::new(),
        folder: make.text("Baluardo-Quarantena"),
        authserv: String::new(),
        enabled: number % 4 != 3,
        read_at: (number % 3 != 2).then(|| ago(number as u64)),
        checked_at: (number % 3 != 2).then(|| ago(number as u64)),
        trouble: trouble.to_owned(),
        said: if trouble.is_empty() { String::new() } else { make.text("Authentication failed.") },
        remarks: MailboxRemark::ALL.iter().take(number % 6).map(|remark| remark.code().to_owned()).collect(),
    }
}

fn form(make: Maker) -> MailboxForm {
    MailboxForm {
        kind: "pec".to_owned(),
        address: make.text("protocollo@pec.comune.example.it"),
        host: make.text("imaps.pec.example"),
        port: "993".to_owned(),
        tls: "starttls".to_owned(),
        login: make.text("protocollo"),
        auth: "oauth2".to_owned(),
        client: make.text("0a1b"),
        token_url: make.text("https://login.example/token"),
        folder: make.text("Baluardo-Quarantena"),
        authserv: make.text("mx.fornitore.example"),
        enabled: true,
    }
}

fn note(make: Maker, number: usize) -> PecLine {
    let reason = |text: &str| MailReason { code: "bait".to_owned(), text: make.text(text) };
    PecLine {
        identity: format!("{number:064x}"),
        mailbox: make.text("protocollo@pec.comune.example.it"),
        kind: ["envelope", "anomaly", "receipt", "ordinary"][number % 4].to_owned(),
        sender: make.text("ditta@pec.example"),
        provider: if number % 3 == 2 { String::new() } else { make.text("GESTORE DI PROVA S.p.A.") },
        subject: if number % 5 == 4 { String::new() } else { make.text("Fattura elettronica non recapitata") },
        sent: if number.is_multiple_of(2) { make.text("02/11/2026 10:00:01 +0100") } else { String::new() },
        identifier: make.text("prova1.20261102100001@pec.example"),
        class: ["malware", "phishing", "fraud", "spam"][number % 4].to_owned(),
        percent: 99 - number as u64 % 40,
        hostile: number % 3 != 2,
        reasons: vec![
            reason("L'allegato avvia un programma"),
            reason("Un link mostra un indirizzo e porta a un altro"),
        ],
        taken_at: ago(number as u64 * 50),
        seen_by: if number % 4 == 1 { make.text("Anna Bianchi") } else { String::new() },
    }
}

pub(super) fn sheets(make: Maker) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    for (variant, count) in SIZES {
        let chrome = make.chrome(Section::Mail, Role::Rtd);
        let rows = (0..count).map(|number| line(make, number)).collect();
        sheets.push(sheet("mailboxes", variant, &MailboxesPage { chrome, rows }));
        let chrome = make.chrome(Section::Mail, Role::Rtd);
        let rows = (0..count).map(|number| note(make, number)).collect();
        sheets.push(sheet("mail-pec", variant, &PecPage { chrome, rows, may_change: true }));
    }
    for (variant, number, errors) in
        [("new", None, FieldErrors::one("host", "mailbox.host_bad")), ("old", Some(3), FieldErrors::default())]
    {
        let chrome = make.chrome(Section::Mail, Role::Rtd);
        let form = if number.is_some() { form(make) } else { MailboxForm::default() };
        let view = MailboxPage { chrome, id: number.map(id).unwrap_or_default(), form, errors };
        sheets.push(sheet("mailbox", variant, &view));
    }
    sheets
}

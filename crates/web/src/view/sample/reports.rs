//! Samples of reported messages.

use super::{Maker, SIZES, Sheet, ago, id, paging, sheet};
use crate::view::chrome::Section;
use crate::view::form::FieldErrors;
use crate::view::mail::MailReason;
use crate::view::reports::{ReportAnswer, ReportListFilter, ReportListRow, ReportPage, ReportsPage, SegnalaPage};
use baluardo_model::identity::Role;
use baluardo_model::mail::reports::{ReportState, ReportWay};

const CLASSES: [&str; 5] = ["malware", "phishing", "fraud", "spam", "legitimate"];

fn reasons(make: Maker) -> Vec<MailReason> {
    let text = make.text("Il mittente dice Poste Italiane, ma scrive da un dominio registrato altrove");
    vec![MailReason { code: "sender_brand".to_owned(), text }]
}

fn row(make: Maker, number: usize) -> ReportListRow {
    ReportListRow {
        id: id(number),
        author: make.text("Poste Italiane <avvisi@consegne-rapide.example>"),
        subject: if number % 5 == 4 { String::new() } else { make.text("Il suo pacco è fermo: paghi 1,99 euro") },
        class: CLASSES[number % 5].to_owned(),
        action: "quarantine".to_owned(),
        percent: 97 - number as u64 % 50,
        reporter: make.text("Carla Neri"),
        way: ReportWay::ALL[number % 2],
        counts: number % 3 != 2,
        reported_at: ago(number as u64 * 44),
        state: ReportState::ALL[number % 3],
        holding: number.is_multiple_of(2),
        reporters: 1 + number as u64 % 4,
    }
}

fn report(make: Maker, number: usize) -> ReportPage {
    let row = row(make, number);
    let decided = row.state != ReportState::Open;
    ReportPage {
        chrome: make.chrome(Section::Mail, Role::Rtd),
        reasons: if number == 4 { Vec::new() } else { reasons(make) },
        decided_by: if decided { make.text("Anna Bianchi") } else { String::new() },
        decided_at: decided.then(|| ago(5)),
        note: if decided { make.text("È l'avviso del gestore, verificato per telefono") } else { String::new() },
        may_decide: true,
        errors: if number == 1 { FieldErrors::one("note", "too_long") } else { FieldErrors::default() },
        row,
    }
}

fn segnala(make: Maker, answer: Option<usize>) -> SegnalaPage {
    let answer = answer.map(|number| ReportAnswer {
        id: id(number),
        class: CLASSES[number % 5].to_owned(),
        action: "quarantine".to_owned(),
        percent: 93,
        author: make.text("Poste Italiane <avvisi@consegne-rapide.example>"),
        subject: make.text("Il suo pacco è fermo"),
        reasons: if number == 4 { Vec::new() } else { reasons(make) },
        holding: number == 1,
    });
    SegnalaPage {
        chrome: make.chrome(Section::Report, Role::Clerk),
        typed: make.text("Gentile cliente, il suo pacco è fermo."),
        errors: FieldErrors::one("message", "mail.report_empty"),
        desk: Some(make.text("segnala@comune.example.it")),
        answer,
    }
}

pub(super) fn sheets(make: Maker) -> Vec<Sheet> {
    let mut sheets = vec![sheet("segnala", "", &segnala(make, None))];
    for (variant, count) in SIZES {
        let page = ReportsPage {
            chrome: make.chrome(Section::Mail, Role::Rtd),
            rows: (0..count).map(|number| row(make, number)).collect(),
            filter: ReportListFilter { q: make.text("pacco"), state: "open".to_owned() },
            paging: paging("/mail/reports", count),
        };
        sheets.push(sheet("reports", variant, &page));
    }
    for (number, class) in CLASSES.iter().enumerate() {
        sheets.push(sheet("segnala", class, &segnala(make, Some(number))));
        sheets.push(sheet("report", class, &report(make, number)));
    }
    sheets
}

//! Samples of rules for senders.

use super::{Maker, SIZES, Sheet, ago, ahead, id, mail, paging, sheet};
use crate::view::chrome::Section;
use crate::view::form::FieldErrors;
use crate::view::senders::{SenderForm, SenderPage, SenderPreview, SenderRuleRow, SendersPage};
use baluardo_model::identity::Role;
use baluardo_model::mail::senders::SenderAct;

fn row(make: Maker, number: usize) -> SenderRuleRow {
    let stands = number.is_multiple_of(3);
    SenderRuleRow {
        id: id(number),
        act: SenderAct::ALL[number % 2],
        subject: make.text(if number % 4 == 1 {
            "offerte.example"
        } else {
            "amministrazione@mensa-scolastica.example"
        }),
        reason: make.text("Fornitore della mensa, verificato per telefono"),
        made_by: make.text("Anna Bianchi"),
        made_at: ago(number as u64 * 900),
        ends_at: if stands { ahead(2_000) } else { ago(number as u64 * 10) },
        stands,
        ended_by: if number % 3 == 1 { make.text("Luca Verdi") } else { String::new() },
    }
}

fn form(make: Maker, act: SenderAct, held: usize) -> SenderPage {
    let preview = SenderPreview {
        subject: make.text("mensa-scolastica.example"),
        days: 21,
        freed: (0..held).map(|number| mail::row(make, number)).collect(),
        still_held: held as u64,
        stopped: 1 + held as u64 * 17,
        replaces: held > 1,
    };
    SenderPage {
        chrome: make.chrome(Section::Mail, Role::Rtd),
        form: SenderForm {
            act: act.code().to_owned(),
            subject: make.text("mensa-scolastica.example"),
            reason: make.text("Fornitore della mensa"),
            days: "90".to_owned(),
        },
        errors: if held == 0 { FieldErrors::one("subject", "mail.sender_wide") } else { FieldErrors::default() },
        preview: (held > 0).then_some(preview),
    }
}

pub(super) fn sheets(make: Maker) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    for (variant, count) in SIZES {
        let page = SendersPage {
            chrome: make.chrome(Section::Mail, Role::Rtd),
            rows: (0..count).map(|number| row(make, number)).collect(),
            q: make.text("mensa"),
            paging: paging("/mail/senders", count),
        };
        sheets.push(sheet("senders", variant, &page));
        for act in SenderAct::ALL {
            sheets.push(sheet(&format!("sender-{}", act.code()), variant, &form(make, *act, count)));
        }
    }
    sheets
}

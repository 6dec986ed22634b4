//! Samples of hunts.

use super::{Maker, SIZES, Sheet, ago, ahead, id, paging, sheet};
use crate::view::chrome::Section;
use crate::view::form::FieldErrors;
use crate::view::hunts::{
    HuntDeviceRow, HuntForm, HuntHitRow, HuntPage, HuntRow, HuntsPage, MemberHuntPage, MemberHuntRow, NewHuntPage,
    RoundFoundRow, RoundRow,
};
use baluardo_model::hunt::{HuntState, Quarry};
use baluardo_model::identity::Role;

pub(super) fn sheets(make: Maker) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    for (variant, count) in SIZES {
        let chrome = make.chrome(Section::Hunts, Role::Rtd);
        let rows = (0..count).map(|number| row(make, number)).collect();
        let rounds = (0..count.min(3)).map(|number| round(make, number)).collect();
        sheets.push(sheet("hunts", variant, &HuntsPage { chrome, rows, rounds, may_hunt: true }));
        let members = MemberHuntPage {
            chrome: make.chrome(Section::Hunts, Role::Operator),
            round: round(make, count),
            members: (0..count).map(|number| member(make, number)).collect(),
            paging: paging("/hunts/members/1", count),
            found: (0..count.min(20)).map(|number| found(make, number)).collect(),
        };
        sheets.push(sheet("member-hunt", variant, &members));
        let page = HuntPage {
            chrome: make.inside(Section::Hunts),
            hunt: row(make, count),
            folders: vec![make.text("/home"); count.min(2)],
            devices: (0..count).map(|number| device(make, number)).collect(),
            hits: (0..count).map(|number| hit(make, number)).collect(),
            paging: paging("/hunts/1", count),
            may_stop: count > 1,
        };
        sheets.push(sheet("hunt", variant, &page));
    }
    for kind in Quarry::KINDS {
        sheets.push(sheet("new-hunt", kind, &form(make, kind)));
    }
    sheets
}

fn row(make: Maker, number: usize) -> HuntRow {
    HuntRow {
        id: id(number),
        kind: Quarry::KINDS[number % 7].to_owned(),
        words: make.text("fattura*.exe"),
        reason: make.text("segnalazione del CSIRT del 20 novembre"),
        asked_by: make.text("Maria Rossi"),
        asked_at: ago(number as u64 * 90),
        until: ahead(100),
        stopped: number % 4 == 3,
        devices: 14,
        over: number as u64 % 15,
        hits: number as u64 % 3,
    }
}

fn device(make: Maker, number: usize) -> HuntDeviceRow {
    HuntDeviceRow {
        device: id(number),
        hostname: make.text("pc-anagrafe-01"),
        state: HuntState::ALL[number % 6].code().to_owned(),
        checked: number as u64 * 12_345,
        note: if number % 6 == 4 { make.text("the limit of 1800 seconds was reached") } else { String::new() },
    }
}

fn hit(make: Maker, number: usize) -> HuntHitRow {
    HuntHitRow {
        device: id(number),
        hostname: make.text("pc-anagrafe-01"),
        what: make.text("/home/anna/Scaricati/fattura_2026.exe"),
        detail: make.text("123456 bytes"),
    }
}

fn round(make: Maker, number: usize) -> RoundRow {
    let members = 3 + number as u64;
    RoundRow { hunt: row(make, number), members, hit_members: number as u64 % 3, left: number as u64 % 2 }
}

fn member(make: Maker, number: usize) -> MemberHuntRow {
    MemberHuntRow {
        tenant: id(number),
        name: make.text("Comune di San Giovanni in Fiore"),
        hunt: id(number),
        stopped: number == 2,
        devices: 40,
        over: number as u64 % 41,
        hits: number as u64 % 5,
        hit_devices: number as u64 % 3,
    }
}

fn found(make: Maker, number: usize) -> RoundFoundRow {
    RoundFoundRow { what: make.text("/home/anna/Scaricati/fattura_2026.exe"), hits: 40 - number as u64, members: 3 }
}

fn form(make: Maker, kind: &str) -> NewHuntPage {
    let is_rule = kind == "file_rule";
    NewHuntPage {
        chrome: make.chrome(Section::Hunts, if is_rule { Role::Operator } else { Role::Rtd }),
        form: HuntForm {
            kind: kind.to_owned(),
            pattern: make.text("fattura*.exe"),
            rule: make.text("rule a { condition: true }"),
            reason: make.text("segnalazione"),
            days: "7".to_owned(),
            ..HuntForm::default()
        },
        errors: if is_rule { FieldErrors::one("rule", "hunt.rule_bad") } else { FieldErrors::default() },
        compiler: if is_rule { make.text("line:1:15: unknown variable") } else { String::new() },
        may_members: is_rule,
    }
}

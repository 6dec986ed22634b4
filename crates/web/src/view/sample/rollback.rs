//! Samples of rolling a folder back.

use super::{Maker, Sheet, ago, id, sheet};
use crate::view::FieldErrors;
use crate::view::chrome::Section;
use crate::view::rollback::{
    MomentChoice, RollbackConfirmPage, RollbackCounts, RollbackPage, RollbackRow, RollbacksPage, StuckRow,
};
use baluardo_model::identity::Role;

/// Every stage, in its order.
const STAGES: [&str; 6] = ["asked", "previewed", "ordered", "running", "done", "failed"];

pub(super) fn sheets(make: Maker) -> Vec<Sheet> {
    let mut sheets = vec![
        sheet("rollbacks", "empty", &asking(make, 0, FieldErrors::default())),
        sheet("rollbacks", "many", &asking(make, 6, FieldErrors::default())),
        sheet("rollbacks", "errors", &asking(make, 1, FieldErrors::one("folder", "rollback.folder"))),
    ];
    for (number, stage) in STAGES.into_iter().enumerate() {
        let (chrome, device, hostname) = (make.inside(Section::Devices), id(1), make.text("pc-anagrafe-01"));
        let page = RollbackPage { chrome, device, hostname, row: row(make, number) };
        sheets.push(sheet("rollback", stage, &page));
    }
    let (chrome, device, hostname) = (make.inside(Section::Devices), id(1), make.text("pc-anagrafe-01"));
    sheets.push(sheet("rollback-confirm", "", &RollbackConfirmPage { chrome, device, hostname, row: row(make, 1) }));
    sheets
}

fn asking(make: Maker, count: usize, errors: FieldErrors) -> RollbacksPage {
    let moment = |number: usize| {
        let at = ago(number as u64 * 37 + 5);
        MomentChoice { value: at.rfc3339(), at, documents: (!number.is_multiple_of(3)).then_some(number as u64 * 9) }
    };
    RollbacksPage {
        chrome: make.chrome(Section::Devices, Role::Rtd),
        device: id(1),
        hostname: make.text("pc-anagrafe-01"),
        folders: vec![make.text("/srv/condivisa"), make.text("/home")],
        folder: make.text("/srv/condivisa"),
        moments: (0..count * 3).map(moment).collect(),
        hours: 24,
        errors,
        rows: (0..count).map(|number| row(make, number)).collect(),
    }
}

fn row(make: Maker, number: usize) -> RollbackRow {
    let stage = STAGES.get(number).copied().unwrap_or("asked");
    let told = !matches!(stage, "asked" | "failed");
    let counts = RollbackCounts { changed: 1_204, returned: 37, aside: 12, same: 48_113, stuck: 2, open: 1 };
    let counts = if told { counts } else { RollbackCounts::default() };
    let stuck = StuckRow {
        path: make.text("/srv/condivisa/bilancio 2026.ods"),
        code: "failed".to_owned(),
        detail: make.text("no space left on device"),
    };
    RollbackRow {
        id: id(number + 10),
        folder: make.text("/srv/condivisa/protocollo"),
        moment: ago(190),
        stage: stage.to_owned(),
        ordered_by: make.text("Maria Rossi"),
        ordered_at: ago(12),
        told_at: (stage != "asked").then(|| ago(11)),
        counts,
        documents: counts.changed + counts.returned + counts.aside,
        acted: if stage == "running" { 500 } else { 0 },
        aside: if told {
            make.text("/srv/condivisa/protocollo/Baluardo-messi-da-parte-20261122")
        } else {
            String::new()
        },
        stuck: if told { vec![stuck] } else { Vec::new() },
        open: if told { vec![make.text("/srv/condivisa/registro.odt")] } else { Vec::new() },
        code: if stage == "failed" { "too_far_back".to_owned() } else { String::new() },
        note: if stage == "failed" { "24".to_owned() } else { String::new() },
    }
}

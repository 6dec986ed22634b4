//! Samples of the evidence of a device.

use super::{Maker, SIZES, Sheet, ago, ahead, id, sheet};
use crate::view::FieldErrors;
use crate::view::chrome::Section;
use crate::view::evidence::{AboutFinding, EvidencePage, EvidenceRow};
use baluardo_model::protection::FindingKind;

const STATES: [&str; 6] = ["ordered", "collected", "received", "damaged", "deleted", "expired"];

pub(super) fn sheets(make: Maker) -> Vec<Sheet> {
    let page = |count: usize, errors| EvidencePage {
        chrome: make.inside(Section::Devices),
        device: id(1),
        hostname: make.text("pc-anagrafe-01"),
        rows: (0..count.min(12)).map(|number| row(make, number)).collect(),
        about: (count == 1).then(|| AboutFinding {
            id: id(3),
            kind: FindingKind::Ransomware,
            path: make.text("/srv/condivisa/protocollo"),
        }),
        errors,
        may_collect: true,
        may_delete: count != 1,
    };
    let mut sheets: Vec<Sheet> =
        SIZES.map(|(variant, count)| sheet("evidence", variant, &page(count, FieldErrors::default()))).into();
    sheets.push(sheet("evidence", "errors", &page(2, FieldErrors::one("reason", "evidence.reason"))));
    sheets
}

fn row(make: Maker, number: usize) -> EvidenceRow {
    let state = STATES[number % 6];
    let received = state == "received";
    EvidenceRow {
        id: id(number + 40),
        finding: number.is_multiple_of(2).then(|| id(3)),
        state: state.to_owned(),
        ordered_by: if number == 3 { String::new() } else { make.text("Maria Rossi") },
        reason: make.text("accessi notturni allo sportello, denuncia alla Polizia Postale"),
        ordered_at: ago(300 + number as u64),
        collected_at: (state != "ordered").then(|| ago(299)),
        size: 1_482_117,
        sha256: make.text("4e1243bd22c66e76c2ba9eddc1f91394e57f9f83b4c1bbb1f3d8e6f5a1c0d9e7"),
        received: if received { 1_482_117 } else { 393_216 },
        received_at: received.then(|| ago(290)),
        keep_until: received.then(|| ahead(4_300)),
    }
}

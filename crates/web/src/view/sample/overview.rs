//! Samples of the homes and of the list of comuni.

use super::{Maker, SIZES, Sheet, activation, id, paging, protection, sheet};
use crate::view::chrome::Section;
use crate::view::members::{ComuniFilter, ComuniPage};
use crate::view::overview::{
    Changed, ClerkHome, DeviceCounts, OperatorOverview, RankedComune, Risk, RiskKind, RtdOverview, Todo, TodoKind,
};
use baluardo_model::identity::{Management, Role};
use baluardo_model::protection::Severity;

fn comuni(make: Maker, count: usize) -> Vec<RankedComune> {
    let levels = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];
    let row = |number: usize| RankedComune {
        id: id(number),
        name: make.text("Santo Stefano di Sessanio"),
        province: "AQ".to_owned(),
        management: if number % 3 == 2 { Management::Local } else { Management::Central },
        level: levels[number % 5],
        risks: match number % 5 {
            4 => Vec::new(),
            kind => [kind, kind + 1].map(|k| Risk { kind: RiskKind::ALL[k], count: 1 + number as u64 }).to_vec(),
        },
        devices: DeviceCounts { protected: 1_200, detecting: 3, silent: 2, not_covered: 1 },
    };
    (0..count).map(row).collect()
}

pub(super) fn sheets(make: Maker) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    for (variant, count) in SIZES {
        let todos = TodoKind::ALL.into_iter().take(count).map(|kind| Todo { kind, count: count as u64 }).collect();
        let rtd = RtdOverview {
            chrome: make.chrome(Section::Overview, Role::Rtd),
            comune: make.text("Comune di San Giovanni in Fiore"),
            todos,
            devices: DeviceCounts { protected: count as u64, detecting: 2, silent: 1, not_covered: 0 },
            findings: protection::finding_rows(make, count.min(5)),
        };
        sheets.push(sheet("overview-rtd", variant, &rtd));

        let codes = ["findings", "devices", "comuni", "requests"];
        let change = |code: &str| Changed { code: code.to_owned(), count: 17, href: "/findings".to_owned() };
        let operator = OperatorOverview {
            chrome: make.chrome(Section::Overview, Role::Operator),
            comuni: 4_512,
            burning: comuni(make, count.min(5)),
            burning_total: count as u64,
            requests: activation::queue_rows(make, count.min(5)),
            requests_total: count as u64,
            changes: codes.into_iter().take(count).map(change).collect(),
        };
        sheets.push(sheet("overview-operator", variant, &operator));

        let page = ComuniPage {
            chrome: make.chrome(Section::Comuni, Role::Operator),
            rows: comuni(make, count),
            filter: ComuniFilter { q: make.text("san"), management: "local".to_owned(), state: "burning".to_owned() },
            paging: paging("/comuni", count),
        };
        sheets.push(sheet("comuni", variant, &page));
    }
    for (role, name) in [(Role::Clerk, "Giovanna De Angelis"), (Role::Auditor, "")] {
        let named = !name.is_empty();
        let page = ClerkHome {
            chrome: make.chrome(Section::Overview, role),
            tenant: make.text("Comune di San Giovanni in Fiore"),
            rtd_name: if named { make.text(name) } else { String::new() },
            rtd_email: if named { make.text("rtd@comune.example") } else { String::new() },
        };
        sheets.push(sheet("overview", role.code(), &page));
    }
    sheets
}

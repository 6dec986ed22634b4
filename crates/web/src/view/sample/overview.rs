//! Samples of the homes and of the list of comuni.

use super::identity::audit_rows;
use super::{Maker, NOW, SIZES, Sheet, activation, ago, id, paging, protection, sheet};
use crate::view::audit::CheckRow;
use crate::view::chrome::Section;
use crate::view::members::{ComuniFilter, ComuniPage};
use crate::view::overview::{
    Changed, ClerkHome, DeviceCounts, OperatorOverview, OversightHome, PoliceHome, RankedComune, Reach, RegionRow,
    Risk, RiskKind, RtdOverview, SumOfDevices, Todo, TodoKind,
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

fn oversight(make: Maker) -> Vec<Sheet> {
    let sum = |devices| Some(SumOfDevices { devices, answering: devices - 7 });
    let region = |name: &str, members, sum| RegionRow { region: make.text(name), comuni: 404, members, sum };
    let reach = |few: bool| Reach {
        comuni: 7_896,
        members: if few { 1 } else { 1_204 },
        central: if few { 1 } else { 980 },
        equipped: u64::from(!few) * 1_100,
        fewest: 5,
        sum: if few { None } else { sum(21_340) },
        regions: if few {
            Vec::new()
        } else {
            vec![
                region("Calabria", 300, sum(9_000)),
                region("Friuli-Venezia Giulia", 3, None),
                region("Trentino-Alto Adige/Südtirol", 2, None),
            ]
        },
    };
    let page = |role, reach, log: Option<usize>| OversightHome {
        chrome: make.chrome(Section::Overview, role),
        tenant: make.text("ASMENET Calabria"),
        reach,
        log: log.map(|count| audit_rows(make, count)),
        check: log.map(|count| CheckRow { at: NOW, whole_at: ago(9), lines: count as u64, broken_at: None }),
    };
    let police = PoliceHome {
        chrome: make.chrome(Section::Overview, Role::PoliceAnalyst),
        tenant: make.text("COSC Calabria"),
        consortium: make.text("ASMENET Calabria"),
        contact: make.text("baluardo@consorzio.example"),
    };
    vec![
        sheet("overview", "coordinator", &page(Role::Coordinator, Some(reach(false)), None)),
        sheet("overview", "coordinator-few", &page(Role::Coordinator, Some(reach(true)), None)),
        sheet("overview", "auditor", &page(Role::Auditor, Some(reach(false)), Some(8))),
        sheet("overview", "auditor-comune", &page(Role::Auditor, None, Some(3))),
        sheet("overview", "police", &police),
    ]
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
            refusals: super::fleet::refusals(make, count),
        };
        sheets.push(sheet("comuni", variant, &page));
    }
    sheets.extend(oversight(make));
    for (role, name) in [(Role::Clerk, "Giovanna De Angelis"), (Role::Clerk, "")] {
        let named = !name.is_empty();
        let page = ClerkHome {
            chrome: make.chrome(Section::Overview, role),
            tenant: make.text("Comune di San Giovanni in Fiore"),
            rtd_name: if named { make.text(name) } else { String::new() },
            rtd_email: if named { make.text("rtd@comune.example") } else { String::new() },
        };
        sheets.push(sheet(if named { "overview-clerk" } else { "overview-clerk-alone" }, "", &page));
    }
    sheets
}

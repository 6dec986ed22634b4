//! Samples of the column `fleet`.

use super::{Maker, SIZES, Sheet, ago, ahead, id, paging, protection, sheet};
use crate::view::chrome::Section;
use crate::view::fleet::{
    AddDevicePage, CommandStep, DeviceFilter, DevicePage, DeviceRow, DeviceStatus, DevicesPage, EnrolTokenRow,
    IsolatePage, NewToken, OrderRow, PolicyForm, PolicyPage, RevokePage,
};
use crate::view::form::{FieldError, FieldErrors};
use crate::view::packs::{LeftOutRow, PackForm, PackRow, PackSourceRow, PacksPage, SourceForm};
use crate::view::parts::RefusalLine;
use crate::view::stop::StopPage;
use baluardo_model::identity::Role;

pub(super) fn sheets(make: Maker) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    for (variant, count) in SIZES {
        let row = |number: usize| DeviceRow {
            id: id(number),
            hostname: make.text("pc-anagrafe-01.comune.sangiovanniinfiore.lan"),
            os: make.text("Debian GNU/Linux 12 (bookworm)"),
            status: DeviceStatus::ALL[number % 5],
            last_seen: ago(number as u64 * 33),
            open_findings: number as u64 % 4,
            isolated_until: (number % 6 == 1).then(|| ahead(20)),
        };
        let page = DevicesPage {
            chrome: make.chrome(Section::Devices, Role::Rtd),
            rows: (0..count).map(row).collect(),
            filter: DeviceFilter { q: make.text("pc"), status: "silent".to_owned() },
            paging: paging("/devices", count),
            may_add: true,
            refusals: refusals(make, count),
        };
        sheets.push(sheet("devices", variant, &page));
        sheets.push(sheet("device", variant, &device(make, count)));
    }
    let name = make.text("pc-anagrafe-01");
    let hostname = name.clone();
    sheets.push(sheet("isolate", "", &IsolatePage { chrome: make.inside(Section::Devices), id: id(1), hostname }));
    sheets.push(sheet("revoke", "", &RevokePage { chrome: make.inside(Section::Devices), id: id(1), hostname: name }));
    for (variant, asked, code) in [("ask", false, None), ("none", true, None), ("code", true, Some("K7QF-2M9T-XB4H"))] {
        let (chrome, device, hostname) = (make.inside(Section::Devices), id(1), make.text("pc-anagrafe-01"));
        let page = StopPage { chrome, device, hostname, asked, code: code.map(|code| make.text(code)) };
        sheets.push(sheet("stop", variant, &page));
    }
    let wrong = FieldErrors::one("label", "token.label_long");
    sheets.push(sheet("add", "ask", &add(make, None, 0, FieldErrors::default())));
    sheets.push(sheet("add", "errors", &add(make, None, 1, wrong)));
    sheets.push(sheet("add", "token", &add(make, Some(new_token(make)), 5, FieldErrors::default())));
    for (variant, count) in SIZES {
        sheets.push(sheet("packs", variant, &packs(make, count, FieldErrors::default())));
    }
    sheets.push(sheet("packs", "errors", &packs(make, 1, FieldErrors::one("content", "pack.empty"))));
    let error = |field: &str, code: &str| FieldError { field: field.to_owned(), code: code.to_owned() };
    let errors = FieldErrors(vec![
        error("scan_folders", "policy.path_relative"),
        error("vault_bytes", "policy.out_of_range"),
        error("bad_sha256", "policy.sha256_bad"),
    ]);
    sheets.push(sheet("policy", "", &policy(make, FieldErrors::default(), true)));
    sheets.push(sheet("policy", "errors", &policy(make, errors, true)));
    sheets.push(sheet("policy", "read-only", &policy(make, FieldErrors::default(), false)));
    sheets
}

fn packs(make: Maker, count: usize, errors: FieldErrors) -> PacksPage {
    let row = |number: usize| PackRow {
        name: make.text("signature-base"),
        sha256: "ab".repeat(32),
        bytes: 1_400_000,
        rules: number as u64 * 900 % 4_000,
        indicators: number as u64 % 3 * 81_000,
        exclusions: number as u64 % 2 * 12,
        skipped: number as u64 % 2 * 7,
        report: vec![LeftOutRow {
            place: make.text("apt_example.yar: APT_Example_Loader"),
            reason: make.text("error: unknown module `magic`"),
        }],
        imported_at: ago(number as u64 * 60),
        imported_by: make.text("Giovanna De Angelis"),
    };
    let source = |number: usize| PackSourceRow {
        name: make.text("signature-base"),
        address: make.text("https://regole.example.org/pacchetti/aggiornati/signature-base.zip"),
        every_hours: number as u64 % 2 * 24,
        due_at: (number == 1).then(|| ahead(60)),
        tried_at: Some(ago(number as u64 * 90)),
        fetched_at: (number != 2).then(|| ago(number as u64 * 700)),
        failure: if number == 2 { make.text("the server answers 404 Not Found") } else { String::new() },
    };
    let rows = |count: usize| (1..=count.min(16)).map(row).collect();
    PacksPage {
        chrome: make.chrome(Section::Policy, Role::Rtd),
        own: rows(count),
        consortiums: rows(count / 2),
        sources: (1..=count.min(3)).map(source).collect(),
        source: SourceForm { every_hours: "24".to_owned(), ..SourceForm::default() },
        source_errors: if count == 1 && errors.0.is_empty() {
            FieldErrors::one("address", "pack.address")
        } else {
            FieldErrors::default()
        },
        may_fetch: true,
        form: PackForm { name: make.text("Regole di luglio"), content: make.text("rule prova { condition: false }") },
        errors,
        may_change: true,
    }
}

fn add(make: Maker, token: Option<NewToken>, count: usize, errors: FieldErrors) -> AddDevicePage {
    let states = ["open", "used", "withdrawn", "expired"];
    let row = |number: usize| EnrolTokenRow {
        id: id(number),
        label: if number == 4 { String::new() } else { make.text("anagrafe, secondo sportello") },
        created_by: make.text("Giovanna De Angelis"),
        created_at: ago(number as u64 * 700),
        expires_at: (number != 2).then(|| ahead(20)),
        state: states[number % 4].to_owned(),
        used_at: (number == 1).then(|| ago(600)),
        device: (number == 1).then(|| id(7)),
        hostname: if number == 1 { make.text("pc-anagrafe-01") } else { String::new() },
    };
    AddDevicePage {
        chrome: make.chrome(Section::Devices, Role::Rtd),
        token,
        comune: make.text("Comune di San Giovanni in Fiore"),
        typed: make.text("x"),
        errors,
        tokens: (0..count).map(row).collect(),
    }
}

fn device(make: Maker, count: usize) -> DevicePage {
    let states = ["waiting", "done", "failed", "refused", "expired"];
    let kinds = [
        "apply_policy",
        "release_quarantine",
        "delete_quarantine",
        "scan",
        "restore",
        "isolate",
        "rejoin",
        "preview_rollback",
        "roll_back",
        "collect_evidence",
        "allow_stop",
    ];
    let order = |number: usize| OrderRow {
        issued_at: ago(number as u64 * 50),
        kind: kinds[number % 11].to_owned(),
        state: states[number % 5].to_owned(),
        note: if number % 5 == 2 { make.text("No such file or directory") } else { String::new() },
    };
    DevicePage {
        chrome: make.inside(Section::Devices),
        id: id(1),
        hostname: make.text("pc-anagrafe-01"),
        os: make.text("Debian GNU/Linux 12 (bookworm)"),
        agent_version: make.text("0.1.0"),
        status: DeviceStatus::ALL[count % 5],
        coverage_note: if count == 1 { make.text("fanotify: operation not permitted") } else { String::new() },
        enrolled_at: ago(90_000),
        last_seen: ago(2),
        policy_version: 3,
        policy_wanted: if count == 0 { 3 } else { 4 },
        findings: protection::finding_rows(make, count.min(8)),
        orders: (0..count.min(8)).map(order).collect(),
        isolated_until: (count == 1).then(|| ahead(20)),
        isolation_code: (count == 1).then(|| make.text("K7QF-2M9T-XB4H")),
        may_see_evidence: true,
        may_roll_back: true,
        may_command: true,
    }
}

fn new_token(make: Maker) -> NewToken {
    let line = format!("BAL1.{}", "eyJzZXJ2ZXIiOiJsb2NhbGhvc3Q6ODQ0NCIsInJvb3Rfc2hhMjU2Ijoi".repeat(3));
    let step = |code: &str, command: &str| CommandStep { code: code.to_owned(), command: make.text(command) };
    let steps = vec![
        step("install", "sudo apt-get install ./baluardo-agent_0.1.0_amd64.deb"),
        step("enrol", &format!("sudo baluardo-agent enrol {line}")),
        step("run", "sudo baluardo-agent run"),
        step("check", "sudo baluardo-agent status"),
    ];
    NewToken { line: make.text(&line), expires_at: ahead(24), steps }
}

fn policy(make: Maker, errors: FieldErrors, may_change: bool) -> PolicyPage {
    PolicyPage {
        chrome: make.chrome(Section::Policy, if may_change { Role::Rtd } else { Role::Auditor }),
        version: 4,
        devices_current: 12,
        devices_total: 14,
        form: PolicyForm {
            scan_folders: make.text("/home\n/srv"),
            guard_folders: make.text("/home\n/srv"),
            vault_mb: make.text("2048"),
            max_file_mb: make.text("64"),
            verdict_ms: make.text("2000"),
            respond: may_change,
            bad_sha256: make.text(""),
            good_sha256: make.text(""),
            hold_suspicious: false,
            isolate_hours: make.text("24"),
            superseded_hours: make.text("24"),
            collect_evidence: may_change,
            intrusion: may_change,
            odd_from: make.text("22"),
            odd_until: make.text("5"),
            odd_sundays: !may_change,
        },
        errors,
        may_change,
    }
}

/// What was refused at the agents' door; nothing where there is nothing else either.
pub(super) fn refusals(make: Maker, count: usize) -> Vec<RefusalLine> {
    let line = |(number, code): (usize, &str)| RefusalLine {
        code: code.to_owned(),
        count: number as u64 * 33 + 1,
        last_at: ago(number as u64 * 7),
        last_detail: make.text("the client sent no certificate"),
    };
    ["door.handshake", "enrol.token_used", "device.revoked"].into_iter().enumerate().map(line).take(count).collect()
}

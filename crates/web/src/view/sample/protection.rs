//! Samples of the column `protection`.

use super::{Maker, NOW, SIZES, Sheet, ago, ahead, id, paging, sheet};
use crate::locale::Lang;
use crate::view::chrome::Section;
use crate::view::protection::{
    ConfirmPage, FindingFilter, FindingPage, FindingRow, FindingsPage, OrderLine, Outcome, QuarantineAct,
    QuarantineFilter, QuarantinePage, QuarantineRow, Restore,
};
use baluardo_model::identity::Role;
use baluardo_model::protection::{FindingKind, ProcessSeen, QuarantineState, Reason, Severity, Step, StepKind};

const PATH: &str = "/home/anna/Documenti/Delibere 2026/preventivo_fornitura_stampanti.pdf.exe";

fn outcome(number: usize) -> (FindingKind, Outcome) {
    let made =
        |stopped, quarantined, files_touched, files_lost| Outcome { stopped, quarantined, files_touched, files_lost };
    match number % 9 {
        0 => (FindingKind::Ransomware, made(true, false, 14, 0)),
        1 => (FindingKind::Malware, made(true, true, 0, 0)),
        2 => (FindingKind::Ransomware, made(true, false, 14, 3)),
        3 => (FindingKind::AgentTrouble, made(false, false, 0, 0)),
        4 => (FindingKind::Malware, made(false, true, 0, 0)),
        5 => (FindingKind::Malware, made(false, false, 0, 0)),
        6 => (FindingKind::Ransomware, made(false, false, 120, 0)),
        7 => (FindingKind::Ransomware, made(true, false, 0, 0)),
        _ => (FindingKind::Malware, made(true, false, 0, 0)),
    }
}

pub(super) fn finding_rows(make: Maker, count: usize) -> Vec<FindingRow> {
    let levels = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];
    let row = |number: usize| FindingRow {
        id: id(number),
        kind: outcome(number).0,
        severity: levels[number % 5],
        detected_at: ago(number as u64 * 170),
        device: make.text("pc-anagrafe-01"),
        path: make.text(PATH),
        outcome: outcome(number).1,
        handled: number % 3 == 2,
    };
    (0..count).map(row).collect()
}

/// A finding in which ransomware was stopped and 14 files came back.
#[must_use]
pub fn finding_ransomware(lang: Lang) -> FindingPage {
    finding(Maker { lang, hostile: false }, 0)
}

fn finding(make: Maker, number: usize) -> FindingPage {
    let (kind, outcome) = outcome(number);
    let step = |kind: StepKind, files: u64| Step { at: ago(5), kind, detail: make.text(PATH), files };
    let process = |pid: u32, parent: u32, exe: &str| ProcessSeen {
        pid,
        parent,
        exe: make.text(exe),
        cmdline: make.text("python3 /tmp/.cache/aggiorna.py --dir /home/anna/Documenti --quiet --all"),
        uid: 1_000,
    };
    let kinds = [
        StepKind::Detected,
        StepKind::Blocked,
        StepKind::ProcessStopped,
        StepKind::Quarantined,
        StepKind::Restored,
        StepKind::Isolated,
        StepKind::RestoreFailed,
        StepKind::Released,
        StepKind::Deleted,
        StepKind::Failed,
    ];
    FindingPage {
        chrome: make.chrome(Section::Findings, Role::Rtd),
        id: id(number),
        kind,
        severity: Severity::Critical,
        detected_at: ago(5),
        received_at: NOW,
        device_id: id(7),
        device: make.text("pc-anagrafe-01"),
        path: make.text(PATH),
        sha256: (number != 0).then(|| "ab".repeat(32)),
        steps: kinds.into_iter().map(|kind| step(kind, outcome.files_touched)).collect(),
        outcome,
        reasons: vec![Reason {
            engine: make.text("guard"),
            rule: make.text("fast_rewrite"),
            detail: make.text("14 files rewritten in 2.1 s, entropy 7.98"),
        }],
        processes: if number == 3 {
            Vec::new()
        } else {
            vec![
                process(412, 400, "/usr/bin/python3.11"),
                process(400, 1, "/bin/bash"),
                process(413, 412, "/usr/bin/openssl"),
            ]
        },
        techniques: vec![make.text("T1486")],
        seen_elsewhere: number as u64,
        handled_at: (number == 2).then(|| ago(1)),
        handled_by: make.text("Giovanna De Angelis"),
        may_handle: true,
        // The answer came the next day.
        orders: vec![OrderLine {
            kind: "restore".to_owned(),
            state: "failed".to_owned(),
            issued_at: NOW,
            ended_at: Some(ahead(20)),
            note: make.text("3 documents could not be put back"),
        }],
        restore: [Restore::Nothing, Restore::Waiting, Restore::Offered, Restore::Revoked][number % 4],
    }
}

fn quarantine_row(make: Maker, number: usize) -> QuarantineRow {
    let states = [QuarantineState::Held, QuarantineState::Released, QuarantineState::Deleted];
    QuarantineRow {
        id: id(number),
        finding: id(number),
        device: make.text("pc-anagrafe-01"),
        path: make.text(PATH),
        sha256: "ab".repeat(32),
        size: 68 + number as u64 * 1_234_567,
        taken_at: ago(number as u64 * 90),
        state: states[number % 3],
        order_waits: number % 6 == 3,
    }
}

pub(super) fn sheets(make: Maker) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    for (variant, count) in SIZES {
        let filter = FindingFilter {
            q: make.text("pc"),
            severity: "high".to_owned(),
            kind: "malware".to_owned(),
            state: "open".to_owned(),
            lost: count == 1,
        };
        let chrome = make.chrome(Section::Findings, Role::Rtd);
        let rows = finding_rows(make, count);
        sheets.push(sheet(
            "findings",
            variant,
            &FindingsPage { chrome, rows, filter, paging: paging("/findings", count) },
        ));

        let page = QuarantinePage {
            chrome: make.chrome(Section::Quarantine, Role::Rtd),
            rows: (0..count).map(|number| quarantine_row(make, number)).collect(),
            filter: QuarantineFilter { q: make.text("pc"), state: "held".to_owned() },
            paging: paging("/quarantine", count),
            may_change: true,
        };
        sheets.push(sheet("quarantine", variant, &page));
    }
    for number in 0..9 {
        sheets.push(sheet("finding", &number.to_string(), &finding(make, number)));
    }
    for act in [QuarantineAct::Release, QuarantineAct::Delete] {
        let chrome = make.chrome(Section::Quarantine, Role::Rtd);
        sheets.push(sheet("confirm", act.code(), &ConfirmPage { chrome, act, row: quarantine_row(make, 0) }));
    }
    sheets
}

//! Samples of the column `protection`.

use super::{Maker, NOW, SIZES, Sheet, ago, ahead, id, paging, sheet};
use crate::locale::Lang;
use crate::view::chrome::Section;
use crate::view::intrusion::{CampaignRow, CampaignsPage, Intrusion, IntrusionField, MembersCampaignRow, TriedMember};
use crate::view::protection::{
    ConfirmPage, FindingFilter, FindingPage, FindingRow, FindingsPage, LabelLine, OrderLine, Outcome, QuarantineAct,
    QuarantineFilter, QuarantinePage, QuarantineRow, Restore,
};
use baluardo_model::identity::Role;
use baluardo_model::protection::{
    FindingKind, Judgement, ProcessSeen, QuarantineState, Reason, Severity, Step, StepKind,
};

const PATH: &str = "/home/anna/Documenti/Delibere 2026/preventivo_fornitura_stampanti.pdf.exe";

fn outcome(number: usize) -> (FindingKind, Outcome) {
    let made =
        |stopped, quarantined, files_touched, files_lost| Outcome { stopped, quarantined, files_touched, files_lost };
    match number % 10 {
        0 => (FindingKind::Ransomware, made(true, false, 14, 0)),
        1 => (FindingKind::Malware, made(true, true, 0, 0)),
        2 => (FindingKind::Ransomware, made(true, false, 14, 3)),
        3 if number < 10 => (FindingKind::AgentTrouble, made(false, false, 0, 0)),
        3 => (FindingKind::Suspicious, made(false, false, 0, 0)),
        4 => (FindingKind::Malware, made(false, true, 0, 0)),
        5 => (FindingKind::Malware, made(false, false, 0, 0)),
        6 => (FindingKind::Ransomware, made(false, false, 120, 0)),
        7 => (FindingKind::Ransomware, made(true, false, 0, 0)),
        8 => (FindingKind::Intrusion, made(false, false, 0, 0)),
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
        intrusion: intrusion(make, number),
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
        intrusion: intrusion(make, number),
        campaign: (number == 8).then(|| campaign_row(make, 0)),
        label: (number % 2 == 1).then(|| LabelLine {
            judgement: [Judgement::Harmful, Judgement::Harmless][number / 2 % 2],
            by: make.text("Giovanna De Angelis"),
            at: ago(1),
            note: make.text("È il programma delle carte d'identità"),
        }),
        may_judge: matches!(kind, FindingKind::Malware | FindingKind::Suspicious),
        may_collect: true,
    }
}

fn intrusion(make: Maker, number: usize) -> Option<Intrusion> {
    let (kind, _) = outcome(number);
    (kind == FindingKind::Intrusion && number % 20 < 10).then(|| Intrusion {
        rule: make.text("6e1f2a5c-2f0b-4d0a-9c43-0f5b6d1c7a03"),
        title: make.text("Many passwords tried on one account by SSH"),
        title_it: make.text("Molte password provate via SSH su un account"),
        source: Some("203.0.113.9".to_owned()),
        accounts: vec![make.text("anna"), make.text("root")],
        count: 4_812,
        last_at: ago(2),
        fields: vec![IntrusionField { name: make.text("AuthMethod"), value: make.text("password") }],
    })
}

fn campaign_row(make: Maker, number: usize) -> CampaignRow {
    CampaignRow {
        id: id(number),
        source: make.text("203.0.113.9"),
        devices: 1 + number as u64,
        tries: 10 + number as u64 * 977,
        first_at: ago(90),
        last_at: ago(number as u64),
        others: number.is_multiple_of(2).then_some(5 + number as u64),
    }
}

fn campaigns(make: Maker, count: usize, of_members: bool) -> CampaignsPage {
    let member = |number: usize| TriedMember {
        id: id(number),
        name: make.text("Comune di Siena"),
        devices: 1 + number as u64,
        tries: 40,
    };
    let row = |number: usize| MembersCampaignRow {
        id: id(number),
        source: make.text("2001:db8::7"),
        devices: 6,
        tries: 120,
        first_at: ago(90),
        last_at: ago(number as u64),
        members: (0..3).map(member).collect(),
    };
    let role = if of_members { Role::Operator } else { Role::Rtd };
    CampaignsPage {
        chrome: make.chrome(Section::Campaigns, role),
        own: (0..if of_members { 0 } else { count }).map(|number| campaign_row(make, number)).collect(),
        members: of_members.then(|| (0..count).map(row).collect()),
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
            &FindingsPage { chrome, rows, filter, paging: paging("/findings", count), campaigns: count as u64 },
        ));

        let page = QuarantinePage {
            chrome: make.chrome(Section::Quarantine, Role::Rtd),
            rows: (0..count).map(|number| quarantine_row(make, number)).collect(),
            filter: QuarantineFilter { q: make.text("pc"), state: "held".to_owned() },
            paging: paging("/quarantine", count),
            may_change: true,
        };
        sheets.push(sheet("quarantine", variant, &page));
        sheets.push(sheet("campaigns", variant, &campaigns(make, count, false)));
        sheets.push(sheet("campaigns-members", variant, &campaigns(make, count, true)));
    }
    for number in 0..10 {
        sheets.push(sheet("finding", &number.to_string(), &finding(make, number)));
    }
    for act in [QuarantineAct::Release, QuarantineAct::Delete] {
        let chrome = make.chrome(Section::Quarantine, Role::Rtd);
        sheets.push(sheet("confirm", act.code(), &ConfirmPage { chrome, act, row: quarantine_row(make, 0) }));
    }
    sheets
}

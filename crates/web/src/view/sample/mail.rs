//! Samples of the column `mail`.

use super::{Maker, SIZES, Sheet, ago, ahead, id, paging, sheet};
use crate::view::chrome::Section;
use crate::view::dmarc::{DmarcDomainRow, DmarcPage, DmarcSourceRow};
use crate::view::form::FieldErrors;
use crate::view::health::{DomainHealthRow, HealthCheckRow, HealthMarkRow, HealthPage, HealthRecordRow};
use crate::view::held_link::{HeldLinkMessage, HeldLinkPage, HeldLinkState};
use crate::view::mail::{
    DomainRow, HeldAct, HeldConfirmPage, HeldMailFilter, HeldMailPage, HeldMailRow, HeldMessagePage, HeldPartRow,
    MailContent, MailDomainsPage, MailEnd, MailFile, MailLink, MailReason, MailRules, MailSettingsPage,
};
use baluardo_model::identity::Role;
use baluardo_model::mail::{DomainState, HeldState, Outcome};
use baluardo_model::mailbox::HeldPlace;

pub(super) fn row(make: Maker, number: usize) -> HeldMailRow {
    HeldMailRow {
        id: id(number),
        author: make.text("Poste Italiane <avvisi@consegne-rapide.example>"),
        sender: if number % 4 == 3 { String::new() } else { make.text("bounce@consegne-rapide.example") },
        recipients: (0..=number % 4).map(|at| make.text(&format!("ufficio{at}@comune.example.it"))).collect(),
        subject: if number % 5 == 4 { String::new() } else { make.text("Il suo pacco è fermo: paghi 1,99 euro") },
        class: ["phishing", "malware", "fraud", "spam"][number % 4].to_owned(),
        percent: 99 - number as u64 % 40,
        size: 4_096 + number as u64 * 77_777,
        times: 1 + number as u64 % 2,
        taken_at: ago(number as u64 * 70),
        state: HeldState::ALL[number % 4],
        asked_by: (0..number % 3).map(|at| make.text(&format!("ufficio{at}@comune.example.it"))).collect(),
    }
}

fn content(make: Maker) -> MailContent {
    MailContent {
        text: make.text("Gentile cliente,\nil suo pacco è fermo al centro di smistamento.\nPaghi qui: poste.it"),
        cut: true,
        links: vec![
            MailLink { shown: make.text("poste.it"), target: make.text("https://consegne-rapide.example/paga") },
            MailLink { shown: String::new(), target: make.text("https://consegne-rapide.example/qr") },
        ],
        files: vec![
            MailFile { name: make.text("ricevuta.pdf.exe"), media_type: make.text("application/pdf") },
            MailFile { name: String::new(), media_type: make.text("image/png") },
        ],
    }
}

fn message(make: Maker, number: usize) -> HeldMessagePage {
    let reason = |text: &str| MailReason { code: "sender_brand".to_owned(), text: make.text(text) };
    HeldMessagePage {
        chrome: make.chrome(Section::Mail, Role::Rtd),
        row: row(make, number),
        reasons: if number == 3 {
            Vec::new()
        } else {
            vec![
                reason("Il mittente dice Poste Italiane, ma scrive da un dominio registrato altrove"),
                reason("Un link mostra un indirizzo e porta a un altro"),
            ]
        },
        changed_at: ago(3),
        changed_by: if number == 0 { String::new() } else { make.text("Anna Bianchi") },
        trouble: if number == 1 { make.text("451 4.7.1 try again later") } else { String::new() },
        place: HeldPlace::ALL.get(number).copied(),
        parts: (0..number).map(|at| part(make, at)).collect(),
        may_read: true,
        may_change: true,
        may_rule_senders: true,
        content: (number == 2).then(|| content(make)),
    }
}

fn part(make: Maker, number: usize) -> HeldPartRow {
    HeldPartRow {
        recipient: make.text(&format!("ufficio{number}@comune.example.it")),
        state: if number == 0 { HeldState::Releasing } else { HeldState::Released },
        released_at: ago(30),
        trouble: if number == 0 { make.text("451 4.7.1 try again later") } else { String::new() },
    }
}

fn held_link(make: Maker, state: HeldLinkState) -> HeldLinkPage {
    let reason = |text: &str| MailReason { code: "link_short".to_owned(), text: make.text(text) };
    let message = HeldLinkMessage {
        tenant: make.text("Comune di Siena"),
        author: make.text("Poste Italiane <avvisi@consegne-rapide.example>"),
        subject: if state == HeldLinkState::Asked { String::new() } else { make.text("Il suo pacco è fermo") },
        taken_at: ago(900),
        reasons: vec![reason("Un link mostra un indirizzo e porta a un altro")],
        expires_at: ahead(100),
    };
    let refused = state == HeldLinkState::Refused;
    HeldLinkPage {
        chrome: make.public(),
        token: "x".repeat(118),
        state,
        refusal: if refused { "mail.link_expired".to_owned() } else { String::new() },
        message: (!refused).then_some(message),
    }
}

fn domain(make: Maker, number: usize) -> DomainRow {
    DomainRow {
        tenant: id(number),
        tenant_name: make.text("Comune di Siena"),
        domain: make.text(&format!("comune{number}.example.it")),
        state: DomainState::ALL[number % 3],
        claimed_at: ago(number as u64 * 500),
    }
}

fn dmarc(make: Maker, number: usize) -> DmarcDomainRow {
    let advice = ["prove_sources", "ask_for_reports", "wait", "quarantine", "reject", "done"][number % 6];
    let reports = if advice == "ask_for_reports" { 0 } else { 42 };
    let source = |at: u64| DmarcSourceRow {
        source: make.text(&format!("2001:db8:85a3::8a2e:370:{at:x}")),
        signed_by: if at == 0 { String::new() } else { make.text("comune.example.it") },
        envelope: make.text("bounce.fornitore-newsletter.example"),
        count: 900 + at,
        proved: at * 450,
        stopped: 3,
    };
    DmarcDomainRow {
        domain: make.text(&format!("comune{number}.example.it")),
        policy: (reports > 0).then(|| "none".to_owned()),
        advice: advice.to_owned(),
        reports,
        receivers: reports.min(7),
        until: (reports > 0).then(|| ago(600)),
        count: 2_703,
        proved: 1_350,
        stopped: 9,
        sources: (0..3).map(source).collect(),
    }
}

fn health(make: Maker, number: usize) -> DomainHealthRow {
    let topics = ["mx", "spf", "dkim", "dmarc", "mta_sts", "tls_rpt", "dnssec", "blacklist"];
    let check = |(at, topic): (usize, &str)| HealthCheckRow {
        topic: topic.to_owned(),
        code: "spf_missing".to_owned(),
        grade: ["good", "unknown", "warning", "bad"][(at + number) % 4].to_owned(),
        text: make.text("Il record SPF rifiuta chi non è in elenco: v=spf1 include:_spf.fornitore.example -all."),
        why: make.text("SPF è l'elenco di chi può spedire a nome del Comune."),
        publish: ["TXT", "file"]
            .iter()
            .take(at % 3)
            .map(|kind| HealthRecordRow {
                name: make.text("_mta-sts.comune.example.it"),
                kind: (*kind).to_owned(),
                value: make.text("version: STSv1\nmode: testing\nmx: mail.comune.example.it\nmax_age: 604800"),
            })
            .collect(),
    };
    let mark = [Some("C"), None, Some("A"), Some("F")][number % 4].map(str::to_owned);
    DomainHealthRow {
        domain: make.text(&format!("comune{number}.example.it")),
        fallen_from: mark.as_ref().filter(|mark| *mark == "C").map(|_| "A".to_owned()),
        looked_at: mark.as_ref().map(|_| ago(90)),
        tried_at: (number % 4 != 1).then(|| ago(if number == 3 { 5 } else { 90 })),
        checks: if mark.is_some() { topics.into_iter().enumerate().map(check).collect() } else { Vec::new() },
        marks: ["C", "A"].iter().map(|mark| HealthMarkRow { mark: (*mark).to_owned(), since: ago(9_000) }).collect(),
        named: vec![make.text("anno2026")],
        reported: vec![make.text("k1")],
        mark,
    }
}

pub(super) fn sheets(make: Maker) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    for (variant, count) in SIZES {
        let page = HeldMailPage {
            chrome: make.chrome(Section::Mail, if count == 1 { Role::Operator } else { Role::Rtd }),
            rows: (0..count).map(|number| row(make, number)).collect(),
            filter: HeldMailFilter { q: make.text("pacco"), state: "held".to_owned(), class: "phishing".to_owned() },
            paging: paging("/mail", count),
            ends: Outcome::ALL.iter().take(count).map(|outcome| MailEnd { outcome: *outcome, count: 1_234 }).collect(),
            may_rule: true,
            may_rule_senders: true,
            reported: (count > 0).then(|| count as u64 - 1),
            may_report: true,
        };
        sheets.push(sheet("mail", variant, &page));
        let settings = MailSettingsPage {
            chrome: make.chrome(Section::Mail, Role::Rtd),
            rules: MailRules {
                on_suspicion: "hold".to_owned(),
                on_trouble: "try_later".to_owned(),
                prefix: make.text("[SOSPETTO]"),
                consortium: "nothing".to_owned(),
                keep_days: "21".to_owned(),
                legal_basis: make.text("Accordo sindacale del 3 marzo 2026"),
                share_reports: count == 1,
                digest: "every_day".to_owned(),
                digest_hour: "8".to_owned(),
                recipients_may: "uncertain".to_owned(),
            },
            errors: if count == 1 { FieldErrors::one("domain", "mail.domain_bad") } else { FieldErrors::default() },
            domains: (0..count).map(|number| domain(make, number)).collect(),
            typed: make.text("comune"),
        };
        sheets.push(sheet("mail-settings", variant, &settings));
        let domains = MailDomainsPage {
            chrome: make.chrome(Section::Mail, Role::Operator),
            rows: (0..count).map(|number| domain(make, number)).collect(),
            errors: if count == 1 { FieldErrors::one("domain", "mail.domain_taken") } else { FieldErrors::default() },
        };
        sheets.push(sheet("mail-domains", variant, &domains));
        let dmarc = DmarcPage {
            chrome: make.chrome(Section::Mail, Role::Rtd),
            domains: (0..count).map(|number| dmarc(make, number)).collect(),
        };
        sheets.push(sheet("mail-dmarc", variant, &dmarc));
        let health = HealthPage {
            chrome: make.chrome(Section::Mail, Role::Rtd),
            domains: (0..count).map(|number| health(make, number)).collect(),
        };
        sheets.push(sheet("mail-health", variant, &health));
    }
    for number in 0..4 {
        sheets.push(sheet("mail-message", &number.to_string(), &message(make, number)));
    }
    for state in HeldLinkState::ALL {
        sheets.push(sheet("held-link", state.code(), &held_link(make, state)));
    }
    for act in [HeldAct::Release, HeldAct::Delete] {
        let chrome = make.chrome(Section::Mail, Role::Rtd);
        sheets.push(sheet("mail-confirm", act.code(), &HeldConfirmPage { chrome, act, row: row(make, 0) }));
    }
    sheets
}

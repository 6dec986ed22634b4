//! Samples of the pages about people: sign-in, link, welcome, people, settings, audit, inbox.

use super::{Maker, NOW, SIZES, Sheet, ago, ahead, id, paging, sheet};
use crate::view::access::{AccessPage, NewTotp, PasskeyRow, PasswordRow};
use crate::view::audit::{AuditFilter, AuditPage, AuditRow, CheckRow};
use crate::view::chrome::Section;
use crate::view::form::FieldErrors;
use crate::view::identity::{LinkPage, LinkState, SignInPage, WelcomePage};
use crate::view::inbox::{InboxPage, MailPage, MailRow};
use crate::view::people::{InviteForm, PeoplePage, PersonRow, PersonState, SettingsPage, TokenRow};
use baluardo_model::identity::{Management, Role};

/// A drawing in place of a QR code.
const DRAWING: &str = "data:image/svg+xml;base64,\
     PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA4IDgiPjxwYXRoIGQ9Ik0wIDBoNHY0SDB6Ii8+PC9zdmc+";

pub(super) fn sheets(make: Maker) -> Vec<Sheet> {
    let sign_in = |errors, link_sent| SignInPage {
        chrome: make.public(),
        email: make.text("rtd@comune.example"),
        errors,
        link_sent,
        next: make.text("/findings"),
    };
    let link = |state| LinkPage {
        chrome: make.public(),
        state,
        token: make.text("abc"),
        name: make.text("Giovanna"),
        tenant: make.text("Comune di Siena"),
    };
    let welcome = |errors| WelcomePage {
        chrome: make.chrome(Section::None, Role::Rtd),
        email: make.text("rtd@comune.example"),
        qr_data_uri: DRAWING.to_owned(),
        totp_secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP".to_owned(),
        errors,
    };
    let mut sheets = vec![
        sheet("sign-in", "", &sign_in(FieldErrors::default(), false)),
        sheet("sign-in", "wrong", &sign_in(FieldErrors::one("form", "signin_wrong"), false)),
        sheet("sign-in", "sent", &sign_in(FieldErrors::default(), true)),
        sheet("link", "good", &link(LinkState::Good)),
        sheet("link", "bad", &link(LinkState::Bad)),
        sheet("welcome", "", &welcome(FieldErrors::default())),
        sheet("welcome", "wrong", &welcome(FieldErrors::one("code", "code_wrong"))),
        sheet("access", "unproved", &access(make, 2, true, false)),
        sheet("access", "proved", &access(make, 2, true, true)),
        sheet("access", "passkey-only", &access(make, 1, false, true)),
        sheet("access", "password-only", &access(make, 0, true, true)),
        sheet("settings", "new", &settings(make, 0)),
        sheet("settings", "many", &settings(make, 3)),
        sheet("mail", "", &mail(make)),
    ];
    for (variant, count) in SIZES {
        sheets.push(sheet("people", variant, &people(make, count)));
        sheets.push(sheet("audit", variant, &audit(make, count)));
        let row = |number: usize| MailRow {
            id: id(number),
            to: make.text("segretario@comune.example"),
            subject: make.text("Il tuo link di attivazione"),
            at: ago(number as u64 * 9),
        };
        let chrome = make.chrome(Section::Inbox, Role::Operator);
        let rows = (0..count).map(row).collect();
        sheets.push(sheet(
            "inbox",
            variant,
            &InboxPage { chrome, rows, q: make.text(""), paging: paging("/inbox", count) },
        ));
    }
    sheets
}

fn access(make: Maker, passkeys: usize, password: bool, proved: bool) -> AccessPage {
    let row = |number: usize| PasskeyRow {
        id: format!("{}_-", id(number)),
        name: if number == 0 { String::new() } else { make.text("Computer dell'ufficio anagrafe") },
        created_at: ago(80_000),
        used_at: (number > 0).then(|| ago(500)),
    };
    let row_of_password = || PasswordRow { set_at: ago(90_000), totp_set_at: ago(90_000), used_at: Some(ago(4_000)) };
    AccessPage {
        chrome: make.chrome(Section::None, Role::Rtd),
        email: make.text("rtd@comune.example"),
        passkeys: (0..passkeys).map(row).collect(),
        password: password.then(row_of_password),
        new_totp: proved.then(|| NewTotp { qr_data_uri: DRAWING.to_owned(), secret: "JBSWY3DPEHPK3PXP".to_owned() }),
        several: passkeys + usize::from(password) > 1,
        passkeys_possible: true,
        errors: match (password, proved) {
            (true, true) => FieldErrors::one("present", "password_present_wrong"),
            (true, false) => FieldErrors::one("password", "proof_wrong"),
            _ => FieldErrors::default(),
        },
    }
}

fn people(make: Maker, count: usize) -> PeoplePage {
    let states = [PersonState::Active, PersonState::Invited, PersonState::Disabled];
    let row = |number: usize| PersonRow {
        id: id(number),
        name: make.text("Giovanna De Angelis"),
        email: make.text("giovanna.deangelis@comune.example"),
        role: Role::ALL[number % Role::ALL.len()],
        office: make.text("Anagrafe"),
        state: states[number % 3],
        last_seen: number.is_multiple_of(3).then(|| ago(number as u64 * 400)),
        sessions: 1 + number as u64,
        is_me: number == 0,
    };
    PeoplePage {
        chrome: make.chrome(Section::People, Role::Rtd),
        rows: (0..count).map(row).collect(),
        q: make.text("a"),
        paging: paging("/people", count),
        may_change: count != 0,
        roles: vec![Role::Rtd, Role::Clerk, Role::Auditor],
        form: InviteForm { name: make.text(""), email: make.text("x"), role: "clerk".into(), office: make.text("") },
        errors: if count == 1 { FieldErrors::one("email", "email_taken") } else { FieldErrors::default() },
    }
}

fn settings(make: Maker, tokens: usize) -> SettingsPage {
    let row = |number: usize| TokenRow {
        id: id(number),
        name: make.text("Cruscotto"),
        role: Role::Auditor,
        scopes: vec!["findings.read".to_owned(), "devices.read".to_owned()],
        created_at: ago(90_000),
        expires_at: ahead(900),
        last_used: (number > 0).then(|| ago(50)),
    };
    let scopes = ["overview.read", "findings.read", "devices.read", "quarantine.write"];
    SettingsPage {
        chrome: make.chrome(Section::Settings, Role::Rtd),
        management: Some(if tokens == 0 { Management::Central } else { Management::Local }),
        may_switch: tokens == 0,
        consortium: make.text("ASMENET Calabria"),
        patron: if tokens == 0 { (0, 0) } else { (12, 1) },
        tokens: (0..tokens).map(row).collect(),
        scopes: scopes.map(str::to_owned).to_vec(),
        lives: vec![(30, false), (90, true), (365, false)],
        new_token: (tokens > 0).then(|| make.text("bal_9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a3928")),
        may_tokens: true,
        errors: if tokens > 0 { FieldErrors::one("name", "required") } else { FieldErrors::default() },
    }
}

/// Acts that the log holds; the last is one that this version has no words for.
const ACTS: [&str; 4] = ["quarantine.write", "findings.handle", "requests.decide", "an_act_of_tomorrow"];

/// Lines of a log.
pub(super) fn audit_rows(make: Maker, count: usize) -> Vec<AuditRow> {
    let kinds = ["person", "token", "device", "platform", "public"];
    let row = |number: usize| AuditRow {
        seq: (count - number) as u64,
        at: ago(number as u64 * 77),
        actor_kind: kinds[number % 5].to_owned(),
        actor_name: if number.is_multiple_of(5) { make.text("Giovanna De Angelis") } else { String::new() },
        actor_role: if number.is_multiple_of(5) { "rtd".to_owned() } else { String::new() },
        from_outside: number.is_multiple_of(10),
        act: ACTS[number % 4].to_owned(),
        target: make.text("pc-anagrafe-01"),
        detail: make.text("/home/anna/Scaricati/preventivo.pdf.exe"),
    };
    (0..count).map(row).collect()
}

fn audit(make: Maker, count: usize) -> AuditPage {
    AuditPage {
        chrome: make.chrome(Section::Audit, Role::Rtd),
        rows: audit_rows(make, count),
        filter: AuditFilter { q: make.text("pc"), act: "findings.handle".to_owned() },
        check: Some(CheckRow { at: NOW, whole_at: ago(300), lines: 1_234, broken_at: (count == 0).then_some(17) }),
        acts: ACTS.map(str::to_owned).to_vec(),
        paging: paging("/audit", count),
    }
}

fn mail(make: Maker) -> MailPage {
    MailPage {
        chrome: make.chrome(Section::Inbox, Role::Operator),
        from: make.text("baluardo@consorzio.example"),
        to: make.text("segretario@comune.example"),
        subject: make.text("Il tuo link di attivazione"),
        at: ago(3),
        body: make.text("Gentile Giovanna,\n\necco il link: https://localhost:8443/link/abc javascript:alert(1) \n"),
    }
}

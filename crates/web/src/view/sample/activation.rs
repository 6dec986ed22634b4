//! Samples of the public pages and of the column `activation`.

use super::{Maker, SIZES, Sheet, ago, ahead, id, paging, sheet};
use crate::view::activation::{
    ActivateForm, ActivatePage, ComuneChoice, LogRow, QueueFilter, QueuePage, QueueRow, ReceiptPage, RegisterPage,
    RequestPage, SlaCase, SlaClock, SlaPage, SlaRow, TraceKind, TraceLine,
};
use crate::view::chrome::Section;
use crate::view::form::{FieldError, FieldErrors};
use crate::view::home::{AccessibilityPage, ErrorPage, HomePage, PrivacyPage, SourcePage};
use baluardo_model::activation::{RequestState, ServiceCode};
use baluardo_model::identity::Role;

const NAMES: [(&str, &str); 5] = [
    ("San Giovanni in Fiore", "CS"),
    ("Santo Stefano di Sessanio", "AQ"),
    ("Presicce-Acquarica", "LE"),
    ("Sant'Angelo all'Esca", "AV"),
    ("Siena", "SI"),
];

fn clock(number: usize) -> SlaClock {
    let states = [RequestState::Open, RequestState::Open, RequestState::Paused, RequestState::Approved];
    let percent = [104, 92, 78, 55, 12][number % 5];
    let state = states[number % states.len()];
    let due = if percent > 100 { ago(300) } else { ahead(3 + number as u64 * 5) };
    let due = (state != RequestState::Paused).then_some(due);
    let concluded = (state == RequestState::Approved).then(|| ago(60));
    SlaClock { received: ago(6_000), due, percent, state, concluded }
}

pub(super) fn queue_rows(make: Maker, count: usize) -> Vec<QueueRow> {
    let row = |number: usize| QueueRow {
        id: id(number),
        service: ServiceCode::ALL[usize::from(number % 4 == 3)],
        comune: make.text(NAMES[number % NAMES.len()].0),
        province: NAMES[number % NAMES.len()].1.to_owned(),
        rtd_name: make.text("Giovanna De Angelis"),
        devices: 12 + number as u64 * 100,
        clock: clock(number),
    };
    (0..count).map(row).collect()
}

fn trace() -> Vec<TraceLine> {
    let line = |kind, at, days, holiday: &str| TraceLine { kind, at, days, holiday: holiday.to_owned() };
    vec![
        line(TraceKind::Received, ago(6_000), 0, ""),
        line(TraceKind::FirstDay, ago(4_600), 0, ""),
        line(TraceKind::Paused, ago(3_000), 0, ""),
        line(TraceKind::Resumed, ago(2_000), 0, ""),
        line(TraceKind::LastDay, ahead(14), 5, ""),
        line(TraceKind::Holiday, ahead(14), 0, "sunday"),
        line(TraceKind::Due, ahead(38), 0, ""),
    ]
}

fn filled(make: Maker) -> ActivateForm {
    ActivateForm {
        cadastral_code: "H919".to_owned(),
        comune: make.text("San Giovanni in Fiore"),
        rtd_name: make.text("Giovanna De Angelis"),
        rtd_role: make.text("Segretario comunale"),
        email: make.text("segretario@comune"),
        pec: make.text("protocollo@pec.comune.example"),
        devices: make.text("molti"),
        note: make.text("Abbiamo due sedi."),
    }
}

fn request(make: Maker, state: RequestState, errors: FieldErrors) -> RequestPage {
    let event = |kind: &str, by: &str, reason: &str| LogRow {
        at: ago(500),
        kind: kind.to_owned(),
        by: if by.is_empty() { String::new() } else { make.text(by) },
        reason: if reason.is_empty() { String::new() } else { make.text(reason) },
    };
    RequestPage {
        chrome: make.chrome(Section::Requests, Role::Operator),
        id: id(1),
        service: ServiceCode::Activation,
        comune: make.text("San Giovanni in Fiore"),
        province: "CS".to_owned(),
        cadastral_code: "H919".to_owned(),
        population: Some(16_129),
        rtd_name: make.text("Giovanna De Angelis"),
        rtd_role: make.text("Segretario comunale"),
        email: make.text("segretario@comune.example"),
        pec: make.text("protocollo@pec.comune.example"),
        devices: 42,
        note: make.text("Abbiamo due sedi."),
        clock: SlaClock { state, ..clock(1) },
        trace: trace(),
        log: vec![
            event("received", "", ""),
            event("paused", "Maria Rossi", "Manca la delibera."),
            event("resumed", "Maria Rossi", ""),
            event("approved", "Maria Rossi", ""),
            event("refused", "Maria Rossi", "Il Comune ha già un accesso."),
            event("mail_sent", "", ""),
        ],
        errors,
        reason: String::new(),
    }
}

pub(super) fn sheets(make: Maker) -> Vec<Sheet> {
    let contact = || make.text("privacy@consorzio.example");
    let mut sheets = vec![
        sheet("home", "", &HomePage { chrome: make.public(), consortium: make.text("ASMENET Calabria") }),
        sheet("accessibility", "", &AccessibilityPage { chrome: make.public(), contact: contact() }),
        sheet(
            "privacy",
            "",
            &PrivacyPage { chrome: make.public(), consortium: make.text("ASMENET Calabria"), contact: contact() },
        ),
        sheet(
            "source",
            "",
            &SourcePage { chrome: make.public(), version: "0.1.0".to_owned(), url: "https://example.invalid/x".into() },
        ),
    ];
    for status in [401, 403, 404, 409, 422, 429, 500, 503] {
        let reference = if status == 500 { make.text("a1b2c3") } else { String::new() };
        let chrome = if status == 403 { make.chrome(Section::None, Role::Rtd) } else { make.public() };
        sheets.push(sheet("error", &status.to_string(), &ErrorPage { chrome, status, reference }));
    }
    sheets.extend(forms(make));
    sheets.extend(registers(make));
    sheets.extend(queues(make));
    sheets
}

fn forms(make: Maker) -> Vec<Sheet> {
    let error = |field: &str, code: &str| FieldError { field: field.to_owned(), code: code.to_owned() };
    let errors = FieldErrors(vec![
        error("cadastral_code", "comune_unknown"),
        error("email", "email_invalid"),
        error("devices", "devices_range"),
        error("note", "required"),
    ]);
    let page = |service, form, errors| ActivatePage { chrome: make.public(), service, form, errors };
    vec![
        sheet("activate", "empty", &page(ServiceCode::Activation, ActivateForm::default(), FieldErrors::default())),
        sheet("activate", "errors", &page(ServiceCode::Activation, filled(make), errors.clone())),
        sheet("update", "errors", &page(ServiceCode::Update, filled(make), errors)),
    ]
}

fn registers(make: Maker) -> Vec<Sheet> {
    let choice = |number: usize| ComuneChoice {
        cadastral_code: format!("H{number:03}"),
        name: make.text(NAMES[number % NAMES.len()].0),
        province: make.text("Cosenza"),
        region: make.text("Calabria"),
    };
    let page = |query: &str, count: usize| RegisterPage {
        chrome: make.public(),
        service: ServiceCode::Activation,
        query: if query.is_empty() { String::new() } else { make.text(query) },
        found: (0..count).map(choice).collect(),
    };
    vec![
        sheet("register", "new", &page("", 0)),
        sheet("register", "none", &page("zzz", 0)),
        sheet("register", "one", &page("san", 1)),
        sheet("register", "many", &page("san", 20)),
    ]
}

fn queues(make: Maker) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    for (variant, count) in SIZES {
        let filter = QueueFilter { q: make.text("san"), state: "open".to_owned(), service: "17".to_owned() };
        let chrome = make.chrome(Section::Requests, Role::Operator);
        let rows = queue_rows(make, count);
        sheets.push(sheet("queue", variant, &QueuePage { chrome, rows, filter, paging: paging("/requests", count) }));

        let row = |number: usize| SlaRow {
            month: ago(number as u64 * 44_000),
            service: ServiceCode::ALL[number % 2],
            kept: 1_200 + number as u64,
            missed: number as u64 % 3,
            open: 4,
            kept_percent: (number != 1).then_some(99),
        };
        let cases = (count == 1).then(|| vec![SlaCase { comune: make.text("Siena"), clock: clock(3) }]);
        let page = SlaPage { chrome: make.public(), rows: (0..count.min(8)).map(row).collect(), cases };
        sheets.push(sheet("sla", variant, &page));
    }
    let reasons =
        [(RequestState::Open, ""), (RequestState::Paused, "Manca la delibera."), (RequestState::Refused, "No.")];
    for (state, reason) in reasons {
        let page = ReceiptPage {
            chrome: make.public(),
            receipt: id(1),
            service: ServiceCode::Activation,
            comune: make.text("San Giovanni in Fiore"),
            email_hint: make.text("s…@comune.example"),
            clock: SlaClock { state, ..clock(1) },
            trace: trace(),
            reason: if reason.is_empty() { String::new() } else { make.text(reason) },
        };
        sheets.push(sheet("receipt", state.code(), &page));
        sheets.push(sheet("request", state.code(), &request(make, state, FieldErrors::default())));
    }
    let wrong = FieldErrors::one("reason", "required");
    sheets.push(sheet("request", "errors", &request(make, RequestState::Open, wrong)));
    sheets
}

//! Pages of the column `activation`: the form, its receipt, the register, the public SLA, the queue and one request.

pub use crate::view::clock::{Level, SlaClock, TraceKind, TraceLine};

use crate::view::{Chrome, FieldErrors, Paging};
use askama::Template;
use baluardo_model::Timestamp;
use baluardo_model::activation::{RequestState, ServiceCode};
use serde::Serialize;

/// What a comune writes; kept as it was typed, so that a form with errors comes back full.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ActivateForm {
    /// Cadastral code of the chosen comune; empty while none is chosen.
    pub cadastral_code: String,
    /// Name of the comune as typed or chosen.
    pub comune: String,
    /// Name of the RTD.
    pub rtd_name: String,
    /// Their office or title.
    pub rtd_role: String,
    /// Institutional mail.
    pub email: String,
    /// Certified mail.
    pub pec: String,
    /// How many devices, as typed.
    pub devices: String,
    /// What else; for 17.1 what changed.
    pub note: String,
}

/// The public form for code 17 (`/activate`) and code 17.1 (`/update`).
#[derive(Debug, Template, Serialize)]
#[template(path = "activation/activate.html")]
pub struct ActivatePage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// What is asked for.
    pub service: ServiceCode,
    /// What was typed.
    pub form: ActivateForm,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

impl ActivatePage {
    /// Where the form goes.
    #[must_use]
    pub const fn action(&self) -> &'static str {
        path(self.service)
    }
}

/// The address of a service's form.
const fn path(service: ServiceCode) -> &'static str {
    match service {
        ServiceCode::Activation => "/activate",
        ServiceCode::Update => "/update",
    }
}

/// A comune of the register, as search shows it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct ComuneChoice {
    /// Cadastral code.
    pub cadastral_code: String,
    /// Name.
    pub name: String,
    /// Province.
    pub province: String,
    /// Region.
    pub region: String,
}

/// Search in the register without scripts (`/register?q=&service=`).
#[derive(Debug, Template, Serialize)]
#[template(path = "activation/register.html")]
pub struct RegisterPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The form to go back to.
    pub service: ServiceCode,
    /// What is searched; empty at first.
    pub query: String,
    /// What was found.
    pub found: Vec<ComuneChoice>,
}

impl RegisterPage {
    /// The form to go back to.
    #[must_use]
    pub const fn back(&self) -> &'static str {
        path(self.service)
    }
}

/// What the comune sees after sending and at any later time (`/receipt/{id}`).
#[derive(Debug, Template, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[template(path = "activation/receipt.html")]
pub struct ReceiptPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The receipt number, which is the request's id.
    pub receipt: String,
    /// What was asked.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub service: ServiceCode,
    /// The comune.
    pub comune: String,
    /// The mail address, partly hidden, that the answer goes to.
    pub email_hint: String,
    /// Its clock.
    pub clock: SlaClock,
    /// How the deadline came about.
    pub trace: Vec<TraceLine>,
    /// The reason of a pause or a refusal; empty otherwise.
    pub reason: String,
}

/// A month of a service in the public table.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct SlaRow {
    /// Any instant of the month.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub month: Timestamp,
    /// The service.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub service: ServiceCode,
    /// Requests concluded in time.
    pub kept: u64,
    /// Requests concluded late.
    pub missed: u64,
    /// Requests still open.
    pub open: u64,
    /// Share of concluded requests that were in time, in percent; none while nothing is concluded.
    pub kept_percent: Option<u32>,
}

impl SlaRow {
    /// The month in words: "novembre 2026".
    #[must_use]
    pub fn month_words(&self, chrome: &Chrome) -> String {
        let rome = self.month.rome();
        format!("{} {}", chrome.word("month.", rome.month().to_string()), rome.year())
    }

    /// The month as the address bar has it: "2026-11".
    #[must_use]
    pub fn month_code(&self) -> String {
        self.month.rome().strftime("%Y-%m").to_string()
    }
}

/// One request behind a public figure, without anything personal.
#[derive(Clone, Debug, Serialize)]
pub struct SlaCase {
    /// The comune.
    pub comune: String,
    /// Its clock.
    pub clock: SlaClock,
}

/// The public page of kept and missed terms (`/sla`), and the rows behind one figure (`/sla?month=&service=&outcome=`).
#[derive(Debug, Template, Serialize)]
#[template(path = "activation/sla.html")]
pub struct SlaPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The table, newest month first.
    pub rows: Vec<SlaRow>,
    /// The rows behind the figure that was followed; none when no figure was.
    pub cases: Option<Vec<SlaCase>>,
}

/// A request in the queue.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct QueueRow {
    /// Its id.
    pub id: String,
    /// What is asked.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub service: ServiceCode,
    /// The comune.
    pub comune: String,
    /// Its province, short.
    pub province: String,
    /// Name of the RTD.
    pub rtd_name: String,
    /// How many devices.
    pub devices: u64,
    /// Its clock.
    pub clock: SlaClock,
}

/// What the queue is narrowed to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct QueueFilter {
    /// Text in name, RTD or mail.
    pub q: String,
    /// A state's code; empty for those that wait (open and paused); `all` for every state.
    pub state: String,
    /// A service code; empty for both.
    pub service: String,
}

/// The operator's queue (`/requests`).
#[derive(Debug, Template, Serialize)]
#[template(path = "activation/queue.html", blocks = ["live"])]
pub struct QueuePage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The requests, least time left first.
    pub rows: Vec<QueueRow>,
    /// What it is narrowed to.
    pub filter: QueueFilter,
    /// The other rows.
    pub paging: Paging,
}

/// An event of a request's log.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct LogRow {
    /// When.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// `activation::RequestEventKind::code`.
    pub kind: String,
    /// Who; empty for the comune and the platform.
    pub by: String,
    /// The reason given; empty where none is.
    pub reason: String,
}

/// One request (`/requests/{id}`) with what the operator can do about it.
#[derive(Debug, Template, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[template(path = "activation/request.html")]
pub struct RequestPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// Its id.
    pub id: String,
    /// What is asked.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub service: ServiceCode,
    /// The comune.
    pub comune: String,
    /// Its province.
    pub province: String,
    /// Its cadastral code.
    pub cadastral_code: String,
    /// Inhabitants, where the register knows them.
    pub population: Option<u64>,
    /// Name of the RTD.
    pub rtd_name: String,
    /// Their office.
    pub rtd_role: String,
    /// Institutional mail.
    pub email: String,
    /// Certified mail.
    pub pec: String,
    /// How many devices.
    pub devices: u64,
    /// What else they wrote.
    pub note: String,
    /// The clock.
    pub clock: SlaClock,
    /// How the deadline came about.
    pub trace: Vec<TraceLine>,
    /// The log, oldest first.
    pub log: Vec<LogRow>,
    /// What is wrong with the decision that was just sent (field `reason`).
    #[serde(skip)]
    pub errors: FieldErrors,
    /// The reason as it was typed.
    #[serde(skip)]
    pub reason: String,
}

impl RequestPage {
    /// Whether the request still waits.
    #[must_use]
    pub const fn waits(&self) -> bool {
        matches!(self.clock.state, RequestState::Open | RequestState::Paused)
    }

    /// Whether the clock stands.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.clock.state == RequestState::Paused
    }
}

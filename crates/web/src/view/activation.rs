//! Pages of the column `activation`: the form, its receipt, the register, the public SLA, the queue and one request.

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

/// What a line of the deadline's trace tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TraceKind {
    /// The request came; that day does not count.
    Received,
    /// Counting begins on this day.
    FirstDay,
    /// The last of the days of the service table.
    LastDay,
    /// That day is a holiday: the deadline moves on.
    Holiday,
    /// The clock was stopped.
    Paused,
    /// The clock went on.
    Resumed,
    /// The deadline.
    Due,
}

impl TraceKind {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::FirstDay => "first_day",
            Self::LastDay => "last_day",
            Self::Holiday => "holiday",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::Due => "due",
        }
    }
}

/// A line of how a deadline came about.
#[derive(Clone, Debug, Serialize)]
pub struct TraceLine {
    /// What it tells.
    pub kind: TraceKind,
    /// The instant, or any instant of the day it is about.
    pub at: Timestamp,
    /// How many days were counted, where days are counted.
    pub days: u32,
    /// Which holiday (`calendar::Holiday::code`), where it is one.
    pub holiday: String,
}

impl TraceLine {
    /// The line in words.
    #[must_use]
    pub fn words(&self, chrome: &Chrome) -> String {
        let lang = chrome.lang;
        let when = match self.kind {
            TraceKind::Received | TraceKind::Paused | TraceKind::Resumed | TraceKind::Due => lang.exact(self.at),
            TraceKind::FirstDay | TraceKind::LastDay | TraceKind::Holiday => lang.weekday(self.at),
        };
        let key = format!("trace.{}", self.kind.code());
        match self.kind {
            TraceKind::LastDay => lang.t2(&key, ("when", &when), ("days", &self.days)),
            TraceKind::Holiday => {
                lang.t2(&key, ("when", &when), ("holiday", &lang.word_or_code("holiday.", &self.holiday)))
            }
            _ => lang.t1(&key, "when", when),
        }
    }
}

/// How much of a request's time is gone, in the steps at which people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Below 50 %.
    Calm,
    /// 50 % and above.
    Half,
    /// 75 % and above.
    Soon,
    /// 90 % and above.
    Urgent,
    /// All of it.
    Over,
}

/// The clock of a request.
#[derive(Clone, Debug, Serialize)]
pub struct SlaClock {
    /// When the request came.
    pub received: Timestamp,
    /// When the concluding act is due; none while the clock stands, for nobody knows yet.
    pub due: Option<Timestamp>,
    /// Share of the time that is gone, in percent; may exceed 100.
    pub percent: u32,
    /// Where the request stands; while paused the clock stands still.
    pub state: RequestState,
    /// When it was concluded.
    pub concluded: Option<Timestamp>,
}

impl SlaClock {
    /// The step that the share of gone time is in.
    #[must_use]
    pub const fn level(&self) -> Level {
        match self.percent {
            0..50 => Level::Calm,
            50..75 => Level::Half,
            75..90 => Level::Soon,
            90..100 => Level::Urgent,
            _ => Level::Over,
        }
    }

    /// The class of the bar. Its words always stand beside it.
    #[must_use]
    pub const fn bar(&self) -> &'static str {
        match self.level() {
            Level::Calm => "sla-calm",
            Level::Half => "sla-half",
            Level::Soon => "sla-soon",
            Level::Urgent => "sla-urgent",
            Level::Over => "sla-over",
        }
    }

    /// The value of the bar, which ends at 100.
    #[must_use]
    pub fn bar_value(&self) -> u32 {
        self.percent.min(100)
    }

    /// Where the clock stands, in words.
    #[must_use]
    pub fn words(&self, chrome: &Chrome) -> String {
        match (self.concluded, self.due) {
            // An act at the very deadline is late; one while the clock stood never is.
            (Some(at), Some(due)) if at >= due => chrome.t1("sla.missed", "when", chrome.lang.exact(at)),
            (Some(at), _) => chrome.t1("sla.kept", "when", chrome.lang.exact(at)),
            (None, Some(due)) if self.state != RequestState::Paused => {
                let key = if due <= chrome.now { "sla.overdue" } else { "sla.due" };
                chrome.t1(key, "when", chrome.lang.relative(due, chrome.now))
            }
            (None, _) => chrome.t("sla.paused").into_owned(),
        }
    }
}

/// What the comune sees after sending and at any later time (`/receipt/{id}`).
#[derive(Debug, Template, Serialize)]
#[template(path = "activation/receipt.html")]
pub struct ReceiptPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The receipt number, which is the request's id.
    pub receipt: String,
    /// What was asked.
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
pub struct SlaRow {
    /// Any instant of the month.
    pub month: Timestamp,
    /// The service.
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
        format!("{} {}", chrome.word("month.", &rome.month().to_string()), rome.year())
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
pub struct QueueRow {
    /// Its id.
    pub id: String,
    /// What is asked.
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
pub struct LogRow {
    /// When.
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
#[template(path = "activation/request.html")]
pub struct RequestPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// Its id.
    pub id: String,
    /// What is asked.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_threshold_changes_the_level() {
        let level = |percent| {
            let at = Timestamp::from_micros(0);
            SlaClock { received: at, due: Some(at), percent, state: RequestState::Open, concluded: None }.level()
        };
        let seen: Vec<Level> = [49, 50, 74, 75, 89, 90, 99, 100, 400].map(level).into_iter().collect();
        let told = [Level::Calm, Level::Half, Level::Half, Level::Soon, Level::Soon, Level::Urgent, Level::Urgent];
        assert_eq!(seen[..7], told);
        assert_eq!(seen[7..], [Level::Over, Level::Over]);
    }
}

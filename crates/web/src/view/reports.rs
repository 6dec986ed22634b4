//! Reported messages: the form with its answer, the list, one report.

use crate::view::form::FieldErrors;
use crate::view::mail::MailReason;
use crate::view::{Chrome, Paging};
use askama::Template;
use baluardo_model::Timestamp;
use baluardo_model::mail::reports::{ReportState, ReportWay};
use serde::Serialize;

/// What a reporter is told.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct ReportAnswer {
    /// The report's id.
    pub id: String,
    /// `legitimate`, `spam`, `phishing`, `malware` or `fraud`.
    pub class: String,
    /// What Baluardo would do with it: `deliver`, `tag`, `quarantine` or `reject`.
    pub action: String,
    /// How sure the judge is, in hundredths.
    pub percent: u64,
    /// Who the message says wrote it.
    pub author: String,
    /// What it says it is about.
    pub subject: String,
    /// Why, the weightiest first, in the reader's language.
    pub reasons: Vec<MailReason>,
    /// Whether more messages like this one are held.
    pub holding: bool,
}

/// The form for a report (`/report`), with the answer after it was sent.
#[derive(Debug, Template, Serialize)]
#[template(path = "mail/segnala.html")]
pub struct SegnalaPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// What was pasted.
    pub typed: String,
    /// What is wrong with it.
    pub errors: FieldErrors,
    /// The address to which messages can be forwarded instead; none where the comune has no mail domain.
    pub desk: Option<String>,
    /// What the message is.
    pub answer: Option<ReportAnswer>,
}

/// A report in a list. Author, subject and reporter are foreign texts.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct ReportListRow {
    /// Its id.
    pub id: String,
    /// Who the message says wrote it.
    pub author: String,
    /// What it says it is about.
    pub subject: String,
    /// What the judge says it is.
    pub class: String,
    /// What Baluardo would do with it.
    pub action: String,
    /// How sure the judge is, in hundredths.
    pub percent: u64,
    /// Who reported it.
    pub reporter: String,
    /// How it came.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub way: ReportWay,
    /// Whether it counts towards holding messages that are alike.
    pub counts: bool,
    /// When.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub reported_at: Timestamp,
    /// What the RTD said.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub state: ReportState,
    /// Whether more messages like this one are held.
    pub holding: bool,
    /// How many people reported messages like it.
    pub reporters: u64,
}

/// What the list is narrowed to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReportListFilter {
    /// Text in subject, author or reporter.
    pub q: String,
    /// A state's code, or empty for all.
    pub state: String,
}

/// Reports (`/mail/reports`).
#[derive(Debug, Template, Serialize)]
#[template(path = "mail/reports.html", blocks = ["live"])]
pub struct ReportsPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The reports, those of which nothing was said first.
    pub rows: Vec<ReportListRow>,
    /// What they are narrowed to.
    pub filter: ReportListFilter,
    /// The other rows.
    pub paging: Paging,
}

/// One report (`/mail/reports/{id}`).
#[derive(Debug, Template, Serialize)]
#[template(path = "mail/report.html")]
pub struct ReportPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The report.
    pub row: ReportListRow,
    /// Why the judge says so.
    pub reasons: Vec<MailReason>,
    /// Who said what it is; empty for nobody.
    pub decided_by: String,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// What they wrote.
    pub note: String,
    /// Whether the reader may say what it is.
    pub may_decide: bool,
    /// What is wrong with what was typed.
    pub errors: FieldErrors,
}

//! Messages that people report: judged and answered at once, gathered by likeness, and looked at by the RTD. When enough people who
//! are not one another reported what is alike, more of it is held.

mod answer_letter;
mod decide_report;
mod judged;
mod likeness;
mod list_reports;
mod report_by_mail;
mod report_desk;
mod report_message;
mod take_report;

pub(super) use answer_letter::quoted;
pub use decide_report::decide_report;
pub(super) use likeness::reported_as;
pub use list_reports::{ReportFilter, get_report, list_reports, reports_waiting};
pub use report_by_mail::report_by_mail;
pub use report_desk::report_desk;
pub use report_message::report_message;

/// The most bytes of a reported message.
pub const MOST_REPORT: usize = 25 << 20;

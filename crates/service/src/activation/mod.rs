//! Requests for activation and updates, with their SLA clock.
//!
//! A request is its log: each act below adds one event, after it looked at the log inside its own transaction, so that
//! of two operators who decide at once the second is told what the first did. State and deadline are computed from the
//! log whenever somebody looks.

mod approve_request;
mod decision;
mod form;
mod letters;
mod list_requests;
mod pause_request;
mod receipt_status;
mod refuse_request;
mod sla_cases;
mod sla_figures;
mod submit_request;

pub use approve_request::approve_request;
pub use list_requests::{RequestFilter, RequestPage, RequestShown, RequestView, get_request, list_requests};
pub use pause_request::{pause_request, resume_request};
pub use receipt_status::{RECEIPT_PATH, ReceiptStatus, receipt_status};
pub use refuse_request::refuse_request;
pub use sla_cases::{SlaCase, SlaOutcome, sla_cases};
pub use sla_figures::{SlaFigures, SlaMonth, sla_figures};
pub use submit_request::{Receipt, SubmitRequest, submit_request};

//! Mail of comuni: for which domains they answer, what they want to happen, and the messages that are held.
//!
//! The milter (in `server`) asks [`destinations()`] whose a message is and what is to happen, keeps what is held with
//! [`hold_message()`] before it answers, and lets through what [`may_pass`] knows as released. People list, read, release and
//! delete, allow and block senders, and report what they received; [`know_locally()`] is what the milter learns from that of the next
//! message. [`send_digests()`] tells people by letter what of theirs is held. [`send_released()`] brings released messages back to the mail server, and [`forget_mail()`] ends what was kept long
//! enough.

mod change_mail_policy;
mod claim_domain;
pub(crate) mod content;
mod count_outcome;
mod decide_domain;
mod delete_held;
mod destinations;
mod digest;
mod dmarc_advice;
mod forget_mail;
mod get_held;
mod health;
mod held_parts;
mod hold_message;
mod import_dmarc;
mod know_locally;
mod list_dmarc;
mod list_domains;
mod list_held;
mod pass;
mod read_held;
mod release_held;
mod reports;
mod send_released;
mod senders;
mod standing_policy;

pub use baluardo_store::mail::counts::OutcomeCount;
pub use baluardo_store::mail::dmarc::{DmarcSource, DmarcSums};
pub use baluardo_store::mail::domains::MailDomain;
pub use baluardo_store::mail::held::{HeldReason, HeldRow};
pub use baluardo_store::mail::parts::HeldPart;
pub use baluardo_store::mail::reports::ReportRow;
pub use baluardo_store::mail::rules::SenderRule;
pub use change_mail_policy::change_mail_policy;
pub use claim_domain::{claim_domain, give_up_domain};
pub use count_outcome::count_outcome;
pub use decide_domain::decide_domain;
pub use delete_held::delete_held;
pub use destinations::{Destination, destinations};
pub use digest::{HELD_LINK_PATH, HeldLanding, ask_by_link, open_held_link, release_by_link, send_digests};
pub use dmarc_advice::DmarcAdvice;
pub use forget_mail::forget_mail;
pub use get_held::get_held;
pub use health::{
    CheckText, DomainHealth, HealthCheck, Looking, NamesDoor, due_domains, list_health, look_at_domain, look_at_due,
    name_selectors, see_fall,
};
pub use held_parts::held_parts;
pub use hold_message::{Arriving, Held, hold_message, identity};
pub(crate) use hold_message::{hold_within, reasons, thousandths, tidy, word};
pub use import_dmarc::{ImportedDmarc, forget_dmarc, import_dmarc, take_dmarc};
pub use know_locally::{Newcomer, know_locally};
pub use list_dmarc::{DmarcDomain, list_dmarc};
pub use list_domains::{list_all_domains, list_domains};
pub use list_held::{HeldFilter, list_held, mail_counts};
pub use pass::{RELEASE_HEADER, may_pass};
pub use read_held::{HeldContent, HeldFile, HeldLink, read_held};
pub use release_held::release_held;
pub use reports::{
    MOST_REPORT, ReportFilter, decide_report, get_report, list_reports, report_by_mail, report_desk, report_message,
    reports_waiting,
};
pub use send_released::{Reinjection, Returning, Sent, send_released};
pub use senders::{
    NewSenderRule, RulePreview, SenderOfHeld, Writer, count_senders, list_sender_rules, make_sender_rule,
    preview_sender_rule, sender_of_held, withdraw_sender_rule,
};
pub use standing_policy::get_mail_policy;
pub(crate) use standing_policy::standing_policy;

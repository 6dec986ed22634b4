//! Senders: whom a comune allows or blocks, and what it remembers of those who write to it.

mod acquaintance;
mod list_rules;
mod make_rule;
mod preview_rule;
mod rule_form;
mod seen;
mod withdraw_rule;
mod writer;

pub(super) use acquaintance::acquaintance;
pub use list_rules::list_sender_rules;
pub use make_rule::make_sender_rule;
pub use preview_rule::{RulePreview, SenderOfHeld, preview_sender_rule, sender_of_held};
pub use rule_form::NewSenderRule;
pub(super) use seen::count_seen;
pub use seen::count_senders;
pub use withdraw_rule::withdraw_sender_rule;
pub use writer::Writer;
pub(super) use writer::{address_in, rules_for};

//! The nouns of Baluardo: ids, tenants, people, devices, findings, deadlines.
//!
//! This is the ground floor: it uses no other floor and does no IO. Time and chance come in through [`Clock`] and
//! [`Chance`], so that every floor above can be driven by a test.

pub mod activation;
pub mod calendar;
pub mod dmarc;
pub mod evidence;
pub mod fleet;
pub mod hunt;
pub mod id;
pub mod identity;
pub mod intrusion;
pub mod inventory;
pub mod mail;
pub mod mailbox;
pub mod package;
pub mod protection;
pub mod register;
pub mod rollback;
pub mod sla;
pub mod time;
pub mod vulnerability;

pub use id::{
    AlikeId, ApiTokenId, CampaignId, Chance, DeviceId, EvidenceId, FindingId, HeldMailId, HuntId, MailboxId, OrderId,
    OutboxId, PersonId, QuarantineId, ReportId, RequestId, RollbackId, SenderRuleId, SessionId, TenantId, new_uuid,
};
pub use time::{Clock, Timestamp};

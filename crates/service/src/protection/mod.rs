//! Findings, the campaigns that they belong to, and quarantine.

mod campaigns;
mod evidence;
mod get_finding;
mod get_quarantined;
mod judge_file;
mod list_findings;
mod list_labels;
mod list_quarantine;
mod mark_handled;
mod move_quarantine;
mod order_restore;
mod tenant_overview;
mod who_else;

pub(crate) use campaigns::join;

pub use baluardo_store::protection::evidence::EvidenceRow;
pub use baluardo_store::protection::findings::FindingRow;
pub use baluardo_store::protection::labels::Label;
pub use baluardo_store::protection::quarantine::{PendingOrder, QuarantineRow};
pub use campaigns::{Campaign, MembersCampaign, TriedMember, list_campaigns, list_member_campaigns};
pub use evidence::{delete_evidence, download_evidence, expire_evidence, list_evidence, order_evidence, receive_piece};
pub use get_finding::{FindingDetail, get_finding};
pub use get_quarantined::get_quarantined;
pub use judge_file::{is_judged, judge_file};
pub use list_findings::{FindingCursor, FindingFilter, FindingPage, FindingState, list_findings};
pub use list_labels::list_labels;
pub use list_quarantine::{QuarantineFilter, list_quarantine};
pub use mark_handled::mark_handled;
pub use move_quarantine::{delete_quarantine, release_quarantine};
pub use order_restore::{Restorable, order_restore};
pub use tenant_overview::{DeviceCounts, SeverityCount, TenantOverview, Todo, TodoKind, tenant_overview};
pub use who_else::who_else;

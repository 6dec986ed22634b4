//! Devices: enrolment, exchange, policy, orders.
//!
//! People call [`create_enrol_token()`], [`list_devices()`], [`change_policy()`] and their kin; the agents' door calls
//! [`enrol_device()`], [`identify_device()`], [`exchange()`], [`renew_certificate()`] and [`wait_for_orders()`], which answer with a [`Refusal`] instead
//! of an [`Error`](crate::Error), because an agent acts on its code. What the fleet keeps in memory only (who spoke
//! when, who waits for orders) is written down by [`flush_last_seen()`].

mod adhesion;
mod authority;
mod change_policy;
mod create_enrol_token;
mod enrol_device;
mod exchange;
mod flush_last_seen;
mod follow_packs;
pub(crate) mod foreign_text;
mod get_device;
mod get_hunt;
mod get_inventory;
mod get_policy;
mod give_order;
mod identify_device;
mod import_advisories;
mod import_pack;
mod let_stop;
mod list_devices;
mod list_enrol_tokens;
mod list_hunts;
mod list_packs;
mod list_programs;
mod list_refusals;
mod list_vulnerabilities;
mod member_hunts;
mod member_overview;
mod memory;
mod notice_policies;
mod order_inventory;
mod order_isolation;
mod order_scan;
mod pace;
mod pack_piece;
mod path_rules;
mod refusal;
mod remove_pack;
mod renew_certificate;
mod renew_packs;
mod revoke_device;
mod roll_back;
mod set_pack_source;
mod start_hunt;
mod start_policy;
mod stop_hunt;
mod tally;
mod wait_for_orders;
mod withdraw_enrol_token;

pub use adhesion::{AdhesionFigures, Coverage, FEWEST, RegionFigures, adhesion_figures};
pub use authority::{RootCertificate, ServerCertificate, authority_root, issue_server_certificate};
pub use baluardo_detect::packs::Gathered;
pub use baluardo_store::fleet::advisories::{AdvisoryRow, FeedRow};
pub use baluardo_store::fleet::hunt_rounds::RoundFound;
pub use baluardo_store::fleet::hunts::{HuntDeviceRow, HuntHitRow, HuntRow};
pub use baluardo_store::fleet::inventory::{InventoryRow, ProgramRow};
pub use baluardo_store::fleet::orders::OrderRow;
pub use baluardo_store::fleet::pack_sources::PackSource;
pub use baluardo_store::fleet::packs::{LeftOut, PackRow};
pub use baluardo_store::fleet::refusals::RefusalRow;
pub use baluardo_store::fleet::rollbacks::RollbackRow;
pub use change_policy::{PolicyChange, change_policy};
pub use create_enrol_token::{EnrolTicket, create_enrol_token};
pub use enrol_device::enrol_device;
pub use exchange::exchange;
pub use flush_last_seen::flush_last_seen;
pub use follow_packs::follow_all_packs;
pub use get_device::{DeviceDetail, get_device};
pub use get_hunt::{HuntDetail, get_hunt};
pub use get_inventory::{DeviceInventory, get_inventory};
pub use get_policy::get_policy;
pub use identify_device::identify_device;
pub use import_advisories::{Imported, import_advisories};
pub use import_pack::{NewPack, import_pack};
pub use let_stop::{allow_stop, see_stop_code};
pub use list_devices::{DeviceFilter, DeviceProtection, DeviceRow, SILENCE, list_devices};
pub use list_enrol_tokens::{EnrolTokenState, EnrolTokenView, list_enrol_tokens};
pub use list_hunts::{HuntOverview, list_hunts};
pub use list_packs::{Packs, list_packs};
pub use list_programs::{ProgramHolder, devices_with_program, list_programs};
pub use list_refusals::list_refusals;
pub use list_vulnerabilities::{
    KnownVulnerabilities, Vulnerability, VulnerableDevice, get_vulnerability, list_vulnerabilities,
};
pub use member_hunts::{HuntRound, MemberHunt, get_member_hunt, list_member_hunts};
pub use member_overview::{MemberReason, MemberRow, member_overview};
pub use notice_policies::notice_policies;
pub use order_inventory::order_inventory;
pub use order_isolation::{isolate_device, rejoin_device};
pub use order_scan::order_scan;
pub use pack_piece::pack_piece;
pub use refusal::{Refusal, note_refusal};
pub use remove_pack::remove_pack;
pub use renew_certificate::renew_certificate;
pub use renew_packs::{DuePack, Fetched, Renewal, renew_pack, take_due_packs};
pub use revoke_device::revoke_device;
pub use roll_back::{preview_rollback, roll_back, rollback, rollbacks};
pub use set_pack_source::{NewSource, keep_pack_source, set_pack_source};
pub use start_hunt::{NewHunt, StartedRound, start_hunt, start_member_hunts};
pub use stop_hunt::stop_hunt;
pub use wait_for_orders::{OrderWait, wait_for_orders};
pub use withdraw_enrol_token::withdraw_enrol_token;

pub(crate) use change_policy::{MAX_INDICATORS, replace_policy};
pub(crate) use exchange::Ingest;
pub(crate) use follow_packs::follow_packs;
pub(crate) use give_order::{OrderSigner, QUARANTINE_ORDER_LIFE, RESTORE_ORDER_LIFE, SCAN_ORDER_LIFE};
pub(crate) use list_devices::protection_rows;
pub(crate) use memory::Memory;
pub(crate) use pace::Pace;
pub(crate) use start_policy::start_policy;
pub(crate) use tally::Tally;
pub(crate) use wait_for_orders::Wakes;

use baluardo_model::DeviceId;
use baluardo_model::identity::Actor;
use std::sync::Arc;

/// What the fleet keeps in memory: nothing here is lost for good when the process dies.
#[derive(Debug, Default)]
pub(crate) struct Fleet {
    /// Devices that spoke since the start.
    pub(crate) memory: Arc<Memory>,
    /// Exchanges on their way into the database.
    pub(crate) ingest: Ingest,
    /// Agents that wait for orders.
    pub(crate) wakes: Wakes,
    /// How often each device calls.
    pub(crate) pace: Pace,
    /// Refusals that are not written down yet.
    pub(crate) tally: Tally,
}

impl Fleet {
    /// Tells a device that was given an order, after the commit: its next exchange looks for it, and comes at once when
    /// it waits for one.
    pub(crate) fn order_given(&self, device: DeviceId) {
        self.memory.order_given(device);
        self.wakes.wake(device);
    }
}

/// The name under which people know who acted.
pub(crate) fn actor_name(actor: &Actor) -> String {
    match actor {
        Actor::Person { name, .. } => name.clone(),
        Actor::Token { .. } => "API".to_owned(),
        Actor::Device { id, .. } => id.to_string(),
        Actor::Platform => "Baluardo".to_owned(),
        Actor::Public => String::new(),
    }
}

//! All that the agent does for orders: protection of files, the watch over log-ins and programs, the inventory, hunts, and
//! the watch over itself.

use crate::desk::Desk;
use crate::duty::Duty;
use crate::hunt::Hunter;
use crate::integrity::SelfWatch;
use crate::intrusion::IntrusionWatch;
use crate::inventory::InventoryWatch;
use crate::protect::Protection;
use baluardo_model::fleet::{Coverage, OrderKind, PackRef};
use std::sync::Arc;

/// All of them, as one duty.
pub struct Duties {
    /// Files.
    pub protection: Arc<Protection>,
    /// Log-ins and programs.
    pub intrusion: Arc<IntrusionWatch>,
    /// What the device is made of.
    pub inventory: Arc<InventoryWatch>,
    /// What is looked for.
    pub hunter: Arc<Hunter>,
    /// Who sits at this device.
    pub desk: Desk,
    /// What belongs to the agent itself.
    pub own: SelfWatch,
}

impl Duty for Duties {
    fn carry_out(&self, order: &OrderKind) -> Result<String, String> {
        match order {
            OrderKind::TakeInventory {} => return self.inventory.take(),
            OrderKind::Hunt { hunt } => return self.hunter.take(hunt),
            OrderKind::StopHunt { hunt } => return self.hunter.stop(*hunt),
            _ => {}
        }
        let note = self.protection.carry_out(order)?;
        if let OrderKind::ApplyPolicy { policy } = order {
            self.intrusion.follow(policy.intrusion);
        }
        Ok(note)
    }

    fn coverage(&self) -> (Coverage, String) {
        let (coverage, note) = self.protection.coverage();
        let mut notes = vec![note];
        notes.extend(self.intrusion.notes());
        notes.retain(|note| !note.is_empty());
        (coverage, notes.join("; "))
    }

    fn policy_version(&self) -> u64 {
        self.protection.policy_version()
    }

    fn missing_packs(&self) -> Vec<PackRef> {
        self.protection.missing_packs()
    }

    fn take_packs(&self) -> Result<(), String> {
        self.protection.take_packs()
    }
}

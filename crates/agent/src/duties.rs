//! All that the agent does for orders: protection of files, and the watch over log-ins and programs.

use crate::desk::Desk;
use crate::duty::Duty;
use crate::intrusion::IntrusionWatch;
use crate::protect::Protection;
use baluardo_model::fleet::{Coverage, OrderKind};
use std::sync::Arc;

/// Both, as one duty.
pub struct Duties {
    /// Files.
    pub protection: Arc<Protection>,
    /// Log-ins and programs.
    pub intrusion: Arc<IntrusionWatch>,
    /// Who sits at this device.
    pub desk: Desk,
}

impl Duty for Duties {
    fn carry_out(&self, order: &OrderKind) -> Result<String, String> {
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
}

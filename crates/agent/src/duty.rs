//! What orders ask of protection: the seam between the link to the server and the sensors.

use baluardo_model::fleet::{Coverage, OrderKind, PackRef};

/// Carries out orders and says what is guarded.
pub trait Duty: Send + Sync {
    /// Carries out `order` and gives a note for people, empty when there is nothing to add. The same order a second time
    /// changes nothing and succeeds.
    ///
    /// # Errors
    /// A plain sentence that says why it could not be done.
    fn carry_out(&self, order: &OrderKind) -> Result<String, String>;

    /// What is guarded now, and why not more (empty when all is).
    fn coverage(&self) -> (Coverage, String);

    /// The version of the policy that is followed.
    fn policy_version(&self) -> u64;

    /// Packs of the policy that are not on this device yet.
    fn missing_packs(&self) -> Vec<PackRef> {
        Vec::new()
    }

    /// Packs have come: they are put in force beside the others.
    ///
    /// # Errors
    /// A plain sentence that says why the old ones stay.
    fn take_packs(&self) -> Result<(), String> {
        Ok(())
    }
}

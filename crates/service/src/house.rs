//! What every use case stands on: the store, the clock, chance, the settings, the seal and the live listeners.

use crate::audit::Checks;
use crate::error::Error;
use crate::fleet::Fleet;
use crate::identity::relying_party;
use crate::live::Live;
use crate::mail::NamesDoor;
use crate::mailbox::MailboxDoor;
use crate::seal::SealKey;
use baluardo_model::{Chance, Clock, Timestamp};
use baluardo_store::Store;
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;
use webauthn_rs::Webauthn;

/// How many passwords are hashed at once: each takes 19 MiB and a processor for some dozens of milliseconds.
const HASHING_AT_ONCE: usize = 4;

/// How this installation is reached and what it calls itself.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Address of the console, such as `https://localhost:8443`, without a slash at the end.
    pub public_url: String,
    /// Host and port of the door for agents, such as `localhost:8444`.
    pub agent_address: String,
    /// Sender of the platform's mail.
    pub mail_from: String,
    /// Whether mail is kept in the local inbox instead of leaving.
    pub local_mail: bool,
    /// Folders that the policy of a new comune scans and guards; empty for the policy's own.
    pub starting_folders: Vec<String>,
}

/// The platform as its use cases see it.
pub struct House {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) chance: Arc<dyn Chance>,
    pub(crate) settings: Settings,
    pub(crate) seal: SealKey,
    pub(crate) live: Live,
    pub(crate) fleet: Fleet,
    pub(crate) audit_checks: Checks,
    /// Nothing where browsers allow no passkeys: the address of the console is a number, not a name.
    pub(crate) passkeys: Option<Webauthn>,
    pub(crate) hashing: Semaphore,
    /// What reaches mail servers; nothing in a program that reaches none.
    pub(crate) mailbox_door: OnceLock<Arc<dyn MailboxDoor>>,
    /// What asks the DNS; nothing in a program that does not.
    pub(crate) names_door: OnceLock<Arc<dyn NamesDoor>>,
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("House").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl House {
    /// Puts the parts together.
    ///
    /// # Errors
    /// [`Error::Internal`] when a setting cannot be used; the text names it.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
        settings: Settings,
        seal: SealKey,
    ) -> Result<Self, Error> {
        let passkeys = relying_party(&settings.public_url)?;
        let hashing = Semaphore::new(HASHING_AT_ONCE);
        let (live, fleet, audit_checks) = (Live::new(), Fleet::default(), Checks::default());
        Ok(Self {
            store,
            clock,
            chance,
            settings,
            seal,
            live,
            fleet,
            audit_checks,
            passkeys,
            hashing,
            mailbox_door: OnceLock::new(),
            names_door: OnceLock::new(),
        })
    }

    /// Says what reaches mail servers; only the first one counts.
    pub fn reach_mailboxes_by(&self, door: Arc<dyn MailboxDoor>) {
        drop(self.mailbox_door.set(door));
    }

    /// Says what asks the DNS; only the first one counts.
    pub fn ask_names_by(&self, door: Arc<dyn NamesDoor>) {
        drop(self.names_door.set(door));
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The settings.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where faces listen for what changes.
    #[must_use]
    pub const fn live(&self) -> &Live {
        &self.live
    }
}

//! Ids (UUIDv7, so that they sort by time of birth) and the source of chance they are made from.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// Where unpredictable bytes come from. The real one asks the operating system; tests pass a seeded one.
pub trait Chance: Send + Sync {
    /// Fills `buffer` with bytes that nobody can guess.
    fn fill(&self, buffer: &mut [u8]);
}

/// A version 7 UUID (RFC 9562) of the moment `now`.
#[must_use]
pub fn new_uuid(now: Timestamp, chance: &dyn Chance) -> Uuid {
    let mut random = [0_u8; 10];
    chance.fill(&mut random);
    let millis = u64::try_from(now.micros() / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh id of the moment `now`.
            #[must_use]
            pub fn new(now: Timestamp, chance: &dyn Chance) -> Self {
                Self(new_uuid(now, chance))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )+};
}

id! {
    /// A tenant: the consortium, a comune, or another body that joins.
    TenantId,
    /// A person who signs in.
    PersonId,
    /// A signed-in browser.
    SessionId,
    /// A device with an agent.
    DeviceId,
    /// Something that an agent saw and judged.
    FindingId,
    /// What one address tries on several devices.
    CampaignId,
    /// A file held in a device's quarantine.
    QuarantineId,
    /// Something that is looked for on devices.
    HuntId,
    /// An order from the server to an agent.
    OrderId,
    /// A package of evidence.
    EvidenceId,
    /// A folder's way back to a moment.
    RollbackId,
    /// A request for activation or for an information update.
    RequestId,
    /// A message waiting to leave.
    OutboxId,
    /// A token for the JSON API.
    ApiTokenId,
    /// A message that is held for somebody to look at.
    HeldMailId,
    /// A rule for the mail of a sender.
    SenderRuleId,
    /// A message that somebody reported.
    ReportId,
    /// Messages that were reported and are alike.
    AlikeId,
    /// A mailbox of a comune at its provider.
    MailboxId,
}

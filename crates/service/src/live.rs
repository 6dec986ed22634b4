//! What changed just now, for pages that are open. Nothing here is kept: a page that missed it asks again.

use crate::rights::{Act, may};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use serde::Serialize;
use tokio::sync::broadcast;

/// How many changes a slow listener may lag behind before it is told that it missed some.
const LAG: usize = 1_024;

/// What kind of rows changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A finding came or its story grew.
    Finding,
    /// A device enrolled, spoke for the first time in a while, or changed what it can do.
    Device,
    /// The quarantine changed.
    Quarantine,
    /// A request came or moved.
    Request,
    /// A mail was kept in the local inbox.
    Mail,
}

/// A change: of which tenant, of what, and which row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Whose rows.
    #[serde(skip)]
    pub tenant: TenantId,
    /// What kind.
    pub topic: Topic,
    /// Which row.
    pub id: String,
}

/// The place where changes are told.
#[derive(Clone, Debug)]
pub struct Live {
    sender: broadcast::Sender<Change>,
}

impl Live {
    pub(crate) fn new() -> Self {
        Self { sender: broadcast::Sender::new(LAG) }
    }

    /// Tells everybody who listens; nobody listening is fine.
    pub fn tell(&self, tenant: TenantId, topic: Topic, id: impl std::fmt::Display) {
        drop(self.sender.send(Change { tenant, topic, id: id.to_string() }));
    }

    /// Listens from now on to every tenant; the face filters by the actor's rights.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }
}

/// Whether `actor` may be told of `change`: the same rights that would let them read the row.
#[crate::act]
pub async fn may_hear(house: &crate::House, actor: &Actor, change: &Change) -> bool {
    let act = match change.topic {
        Topic::Finding => Act::SeeFindings,
        Topic::Device => Act::SeeDevices,
        Topic::Quarantine => Act::SeeQuarantine,
        Topic::Request => Act::SeeRequests,
        Topic::Mail => Act::SeeLocalMail,
    };
    may(house, actor, act, change.tenant).await
}

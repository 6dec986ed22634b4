//! The one exchange: events up, orders down, each side acknowledging what it has kept.

use crate::order::SignedOrder;
use baluardo_model::evidence::Evidence;
use baluardo_model::fleet::{Coverage, OrderOutcome, Rejoined};
use baluardo_model::hunt::{HuntHit, HuntState};
use baluardo_model::protection::{Finding, QuarantineItem, QuarantineState, Step};
use baluardo_model::rollback::Rollback;
use baluardo_model::{FindingId, HuntId, OrderId, QuarantineId, Timestamp};
use serde::{Deserialize, Serialize};

/// Path of the call.
pub const PATH: &str = "/agent/v1/exchange";

/// What the agent sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeRequest {
    /// [`crate::PROTOCOL`].
    pub protocol: u32,
    /// The agent's own clock, so that the server can tell a wrong one.
    pub sent_at: Timestamp,
    /// How the agent is.
    pub status: Status,
    /// Events not yet acknowledged, in rising order of sequence number, without gaps, at most [`crate::MAX_EVENTS`].
    pub events: Vec<Event>,
    /// Numbers that the server misses and that the agent can no longer send; only while that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Gone>,
}

/// A server that was put back to an older state names the last number that it knows. The agent sends what it still has,
/// under the same numbers, and says here which are gone for good; the server tells people so, and goes on after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gone {
    /// The last number that the server said it knows.
    pub after: u64,
    /// The last number that is gone; the one after it can be sent.
    pub until: u64,
}

/// How the agent is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Version of the agent.
    pub agent_version: String,
    /// What it can do.
    pub coverage: Coverage,
    /// Why it cannot do more; empty when it can do all.
    pub coverage_note: String,
    /// The policy version that it follows.
    pub policy_version: u64,
    /// Events that wait on its disk beyond those in this message.
    pub backlog: u64,
}

/// One event with its place in the device's own sequence, which starts at 1 and never goes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Its number.
    pub seq: u64,
    /// When the agent noted it.
    pub at: Timestamp,
    /// What it is.
    pub body: EventBody,
}

/// What an agent tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum EventBody {
    /// Something was found. Sent again with the same id when the story grew before it was acknowledged.
    Finding {
        /// The whole story so far.
        finding: Box<Finding>,
    },
    /// One more step of a finding's story.
    FindingStep {
        /// Which finding.
        finding: FindingId,
        /// The step.
        step: Step,
        /// Files that the attack changed, as known now.
        files_touched: u64,
        /// Files that could not be put back, as known now.
        files_lost: u64,
    },
    /// A file went into quarantine.
    Quarantined {
        /// The file.
        item: QuarantineItem,
    },
    /// A quarantined file left quarantine.
    QuarantineChanged {
        /// Which.
        item: QuarantineId,
        /// Where it stands now.
        state: QuarantineState,
    },
    /// An order ended.
    OrderEnded {
        /// Which.
        order: OrderId,
        /// How.
        outcome: OrderOutcome,
        /// What a person should know, empty when all went well.
        note: String,
    },
    /// The device cut itself off from the network, all but the way to the server.
    Isolated {
        /// When that ends by itself.
        until: Timestamp,
        /// What lifts it when typed on the device. The device made it and keeps only its digest.
        code: String,
        /// What led to it: the finding whose attack was stopped, none when it was ordered.
        finding: Option<FindingId>,
    },
    /// The device has its network back.
    Rejoined {
        /// Why.
        how: Rejoined,
    },
    /// What the device is made of and what runs on it, as it changed.
    Inventory {
        /// When it was gathered.
        taken_at: Timestamp,
        /// An `Inventory`, as [`crate::packed`] packs it.
        packed: String,
    },
    /// How a hunt stands, and what it found since it was last told.
    HuntTold {
        /// Which.
        hunt: HuntId,
        /// How it stands.
        state: HuntState,
        /// How many things were looked at so far.
        checked: u64,
        /// What was found since.
        hits: Vec<HuntHit>,
        /// What a person should know, empty when all went well.
        note: String,
    },
    /// What lets somebody stop and remove the agent when typed on the device. The device made it and keeps only its digest; it is
    /// good once.
    StopCode {
        /// The code.
        code: String,
    },
    /// A package of evidence is whole on the device's disk; it comes up by [`crate::evidence`].
    EvidenceCollected {
        /// What it is.
        evidence: Box<Evidence>,
    },
    /// How a folder's way back to a moment stands: looked at beforehand, on its way, or ended.
    Rollback {
        /// All of it so far; what comes later takes the place of what came before.
        rollback: Box<Rollback>,
    },
}

/// What the server answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeResponse {
    /// Every event up to this number is kept for good; the agent may forget it.
    pub acked_seq: u64,
    /// Orders that wait for this device and have not ended yet, oldest first.
    pub orders: Vec<SignedOrder>,
    /// When to call again if nothing happens, in milliseconds.
    pub next_ms: u64,
}

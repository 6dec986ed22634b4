//! Requests by which a comune asks for the service (SLA code 17) or tells that its data changed (17.1).
//!
//! A request is its log of events: its state and its deadline are computed from the log, never stored.

use crate::id::{PersonId, RequestId, TenantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What is asked, by the code of the consortium's service table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ServiceCode {
    /// Code 17, "invio link per attivazione": 5 days.
    #[serde(rename = "17")]
    Activation,
    /// Code 17.1, "aggiornamento informazioni": 1 day.
    #[serde(rename = "17.1")]
    Update,
}

impl ServiceCode {
    /// Both codes.
    pub const ALL: [Self; 2] = [Self::Activation, Self::Update];

    /// The code as the consortium writes it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Activation => "17",
            Self::Update => "17.1",
        }
    }

    /// The service of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.code() == code)
    }

    /// Days from receipt to the concluding act.
    #[must_use]
    pub const fn days(self) -> u32 {
        match self {
            Self::Activation => 5,
            Self::Update => 1,
        }
    }
}

/// What the comune wrote in its request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// Cadastral code of the comune in the register.
    pub cadastral_code: String,
    /// Name of the RTD.
    pub rtd_name: String,
    /// Their office or title ("Segretario comunale").
    pub rtd_role: String,
    /// Institutional mail address; the activation link goes there.
    pub email: String,
    /// Certified mail address (PEC) of the comune.
    pub pec: String,
    /// How many devices are to be protected.
    pub devices: u32,
    /// What else they wrote; for 17.1 what changed.
    pub note: String,
}

/// What happened to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RequestEventKind {
    /// It arrived; the clock starts.
    Received,
    /// The clock is stopped, with the reason told to the comune.
    Paused {
        /// Why.
        reason: String,
    },
    /// The clock goes on.
    Resumed,
    /// Granted: this is the concluding act.
    Approved,
    /// Not granted, with the reason told to the comune: this is a concluding act too.
    Refused {
        /// Why.
        reason: String,
    },
    /// The message with the link (or the refusal) left for the comune's mail server.
    MailSent,
}

impl RequestEventKind {
    /// The stable word.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Paused { .. } => "paused",
            Self::Resumed => "resumed",
            Self::Approved => "approved",
            Self::Refused { .. } => "refused",
            Self::MailSent => "mail_sent",
        }
    }
}

/// An event of a request's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestEvent {
    /// When.
    pub at: Timestamp,
    /// Who; nobody for the comune itself and for the platform.
    pub by: Option<PersonId>,
    /// What.
    #[serde(flatten)]
    pub kind: RequestEventKind,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// Waiting for the operator; the clock runs.
    Open,
    /// Waiting for something else; the clock stands.
    Paused,
    /// Granted.
    Approved,
    /// Not granted.
    Refused,
}

impl RequestState {
    /// The state that a log leads to; events that make no sense where they stand change nothing.
    #[must_use]
    pub fn of(log: &[RequestEvent]) -> Self {
        log.iter().fold(Self::Open, |state, event| match (state, &event.kind) {
            (Self::Open, RequestEventKind::Paused { .. }) => Self::Paused,
            (Self::Paused, RequestEventKind::Resumed) => Self::Open,
            (Self::Open | Self::Paused, RequestEventKind::Approved) => Self::Approved,
            (Self::Open | Self::Paused, RequestEventKind::Refused { .. }) => Self::Refused,
            (state, _) => state,
        })
    }

    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Approved => "approved",
            Self::Refused => "refused",
        }
    }
}

/// A request with its log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// The consortium that was asked.
    pub consortium: TenantId,
    /// What was asked.
    pub service: ServiceCode,
    /// What the comune wrote.
    pub application: Application,
    /// What happened, oldest first; the first event is always the receipt.
    pub log: Vec<RequestEvent>,
}

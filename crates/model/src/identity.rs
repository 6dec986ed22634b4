//! People, their roles, and the switch that decides what the consortium may see and do.

use crate::id::{ApiTokenId, DeviceId, PersonId, TenantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What kind of body a tenant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantKind {
    /// The body that runs the platform for its members (ASMENET and the like).
    Consortium,
    /// A municipality.
    Comune,
    /// A regional cyber police centre (COSC).
    Police,
    /// A regional ANCI.
    Association,
}

/// Who manages a comune's protection. The comune owns this switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Management {
    /// The consortium's operators see and act for the comune.
    Central,
    /// The comune's RTD alone sees and acts; the consortium sees only counts and whether devices are alive.
    Local,
}

/// A tenant, as every floor knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// What kind of body it is.
    pub kind: TenantKind,
    /// The consortium it belongs to; a consortium belongs to itself.
    pub consortium: TenantId,
    /// Its name, as people write it.
    pub name: String,
    /// Cadastral code (Siena is I726): the key of the register of comuni that survives mergers of provinces.
    pub cadastral_code: Option<String>,
    /// Who manages it.
    pub management: Management,
    /// Since when.
    pub created_at: Timestamp,
}

/// What a person is, and so what they may do (`service::rights` holds the table).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Works for the consortium and looks after many comuni.
    Operator,
    /// The officer for digital transition of one comune (art. 17 CAD).
    Rtd,
    /// Works in a municipal office.
    Clerk,
    /// Analyst of the cyber police.
    PoliceAnalyst,
    /// Coordinates the protocol for ANCI.
    Coordinator,
    /// Data protection officer or other reader of the log.
    Auditor,
}

impl Role {
    /// Every role, for tables and tests that must cover all.
    pub const ALL: [Self; 6] =
        [Self::Operator, Self::Rtd, Self::Clerk, Self::PoliceAnalyst, Self::Coordinator, Self::Auditor];

    /// The stable word for this role in the database, in APIs and in locale files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Rtd => "rtd",
            Self::Clerk => "clerk",
            Self::PoliceAnalyst => "police_analyst",
            Self::Coordinator => "coordinator",
            Self::Auditor => "auditor",
        }
    }

    /// The role of a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// A person who may sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// The tenant they belong to.
    pub tenant: TenantId,
    /// The address they sign in with, in lower case.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// The office (ufficio) they work in, where it matters.
    pub office: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
}

/// Who asks: made by authentication only, and passed to every use case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in person.
    Person {
        /// Who.
        id: PersonId,
        /// Their tenant.
        tenant: TenantId,
        /// Their role.
        role: Role,
        /// Their name, for the log.
        name: String,
    },
    /// A program with a token for the JSON API. It acts with a role, narrowed to its scopes.
    Token {
        /// Which token.
        id: ApiTokenId,
        /// Its tenant.
        tenant: TenantId,
        /// The role it acts as.
        role: Role,
        /// The scopes it was given.
        scopes: Vec<String>,
    },
    /// An agent, known by its certificate.
    Device {
        /// Which device.
        id: DeviceId,
        /// Its tenant, from the certificate.
        tenant: TenantId,
    },
    /// The platform itself: background jobs and the command line on the server.
    Platform,
    /// Somebody who has not signed in.
    Public,
}

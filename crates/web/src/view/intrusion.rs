//! Intrusions, even only attempted, and the campaigns that they belong to.

use crate::locale::Lang;
use crate::view::Chrome;
use crate::view::protection::{FindingPage, FindingRow};
use askama::Template;
use baluardo_model::Timestamp;
use baluardo_model::protection::FindingKind;
use serde::Serialize;

/// What a rule on logs and program starts saw. Texts are foreign.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct Intrusion {
    /// The rule's id.
    pub rule: String,
    /// What it finds, in English.
    pub title: String,
    /// The same in Italian.
    pub title_it: String,
    /// The address from which it came, where the events tell.
    pub source: Option<String>,
    /// The accounts that were tried or used, as far as they are told.
    pub accounts: Vec<String>,
    /// How many events stand behind it by now.
    pub count: u64,
    /// When the newest of them was.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub last_at: Timestamp,
    /// What a person needs of the newest event.
    pub fields: Vec<IntrusionField>,
}

/// A field of an event.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct IntrusionField {
    /// Its name, as rules have it.
    pub name: String,
    /// Its value, shortened and cleaned of secrets.
    pub value: String,
}

impl Intrusion {
    /// What happened and from where, in one line.
    #[must_use]
    pub fn headline(&self, chrome: &Chrome) -> String {
        let title = match chrome.lang {
            Lang::It if !self.title_it.is_empty() => &self.title_it,
            _ => &self.title,
        };
        match &self.source {
            Some(source) => chrome.t2("intrusion.from", "title", title, "source", source),
            None => title.clone(),
        }
    }
}

impl FindingRow {
    /// The story in one plain sentence.
    #[must_use]
    pub fn headline(&self, chrome: &Chrome) -> String {
        match &self.intrusion {
            Some(intrusion) => intrusion.headline(chrome),
            None => self.outcome.story(chrome, &self.kind),
        }
    }
}

impl FindingPage {
    /// The story in one plain sentence.
    #[must_use]
    pub fn headline(&self) -> String {
        match &self.intrusion {
            Some(intrusion) => intrusion.headline(&self.chrome),
            None => self.outcome.story(&self.chrome, &self.kind),
        }
    }

    /// Whether it is about somebody who came in, or tried to.
    #[must_use]
    pub fn is_intrusion(&self) -> bool {
        self.kind == FindingKind::Intrusion
    }
}

/// A campaign as a comune sees it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct CampaignRow {
    /// Its id.
    pub id: String,
    /// The address that tries.
    pub source: String,
    /// Own devices that it tried.
    pub devices: u64,
    /// How many events stand behind it there.
    pub tries: u64,
    /// When the first of the own findings came.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub first_at: Timestamp,
    /// When the newest grew.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub last_at: Timestamp,
    /// How many other comuni it tried; none while they are too few to be told.
    pub others: Option<u64>,
}

/// A campaign as the consortium sees it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct MembersCampaignRow {
    /// Its id.
    pub id: String,
    /// The address that tries.
    pub source: String,
    /// Devices that it tried.
    pub devices: u64,
    /// How many events stand behind it.
    pub tries: u64,
    /// When the first of its findings came.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub first_at: Timestamp,
    /// When the newest grew.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub last_at: Timestamp,
    /// Whom it tried among those whom the consortium manages.
    pub members: Vec<TriedMember>,
}

/// A member that a campaign tried.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct TriedMember {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Devices of it that were tried.
    pub devices: u64,
    /// How many events stand behind it there.
    pub tries: u64,
}

/// The campaigns (`/campaigns`): of one tenant, or of all members for their consortium.
#[derive(Debug, Template, Serialize)]
#[template(path = "protection/campaigns.html")]
pub struct CampaignsPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// Those of the tenant, the newest first.
    pub own: Vec<CampaignRow>,
    /// Those of a consortium's members, the newest first; none for a reader who sees only their own.
    pub members: Option<Vec<MembersCampaignRow>>,
}

//! The member comuni of a consortium.

use crate::view::overview::RankedComune;
use crate::view::parts::RefusalLine;
use crate::view::{Chrome, Paging};
use askama::Template;
use baluardo_model::Timestamp;
use baluardo_model::identity::Management;
use serde::Serialize;

/// What the list is narrowed to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ComuniFilter {
    /// Text in the name or province.
    pub q: String,
    /// `central`, `local`, or empty.
    pub management: String,
    /// `burning` for those with something wrong, or empty.
    pub state: String,
}

/// The comuni (`/comuni`), worst first.
#[derive(Debug, Template, Serialize)]
#[template(path = "members/comuni.html", blocks = ["live"])]
pub struct ComuniPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The comuni.
    pub rows: Vec<RankedComune>,
    /// What they are narrowed to.
    pub filter: ComuniFilter,
    /// The other rows.
    pub paging: Paging,
    /// What was refused at the agents' door.
    pub refusals: Vec<RefusalLine>,
}

/// A comune that takes part.
#[derive(Clone, Debug, Serialize)]
pub struct AdheringComune {
    /// Its name.
    pub name: String,
    /// The two letters of its province; empty for a body that is no comune.
    pub province: String,
    /// Who manages it.
    pub management: Management,
    /// Since when it takes part.
    pub since: Timestamp,
}

impl AdheringComune {
    /// Whether the consortium manages it.
    #[must_use]
    pub fn central(&self) -> bool {
        self.management == Management::Central
    }
}

/// The comuni that take part (`/comuni`), for those who oversee and see no comune's devices.
#[derive(Debug, Template, Serialize)]
#[template(path = "members/adhesion.html", blocks = ["live"])]
pub struct AdhesionPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The comuni, by name.
    pub rows: Vec<AdheringComune>,
    /// What they are narrowed to.
    pub filter: ComuniFilter,
    /// The other rows.
    pub paging: Paging,
}

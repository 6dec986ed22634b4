//! The member comuni of a consortium.

use crate::view::overview::RankedComune;
use crate::view::parts::RefusalLine;
use crate::view::{Chrome, Paging};
use askama::Template;
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

//! Packs of rules and indicators as a page shows them.

use crate::view::chrome::Chrome;
use crate::view::form::FieldErrors;
use askama::Template;
use baluardo_model::Timestamp;
use serde::Serialize;

/// A rule or a line that is not in force.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct LeftOutRow {
    /// Where it stands: foreign text.
    pub place: String,
    /// Why: may hold foreign text.
    pub reason: String,
}

/// A pack.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct PackRow {
    /// What people call it.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Rules in force.
    pub rules: u64,
    /// Digests of bad files.
    pub indicators: u64,
    /// Digests of good files.
    pub exclusions: u64,
    /// How many rules and lines are not in force.
    pub skipped: u64,
    /// The first hundred of them.
    pub report: Vec<LeftOutRow>,
    /// When it was imported.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub imported_at: Timestamp,
    /// By whom.
    pub imported_by: String,
}

/// Where a pack is fetched from.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct PackSourceRow {
    /// The pack's name.
    pub name: String,
    /// The address.
    pub address: String,
    /// After how many hours it is fetched again; 0 for only when somebody asks.
    pub every_hours: u64,
    /// When it is fetched next.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub due_at: Option<Timestamp>,
    /// When it was last tried.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub tried_at: Option<Timestamp>,
    /// When that last went well.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub fetched_at: Option<Timestamp>,
    /// Why the last try brought nothing: may hold foreign text; empty when it went well.
    pub failure: String,
}

/// What was typed to have a pack fetched.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SourceForm {
    /// Its name.
    pub name: String,
    /// The address.
    pub address: String,
    /// After how many hours it is fetched again.
    pub every_hours: String,
}

/// What was typed to bring a pack in.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PackForm {
    /// Its name.
    pub name: String,
    /// Rules, or a list.
    pub content: String,
}

/// The packs (`/policy/packs`).
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/packs.html")]
pub struct PacksPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// Those of the house.
    pub own: Vec<PackRow>,
    /// Those of the consortium that its devices follow, too.
    pub consortiums: Vec<PackRow>,
    /// Where its own are fetched from.
    pub sources: Vec<PackSourceRow>,
    /// What was typed.
    pub form: PackForm,
    /// What is wrong with it.
    pub errors: FieldErrors,
    /// What was typed to have a pack fetched.
    pub source: SourceForm,
    /// What is wrong with that.
    pub source_errors: FieldErrors,
    /// Whether packs of this house may come from an address.
    pub may_fetch: bool,
    /// Whether the reader may change them.
    pub may_change: bool,
}

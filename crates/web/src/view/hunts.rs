//! Pages of hunts: what was looked for, how far it came, what was found, and the form that starts one.

use crate::view::{Chrome, FieldErrors, Paging};
use askama::Template;
use baluardo_model::Timestamp;
use serde::Serialize;

/// A hunt in a list.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct HuntRow {
    /// Its id.
    pub id: String,
    /// `Quarry::code`.
    pub kind: String,
    /// What is looked for.
    pub words: String,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub asked_by: String,
    /// When.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub asked_at: Timestamp,
    /// Until when devices take it up.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub until: Timestamp,
    /// Whether somebody stopped it.
    pub stopped: bool,
    /// On how many devices.
    pub devices: u64,
    /// On how many of them nothing more comes.
    pub over: u64,
    /// How much was found.
    pub hits: u64,
}

/// How a hunt stands on one device.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct HuntDeviceRow {
    /// The device.
    pub device: String,
    /// Its own name: foreign text.
    pub hostname: String,
    /// `HuntState::code`.
    pub state: String,
    /// How many things it looked at.
    pub checked: u64,
    /// What it said: foreign text.
    pub note: String,
}

impl HuntDeviceRow {
    /// The class and the icon of its mark.
    #[must_use]
    pub fn mark(&self) -> (&'static str, &'static str) {
        match self.state.as_str() {
            "done" => ("mark-good", "it-check-circle"),
            "failed" => ("mark-bad", "it-error"),
            "running" => ("mark-info", "it-info-circle"),
            "waiting" => ("mark-warn", "it-clock"),
            _ => ("mark-off", "it-ban"),
        }
    }
}

/// Something that was found.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct HuntHitRow {
    /// The device.
    pub device: String,
    /// Its own name: foreign text.
    pub hostname: String,
    /// What: foreign text.
    pub what: String,
    /// More about it: foreign text.
    pub detail: String,
}

/// A hunt over many comuni.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct RoundRow {
    /// What was asked, with the sums of all comuni; its id is that of the round.
    #[serde(flatten)]
    pub hunt: HuntRow,
    /// In how many comuni.
    pub members: u64,
    /// In how many of them something was found.
    pub hit_members: u64,
    /// How many comuni took their management back since: their figures are theirs alone.
    pub left: u64,
}

/// The share of one comune.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct MemberHuntRow {
    /// The comune.
    pub tenant: String,
    /// Its name.
    pub name: String,
    /// Its own hunt.
    pub hunt: String,
    /// Whether somebody stopped it.
    pub stopped: bool,
    /// On how many devices.
    pub devices: u64,
    /// On how many of them nothing more comes.
    pub over: u64,
    /// How much was found.
    pub hits: u64,
    /// On how many devices.
    pub hit_devices: u64,
}

/// What was found, and how often.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct RoundFoundRow {
    /// What: foreign text.
    pub what: String,
    /// How often.
    pub hits: u64,
    /// In how many comuni.
    pub members: u64,
}

/// A hunt over many comuni (`/hunts/members/{id}`).
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/member_hunt.html", blocks = ["live"])]
pub struct MemberHuntPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The hunt.
    pub round: RoundRow,
    /// Each comune's share; those that are shown.
    pub members: Vec<MemberHuntRow>,
    /// The other rows.
    pub paging: Paging,
    /// What was found most often.
    pub found: Vec<RoundFoundRow>,
}

/// The hunts (`/hunts`).
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/hunts.html")]
pub struct HuntsPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// Newest first.
    pub rows: Vec<HuntRow>,
    /// Those over many comuni, where the reader works for the consortium; newest first.
    pub rounds: Vec<RoundRow>,
    /// Whether the reader may start one.
    pub may_hunt: bool,
}

/// One hunt (`/hunts/{id}`).
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/hunt.html", blocks = ["live"])]
pub struct HuntPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The hunt.
    pub hunt: HuntRow,
    /// Where it looks, for files.
    pub folders: Vec<String>,
    /// Its devices.
    pub devices: Vec<HuntDeviceRow>,
    /// What was found; those that are shown.
    pub hits: Vec<HuntHitRow>,
    /// The other rows.
    pub paging: Paging,
    /// Whether the reader may stop it, and it can still be stopped.
    pub may_stop: bool,
}

/// What the form holds, as typed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct HuntForm {
    /// `Quarry::code`.
    pub kind: String,
    /// SHA-256.
    pub sha256: String,
    /// A name or text.
    pub pattern: String,
    /// A YARA rule.
    pub rule: String,
    /// An address.
    pub address: String,
    /// A port.
    pub port: String,
    /// A package.
    pub name: String,
    /// From this version on.
    pub from: String,
    /// Below this version.
    pub before: String,
    /// One absolute path a line.
    pub folders: String,
    /// Why.
    pub reason: String,
    /// For how many days.
    pub days: String,
    /// Whether the member comuni are looked through too.
    pub members: bool,
}

/// The form that starts a hunt (`/hunts/new`).
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/new_hunt.html")]
pub struct NewHuntPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The fields.
    pub form: HuntForm,
    /// What is wrong with them.
    pub errors: FieldErrors,
    /// What the compiler says of the rule: foreign text; empty when nothing.
    pub compiler: String,
    /// Whether the reader may look through the member comuni too.
    pub may_members: bool,
}

impl NewHuntPage {
    fn is(&self, kinds: &[&str]) -> bool {
        kinds.contains(&self.form.kind.as_str())
    }
}

//! Pages of what devices are made of: one device told whole, programs and known vulnerabilities across the devices.

use crate::view::{Chrome, Paging};
use askama::Template;
use baluardo_model::Timestamp;
use baluardo_model::inventory::{Inventory, OWN_VAULT};
use baluardo_model::protection::Severity;
use serde::Serialize;
use std::time::Duration;

/// After so long a backup is told as old.
const OLD_BACKUP: Duration = Duration::from_secs(7 * 86_400);

/// A sentence about a device, with how it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// The class of its mark.
    pub mark: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// The words.
    pub text: String,
}

impl Sentence {
    fn good(text: String) -> Self {
        Self { mark: "mark-good", icon: "it-check-circle", text }
    }

    fn bad(text: String) -> Self {
        Self { mark: "mark-bad", icon: "it-error", text }
    }

    fn warn(text: String) -> Self {
        Self { mark: "mark-warn", icon: "it-warning-circle", text }
    }

    fn info(text: String) -> Self {
        Self { mark: "mark-info", icon: "it-info-circle", text }
    }
}

/// A known vulnerability.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct VulnerabilityRow {
    /// Its name: `CVE-2026-1234`.
    pub id: String,
    /// The source package that has it.
    pub source: String,
    /// How bad.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub severity: Severity,
    /// Its CVSS base score; null where it has none.
    pub score: Option<f32>,
    /// The oldest version that has it here.
    pub installed: String,
    /// The version that is free of it; null while there is none.
    pub fixed: Option<String>,
    /// Devices that have it.
    pub devices: u64,
}

impl VulnerabilityRow {
    /// What to do about it, in words.
    #[must_use]
    pub fn remedy(&self, chrome: &Chrome) -> String {
        match &self.fixed {
            Some(fixed) => chrome.t2("vulnerability.update", "source", &self.source, "version", fixed),
            None if self.severity >= Severity::High => chrome.t1("vulnerability.none_bad", "source", &self.source),
            None => chrome.t("vulnerability.none").into_owned(),
        }
    }
}

/// A feed of vulnerabilities that was imported.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct FeedRow {
    /// `debian` or `osv`.
    pub feed: String,
    /// When.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub imported_at: Timestamp,
    /// Vulnerabilities that it knows.
    pub vulnerabilities: u64,
}

/// What a device told of itself (`/devices/{id}/inventory`).
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/inventory.html")]
pub struct InventoryPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The device.
    pub id: String,
    /// Its own name: foreign text.
    pub hostname: String,
    /// When it told; none before it told anything.
    pub taken_at: Option<Timestamp>,
    /// What it told; empty before.
    pub inventory: Inventory,
    /// Known vulnerabilities, worst first; those that are shown.
    pub vulnerabilities: Vec<VulnerabilityRow>,
    /// How many there are in all.
    pub vulnerabilities_total: u64,
    /// From what they are known.
    pub feeds: Vec<FeedRow>,
    /// Whether the reader may ask the device to tell again.
    pub may_command: bool,
}

impl InventoryPage {
    /// What matters most, in plain words.
    #[must_use]
    pub fn sentences(&self) -> Vec<Sentence> {
        vec![self.encryption(), self.backup(), self.updates(), self.weaknesses(), self.admins(), self.open_ports()]
    }

    fn encryption(&self) -> Sentence {
        let all = &self.inventory.encryption;
        let plain: Vec<_> =
            all.iter().filter(|one| one.encrypted == Some(false)).map(|one| one.mount.as_str()).collect();
        if !plain.is_empty() {
            Sentence::warn(self.chrome.t1("inventory.disk.plain", "where", plain.join(", ")))
        } else if all.is_empty() || all.iter().any(|one| one.encrypted.is_none()) {
            Sentence::info(self.chrome.t("inventory.disk.unknown").into_owned())
        } else {
            Sentence::good(self.chrome.t("inventory.disk.encrypted").into_owned())
        }
    }

    fn backup(&self) -> Sentence {
        let newest = self.inventory.backups.iter().filter(|one| one.tool != OWN_VAULT).max_by_key(|one| one.last_at);
        match newest {
            None => Sentence::warn(self.chrome.t("inventory.backup.none").into_owned()),
            Some(backup) => {
                let when = self.chrome.relative(&backup.last_at);
                let text = self.chrome.t2("inventory.backup.last", "when", when, "tool", &backup.tool);
                let age = self.chrome.now.since(backup.last_at);
                if age > OLD_BACKUP { Sentence::warn(text) } else { Sentence::good(text) }
            }
        }
    }

    fn updates(&self) -> Sentence {
        match &self.inventory.updates {
            None => Sentence::info(self.chrome.t("inventory.updates.unknown").into_owned()),
            Some(updates) if updates.security > 0 => {
                Sentence::bad(self.chrome.n("inventory.updates.security", updates.security))
            }
            Some(updates) if updates.waiting > 0 => {
                Sentence::info(self.chrome.n("inventory.updates.waiting", updates.waiting))
            }
            Some(_) => Sentence::good(self.chrome.t("inventory.updates.none").into_owned()),
        }
    }

    fn weaknesses(&self) -> Sentence {
        if self.feeds.is_empty() {
            return Sentence::info(self.chrome.t("inventory.vulnerabilities.unknown").into_owned());
        }
        let bad =
            self.vulnerabilities.iter().filter(|one| one.severity >= Severity::High && one.fixed.is_some()).count();
        match bad as u64 {
            0 => Sentence::good(self.chrome.t("inventory.vulnerabilities.none").into_owned()),
            bad => Sentence::bad(self.chrome.n("inventory.vulnerabilities.bad", bad)),
        }
    }

    fn admins(&self) -> Sentence {
        let count = self.inventory.accounts.iter().filter(|one| !one.admin.is_empty()).count();
        Sentence::info(self.chrome.n("inventory.admins", count as u64))
    }

    fn open_ports(&self) -> Sentence {
        let open = self.inventory.ports.iter().filter(|one| !one.is_local()).count();
        Sentence::info(self.chrome.n("inventory.ports", open as u64))
    }
}

/// A program in one version.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct ProgramRow {
    /// The package.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Devices that have it.
    pub devices: u64,
}

/// A device that has a program, or a vulnerability.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct HolderRow {
    /// Its id.
    pub device: String,
    /// Its own name: foreign text.
    pub hostname: String,
    /// The version that it has.
    pub version: String,
    /// The version that is free of the vulnerability, for its release; null while there is none, and for a program.
    pub fixed: Option<String>,
}

/// Programs across the devices (`/programs`).
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/programs.html")]
pub struct ProgramsPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// Text in the name.
    pub q: String,
    /// The programs.
    pub rows: Vec<ProgramRow>,
    /// The other rows.
    pub paging: Paging,
    /// The program that was chosen, and its version; empty for none.
    pub chosen: String,
    /// Who has it.
    pub holders: Vec<HolderRow>,
}

/// Known vulnerabilities across the devices (`/vulnerabilities`).
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/vulnerabilities.html")]
pub struct VulnerabilitiesPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// Text in the name or the package.
    pub q: String,
    /// `Severity` code, or empty.
    pub severity: String,
    /// The vulnerabilities, worst first.
    pub rows: Vec<VulnerabilityRow>,
    /// The other rows.
    pub paging: Paging,
    /// From what they are known.
    pub feeds: Vec<FeedRow>,
    /// The one that was chosen; none for none.
    pub chosen: Option<ChosenVulnerability>,
}

/// One vulnerability with the devices that have it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct ChosenVulnerability {
    /// Its name.
    pub id: String,
    /// The source package.
    pub source: String,
    /// What it is, in the words of the feed: foreign text, English; may be empty.
    pub words: String,
    /// The devices that have it.
    pub holders: Vec<HolderRow>,
}

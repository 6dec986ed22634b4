//! Made-up pages: every view, empty, with one row and with many, plain or with hostile text. The tests render them, and
//! the example `gallery` writes them out to be looked at.

mod activation;
mod evidence;
mod fleet;
mod hunts;
mod identity;
mod inventory;
mod mail;
mod mailboxes;
mod overview;
mod protection;
mod reports;
mod rollback;
mod senders;

pub use protection::finding_ransomware;

use crate::locale::Lang;
use crate::view::chrome::{Chrome, Section, Who};
use crate::view::flash::Flash;
use crate::view::form::Paging;
use askama::Template;
use baluardo_model::Timestamp;
use baluardo_model::identity::Role;
use std::time::Duration;

/// The moment at which every sample is made: Sunday 22 November 2026, 10:30 in Rome.
pub const NOW: Timestamp = Timestamp::from_micros(1_795_339_800_000_000);

/// A rendered sample.
#[derive(Debug)]
pub struct Sheet {
    /// Its name: page, then variant.
    pub name: String,
    /// The whole page.
    pub html: String,
}

/// How samples are made.
#[derive(Clone, Copy, Debug)]
pub struct Maker {
    /// The language.
    pub lang: Lang,
    /// Whether every foreign text tries to break out of the page.
    pub hostile: bool,
}

impl Maker {
    /// A foreign text; hostile if that is asked for.
    pub(crate) fn text(self, plain: &str) -> String {
        if self.hostile {
            format!("{plain}<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&")
        } else {
            plain.to_owned()
        }
    }

    pub(crate) fn chrome(self, section: Section, role: Role) -> Chrome {
        let tenant = if role == Role::Operator { "ASMENET Calabria" } else { "Comune di San Giovanni in Fiore" };
        let who = Who { name: self.text("Maria Rossi"), role, tenant: self.text(tenant), comune: None };
        Chrome {
            lang: self.lang,
            now: NOW,
            csrf: "sample-csrf".to_owned(),
            path: format!("/{}?q=a&b", section.code()),
            base: String::new(),
            section,
            who: Some(who),
            flash: Vec::new(),
            local_inbox: true,
            sees_mail: false,
        }
    }

    pub(crate) fn public(self) -> Chrome {
        let mut chrome = self.chrome(Section::None, Role::Clerk);
        chrome.who = None;
        chrome
    }

    pub(crate) fn inside(self, section: Section) -> Chrome {
        let mut chrome = self.chrome(section, Role::Operator);
        chrome.base = "/comuni/00000000-0000-7000-8000-0000000000c1".to_owned();
        if let Some(who) = chrome.who.as_mut() {
            who.comune = Some(self.text("Comune di Siena"));
        }
        chrome.flash = Flash::from_code(self.lang, "scan_ordered").into_iter().collect();
        chrome
    }
}

/// The moment `minutes` before [`NOW`].
pub(crate) fn ago(minutes: u64) -> Timestamp {
    NOW.minus(Duration::from_secs(minutes * 60))
}

/// The moment `hours` after [`NOW`].
pub(crate) fn ahead(hours: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(hours * 3_600))
}

/// A made-up id.
pub(crate) fn id(number: usize) -> String {
    format!("00000000-0000-7000-8000-{number:012x}")
}

pub(crate) fn paging(path: &str, rows: usize) -> Paging {
    Paging {
        total: rows as u64 * 47,
        previous: None,
        next: (rows > 1).then(|| format!("{path}?before=9&q=a")),
        export: Some(format!("{path}.csv?q=a")),
    }
}

pub(crate) fn sheet(name: &str, variant: &str, page: &impl Template) -> Sheet {
    let html = page.render().unwrap_or_else(|error| format!("⟦{error}⟧"));
    let name = if variant.is_empty() { name.to_owned() } else { format!("{name}-{variant}") };
    Sheet { name, html }
}

/// The sizes of list that every list is made in.
pub(crate) const SIZES: [(&str, usize); 3] = [("empty", 0), ("one", 1), ("many", 25)];

/// Every page in every variant.
#[must_use]
pub fn all(make: Maker) -> Vec<Sheet> {
    let mut sheets = activation::sheets(make);
    sheets.extend(identity::sheets(make));
    sheets.extend(overview::sheets(make));
    sheets.extend(fleet::sheets(make));
    sheets.extend(inventory::sheets(make));
    sheets.extend(hunts::sheets(make));
    sheets.extend(rollback::sheets(make));
    sheets.extend(evidence::sheets(make));
    sheets.extend(protection::sheets(make));
    sheets.extend(mail::sheets(make));
    sheets.extend(senders::sheets(make));
    sheets.extend(reports::sheets(make));
    sheets.extend(mailboxes::sheets(make));
    sheets
}

/// What surrounds a public page.
#[must_use]
pub fn chrome_public(lang: Lang) -> Chrome {
    Maker { lang, hostile: false }.public()
}

/// What surrounds a page of an RTD.
#[must_use]
pub fn chrome_rtd(lang: Lang, section: Section) -> Chrome {
    Maker { lang, hostile: false }.chrome(section, Role::Rtd)
}

/// What surrounds a page of an operator inside a comune.
#[must_use]
pub fn chrome_inside(lang: Lang, section: Section) -> Chrome {
    Maker { lang, hostile: false }.inside(section)
}

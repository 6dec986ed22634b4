//! What surrounds every page: who looks at it, in which language, where they are and where they can go.

use crate::assets;
use crate::locale::Lang;
use crate::view::flash::Flash;
use baluardo_model::Timestamp;
use baluardo_model::identity::Role;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;

/// A part of the console, as the side navigation lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// The home of every role.
    Overview,
    /// The member comuni of a consortium.
    Comuni,
    /// The queue of requests.
    Requests,
    /// Devices.
    Devices,
    /// Programs on the devices.
    Programs,
    /// Known vulnerabilities on the devices.
    Vulnerabilities,
    /// What is looked for on the devices.
    Hunts,
    /// Findings.
    Findings,
    /// Addresses that try several devices.
    Campaigns,
    /// Quarantine.
    Quarantine,
    /// Held mail.
    Mail,
    /// The form for a message that looks suspicious.
    Report,
    /// Policy.
    Policy,
    /// People.
    People,
    /// Audit log.
    Audit,
    /// Settings.
    Settings,
    /// The local inbox of an installation that sends no mail.
    Inbox,
    /// None of them: public pages, errors.
    None,
}

impl Section {
    /// The stable word: the key of the name and, for all but the last, the path under the base.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Comuni => "comuni",
            Self::Requests => "requests",
            Self::Devices => "devices",
            Self::Programs => "programs",
            Self::Vulnerabilities => "vulnerabilities",
            Self::Hunts => "hunts",
            Self::Findings => "findings",
            Self::Campaigns => "campaigns",
            Self::Quarantine => "quarantine",
            Self::Mail => "mail",
            Self::Report => "report",
            Self::Policy => "policy",
            Self::People => "people",
            Self::Audit => "audit",
            Self::Settings => "settings",
            Self::Inbox => "inbox",
            Self::None => "none",
        }
    }

    /// The icon in the side navigation.
    #[must_use]
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Overview => "it-presentation",
            Self::Comuni => "it-pa",
            Self::Requests => "it-clock",
            Self::Devices => "it-software",
            Self::Programs => "it-files",
            Self::Vulnerabilities => "it-unlocked",
            Self::Hunts => "it-search",
            Self::Findings => "it-warning-circle",
            Self::Campaigns => "it-error",
            Self::Quarantine => "it-locked",
            Self::Mail => "it-mail",
            Self::Report => "it-warning-circle",
            Self::Policy => "it-tool",
            Self::People => "it-user",
            Self::Audit => "it-list",
            Self::Settings => "it-settings",
            Self::Inbox => "it-mail",
            Self::None => "it-info-circle",
        }
    }
}

/// The person who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// Their name.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// The body they work for.
    pub tenant: String,
    /// The comune they are looking into, where it is not their own body: operators under central management.
    pub comune: Option<String>,
}

/// What the calls about passkeys may answer that a person can do something about.
const PASSKEY_REFUSALS: [&str; 14] = [
    "ceremony_over",
    "control_chars",
    "email_invalid",
    "link_expired",
    "link_used",
    "passkey_none",
    "passkey_taken",
    "passkey_unreadable",
    "passkey_wrong",
    "passkeys_many",
    "passkeys_unavailable",
    "proof_needed",
    "throttled",
    "too_long",
];

/// A line of the side navigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavItem {
    /// Which part.
    pub section: Section,
    /// Where it is.
    pub href: String,
    /// Whether the page is in it.
    pub current: bool,
}

/// A number of things, however many references a template puts before it.
pub trait Count {
    /// The number.
    fn value(&self) -> u64;
}

impl Count for u64 {
    fn value(&self) -> u64 {
        *self
    }
}

impl<T: Count> Count for &T {
    fn value(&self) -> u64 {
        (**self).value()
    }
}

/// Everything around the content of a page. It is not part of the JSON twin.
#[derive(Clone, Debug)]
pub struct Chrome {
    /// The reader's language.
    pub lang: Lang,
    /// The moment the page is made, for relative times.
    pub now: Timestamp,
    /// The CSRF token that every form carries.
    pub csrf: String,
    /// Path and query of this page, for the language switch.
    pub path: String,
    /// What stands before the paths of a tenant's pages: empty for one's own, `/comuni/<id>` for an operator in a comune.
    pub base: String,
    /// Where the page is.
    pub section: Section,
    /// Who is signed in; nobody on public pages.
    pub who: Option<Who>,
    /// Notices.
    pub flash: Vec<Flash>,
    /// Whether this installation keeps its mail in the local inbox.
    pub local_inbox: bool,
    /// Whether an operator inside a comune may see its held mail, which the comune has to allow.
    pub sees_mail: bool,
}

impl Chrome {
    /// Nothing around: for the JSON twin of a page, which shows none of it.
    #[must_use]
    pub const fn bare(lang: Lang) -> Self {
        Self {
            lang,
            now: Timestamp::from_micros(0),
            csrf: String::new(),
            path: String::new(),
            base: String::new(),
            section: Section::None,
            who: None,
            flash: Vec::new(),
            local_inbox: false,
            sees_mail: false,
        }
    }

    /// The words of `key`.
    #[must_use]
    pub fn t(&self, key: &str) -> Cow<'static, str> {
        self.lang.t(key)
    }

    /// As [`Lang::t1`].
    #[must_use]
    pub fn t1(&self, key: &str, name: &str, value: impl Display) -> String {
        self.lang.t1(key, name, value)
    }

    /// As [`Lang::t2`].
    #[must_use]
    pub fn t2(&self, key: &str, name: &str, value: impl Display, other: &str, second: impl Display) -> String {
        self.lang.t2(key, (name, &value), (other, &second))
    }

    /// As [`Lang::n`].
    #[must_use]
    pub fn n(&self, key: &str, count: impl Count) -> String {
        self.lang.n(key, count.value())
    }

    /// The words that stand beside a figure, singular or plural, without the figure.
    #[must_use]
    pub fn count_word(&self, key: impl AsRef<str>, count: impl Count) -> String {
        self.lang.n(key.as_ref(), count.value())
    }

    /// As [`Lang::word`].
    #[must_use]
    pub fn word(&self, prefix: &str, code: impl AsRef<str>) -> Cow<'static, str> {
        self.lang.word(prefix, code.as_ref())
    }

    /// As [`Lang::word_or_code`].
    #[must_use]
    pub fn word_or_code(&self, prefix: &str, code: impl AsRef<str>) -> String {
        self.lang.word_or_code(prefix, code.as_ref())
    }

    /// Whether two texts are the same, however many references a template puts before them.
    #[must_use]
    pub fn same(&self, one: impl AsRef<str>, other: impl AsRef<str>) -> bool {
        one.as_ref() == other.as_ref()
    }

    /// As [`Lang::number`].
    #[must_use]
    pub fn number(&self, number: impl Count) -> String {
        self.lang.number(number.value())
    }

    /// As [`Lang::bytes`].
    #[must_use]
    pub fn bytes(&self, bytes: impl Count) -> String {
        self.lang.bytes(bytes.value())
    }

    /// As [`Lang::relative`], counted from the moment of the page.
    #[must_use]
    pub fn relative(&self, at: &Timestamp) -> String {
        self.lang.relative(*at, self.now)
    }

    /// As [`Lang::exact`].
    #[must_use]
    pub fn exact(&self, at: &Timestamp) -> String {
        self.lang.exact(*at)
    }

    /// As [`Lang::due`].
    #[must_use]
    pub fn due(&self, at: &Timestamp) -> String {
        self.lang.due(*at)
    }

    /// As [`Lang::time`].
    #[must_use]
    pub fn time(&self, at: &Timestamp) -> String {
        self.lang.time(*at)
    }

    /// The address of a page of the tenant that is looked at.
    #[must_use]
    pub fn under(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The address of an asset.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// The address of an icon of the sprite.
    #[must_use]
    pub fn icon(&self, name: &str) -> String {
        format!("{}#{name}", assets::url("icons.svg"))
    }

    /// What the script of passkeys says when the platform refuses, by the code of the refusal, as JSON.
    #[must_use]
    pub fn passkey_refusals(&self) -> String {
        let words: BTreeMap<_, _> =
            PASSKEY_REFUSALS.iter().map(|code| (*code, self.lang.word_or_code("error.", code))).collect();
        serde_json::to_string(&words).unwrap_or_default()
    }

    /// The side navigation of the signed-in person: what their role may open, and nothing that would be refused.
    #[must_use]
    pub fn nav(&self) -> Vec<NavItem> {
        let Some(who) = &self.who else { return Vec::new() };
        let inside = !self.base.is_empty();
        let sections = sections(who.role, inside, self.local_inbox, self.sees_mail);
        let item = |section: Section| NavItem {
            section,
            href: format!("{}/{}", self.base, section.code()),
            current: section == self.section,
        };
        sections.into_iter().map(item).collect()
    }

    /// Whether the reader works for the consortium.
    #[must_use]
    pub fn is_operator(&self) -> bool {
        self.who.as_ref().is_some_and(|who| who.role == Role::Operator)
    }
}

/// What every house has, a comune and a consortium alike.
const OF_A_HOUSE: [Section; 12] = [
    Section::Devices,
    Section::Programs,
    Section::Vulnerabilities,
    Section::Hunts,
    Section::Findings,
    Section::Campaigns,
    Section::Quarantine,
    Section::Mail,
    Section::Policy,
    Section::People,
    Section::Audit,
    Section::Settings,
];

/// The parts that a role may open; `inside` a comune an operator has that comune's parts.
fn sections(role: Role, inside: bool, local_inbox: bool, sees_mail: bool) -> Vec<Section> {
    use Section as S;
    match role {
        Role::Operator if inside => {
            let first =
                [S::Devices, S::Programs, S::Vulnerabilities, S::Hunts, S::Findings, S::Campaigns, S::Quarantine];
            let mut all = first.to_vec();
            all.extend(sees_mail.then_some(S::Mail));
            all.extend([S::Policy, S::Audit]);
            all
        }
        Role::Operator => {
            // The consortium's own computers are guarded like anybody's.
            let mut all = [&[S::Overview, S::Requests, S::Comuni], OF_A_HOUSE.as_slice()].concat();
            all.extend(local_inbox.then_some(S::Inbox));
            all
        }
        Role::Rtd => [&[S::Overview], OF_A_HOUSE.as_slice()].concat(),
        Role::Clerk => vec![S::Overview, S::Report],
        Role::PoliceAnalyst => vec![S::Overview],
        Role::Coordinator => vec![S::Overview, S::Comuni],
        Role::Auditor => vec![S::Overview, S::Comuni, S::Policy, S::Audit],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample;

    #[test]
    fn inside_a_comune_every_link_stays_inside() {
        let chrome = sample::chrome_inside(Lang::It, Section::Devices);
        assert!(chrome.nav().iter().all(|item| item.href.starts_with("/comuni/")));
        assert_eq!(chrome.nav().iter().filter(|item| item.current).count(), 1);
    }

    #[test]
    fn a_clerk_sees_home_and_the_form_for_reports_only() {
        assert_eq!(sections(Role::Clerk, false, true, false), [Section::Overview, Section::Report]);
    }
}

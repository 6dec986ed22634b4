//! The findings of a tenant, newest arrival first.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::protection::{FindingKind, Severity};
use baluardo_model::{DeviceId, FindingId, TenantId, Timestamp};
use baluardo_store::protection::findings::{FindingRow, FindingSearch};
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// The most findings of one page.
const PAGE: u32 = 50;

/// Whether somebody has looked after a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingState {
    /// Not yet.
    Open,
    /// It was marked as handled.
    Handled,
}

impl FindingState {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Handled => "handled",
        }
    }

    /// The state of a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Open, Self::Handled].into_iter().find(|state| state.code() == code)
    }
}

/// A place in the list: time of arrival and id, as `micros.id` in an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FindingCursor {
    /// When the finding at this place came.
    pub received_at: Timestamp,
    /// Which it is.
    pub id: FindingId,
}

impl fmt::Display for FindingCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.received_at.micros(), self.id)
    }
}

impl FromStr for FindingCursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parts = text.split_once('.').and_then(|(at, id)| Some((at.parse::<i64>().ok()?, id.parse().ok()?)));
        let bad = || Error::invalid("before", "cursor_bad", "this is no place in a list: begin from the first page");
        let (at, id) = parts.ok_or_else(bad)?;
        Ok(Self { received_at: Timestamp::from_micros(at), id })
    }
}

/// What part of the findings to read.
#[derive(Clone, Debug, Default)]
pub struct FindingFilter {
    /// Only findings whose path, device or story holds this; empty for all.
    pub text: String,
    /// Only this severity and worse.
    pub least: Option<Severity>,
    /// Only this kind.
    pub kind: Option<FindingKind>,
    /// Only open or only handled ones.
    pub state: Option<FindingState>,
    /// Only those whose files are not all back.
    pub lost: bool,
    /// Only of this device.
    pub device: Option<DeviceId>,
    /// Only below this place: [`FindingPage::next`] of the page before.
    pub before: Option<FindingCursor>,
}

/// A page of findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingPage {
    /// The findings.
    pub findings: Vec<FindingRow>,
    /// How many the filter finds on all pages.
    pub total: u64,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
}

/// A page of the findings of `tenant`.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_findings(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    filter: &FindingFilter,
) -> Result<FindingPage, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeFindings, tenant).await?;
    let device = filter.device.map(|device| device.to_string()).unwrap_or_default();
    let severities = filter.least.map(and_worse).unwrap_or_default();
    let search = FindingSearch {
        before: filter.before.map(|place| (place.received_at, place.id)),
        text: &filter.text,
        severities: &severities,
        kind: filter.kind.map_or("", FindingKind::code),
        device: &device,
        state: filter.state.map_or("", FindingState::code),
        lost: filter.lost,
        // One more than is shown tells whether there is a next page.
        limit: PAGE + 1,
    };
    let mut findings = tx.tenant(scope).findings(&search).await?;
    let total = tx.tenant(scope).count_findings(&search).await?;
    let more = findings.len() > PAGE as usize;
    findings.truncate(PAGE as usize);
    let next = findings.last().filter(|_| more);
    let next = next.map(|row| FindingCursor { received_at: row.received_at, id: row.id }.to_string());
    Ok(FindingPage { findings, total, next })
}

/// The stable words of a severity and of all that are worse.
fn and_worse(least: Severity) -> String {
    let all = [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    let words: Vec<&str> = all.into_iter().filter(|severity| *severity >= least).map(Severity::code).collect();
    words.join(" ")
}

//! The operator's queue: requests with their clocks.

use crate::activation::form::comune_of;
use crate::error::Error;
use crate::house::House;
use crate::identity::patron_of;
use crate::rights::{Act, consortium_scope, platform_scope};
use baluardo_model::activation::{Application, Request, RequestState, ServiceCode};
use baluardo_model::calendar::Patron;
use baluardo_model::identity::Actor;
use baluardo_model::sla::{SlaState, SlaView, sla};
use baluardo_model::{PersonId, RequestId, Timestamp};
use baluardo_store::Tx;
use serde::Serialize;
use std::collections::BTreeMap;

/// How many requests a page holds.
const PAGE: usize = 50;

/// Which requests are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestShown {
    /// Those that wait for an answer, the next deadline first, paused ones last.
    #[default]
    Waiting,
    /// Those that were answered, the newest answer first.
    Concluded,
    /// All, the newest first.
    All,
}

impl RequestShown {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Concluded, Self::All];

    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Concluded => "concluded",
            Self::All => "all",
        }
    }

    /// What a stable word says.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shown| shown.code() == code)
    }
}

/// A search in the queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// Which.
    pub shown: RequestShown,
    /// Only those for this service.
    pub service: Option<ServiceCode>,
    /// Only those that name this (comune, RTD, address), in either case; empty for all.
    pub text: String,
    /// Only those that stand here; none for every state that `shown` lets through.
    pub state: Option<RequestState>,
    /// Which page of fifty, from 0.
    pub page: usize,
    /// All pages at once, for an export.
    pub whole: bool,
}

/// A request, as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestView {
    /// What was asked, and what happened.
    pub request: Request,
    /// Name of the comune.
    pub comune: String,
    /// Two letters of its province.
    pub province: String,
    /// Residents of the comune, where the register tells them.
    pub population: Option<u32>,
    /// Where it stands.
    pub state: RequestState,
    /// The clock, with how the deadline came about.
    pub sla: SlaView,
    /// For an update: what the comune wrote the last time it was granted something. Only [`get_request`] tells.
    pub before: Option<Application>,
    /// The names of those who acted in the log. Only [`get_request`] tells.
    pub names: BTreeMap<PersonId, String>,
}

/// A page of the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestPage {
    /// The requests of this page.
    pub requests: Vec<RequestView>,
    /// How many the search found on all pages.
    pub found: usize,
    /// How many wait for an answer, whatever the search.
    pub waiting: usize,
    /// How many of those are late.
    pub overdue: usize,
    /// How many pages the search has.
    pub pages: usize,
}

/// The requests that a search finds.
///
/// # Errors
/// As [`consortium_scope`].
#[crate::act]
pub async fn list_requests(house: &House, actor: &Actor, filter: &RequestFilter) -> Result<RequestPage, Error> {
    let now = house.now();
    let mut tx = house.store.read().await?;
    let scope = consortium_scope(&mut tx, actor, Act::SeeRequests).await?;
    let patron = patron_of(&mut tx, scope.consortium()).await?;
    let requests = tx.consortium(scope).requests().await?;
    let all = requests.into_iter().map(|request| view(request, patron, now)).collect::<Result<Vec<_>, _>>()?;
    let waiting = all.iter().filter(|view| waits(view)).count();
    let overdue = all.iter().filter(|view| view.sla.state == SlaState::Overdue).count();
    let mut found: Vec<RequestView> = all.into_iter().filter(|view| fits(filter, view)).collect();
    sort(filter.shown, &mut found);
    let total = found.len();
    let (skipped, taken) = if filter.whole { (0, total) } else { (filter.page.saturating_mul(PAGE), PAGE) };
    let requests = found.into_iter().skip(skipped).take(taken).collect();
    Ok(RequestPage { requests, found: total, waiting, overdue, pages: total.div_ceil(PAGE) })
}

/// One request.
///
/// # Errors
/// As [`consortium_scope`]; [`Error::NotFound`].
#[crate::act]
pub async fn get_request(house: &House, actor: &Actor, id: RequestId) -> Result<RequestView, Error> {
    let mut tx = house.store.read().await?;
    let scope = consortium_scope(&mut tx, actor, Act::SeeRequests).await?;
    let patron = patron_of(&mut tx, scope.consortium()).await?;
    let request = tx.consortium(scope).request(id).await?.ok_or(Error::NotFound)?;
    let mut view = view(request, patron, house.now())?;
    if view.request.service == ServiceCode::Update {
        let member = tx.consortium(scope).member_by_code(&view.request.application.cadastral_code).await?;
        if let Some(member) = member {
            view.before = known_application(&mut tx, member.id).await?;
        }
    }
    for by in view.request.log.iter().filter_map(|event| event.by) {
        // Somebody of another body cannot have acted here, so the names are the consortium's own.
        if let Some(found) = tx.tenant(platform_scope(scope.consortium())).person(by).await? {
            view.names.insert(by, found.person.name);
        }
    }
    Ok(view)
}

/// The name of the setting that keeps what a comune wrote the last time it was granted something.
pub(super) const APPLICATION: &str = "application";

async fn known_application(tx: &mut Tx, tenant: baluardo_model::TenantId) -> Result<Option<Application>, Error> {
    let text = tx.tenant(platform_scope(tenant)).setting(APPLICATION).await?;
    text.map(|text| serde_json::from_str(&text).map_err(Error::internal)).transpose()
}

fn view(request: Request, patron: Option<Patron>, now: Timestamp) -> Result<RequestView, Error> {
    let comune = comune_of(&request.application.cadastral_code)?;
    Ok(RequestView {
        comune: comune.name.clone(),
        province: comune.province_code.clone(),
        population: comune.population,
        state: RequestState::of(&request.log),
        sla: sla(request.service, &request.log, patron, now),
        before: None,
        names: BTreeMap::new(),
        request,
    })
}

fn waits(view: &RequestView) -> bool {
    matches!(view.state, RequestState::Open | RequestState::Paused)
}

fn fits(filter: &RequestFilter, view: &RequestView) -> bool {
    let shown = match filter.shown {
        RequestShown::Waiting => waits(view),
        RequestShown::Concluded => !waits(view),
        RequestShown::All => true,
    };
    let text = filter.text.trim().to_lowercase();
    let application = &view.request.application;
    let named =
        [&view.comune, &application.rtd_name, &application.email, &application.pec, &application.cadastral_code]
            .iter()
            .any(|field| field.to_lowercase().contains(&text));
    let stands = filter.state.is_none_or(|state| state == view.state);
    shown && stands && named && filter.service.is_none_or(|service| service == view.request.service)
}

fn sort(shown: RequestShown, views: &mut [RequestView]) {
    match shown {
        RequestShown::Waiting => {
            let last = Timestamp::from_micros(i64::MAX);
            views.sort_by_key(|view| (view.sla.deadline.unwrap_or(last), view.sla.started));
        }
        RequestShown::Concluded => views.sort_by_key(|view| std::cmp::Reverse(view.sla.concluded)),
        RequestShown::All => views.sort_by_key(|view| std::cmp::Reverse((view.sla.started, view.request.id))),
    }
}

//! The requests behind one public figure of the SLA: which comune, and its clock; no person and no address.

use crate::activation::form::comune_of;
use crate::activation::sla_figures::{everything, month_of};
use crate::error::Error;
use crate::house::House;
use baluardo_model::activation::{Request, RequestState, ServiceCode};
use baluardo_model::sla::{SlaState, SlaView, TraceStep, sla};
use serde::Serialize;

/// Which figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlaOutcome {
    /// Answered in time.
    Kept,
    /// Answered late, or late by now.
    Missed,
    /// Not answered, and not late.
    Running,
}

impl SlaOutcome {
    /// The outcome that a state of the clock counts as.
    #[must_use]
    pub const fn of(state: SlaState) -> Self {
        match state {
            SlaState::Kept => Self::Kept,
            SlaState::Missed | SlaState::Overdue => Self::Missed,
            SlaState::Running | SlaState::Paused => Self::Running,
        }
    }
}

/// A request behind a figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SlaCase {
    /// Name of the comune.
    pub comune: String,
    /// Where the request stands.
    pub state: RequestState,
    /// Its clock; the reasons of pauses, which were told to the comune alone, are left out.
    pub sla: SlaView,
}

/// The requests for `service` that arrived in `month` (`2026-11`) and ended as `outcome`, in the order of receipt.
/// Everybody may see them.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn sla_cases(
    house: &House,
    month: &str,
    service: ServiceCode,
    outcome: SlaOutcome,
) -> Result<Vec<SlaCase>, Error> {
    let now = house.now();
    let mut tx = house.store.read().await?;
    let Some(consortium) = tx.platform().first_consortium().await? else { return Ok(Vec::new()) };
    let (requests, patron) = everything(&mut tx, consortium.id).await?;
    let of_figure = |request: &&Request| request.service == service && month_of(request) == month;
    let case = |request: &Request| {
        let view = without_reasons(sla(request.service, &request.log, patron, now));
        let comune = comune_of(&request.application.cadastral_code)?.name.clone();
        Ok(SlaCase { comune, state: RequestState::of(&request.log), sla: view })
    };
    let cases: Vec<SlaCase> = requests.iter().filter(of_figure).map(case).collect::<Result<_, Error>>()?;
    Ok(cases.into_iter().filter(|case| SlaOutcome::of(case.sla.state) == outcome).collect())
}

/// A clock as everybody may see it: a reason can name people.
fn without_reasons(mut view: SlaView) -> SlaView {
    for step in &mut view.trace {
        if let TraceStep::Paused { reason, .. } = step {
            reason.clear();
        }
    }
    view
}

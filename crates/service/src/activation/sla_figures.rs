//! The SLA in public: how many requests were answered in time, month by month, and nothing about whom.

use crate::activation::sla_cases::SlaOutcome;
use crate::error::Error;
use crate::house::House;
use crate::identity::patron_of;
use crate::rights::desk_scope;
use baluardo_model::activation::{Request, ServiceCode};
use baluardo_model::calendar::Patron;
use baluardo_model::sla::sla;
use baluardo_model::{TenantId, Timestamp};
use baluardo_store::Tx;
use serde::Serialize;
use std::collections::BTreeMap;

/// Seconds of a day, for durations that people read.
const DAY: f64 = 24.0 * 60.0 * 60.0;

/// The requests of one service that arrived in one month.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SlaMonth {
    /// Which service.
    pub service: ServiceCode,
    /// Which month in Europe/Rome, as `2026-11`.
    pub month: String,
    /// How many arrived.
    pub received: u32,
    /// Answered in time.
    pub kept: u32,
    /// Answered late, or late by now.
    pub missed: u32,
    /// Not answered, and not late: the clock runs or stands.
    pub running: u32,
    /// Days from receipt to answer, pauses included, of the one in the middle; nothing while none is answered.
    pub median_days: Option<f64>,
}

/// The figures as of an instant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SlaFigures {
    /// When they were counted.
    pub as_of: Timestamp,
    /// Month by month, the newest first; within a month by service.
    pub months: Vec<SlaMonth>,
    /// All months together, one line for each service; their `month` is empty.
    pub totals: Vec<SlaMonth>,
}

/// Counts the figures. Everybody may see them.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn sla_figures(house: &House) -> Result<SlaFigures, Error> {
    let now = house.now();
    let mut tx = house.store.read().await?;
    let (requests, patron) = match tx.platform().first_consortium().await? {
        Some(consortium) => everything(&mut tx, consortium.id).await?,
        None => (Vec::new(), None),
    };
    let mut months: BTreeMap<(std::cmp::Reverse<String>, &str), Tally> = BTreeMap::new();
    let mut totals = ServiceCode::ALL.map(|service| (service, Tally::default()));
    for request in &requests {
        let place = (std::cmp::Reverse(month_of(request)), request.service.code());
        months.entry(place).or_default().add(request, patron, now);
        for (service, tally) in &mut totals {
            if *service == request.service {
                tally.add(request, patron, now);
            }
        }
    }
    let months = months
        .into_iter()
        .filter_map(|((month, code), tally)| ServiceCode::from_code(code).map(|service| tally.told(service, month.0)));
    let totals = totals.into_iter().map(|(service, tally)| tally.told(service, String::new()));
    Ok(SlaFigures { as_of: now, months: months.collect(), totals: totals.collect() })
}

/// The month of receipt in Europe/Rome, as `2026-11`.
pub(super) fn month_of(request: &Request) -> String {
    request.log.first().map(|event| event.at.rome().strftime("%Y-%m").to_string()).unwrap_or_default()
}

/// Every request of a consortium, and the patron's day that its clocks know.
pub(super) async fn everything(tx: &mut Tx, consortium: TenantId) -> Result<(Vec<Request>, Option<Patron>), Error> {
    let patron = patron_of(tx, consortium).await?;
    Ok((tx.consortium(desk_scope(consortium)).requests().await?, patron))
}

/// A count in the making.
#[derive(Default)]
struct Tally {
    received: u32,
    kept: u32,
    missed: u32,
    running: u32,
    /// Days to the answer, of each request that has one.
    days: Vec<f64>,
}

impl Tally {
    fn add(&mut self, request: &Request, patron: Option<Patron>, now: Timestamp) {
        let view = sla(request.service, &request.log, patron, now);
        self.received += 1;
        match SlaOutcome::of(view.state) {
            SlaOutcome::Kept => self.kept += 1,
            SlaOutcome::Missed => self.missed += 1,
            SlaOutcome::Running => self.running += 1,
        }
        if let Some(concluded) = view.concluded {
            self.days.push(concluded.since(view.started).as_secs_f64() / DAY);
        }
    }

    fn told(mut self, service: ServiceCode, month: String) -> SlaMonth {
        self.days.sort_by(f64::total_cmp);
        let median_days = median(&self.days);
        let Self { received, kept, missed, running, .. } = self;
        SlaMonth { service, month, received, kept, missed, running, median_days }
    }
}

/// The middle of sorted numbers, or the mean of the two in the middle.
fn median(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    let upper = sorted.get(middle).copied()?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    sorted.get(middle.checked_sub(1)?).map(|lower| f64::midpoint(*lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[1.0, 2.0]), Some(1.5));
        assert_eq!(median(&[1.0, 2.0, 9.0]), Some(2.0));
    }
}

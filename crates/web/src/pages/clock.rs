//! From the clock of a request, as the ground floor counts it, to what pages show of it.

use crate::view::activation::{SlaClock, TraceKind, TraceLine};
use baluardo_model::Timestamp;
use baluardo_model::activation::RequestState;
use baluardo_model::sla::{SlaView, TraceStep};

/// The clock of a request that stands at `state`.
#[must_use]
pub fn clock(sla: &SlaView, state: RequestState) -> SlaClock {
    SlaClock {
        received: sla.started,
        due: sla.deadline,
        // Rounded down: a full bar is a late act.
        percent: sla.used / 10,
        state,
        concluded: sla.concluded,
    }
}

/// How the deadline came about, in the lines that people need.
#[must_use]
pub fn trace(sla: &SlaView) -> Vec<TraceLine> {
    let last = sla.trace.iter().rev().find_map(|step| match step {
        TraceStep::Counted { n, .. } if sla.deadline.is_some() => Some(*n),
        _ => None,
    });
    sla.trace.iter().flat_map(|step| lines(step, last)).collect()
}

/// The lines of one step; `last` is the number of the last day that counts, where it is known.
fn lines(step: &TraceStep, last: Option<u32>) -> Vec<TraceLine> {
    let line = |kind, at| TraceLine { kind, at, days: 0, holiday: String::new() };
    match step {
        TraceStep::Received { at, .. } => vec![line(TraceKind::Received, *at)],
        TraceStep::Counted { day, n } => {
            let first = (*n == 1).then(|| line(TraceKind::FirstDay, Timestamp::noon(*day)));
            let end =
                (last == Some(*n)).then(|| TraceLine { days: *n, ..line(TraceKind::LastDay, Timestamp::noon(*day)) });
            first.into_iter().chain(end).collect()
        }
        TraceStep::Paused { at, .. } => vec![line(TraceKind::Paused, *at)],
        TraceStep::Resumed { at, .. } => vec![line(TraceKind::Resumed, *at)],
        TraceStep::LastDayHoliday { day, holiday } => {
            vec![TraceLine { holiday: holiday.code().to_owned(), ..line(TraceKind::Holiday, Timestamp::noon(*day)) }]
        }
        TraceStep::Deadline { at } => vec![line(TraceKind::Due, *at)],
        // The words of the other lines say these: the day of receipt is not counted, days of a pause do not count, a
        // holiday moves the end. The acts stand in the log of the request.
        TraceStep::FirstDayExcluded { .. }
        | TraceStep::NotCounted { .. }
        | TraceStep::MovedTo { .. }
        | TraceStep::Concluded { .. }
        | TraceStep::MailSent { .. }
        | TraceStep::Ignored { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use baluardo_model::activation::{RequestEvent, RequestEventKind, ServiceCode};
    use baluardo_model::sla::sla;
    use std::time::Duration;

    /// Monday 2 November 2026, 09:00 in Rome.
    const RECEIVED: Timestamp = Timestamp::from_micros(1_793_606_400_000_000);

    fn event(hours: u64, kind: RequestEventKind) -> RequestEvent {
        RequestEvent { at: RECEIVED.plus(Duration::from_secs(hours * 3600)), by: None, kind }
    }

    fn kinds(log: &[RequestEvent], service: ServiceCode) -> Vec<&'static str> {
        let view = sla(service, log, None, RECEIVED.plus(Duration::from_secs(60 * 3600)));
        trace(&view).iter().map(|line| line.kind.code()).collect()
    }

    #[test]
    fn a_deadline_is_told_from_receipt_to_due() {
        let log = [event(0, RequestEventKind::Received)];
        assert_eq!(kinds(&log, ServiceCode::Activation), ["received", "first_day", "last_day", "due"]);
        assert_eq!(kinds(&log, ServiceCode::Update), ["received", "first_day", "last_day", "due"]);
    }

    #[test]
    fn a_last_day_that_is_a_holiday_is_told() {
        // Tuesday 3 November and five days: Sunday 8 is a holiday.
        let log = [event(24, RequestEventKind::Received)];
        let told = kinds(&log, ServiceCode::Activation);
        assert_eq!(told, ["received", "first_day", "last_day", "holiday", "due"]);
    }

    #[test]
    fn while_the_clock_stands_nobody_names_a_last_day() {
        let log =
            [event(0, RequestEventKind::Received), event(50, RequestEventKind::Paused { reason: "x".to_owned() })];
        assert_eq!(kinds(&log, ServiceCode::Activation), ["received", "first_day", "paused"]);
        let view = sla(ServiceCode::Activation, &log, None, RECEIVED.plus(Duration::from_secs(60 * 3600)));
        assert_eq!(clock(&view, RequestState::Paused).due, None);
    }
}

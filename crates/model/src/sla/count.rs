//! The count of days while a log is read: each event moves it on, and at the end it becomes a view.

use super::{SlaRule, SlaState, SlaView, Threshold, TraceStep};
use crate::activation::{RequestEvent, RequestEventKind};
use crate::calendar::{Holiday, Patron, end_of};
use crate::time::Timestamp;
use jiff::civil::Date;
use std::time::Duration;

/// 1 January 1970 and 1 January 9999, both in UTC: between them every instant has a civil day, with room for a deadline.
const EARLIEST: Timestamp = Timestamp::from_micros(0);
const LATEST: Timestamp = Timestamp::from_micros(253_370_764_800_000_000);

#[derive(Clone)]
pub(super) struct Count {
    rule: SlaRule,
    patron: Option<Patron>,
    started: Timestamp,
    /// The latest instant that the log has told so far: time never goes back.
    latest: Timestamp,
    /// The last day of which it is decided whether it counts.
    settled: Date,
    /// How many days have counted.
    counted: u32,
    /// The midnight before which the act has to happen, once it is found.
    deadline: Option<Timestamp>,
    /// How long the clock ran before `since`.
    ran: Duration,
    /// When the clock last began to run or to stand.
    since: Timestamp,
    /// The day on which the clock was stopped, while it stands.
    paused_on: Option<Date>,
    concluded: Option<Timestamp>,
    trace: Vec<TraceStep>,
}

impl Count {
    /// The clock at the receipt.
    pub(super) fn starting(rule: SlaRule, patron: Option<Patron>, received: Timestamp) -> Self {
        let at = bounded(received);
        let on = day_of(at);
        Self {
            rule,
            patron,
            started: at,
            latest: at,
            settled: on,
            counted: 0,
            deadline: None,
            ran: Duration::ZERO,
            since: at,
            paused_on: None,
            concluded: None,
            trace: vec![TraceStep::Received { at, on }, TraceStep::FirstDayExcluded { day: on }],
        }
    }

    /// Moves on to an event of the log.
    pub(super) fn take(&mut self, event: &RequestEvent) {
        self.latest = self.latest.max(bounded(event.at));
        let (at, on) = (self.latest, day_of(self.latest));
        self.count_before(Some(on));
        match (&event.kind, self.concluded, self.paused_on) {
            (RequestEventKind::MailSent, _, _) => self.trace.push(TraceStep::MailSent { at, on }),
            (RequestEventKind::Approved | RequestEventKind::Refused { .. }, None, _) => self.conclude(at, on),
            (RequestEventKind::Paused { reason }, None, None) if self.deadline.is_none() => {
                self.ran += at.since(self.since);
                self.since = at;
                self.paused_on = Some(on);
                self.trace.push(TraceStep::Paused { at, on, reason: reason.clone() });
            }
            (RequestEventKind::Resumed, None, Some(paused_on)) => self.resume(at, on, paused_on),
            (kind, _, _) => self.trace.push(TraceStep::Ignored { at, on, event: kind.code() }),
        }
    }

    /// The clock at the present.
    pub(super) fn view(mut self, now: Timestamp) -> SlaView {
        self.count_before(None);
        let end = self.concluded.unwrap_or(self.latest.max(bounded(now)));
        let state = match (self.concluded, self.is_late(end), self.paused_on) {
            (Some(_), true, _) => SlaState::Missed,
            (Some(_), false, _) => SlaState::Kept,
            (None, true, _) => SlaState::Overdue,
            (None, false, Some(_)) => SlaState::Paused,
            (None, false, None) => SlaState::Running,
        };
        let used = self.used(end);
        SlaView {
            rule: self.rule,
            started: self.started,
            deadline: self.deadline,
            concluded: self.concluded,
            state,
            used,
            threshold: Threshold::of(used),
            trace: self.trace,
        }
    }

    /// Counts the days before `end`, or all of them, until the deadline is found. Does nothing while the clock stands.
    fn count_before(&mut self, end: Option<Date>) {
        while self.deadline.is_none() && self.paused_on.is_none() {
            let Ok(day) = self.settled.tomorrow() else { return };
            if end.is_some_and(|end| day >= end) {
                return;
            }
            self.settled = day;
            let moved = self.counted == self.rule.days;
            if !moved {
                self.counted += 1;
                self.trace.push(TraceStep::Counted { day, n: self.counted });
            }
            if self.counted == self.rule.days {
                self.end_on(day, moved);
            }
        }
    }

    /// Makes `day` the last one, unless it is a holiday.
    fn end_on(&mut self, day: Date, moved: bool) {
        if let Some(holiday) = Holiday::of(day, self.patron) {
            self.trace.push(TraceStep::LastDayHoliday { day, holiday });
            return;
        }
        if moved {
            self.trace.push(TraceStep::MovedTo { day });
        }
        self.deadline = end_of(day);
        self.trace.extend(self.deadline.map(|at| TraceStep::Deadline { at }));
    }

    fn resume(&mut self, at: Timestamp, on: Date, paused_on: Date) {
        self.since = at;
        self.paused_on = None;
        self.trace.push(TraceStep::Resumed { at, on });
        if on > paused_on {
            // The day of the pause is already decided when it is the day of receipt or of an earlier resumption.
            let from = if paused_on > self.settled { Some(paused_on) } else { self.settled.tomorrow().ok() };
            self.trace.extend(from.map(|from| TraceStep::NotCounted { from, to: on }));
            self.settled = on;
        }
    }

    fn conclude(&mut self, at: Timestamp, on: Date) {
        self.count_before(None);
        self.concluded = Some(at);
        self.trace.push(TraceStep::Concluded { at, on, late: self.is_late(at) });
    }

    fn is_late(&self, at: Timestamp) -> bool {
        self.deadline.is_some_and(|deadline| at >= deadline)
    }

    /// The share of the allowed time that is used at an instant, in permille, rounded down.
    fn used(&self, at: Timestamp) -> u32 {
        let (elapsed, deadline) = if self.paused_on.is_some() {
            let mut as_if_running = Self { paused_on: None, ..self.clone() };
            as_if_running.count_before(None);
            (self.ran, as_if_running.deadline)
        } else {
            (self.ran + at.since(self.since), self.deadline)
        };
        let allowed = self.ran + deadline.map_or(Duration::ZERO, |deadline| deadline.since(self.since));
        let permille = elapsed.as_micros() * 1000 / allowed.as_micros().max(1);
        u32::try_from(permille).unwrap_or(u32::MAX)
    }
}

/// An instant moved to the nearest one that has a civil day.
fn bounded(at: Timestamp) -> Timestamp {
    at.clamp(EARLIEST, LATEST)
}

fn day_of(at: Timestamp) -> Date {
    at.rome().date()
}

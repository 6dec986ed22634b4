//! The clock of a request against a slow oracle of another make, over thousands of random logs.
//!
//! The oracle knows nothing of the product's calendar nor of its time zone data. It builds the days of 2024 to 2037 by
//! stepping from Monday 1 January 2024, each 24 hours long but for the last Sundays of March (23) and October (25), with a
//! table of Easters. For every single day it asks the log anew whether the clock ran just before the day began and just
//! before it ended, and it adds up the time that ran in steps of a quarter of an hour at most.

use baluardo_model::Timestamp;
use baluardo_model::activation::{RequestEvent, RequestEventKind, RequestState, ServiceCode};
use baluardo_model::calendar::Patron;
use baluardo_model::sla::{SlaState, Threshold, sla};
use proptest::prelude::*;
use std::sync::LazyLock;

const HOUR: i64 = 3_600_000_000;
const QUARTER: i64 = HOUR / 4;

/// Month and day of Easter from 2024 on.
const EASTERS: [(u8, u8); 14] = [
    (3, 31),
    (4, 20),
    (4, 5),
    (3, 28),
    (4, 16),
    (4, 1),
    (4, 21),
    (4, 13),
    (3, 28),
    (4, 17),
    (4, 9),
    (3, 25),
    (4, 13),
    (4, 5),
];

struct Day {
    month: u8,
    day: u8,
    starts: i64,
    ends: i64,
    /// Whether everybody rests on it; patrons come on top.
    holiday: bool,
}

/// Every day from 2024 to 2037.
static DAYS: LazyLock<Vec<Day>> = LazyLock::new(|| {
    let mut days = Vec::new();
    // Midnight of 1 January 2024 in Rome, an hour before that of UTC.
    let mut starts = 1_704_063_600_000_000;
    let mut weekday = 1;
    for (year, easter) in (2024_u32..).zip(EASTERS) {
        let february = if year.is_multiple_of(4) { 29 } else { 28 };
        let mut after_easter = false;
        for (month, length) in (1_u8..).zip([31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
            for day in 1..=length {
                let sunday = weekday == 7;
                let last_sunday = sunday && day + 7 > length;
                let hours = match month {
                    3 if last_sunday => 23,
                    10 if last_sunday => 25,
                    _ => 24,
                };
                let fixed = matches!(
                    (month, day),
                    (1, 1 | 6) | (4, 25) | (5, 1) | (6, 2) | (8, 15) | (11, 1) | (12, 8 | 25 | 26)
                );
                let francis = year >= 2026 && (month, day) == (10, 4);
                let ends = starts + hours * HOUR;
                days.push(Day { month, day, starts, ends, holiday: sunday || fixed || francis || after_easter });
                after_easter = (month, day) == easter;
                starts = ends;
                weekday = if sunday { 1 } else { weekday + 1 };
            }
        }
    }
    days
});

#[derive(Debug, PartialEq, Eq)]
struct Expected {
    deadline: Option<i64>,
    state: SlaState,
    used: u32,
}

/// Whether the clock has started and runs just before an instant, by the events before it; a pause that came when the time
/// was over does not stop it.
fn runs_before(log: &[RequestEvent], instant: i64, ignore_from: i64) -> bool {
    let mut runs = false;
    for event in log {
        if event.at.micros() >= instant {
            break;
        }
        match event.kind {
            RequestEventKind::Received | RequestEventKind::Resumed => runs = true,
            RequestEventKind::Paused { .. } => runs = runs && event.at.micros() >= ignore_from,
            _ => {}
        }
    }
    runs
}

/// The end of the last day, if the clock ran for so long; events after `end` have not happened, and the clock stays as it is.
fn walk_to_deadline(days: u32, log: &[RequestEvent], patron: Option<(u8, u8)>) -> Option<i64> {
    let mut counted = 0;
    let received = log[0].at.micros();
    for day in DAYS.iter().filter(|day| day.ends > received) {
        if !runs_before(log, day.starts, i64::MAX) || !runs_before(log, day.ends, i64::MAX) {
            continue;
        }
        counted += 1;
        if counted >= days && !day.holiday && patron != Some((day.month, day.day)) {
            return Some(day.ends);
        }
    }
    None
}

/// How many microseconds the clock ran from the receipt to `end`, step by step.
fn time_run(log: &[RequestEvent], end: i64, deadline: i64) -> i64 {
    let mut at = log[0].at.micros();
    let mut ran = 0;
    while at < end {
        let quarter = (at.div_euclid(QUARTER) + 1) * QUARTER;
        let event = log.iter().map(|event| event.at.micros()).find(|event| *event > at).unwrap_or(i64::MAX);
        let next = quarter.min(event).min(end);
        if runs_before(log, next, deadline) {
            ran += next - at;
        }
        at = next;
    }
    ran
}

/// What the clock should say. The log is in order, begins with its receipt and makes sense, but for pauses after the end.
fn oracle(days: u32, log: &[RequestEvent], patron: Option<(u8, u8)>, now: i64) -> Expected {
    let act = log.iter().position(|event| matches!(event.kind, RequestEventKind::Approved));
    let end = act.map_or(now, |act| log[act].at.micros());
    let before = &log[..act.unwrap_or(log.len())];
    let deadline = walk_to_deadline(days, before, patron);
    let late = deadline.is_some_and(|deadline| end >= deadline);
    let state = match (act, late) {
        (Some(_), true) => SlaState::Missed,
        (Some(_), false) => SlaState::Kept,
        (None, true) => SlaState::Overdue,
        (None, false) if deadline.is_none() => SlaState::Paused,
        (None, false) => SlaState::Running,
    };
    let Some(deadline) = deadline else {
        // It stands: as much is used as was when the last pause began.
        let (pause, earlier) = before.split_last().unwrap();
        return Expected { used: oracle(days, earlier, patron, pause.at.micros()).used, deadline: None, state };
    };
    let used = time_run(before, end, deadline) * 1000 / time_run(before, deadline, deadline);
    Expected { deadline: Some(deadline), state, used: u32::try_from(used).unwrap() }
}

/// Days around which the calendar has its edges, so that they are drawn often.
const EDGES: [(u8, u8); 16] = [
    (12, 20),
    (12, 24),
    (12, 31),
    (1, 1),
    (1, 5),
    (2, 27),
    (2, 29),
    (3, 25),
    (3, 28),
    (4, 3),
    (4, 20),
    (4, 30),
    (10, 2),
    (10, 24),
    (10, 29),
    (12, 7),
];

/// Any day from 2024 to 2035, by its position in [`DAYS`].
fn any_day() -> impl Strategy<Value = usize> {
    let last = DAYS.iter().position(|day| day.starts >= 2_082_754_800_000_000).unwrap();
    let edges: Vec<usize> = (0..last).filter(|at| EDGES.contains(&(DAYS[*at].month, DAYS[*at].day))).collect();
    prop_oneof![
        0..last,
        (0..edges.len(), 0..5_usize).prop_map(move |(edge, after)| (edges[edge] + after).min(last - 1))
    ]
}

/// A moment of a day: at its first instant, at its last, an hour in the night of daylight saving, or anywhere.
fn any_moment() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), Just(1), Just(24 * HOUR - 1), HOUR..4 * HOUR, 0..24 * HOUR]
}

/// How far from one event to the next.
fn any_gap() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(0),
        1..HOUR,
        HOUR..24 * HOUR,
        (0..6_i64).prop_map(|days| days * 24 * HOUR),
        0..9 * 24 * HOUR,
        (1..20_i64, any_moment()).prop_map(|(days, moment)| days * 24 * HOUR + moment),
    ]
}

/// Moves an instant to the midnight that begins its day.
fn midnight_before(at: i64) -> i64 {
    DAYS.iter().rev().map(|day| day.starts).find(|starts| *starts <= at).unwrap()
}

fn event(at: i64, kind: RequestEventKind) -> RequestEvent {
    RequestEvent { at: Timestamp::from_micros(at), by: None, kind }
}

/// A log in order, with pauses and resumptions in turn, some at midnight; then perhaps an act; and a present not before it.
fn any_log() -> impl Strategy<Value = (Vec<RequestEvent>, i64)> {
    let gaps = prop::collection::vec((any_gap(), prop::bool::weighted(0.2)), 0..7);
    (any_day(), any_moment(), gaps, any::<bool>(), any_gap(), any_gap()).prop_map(
        |(day, moment, gaps, concluded, to_act, to_now)| {
            let mut at = (DAYS[day].starts + moment).min(DAYS[day].ends - 1);
            let mut log = vec![event(at, RequestEventKind::Received)];
            for (turn, (gap, at_midnight)) in gaps.into_iter().enumerate() {
                let next = at + gap;
                at = if at_midnight { midnight_before(next).max(at) } else { next };
                let pause = RequestEventKind::Paused { reason: String::new() };
                log.push(event(at, if turn % 2 == 0 { pause } else { RequestEventKind::Resumed }));
            }
            if concluded {
                at += to_act;
                log.push(event(at, RequestEventKind::Approved));
            }
            (log, at + to_now)
        },
    )
}

fn any_patron() -> impl Strategy<Value = Option<(u8, u8)>> {
    prop_oneof![
        1 => Just(None),
        3 => any_day().prop_map(|at| Some((DAYS[at].month, DAYS[at].day))),
    ]
}

fn any_kind() -> impl Strategy<Value = RequestEventKind> {
    let reason = String::new;
    prop_oneof![
        1 => Just(RequestEventKind::Received),
        3 => Just(RequestEventKind::Paused { reason: reason() }),
        3 => Just(RequestEventKind::Resumed),
        1 => Just(RequestEventKind::Approved),
        1 => Just(RequestEventKind::Refused { reason: reason() }),
        1 => Just(RequestEventKind::MailSent),
    ]
}

/// Any instant that a number can hold, often one of our years.
fn any_instant() -> impl Strategy<Value = Timestamp> {
    prop_oneof![any::<i64>(), 1_700_000_000_000_000..2_000_000_000_000_000_i64, Just(i64::MIN), Just(i64::MAX)]
        .prop_map(Timestamp::from_micros)
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(4_000))]

    #[test]
    fn the_clock_says_what_the_day_by_day_walk_says((log, now) in any_log(), patron in any_patron(), update: bool) {
        let service = if update { ServiceCode::Update } else { ServiceCode::Activation };
        let days = if update { 1 } else { 5 };
        let seat = patron.map(|(month, day)| Patron::new(month as i8, day as i8).unwrap());
        let view = sla(service, &log, seat, Timestamp::from_micros(now));
        let found = Expected { deadline: view.deadline.map(Timestamp::micros), state: view.state, used: view.used };
        prop_assert_eq!(found, oracle(days, &log, patron, now));
        prop_assert_eq!(view.threshold == Threshold::Full, matches!(view.state, SlaState::Missed | SlaState::Overdue));
    }

    #[test]
    fn no_log_whatever_breaks_the_clock_and_it_agrees_with_the_state(
        log in prop::collection::vec((any_instant(), any_kind()), 0..12),
        now in any_instant(),
        patron in any_patron(),
    ) {
        let log: Vec<_> = log.into_iter().map(|(at, kind)| RequestEvent { at, by: None, kind }).collect();
        let seat = patron.map(|(month, day)| Patron::new(month as i8, day as i8).unwrap());
        for service in ServiceCode::ALL {
            let view = sla(service, &log, seat, now);
            let late = view.threshold == Threshold::Full;
            let expected = match RequestState::of(&log) {
                RequestState::Approved | RequestState::Refused if late => SlaState::Missed,
                RequestState::Approved | RequestState::Refused => SlaState::Kept,
                _ if late => SlaState::Overdue,
                RequestState::Paused => SlaState::Paused,
                RequestState::Open => SlaState::Running,
            };
            prop_assert_eq!(view.state, expected);
            prop_assert_eq!(view.concluded.is_some(), matches!(expected, SlaState::Kept | SlaState::Missed));
            prop_assert!(view.deadline.is_some() || matches!(expected, SlaState::Kept | SlaState::Paused));
            prop_assert!(view.trace.len() < 60);
        }
    }
}

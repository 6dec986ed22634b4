//! The clock of a request on worked examples, and on logs that make no sense.

use baluardo_model::Timestamp;
use baluardo_model::activation::{RequestEvent, RequestEventKind, ServiceCode};
use baluardo_model::calendar::{Holiday, Patron};
use baluardo_model::sla::{SlaRule, SlaState, SlaUnit, SlaView, Threshold, TraceStep, sla};
use jiff::civil::{Date, DateTime, date};

/// The instant of a wall clock in Rome.
fn rome(text: &str) -> Timestamp {
    let civil: DateTime = text.parse().unwrap();
    civil.to_zoned(baluardo_model::time::rome()).unwrap().timestamp().into()
}

fn event(at: &str, kind: RequestEventKind) -> RequestEvent {
    RequestEvent { at: rome(at), by: None, kind }
}

fn received(at: &str) -> RequestEvent {
    event(at, RequestEventKind::Received)
}

fn paused(at: &str) -> RequestEvent {
    event(at, RequestEventKind::Paused { reason: "manca la PEC".to_owned() })
}

fn resumed(at: &str) -> RequestEvent {
    event(at, RequestEventKind::Resumed)
}

fn approved(at: &str) -> RequestEvent {
    event(at, RequestEventKind::Approved)
}

fn refused(at: &str) -> RequestEvent {
    event(at, RequestEventKind::Refused { reason: "non è un comune".to_owned() })
}

fn activation(log: &[RequestEvent], now: &str) -> SlaView {
    sla(ServiceCode::Activation, log, None, rome(now))
}

fn update(log: &[RequestEvent], now: &str) -> SlaView {
    sla(ServiceCode::Update, log, None, rome(now))
}

/// The last day of the time, of a log whose clock runs.
fn last_day(view: &SlaView) -> Date {
    let deadline = view.deadline.unwrap().rome();
    assert_eq!(deadline.time(), jiff::civil::Time::midnight());
    deadline.date().yesterday().unwrap()
}

#[test]
fn the_two_services_promise_five_days_and_one() {
    assert_eq!(SlaRule::of(ServiceCode::Activation), SlaRule { code: "17", days: 5, unit: SlaUnit::CalendarDays });
    assert_eq!(SlaRule::of(ServiceCode::Update), SlaRule { code: "17.1", days: 1, unit: SlaUnit::CalendarDays });
}

#[test]
fn one_day_from_a_friday_ends_on_saturday_which_is_no_holiday() {
    let view = update(&[received("2026-10-02T09:00")], "2026-10-02T09:00");
    assert_eq!(view.deadline, Some(rome("2026-10-04T00:00")));
    assert_eq!(
        view.trace,
        [
            TraceStep::Received { at: rome("2026-10-02T09:00"), on: date(2026, 10, 2) },
            TraceStep::FirstDayExcluded { day: date(2026, 10, 2) },
            TraceStep::Counted { day: date(2026, 10, 3), n: 1 },
            TraceStep::Deadline { at: rome("2026-10-04T00:00") },
        ]
    );
}

#[test]
fn one_day_from_a_saturday_ends_on_sunday_and_moves_to_monday() {
    let view = update(&[received("2026-10-03T09:00")], "2026-10-03T09:00");
    assert_eq!(last_day(&view), date(2026, 10, 5));
    assert_eq!(
        view.trace[2..],
        [
            TraceStep::Counted { day: date(2026, 10, 4), n: 1 },
            TraceStep::LastDayHoliday { day: date(2026, 10, 4), holiday: Holiday::SaintFrancis },
            TraceStep::MovedTo { day: date(2026, 10, 5) },
            TraceStep::Deadline { at: rome("2026-10-06T00:00") },
        ]
    );
}

#[test]
fn a_last_day_at_christmas_moves_past_saint_stephen_and_the_sunday_after_it() {
    // Christmas 2026 is a Friday.
    let view = activation(&[received("2026-12-20T23:59")], "2026-12-21T00:00");
    assert_eq!(last_day(&view), date(2026, 12, 28));
    let holidays: Vec<_> = view
        .trace
        .iter()
        .filter_map(|step| match step {
            TraceStep::LastDayHoliday { holiday, .. } => Some(*holiday),
            _ => None,
        })
        .collect();
    assert_eq!(holidays, [Holiday::Christmas, Holiday::SaintStephen, Holiday::Sunday]);
}

#[test]
fn the_patron_of_the_seat_moves_the_last_day() {
    let patron = Patron::new(12, 1).ok();
    let log = [received("2026-11-30T08:00")];
    assert_eq!(last_day(&update(&log, "2026-11-30T09:00")), date(2026, 12, 1));
    assert_eq!(last_day(&sla(ServiceCode::Update, &log, patron, rome("2026-11-30T09:00"))), date(2026, 12, 2));
}

#[test]
fn holidays_inside_the_time_count() {
    // From Wednesday 30 December 2026: 31, 1 January, 2, Sunday 3, Monday 4.
    assert_eq!(last_day(&activation(&[received("2026-12-30T08:00")], "2026-12-30T09:00")), date(2027, 1, 4));
}

#[test]
fn the_day_of_receipt_is_the_one_in_rome() {
    // 22:30 UTC on Monday 13 July is already Tuesday in Rome.
    let late = RequestEvent {
        at: "2026-07-13T22:30:00Z".parse::<jiff::Timestamp>().unwrap().into(),
        by: None,
        kind: RequestEventKind::Received,
    };
    assert_eq!(last_day(&update(&[late], "2026-07-14T01:00")), date(2026, 7, 15));
    // An instant at midnight belongs to the day that it begins.
    assert_eq!(last_day(&update(&[received("2026-07-14T00:00")], "2026-07-14T01:00")), date(2026, 7, 15));
}

#[test]
fn the_example_of_the_documentation_holds() {
    let log = [received("2026-10-01T10:00"), paused("2026-10-03T12:00"), resumed("2026-10-06T09:00")];
    let view = activation(&log, "2026-10-06T10:00");
    assert_eq!(view.deadline, Some(rome("2026-10-11T00:00")));
    assert_eq!(view.state, SlaState::Running);
    assert_eq!(
        view.trace[2..],
        [
            TraceStep::Counted { day: date(2026, 10, 2), n: 1 },
            TraceStep::Paused {
                at: rome("2026-10-03T12:00"),
                on: date(2026, 10, 3),
                reason: "manca la PEC".to_owned()
            },
            TraceStep::Resumed { at: rome("2026-10-06T09:00"), on: date(2026, 10, 6) },
            TraceStep::NotCounted { from: date(2026, 10, 3), to: date(2026, 10, 6) },
            TraceStep::Counted { day: date(2026, 10, 7), n: 2 },
            TraceStep::Counted { day: date(2026, 10, 8), n: 3 },
            TraceStep::Counted { day: date(2026, 10, 9), n: 4 },
            TraceStep::Counted { day: date(2026, 10, 10), n: 5 },
            TraceStep::Deadline { at: rome("2026-10-11T00:00") },
        ]
    );
}

#[test]
fn a_pause_within_a_day_costs_nothing() {
    let plain = activation(&[received("2026-10-05T10:00")], "2026-10-07T10:00");
    let log = [received("2026-10-05T10:00"), paused("2026-10-06T08:00"), resumed("2026-10-06T18:00")];
    assert_eq!(activation(&log, "2026-10-07T10:00").deadline, plain.deadline);
}

#[test]
fn a_clock_that_was_stopped_on_its_last_day_has_that_day_again_after_the_resumption() {
    let log = [received("2026-10-05T10:00"), paused("2026-10-06T23:59"), resumed("2026-10-07T00:01")];
    assert_eq!(last_day(&update(&log, "2026-10-07T08:00")), date(2026, 10, 8));
}

#[test]
fn a_pause_on_the_day_to_which_the_end_was_moved_moves_it_on() {
    // One day from Saturday 10 October: Sunday 11, so Monday 12; paused there and resumed on Wednesday.
    let log = [received("2026-10-10T10:00"), paused("2026-10-12T08:00"), resumed("2026-10-14T08:00")];
    let view = update(&log, "2026-10-14T09:00");
    assert_eq!(last_day(&view), date(2026, 10, 15));
    assert!(view.trace.contains(&TraceStep::MovedTo { day: date(2026, 10, 15) }));
}

#[test]
fn pauses_that_touch_tell_each_day_once() {
    let log = [
        received("2026-10-05T10:00"),
        paused("2026-10-05T11:00"),
        resumed("2026-10-07T09:00"),
        paused("2026-10-07T10:00"),
        resumed("2026-10-08T09:00"),
    ];
    let view = activation(&log, "2026-10-08T10:00");
    let left_out: Vec<_> = view
        .trace
        .iter()
        .filter_map(|step| match step {
            TraceStep::NotCounted { from, to } => Some((*from, *to)),
            _ => None,
        })
        .collect();
    assert_eq!(left_out, [(date(2026, 10, 6), date(2026, 10, 7)), (date(2026, 10, 8), date(2026, 10, 8))]);
    assert_eq!(last_day(&view), date(2026, 10, 13));
}

#[test]
fn a_pause_that_is_never_resumed_makes_the_clock_stand() {
    let log = [received("2026-10-05T10:00"), paused("2026-10-06T10:00")];
    let then = activation(&log, "2026-10-06T10:00");
    let later = activation(&log, "2036-10-06T10:00");
    assert_eq!((then.state, then.deadline), (SlaState::Paused, None));
    assert_eq!(later, then);
    // 24 hours of the 134 from Monday at 10 to the end of Saturday.
    assert_eq!(then.used, 179);
}

#[test]
fn an_act_in_the_last_microsecond_is_kept_and_one_at_midnight_is_missed() {
    let midnight = rome("2026-10-07T00:00");
    let mut log = [received("2026-10-05T10:00"), refused("2026-10-06T00:00")];
    log[1].at = Timestamp::from_micros(midnight.micros() - 1);
    let kept = update(&log, "2026-12-01T00:00");
    assert_eq!((kept.state, kept.used, kept.threshold), (SlaState::Kept, 999, Threshold::Ninety));
    log[1].at = midnight;
    let missed = update(&log, "2026-12-01T00:00");
    assert_eq!((missed.state, missed.used, missed.threshold), (SlaState::Missed, 1000, Threshold::Full));
    assert_eq!(missed.concluded, Some(midnight));
    let last = TraceStep::Concluded { at: midnight, on: date(2026, 10, 7), late: true };
    assert_eq!(missed.trace.last(), Some(&last));
}

#[test]
fn without_an_act_the_request_is_overdue_from_midnight_on() {
    let log = [received("2026-10-05T10:00")];
    assert_eq!(update(&log, "2026-10-06T23:59:59.999999").state, SlaState::Running);
    let late = update(&log, "2026-10-07T00:00");
    assert_eq!((late.state, late.threshold, late.concluded), (SlaState::Overdue, Threshold::Full, None));
    // 38 hours allowed, 76 used.
    assert_eq!(update(&log, "2026-10-08T14:00").used, 2000);
}

#[test]
fn the_marks_are_reached_at_50_75_90_and_100_percent() {
    // 40 hours: from 8:00 to the end of the next day.
    let log = [received("2026-10-05T08:00")];
    let at = |now| update(&log, now).threshold;
    assert_eq!(at("2026-10-06T03:59:59"), Threshold::None);
    assert_eq!(at("2026-10-06T04:00"), Threshold::Half);
    assert_eq!(at("2026-10-06T14:00"), Threshold::ThreeQuarters);
    assert_eq!(at("2026-10-06T20:00"), Threshold::Ninety);
    assert_eq!(at("2026-10-07T00:00"), Threshold::Full);
    for mark in Threshold::MARKS {
        assert_eq!(Threshold::of(mark.permille()), mark);
        assert!(Threshold::of(mark.permille() - 1) < mark);
    }
}

#[test]
fn the_share_follows_the_hour_that_daylight_saving_takes() {
    // Saturday 28 March 2026, 12:00, to the end of Monday 30 (Sunday moves): 12 + 23 + 24 hours.
    let log = [received("2026-03-28T12:00")];
    assert_eq!(update(&log, "2026-03-29T12:00").used, 23 * 1000 / 59);
}

#[test]
fn an_act_while_the_clock_stands_keeps_the_promise() {
    let log = [received("2026-10-05T10:00"), paused("2026-10-06T10:00"), approved("2026-11-06T10:00")];
    let view = update(&log, "2026-12-01T00:00");
    assert_eq!((view.state, view.deadline), (SlaState::Kept, None));
    assert_eq!(view.concluded, Some(rome("2026-11-06T10:00")));
}

#[test]
fn a_pause_after_the_deadline_heals_nothing() {
    let log = [received("2026-10-05T10:00"), paused("2026-10-07T10:00"), resumed("2026-10-09T10:00")];
    let view = update(&log, "2026-10-10T10:00");
    assert_eq!((view.state, last_day(&view)), (SlaState::Overdue, date(2026, 10, 6)));
    let ignored: Vec<_> = view.trace.iter().filter(|step| matches!(step, TraceStep::Ignored { .. })).collect();
    assert_eq!(ignored.len(), 2);
}

#[test]
fn the_act_is_the_approval_and_the_mail_only_shows() {
    let log = [
        received("2026-10-05T10:00"),
        approved("2026-10-06T10:00"),
        event("2026-10-09T10:00", RequestEventKind::MailSent),
    ];
    let view = update(&log, "2026-12-01T00:00");
    assert_eq!((view.state, view.concluded), (SlaState::Kept, Some(rome("2026-10-06T10:00"))));
    let shown = TraceStep::MailSent { at: rome("2026-10-09T10:00"), on: date(2026, 10, 9) };
    assert_eq!(view.trace.last(), Some(&shown));
}

#[test]
fn events_that_make_no_sense_where_they_stand_are_told_and_change_nothing() {
    let plain = [received("2026-10-05T10:00"), approved("2026-10-07T10:00")];
    let mad = [
        received("2026-10-05T10:00"),
        resumed("2026-10-05T11:00"),
        received("2026-10-06T11:00"),
        approved("2026-10-07T10:00"),
        refused("2026-10-08T10:00"),
        paused("2026-10-08T10:00"),
        resumed("2026-10-08T10:00"),
    ];
    let (plain, mad) = (activation(&plain, "2026-12-01T00:00"), activation(&mad, "2026-12-01T00:00"));
    let ignored = |step: &TraceStep| matches!(step, TraceStep::Ignored { .. });
    assert_eq!(mad.trace.iter().filter(|step| ignored(step)).count(), 5);
    let kept: Vec<_> = mad.trace.iter().filter(|step| !ignored(step)).cloned().collect();
    assert_eq!(SlaView { trace: kept, ..mad }, plain);
}

#[test]
fn a_second_pause_of_a_standing_clock_is_ignored() {
    let log = [
        received("2026-10-05T10:00"),
        paused("2026-10-06T10:00"),
        paused("2026-10-07T10:00"),
        resumed("2026-10-08T10:00"),
    ];
    assert_eq!(last_day(&activation(&log, "2026-10-08T11:00")), date(2026, 10, 13));
}

#[test]
fn time_never_goes_back() {
    let jumped = [received("2026-10-05T10:00"), paused("2026-10-07T10:00"), resumed("2026-10-06T09:00")];
    let level = [received("2026-10-05T10:00"), paused("2026-10-07T10:00"), resumed("2026-10-07T10:00")];
    assert_eq!(activation(&jumped, "2026-10-07T10:00"), activation(&level, "2026-10-07T10:00"));
    // The present cannot lie before the last event either.
    assert_eq!(activation(&jumped, "2026-10-01T10:00"), activation(&level, "2026-10-07T10:00"));
    let early = [received("2026-10-05T10:00"), approved("2026-10-01T10:00")];
    let view = activation(&early, "2026-10-06T10:00");
    assert_eq!((view.state, view.used, view.concluded), (SlaState::Kept, 0, Some(view.started)));
}

#[test]
fn a_log_without_its_receipt_starts_at_its_first_event_and_an_empty_one_now() {
    let view = activation(&[paused("2026-10-05T10:00")], "2026-10-06T10:00");
    assert_eq!((view.started, view.state), (rome("2026-10-05T10:00"), SlaState::Paused));
    let view = activation(&[], "2026-10-05T10:00");
    assert_eq!((view.started, view.state, view.used), (rome("2026-10-05T10:00"), SlaState::Running, 0));
    assert_eq!(last_day(&view), date(2026, 10, 10));
}

#[test]
fn instants_at_the_ends_of_time_are_moved_to_those_with_a_calendar() {
    for micros in [i64::MIN, -1, 0, i64::MAX] {
        let log = [RequestEvent { at: Timestamp::from_micros(micros), by: None, kind: RequestEventKind::Received }];
        let view = sla(ServiceCode::Activation, &log, None, Timestamp::from_micros(i64::MAX));
        assert!(view.deadline.is_some(), "{micros}");
        assert!((1970..=9999).contains(&view.started.rome().year()), "{micros}");
    }
}

#[test]
fn the_view_can_be_passed_on_as_json_with_its_words() {
    let log = [received("2026-10-03T09:00"), paused("2026-10-03T10:00")];
    let json = serde_json::to_value(update(&log, "2026-10-03T11:00")).unwrap();
    assert_eq!(json["state"], "paused");
    assert_eq!(json["threshold"], "none");
    assert_eq!(json["rule"]["code"], "17.1");
    assert_eq!(json["trace"][0]["step"], "received");
    assert_eq!(json["trace"][1]["day"], "2026-10-03");
    assert_eq!(json["trace"][2]["reason"], "manca la PEC");
    for state in [SlaState::Running, SlaState::Paused, SlaState::Kept, SlaState::Missed, SlaState::Overdue] {
        assert_eq!(serde_json::to_value(state).unwrap(), state.code());
    }
    for mark in Threshold::MARKS.into_iter().chain([Threshold::None]) {
        assert_eq!(serde_json::to_value(mark).unwrap(), mark.code());
    }
}

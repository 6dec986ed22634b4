//! The Italian calendar: Easter, holidays, and days of 23 and 25 hours.

use baluardo_model::Timestamp;
use baluardo_model::calendar::{Holiday, Patron, easter, end_of, holidays};
use jiff::civil::{Date, date};

fn instant(text: &str) -> Timestamp {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

#[test]
fn easter_falls_where_the_church_says() {
    let known = [
        date(1583, 4, 10),
        date(1818, 3, 22),
        date(1943, 4, 25),
        date(1954, 4, 18),
        date(1981, 4, 19),
        date(2008, 3, 23),
        date(2024, 3, 31),
        date(2025, 4, 20),
        date(2026, 4, 5),
        date(2027, 3, 28),
        date(2028, 4, 16),
        date(2038, 4, 25),
        date(2049, 4, 18),
        date(2076, 4, 19),
        date(2285, 3, 22),
    ];
    for day in known {
        assert_eq!(easter(day.year()), Some(day));
    }
    assert_eq!(easter(1582), None);
    assert_eq!(easter(-4), None);
}

/// Easter after Gauss, with his two exceptions (Zach's Monatliche Correspondenz, August 1800, corrected 1816).
fn gauss(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c, k) = (y % 19, y % 4, y % 7, y / 100);
    let (p, q) = ((13 + 8 * k) / 25, k / 4);
    let m = (15 - p + k - q).rem_euclid(30);
    let n = (4 + k - q) % 7;
    let d = (19 * a + m) % 30;
    let e = (2 * b + 4 * c + 6 * d + n) % 7;
    let march = match (d, e) {
        (29, 6) => 50,
        (28, 6) if (11 * m + 11) % 30 < 19 => 49,
        _ => 22 + d + e,
    };
    date(year, 3, 1).checked_add(jiff::ToSpan::days(march - 1)).unwrap()
}

#[test]
fn easter_agrees_with_gauss_and_is_a_sunday_in_every_year_of_the_calendar() {
    for year in 1583..=9999 {
        let day = easter(year).unwrap();
        assert_eq!(day, gauss(year));
        assert_eq!(day.weekday(), jiff::civil::Weekday::Sunday, "{day}");
    }
}

#[test]
fn the_year_2026_has_the_twelve_holidays_of_the_law_and_the_patron() {
    let patron = Patron::new(12, 1).unwrap();
    let expected = [
        (date(2026, 1, 1), Holiday::NewYear),
        (date(2026, 1, 6), Holiday::Epiphany),
        (date(2026, 4, 6), Holiday::EasterMonday),
        (date(2026, 4, 25), Holiday::LiberationDay),
        (date(2026, 5, 1), Holiday::LabourDay),
        (date(2026, 6, 2), Holiday::RepublicDay),
        (date(2026, 8, 15), Holiday::Assumption),
        (date(2026, 10, 4), Holiday::SaintFrancis),
        (date(2026, 11, 1), Holiday::AllSaints),
        (date(2026, 12, 1), Holiday::Patron),
        (date(2026, 12, 8), Holiday::ImmaculateConception),
        (date(2026, 12, 25), Holiday::Christmas),
        (date(2026, 12, 26), Holiday::SaintStephen),
    ];
    assert_eq!(holidays(2026, Some(patron)), expected);
    let without: Vec<_> = expected.into_iter().filter(|(_, holiday)| *holiday != Holiday::Patron).collect();
    assert_eq!(holidays(2026, None), without);
}

#[test]
fn saint_francis_is_a_holiday_from_2026_on() {
    // A Saturday in 2025, a Monday in 2027, a Sunday in 2020.
    assert_eq!(Holiday::of(date(2025, 10, 4), None), None);
    assert_eq!(Holiday::of(date(2027, 10, 4), None), Some(Holiday::SaintFrancis));
    assert_eq!(Holiday::of(date(2020, 10, 4), None), Some(Holiday::Sunday));
    let patron = Patron::new(10, 4).ok();
    assert_eq!(Holiday::of(date(2025, 10, 4), patron), Some(Holiday::Patron));
}

#[test]
fn saturdays_and_suppressed_feasts_are_no_holidays() {
    for day in [date(2026, 10, 3), date(2026, 3, 19), date(2026, 6, 29), date(2026, 11, 4), date(2026, 6, 4)] {
        assert_eq!(Holiday::of(day, None), None, "{day}");
    }
}

#[test]
fn a_patron_on_29_february_is_kept_in_leap_years_only() {
    let patron = Patron::new(2, 29).ok();
    assert_eq!(Holiday::of(date(2028, 2, 29), patron), Some(Holiday::Patron));
    assert!(!holidays(2027, patron).iter().any(|(_, holiday)| *holiday == Holiday::Patron));
}

#[test]
fn a_patron_on_no_day_of_the_year_is_refused_with_the_remedy() {
    for (month, day) in [(0, 1), (13, 1), (2, 30), (4, 31), (1, 0), (-1, 5)] {
        let error = Patron::new(month, day).unwrap_err();
        assert!(error.to_string().contains(&format!("{day}/{month}")), "{error}");
        assert!(serde_json::from_str::<Patron>(&format!("[{month},{day}]")).is_err());
    }
    let kept: Patron = serde_json::from_str("[12,1]").unwrap();
    assert_eq!((kept.month(), kept.day()), (12, 1));
    assert_eq!(serde_json::to_string(&kept).unwrap(), "[12,1]");
}

#[test]
fn a_day_ends_at_the_local_midnight_even_when_the_clocks_change() {
    assert_eq!(end_of(date(2026, 1, 15)), Some(instant("2026-01-15T23:00:00Z")));
    assert_eq!(end_of(date(2026, 7, 15)), Some(instant("2026-07-15T22:00:00Z")));
    // 29 March 2026 has 23 hours, 25 October 2026 has 25.
    assert_eq!(end_of(date(2026, 3, 28)), Some(instant("2026-03-28T23:00:00Z")));
    assert_eq!(end_of(date(2026, 3, 29)), Some(instant("2026-03-29T22:00:00Z")));
    assert_eq!(end_of(date(2026, 10, 24)), Some(instant("2026-10-24T22:00:00Z")));
    assert_eq!(end_of(date(2026, 10, 25)), Some(instant("2026-10-25T23:00:00Z")));
    assert_eq!(end_of(Date::MAX), None);
}

#[test]
fn the_word_of_a_holiday_is_the_one_that_is_serialized() {
    for (_, holiday) in holidays(2026, Patron::new(12, 1).ok()).into_iter().chain([(Date::ZERO, Holiday::Sunday)]) {
        assert_eq!(serde_json::to_value(holiday).unwrap(), holiday.code());
    }
}

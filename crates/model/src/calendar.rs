//! The Italian calendar of deadlines: which days are holidays, and the instant at which a day ends in Europe/Rome.
//!
//! Holidays are those of L. 260/1949 as it stands after L. 54/1977, DPR 792/1985, L. 336/2000 and L. 151/2025 (4 October,
//! from 2026 on), with every Sunday and the patron saint's day where one is given. The list holds for the years from 2001
//! on. Saturday is no holiday.

use crate::time::{Timestamp, rome};
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// Why a day is a holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holiday {
    /// 1 January.
    NewYear,
    /// 6 January.
    Epiphany,
    /// The day after Easter.
    EasterMonday,
    /// 25 April.
    LiberationDay,
    /// 1 May.
    LabourDay,
    /// 2 June.
    RepublicDay,
    /// 15 August.
    Assumption,
    /// 4 October, from 2026 on (L. 151/2025).
    SaintFrancis,
    /// 1 November.
    AllSaints,
    /// 8 December.
    ImmaculateConception,
    /// 25 December.
    Christmas,
    /// 26 December.
    SaintStephen,
    /// The day of the patron saint of the place.
    Patron,
    /// Any Sunday that is nothing else, Easter among them.
    Sunday,
}

/// The holidays that have the same date each year, in the order of the year: month, day, which.
const FIXED: [(i8, i8, Holiday); 11] = [
    (1, 1, Holiday::NewYear),
    (1, 6, Holiday::Epiphany),
    (4, 25, Holiday::LiberationDay),
    (5, 1, Holiday::LabourDay),
    (6, 2, Holiday::RepublicDay),
    (8, 15, Holiday::Assumption),
    (10, 4, Holiday::SaintFrancis),
    (11, 1, Holiday::AllSaints),
    (12, 8, Holiday::ImmaculateConception),
    (12, 25, Holiday::Christmas),
    (12, 26, Holiday::SaintStephen),
];

/// The first year in which 4 October is a holiday (L. 151/2025).
const SAINT_FRANCIS_SINCE: i16 = 2026;

impl Holiday {
    /// The stable word, the key of its name in the locale files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NewYear => "new_year",
            Self::Epiphany => "epiphany",
            Self::EasterMonday => "easter_monday",
            Self::LiberationDay => "liberation_day",
            Self::LabourDay => "labour_day",
            Self::RepublicDay => "republic_day",
            Self::Assumption => "assumption",
            Self::SaintFrancis => "saint_francis",
            Self::AllSaints => "all_saints",
            Self::ImmaculateConception => "immaculate_conception",
            Self::Christmas => "christmas",
            Self::SaintStephen => "saint_stephen",
            Self::Patron => "patron",
            Self::Sunday => "sunday",
        }
    }

    /// Why `day` is a holiday, if it is one. A day that is several is called by its own name before it is called the
    /// patron's day, and by that before Sunday.
    #[must_use]
    pub fn of(day: Date, patron: Option<Patron>) -> Option<Self> {
        let fixed = FIXED.into_iter().find(|(month, date, _)| (*month, *date) == (day.month(), day.day()));
        match fixed {
            Some((_, _, Self::SaintFrancis)) if day.year() < SAINT_FRANCIS_SINCE => {}
            Some((_, _, holiday)) => return Some(holiday),
            None => {}
        }
        if day.yesterday().is_ok_and(|yesterday| easter(day.year()) == Some(yesterday)) {
            return Some(Self::EasterMonday);
        }
        if patron.is_some_and(|patron| (patron.month, patron.day) == (day.month(), day.day())) {
            return Some(Self::Patron);
        }
        (day.weekday() == Weekday::Sunday).then_some(Self::Sunday)
    }
}

/// The holidays of a year that are not just Sundays, in the order of the year.
#[must_use]
pub fn holidays(year: i16, patron: Option<Patron>) -> Vec<(Date, Holiday)> {
    let Ok(first) = Date::new(year, 1, 1) else { return Vec::new() };
    first
        .series(jiff::ToSpan::days(1))
        .take_while(|day| day.year() == year)
        .filter_map(|day| Holiday::of(day, patron).map(|holiday| (day, holiday)))
        .filter(|(_, holiday)| *holiday != Holiday::Sunday)
        .collect()
}

/// The day of a patron saint, the same date each year: a setting of a tenant, for no list of all patrons is shipped.
///
/// 29 February is kept only in leap years. A feast that moves (the Monday after Pentecost, say) cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "(i8, i8)", into = "(i8, i8)")]
pub struct Patron {
    month: i8,
    day: i8,
}

/// A day and a month that are no day of any year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("patron saint's day {day}/{month} is no day of the year: give a day and a month such as 1/12")]
pub struct PatronError {
    /// The month that was given.
    pub month: i8,
    /// The day that was given.
    pub day: i8,
}

impl Patron {
    /// A leap year, in which every day that a year can have exists.
    const LEAP_YEAR: i16 = 2024;

    /// The patron's day from its month (1 to 12) and day of the month.
    ///
    /// # Errors
    /// When no year has that day.
    pub fn new(month: i8, day: i8) -> Result<Self, PatronError> {
        match Date::new(Self::LEAP_YEAR, month, day) {
            Ok(_) => Ok(Self { month, day }),
            Err(_) => Err(PatronError { month, day }),
        }
    }

    /// The month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> i8 {
        self.month
    }

    /// The day of the month, from 1.
    #[must_use]
    pub const fn day(self) -> i8 {
        self.day
    }
}

impl TryFrom<(i8, i8)> for Patron {
    type Error = PatronError;

    fn try_from((month, day): (i8, i8)) -> Result<Self, PatronError> {
        Self::new(month, day)
    }
}

impl From<Patron> for (i8, i8) {
    fn from(patron: Patron) -> Self {
        (patron.month, patron.day)
    }
}

/// Easter Sunday of a year of the Gregorian calendar; nothing before 1583, when it was not yet in use.
///
/// The anonymous Gregorian computus ("A New York correspondent", Nature, 20 April 1876), in the form of Meeus,
/// Astronomical Algorithms, chapter 8, with his names of the terms.
#[must_use]
pub fn easter(year: i16) -> Option<Date> {
    if year < 1583 {
        return None;
    }
    let y = i32::from(year);
    let a = y % 19;
    let (b, c) = (y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Date::new(year, i8::try_from(n / 31).ok()?, i8::try_from(n % 31 + 1).ok()?).ok()
}

/// The instant at which a day is over in Europe/Rome: the local midnight that ends it, the first instant of the next day.
///
/// Days are 23 and 25 hours long when daylight saving starts and ends. Nothing only for the last day that can be told,
/// 31 December 9999.
#[must_use]
pub fn end_of(day: Date) -> Option<Timestamp> {
    let midnight = day.tomorrow().ok()?.to_zoned(rome()).ok()?;
    Some(midnight.timestamp().into())
}

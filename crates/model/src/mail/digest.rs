//! The daily letter that tells people which of their mail is held: when it is due, and what they may do about it themselves.

use crate::calendar::{Holiday, Patron};
use crate::time::Timestamp;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// The hour of Europe/Rome at which it leaves while nobody chose another.
pub const USUAL_HOUR: u8 = 8;

/// How many days back the last due moment is looked for: no row of free days is as long.
const MOST_FREE: usize = 31;

words! {
    /// On which days the letter leaves.
    DigestDays {
        /// On every day.
        #[default]
        EveryDay = "every_day",
        /// On days that are neither Saturday nor holiday.
        WorkingDays = "working_days",
        /// Never.
        Off = "off",
    }
}

words! {
    /// What recipients may release by themselves.
    RecipientsMay {
        /// Nothing: they ask the RTD.
        Nothing = "nothing",
        /// Spam, and what the judge was not sure of. Never what carries malware, comes from a blocked sender, was reported, or
        /// poses as the own domain.
        #[default]
        Uncertain = "uncertain",
    }
}

/// The last moment, `now` or before it, at which a letter was due; none where none leaves. An hour that a day does not have, when
/// daylight saving starts, is the one after it; one that a day has twice is the first.
#[must_use]
pub fn last_due(days: DigestDays, hour: u8, patron: Option<Patron>, now: Timestamp) -> Option<Timestamp> {
    let hour = i8::try_from(hour).ok()?;
    let leaves = |day: &Date| match days {
        DigestDays::Off => false,
        DigestDays::EveryDay => true,
        DigestDays::WorkingDays => day.weekday() != Weekday::Saturday && Holiday::of(*day, patron).is_none(),
    };
    let moment = |day: Date| Timestamp::of_wall((day.year(), day.month(), day.day()), (hour, 0, 0));
    std::iter::successors(Some(now.rome().date()), |day| day.yesterday().ok())
        .take(MOST_FREE)
        .filter(leaves)
        .filter_map(moment)
        .find(|at| *at <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(days: DigestDays, hour: u8, now: &str) -> Option<String> {
        let now = Timestamp::read(now).unwrap();
        last_due(days, hour, Patron::new(12, 1).ok(), now).map(Timestamp::rfc3339)
    }

    #[test]
    fn the_letter_is_due_at_its_hour_in_rome_in_winter_and_in_summer() {
        let every = |now| due(DigestDays::EveryDay, 8, now);
        assert_eq!(every("2026-01-15 08:00").as_deref(), Some("2026-01-15T07:00:00Z"));
        assert_eq!(every("2026-01-15 07:59:59").as_deref(), Some("2026-01-14T07:00:00Z"));
        assert_eq!(every("2026-07-15 23:00").as_deref(), Some("2026-07-15T06:00:00Z"));
        // The clocks go forward on 29 March and back on 25 October 2026.
        assert_eq!(every("2026-03-29 08:00").as_deref(), Some("2026-03-29T06:00:00Z"));
        assert_eq!(every("2026-10-25 08:00").as_deref(), Some("2026-10-25T07:00:00Z"));
    }

    #[test]
    fn an_hour_that_a_day_does_not_have_or_has_twice_is_one_moment() {
        assert_eq!(due(DigestDays::EveryDay, 2, "2026-03-29 12:00").as_deref(), Some("2026-03-29T01:00:00Z"));
        assert_eq!(due(DigestDays::EveryDay, 2, "2026-10-25 12:00").as_deref(), Some("2026-10-25T00:00:00Z"));
        assert_eq!(due(DigestDays::EveryDay, 24, "2026-10-25 12:00"), None, "no day has it");
    }

    #[test]
    fn free_days_are_left_out_where_only_working_days_count() {
        let working = |now| due(DigestDays::WorkingDays, 8, now);
        assert_eq!(working("2026-11-20 09:00").as_deref(), Some("2026-11-20T07:00:00Z"), "a Friday");
        assert_eq!(working("2026-11-23 07:00").as_deref(), Some("2026-11-20T07:00:00Z"), "before the hour on Monday");
        assert_eq!(working("2026-12-01 09:00").as_deref(), Some("2026-11-30T07:00:00Z"), "the patron's day");
        assert_eq!(working("2026-12-27 09:00").as_deref(), Some("2026-12-24T07:00:00Z"), "Christmas and a Sunday");
        assert_eq!(due(DigestDays::Off, 8, "2026-11-20 09:00"), None);
    }
}

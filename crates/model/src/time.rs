//! Time as the product keeps it: microseconds since 1970 in UTC, shown in Europe/Rome.

use jiff::Zoned;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::time::Duration;

/// An instant: microseconds since 1970-01-01T00:00:00Z. In JSON it is RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.instant())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        jiff::Timestamp::deserialize(deserializer).map(Self::from)
    }
}

impl Timestamp {
    /// From microseconds since 1970.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// This instant moved forward; stays at the last representable instant instead of overflowing.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This instant moved back; stays at the first representable instant instead of overflowing.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this instant lies; zero when it lies before.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The instant on a wall clock of Europe/Rome, where every comune lives.
    #[must_use]
    pub fn rome(self) -> Zoned {
        self.instant().to_zoned(rome())
    }

    /// The noon of a day in Europe/Rome: an instant that is surely of that day. A day before 1970 or after 9998 is moved
    /// to the nearer of those ends.
    #[must_use]
    pub fn noon(day: Date) -> Self {
        let within = day.clamp(Date::constant(1970, 1, 1), Date::constant(9998, 12, 31));
        let noon = within.at(12, 0, 0, 0).to_zoned(rome());
        noon.map_or(Self(0), |noon| Self::from(noon.timestamp()))
    }

    /// The instant at which a wall clock of Europe/Rome shows this: year, month, day; hour, minute, second. None where there
    /// is no such day or hour; an hour that comes twice is the first.
    #[must_use]
    pub fn of_wall((year, month, day): (i16, i8, i8), (hour, minute, second): (i8, i8, i8)) -> Option<Self> {
        let wall = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
        Some(Self::from(wall.to_zoned(rome()).ok()?.timestamp()))
    }

    /// The instant that a person wrote: RFC 3339, or the wall clock of Europe/Rome as `2026-11-22 14:30`, with or without seconds and
    /// with a space or a `T`. None where it is neither.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Some(Self::from(instant));
        }
        let wall: DateTime = text.parse().ok()?;
        Some(Self::from(wall.to_zoned(rome()).ok()?.timestamp()))
    }

    /// RFC 3339 in UTC, for APIs.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.instant().to_string()
    }

    /// The same instant for calendars; beyond the year 9999 it stays at the end of the calendar.
    fn instant(self) -> jiff::Timestamp {
        let end = if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(end)
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        Self(instant.as_microsecond())
    }
}

/// The time zone of the Italian comuni, from the time zone data compiled into the program.
///
/// Falls back to UTC only if that data were missing, which a test rules out.
#[must_use]
pub fn rome() -> TimeZone {
    TimeZone::get("Europe/Rome").unwrap_or(TimeZone::UTC)
}

/// Where the present comes from. The real one asks the operating system; tests move theirs by hand.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rome_follows_daylight_saving() {
        let winter: jiff::Timestamp = "2026-01-15T11:00:00Z".parse().unwrap();
        let summer: jiff::Timestamp = "2026-07-15T11:00:00Z".parse().unwrap();
        assert_eq!(Timestamp::from(winter).rome().hour(), 12);
        assert_eq!(Timestamp::from(summer).rome().hour(), 13);
    }

    #[test]
    fn a_wall_clock_tells_an_instant_or_none() {
        let at = |day, hour| Timestamp::of_wall((2026, 11, day), (hour, 0, 0)).map(Timestamp::rfc3339);
        assert_eq!(at(22, 14).as_deref(), Some("2026-11-22T13:00:00Z"));
        assert_eq!((at(31, 14), at(22, 25)), (None, None));
    }

    #[test]
    fn json_shows_rfc_3339_and_keeps_every_microsecond() {
        let at = Timestamp::from_micros(1_793_606_400_000_001);
        let json = serde_json::to_string(&at).unwrap();
        assert_eq!(json, "\"2026-11-02T08:00:00.000001Z\"");
        assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), at);
        assert!(serde_json::from_str::<Timestamp>("\"yesterday\"").is_err());
    }

    #[test]
    fn noon_is_of_its_day_on_every_day_of_a_year() {
        let first = Date::constant(2026, 1, 1);
        for day in first.series(jiff::ToSpan::days(1)).take(365) {
            let rome = Timestamp::noon(day).rome();
            assert_eq!((rome.date(), rome.hour()), (day, 12));
        }
        assert_eq!(Timestamp::noon(Date::MAX).rome().year(), 9998);
    }

    #[test]
    fn moving_past_the_ends_of_time_stays_at_the_end() {
        let end = Timestamp::from_micros(i64::MAX);
        assert_eq!(end.plus(Duration::from_secs(1)), end);
        assert_eq!(Timestamp::from_micros(5).since(Timestamp::from_micros(9)), Duration::ZERO);
    }
}

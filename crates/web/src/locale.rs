//! The words of the interface: Italian first, English second, from `locales/*.json`; and times, numbers and sizes as each
//! language writes them. Times are those of Europe/Rome.

use baluardo_model::Timestamp;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

type Words = BTreeMap<String, String>;

static ITALIAN: LazyLock<Words> = LazyLock::new(|| read(include_str!("../locales/it.json")));
static ENGLISH: LazyLock<Words> = LazyLock::new(|| read(include_str!("../locales/en.json")));

/// A test reads both files, so a broken one never reaches a running program.
fn read(json: &str) -> Words {
    serde_json::from_str(json).unwrap_or_default()
}

/// A language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    /// Italian, which everybody gets who asks for nothing else.
    #[default]
    It,
    /// English.
    En,
}

impl Lang {
    /// Both languages.
    pub const ALL: [Self; 2] = [Self::It, Self::En];

    /// The language tag (BCP 47).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::It => "it",
            Self::En => "en",
        }
    }

    /// The language of a tag.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.code() == code)
    }

    /// The first of our languages that an `Accept-Language` header names; Italian when it names none.
    #[must_use]
    pub fn from_accept(header: &str) -> Self {
        let tags = header.split(',').filter_map(|part| part.trim().get(..2));
        tags.filter_map(Self::from_code).next().unwrap_or_default()
    }

    /// The language that the switch offers.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::It => Self::En,
            Self::En => Self::It,
        }
    }

    fn words(self) -> &'static Words {
        match self {
            Self::It => &ITALIAN,
            Self::En => &ENGLISH,
        }
    }

    /// The words of `key`, if there are any.
    #[must_use]
    pub fn find(self, key: &str) -> Option<&'static str> {
        self.words().get(key).map(String::as_str)
    }

    /// The words of `key`. A key without words shows itself, marked, and a test finds it.
    #[must_use]
    pub fn t(self, key: &str) -> Cow<'static, str> {
        self.find(key).map_or_else(|| Cow::Owned(format!("⟦{key}⟧")), Cow::Borrowed)
    }

    /// The words of `key` with `{name}` replaced by `value`.
    #[must_use]
    pub fn t1(self, key: &str, name: &str, value: impl std::fmt::Display) -> String {
        self.t(key).replace(&format!("{{{name}}}"), &value.to_string())
    }

    /// The words of `key` with two names replaced. What the first value holds is never read as a name.
    #[must_use]
    pub fn t2(
        self,
        key: &str,
        first: (&str, &dyn std::fmt::Display),
        second: (&str, &dyn std::fmt::Display),
    ) -> String {
        let words = self.t(key);
        let (mark_first, mark_second) = (format!("{{{}}}", first.0), format!("{{{}}}", second.0));
        let parts: Vec<String> =
            words.split(&mark_first).map(|part| part.replace(&mark_second, &second.1.to_string())).collect();
        parts.join(&first.1.to_string())
    }

    /// The singular or plural words of `key` (`key.one`, `key.other`) with `{count}` replaced.
    #[must_use]
    pub fn n(self, key: &str, count: u64) -> String {
        let form = if count == 1 { "one" } else { "other" };
        self.t1(&format!("{key}.{form}"), "count", self.number(count))
    }

    /// The words of a stable code: `word("severity.", "high")`.
    #[must_use]
    pub fn word(self, prefix: &str, code: &str) -> Cow<'static, str> {
        self.t(&format!("{prefix}{code}"))
    }

    /// The words of a code that may be unknown here; then the code itself.
    #[must_use]
    pub fn word_or_code(self, prefix: &str, code: &str) -> String {
        self.find(&format!("{prefix}{code}")).unwrap_or(code).to_owned()
    }

    /// A whole number with the language's thousands mark.
    #[must_use]
    pub fn number(self, number: u64) -> String {
        let mark = if self == Self::It { '.' } else { ',' };
        let digits = number.to_string();
        let mut text = String::new();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                text.push(mark);
            }
            text.push(digit);
        }
        text
    }

    /// A size in the largest unit that keeps it at 1 or above, with one decimal.
    #[must_use]
    pub fn bytes(self, bytes: u64) -> String {
        let units = ["kB", "MB", "GB", "TB"];
        if bytes < 1_000 {
            return format!("{bytes} B");
        }
        let mut tenths = bytes / 100;
        let mut unit = 0;
        while tenths >= 10_000 && unit + 1 < units.len() {
            tenths /= 1_000;
            unit += 1;
        }
        let mark = if self == Self::It { ',' } else { '.' };
        format!("{}{mark}{} {}", self.number(tenths / 10), tenths % 10, units.get(unit).unwrap_or(&""))
    }

    /// A day: "22 novembre 2026".
    #[must_use]
    pub fn day(self, at: Timestamp) -> String {
        let rome = at.rome();
        format!("{} {} {}", rome.day(), self.word("month.", &rome.month().to_string()), rome.year())
    }

    /// A day with its weekday: "domenica 22 novembre 2026".
    #[must_use]
    pub fn weekday(self, at: Timestamp) -> String {
        let weekday = at.rome().weekday().to_monday_one_offset().to_string();
        format!("{} {}", self.word("weekday.", &weekday), self.day(at))
    }

    /// A day and a time to the minute: "22 novembre 2026, 10:30".
    #[must_use]
    pub fn exact(self, at: Timestamp) -> String {
        let rome = at.rome();
        format!("{}, {:02}:{:02}", self.day(at), rome.hour(), rome.minute())
    }

    /// A deadline, as people call it: the midnight that ends a day is that day's end, "entro il 27 novembre 2026".
    #[must_use]
    pub fn due(self, at: Timestamp) -> String {
        let rome = at.rome();
        let midnight = (rome.hour(), rome.minute(), rome.second(), rome.subsec_nanosecond()) == (0, 0, 0, 0);
        let when = if midnight { self.day(at.minus(Duration::from_secs(1))) } else { self.exact(at) };
        self.t1("time.by", "when", when)
    }

    /// A time of day to the second, for the steps of a story.
    #[must_use]
    pub fn time(self, at: Timestamp) -> String {
        let rome = at.rome();
        format!("{:02}:{:02}:{:02}", rome.hour(), rome.minute(), rome.second())
    }

    /// How long before or after `now` an instant lies: "3 minuti fa", "tra 2 giorni", "adesso".
    #[must_use]
    pub fn relative(self, at: Timestamp, now: Timestamp) -> String {
        let (ahead, seconds) = if at > now { (true, at.since(now)) } else { (false, now.since(at)) };
        let seconds = seconds.as_secs();
        let (key, count) = match (seconds, ahead) {
            (0..60, _) => return self.t("time.now").into_owned(),
            (60..3_600, true) => ("time.in_minutes", seconds / 60),
            (60..3_600, false) => ("time.minutes_ago", seconds / 60),
            (3_600..86_400, true) => ("time.in_hours", seconds / 3_600),
            (3_600..86_400, false) => ("time.hours_ago", seconds / 3_600),
            (_, true) => ("time.in_days", seconds / 86_400),
            (_, false) => ("time.days_ago", seconds / 86_400),
        };
        self.n(key, count)
    }
}

#[cfg(test)]
mod tests;

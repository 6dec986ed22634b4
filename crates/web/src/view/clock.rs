//! The clock of a request as pages show it: how much time is gone, and how the deadline came about.

use crate::view::Chrome;
use baluardo_model::Timestamp;
use baluardo_model::activation::RequestState;
use serde::Serialize;

/// What a line of the deadline's trace tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TraceKind {
    /// The request came; that day does not count.
    Received,
    /// Counting begins on this day.
    FirstDay,
    /// The last of the days of the service table.
    LastDay,
    /// That day is a holiday: the deadline moves on.
    Holiday,
    /// The clock was stopped.
    Paused,
    /// The clock went on.
    Resumed,
    /// The deadline.
    Due,
}

impl TraceKind {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::FirstDay => "first_day",
            Self::LastDay => "last_day",
            Self::Holiday => "holiday",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::Due => "due",
        }
    }
}

/// A line of how a deadline came about.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct TraceLine {
    /// What it tells.
    pub kind: TraceKind,
    /// The instant, or any instant of the day it is about.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// How many days were counted, where days are counted.
    pub days: u32,
    /// Which holiday (`calendar::Holiday::code`), where it is one.
    pub holiday: String,
}

impl TraceLine {
    /// The line in words.
    #[must_use]
    pub fn words(&self, chrome: &Chrome) -> String {
        let lang = chrome.lang;
        let when = match self.kind {
            TraceKind::Received | TraceKind::Paused | TraceKind::Resumed => lang.exact(self.at),
            TraceKind::Due => lang.due(self.at),
            TraceKind::FirstDay | TraceKind::LastDay | TraceKind::Holiday => lang.weekday(self.at),
        };
        let key = format!("trace.{}", self.kind.code());
        match self.kind {
            TraceKind::LastDay => lang.t2(&key, ("when", &when), ("days", &self.days)),
            TraceKind::Holiday => {
                lang.t2(&key, ("when", &when), ("holiday", &lang.word_or_code("holiday.", &self.holiday)))
            }
            _ => lang.t1(&key, "when", when),
        }
    }
}

/// How much of a request's time is gone, in the steps at which people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Below 50 %.
    Calm,
    /// 50 % and above.
    Half,
    /// 75 % and above.
    Soon,
    /// 90 % and above.
    Urgent,
    /// All of it.
    Over,
}

/// The clock of a request.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct SlaClock {
    /// When the request came.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub received: Timestamp,
    /// When the concluding act is due; none while the clock stands, for nobody knows yet.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub due: Option<Timestamp>,
    /// Share of the time that is gone, in percent; may exceed 100.
    pub percent: u32,
    /// Where the request stands; while paused the clock stands still.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub state: RequestState,
    /// When it was concluded.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub concluded: Option<Timestamp>,
}

impl SlaClock {
    /// The step that the share of gone time is in.
    #[must_use]
    pub const fn level(&self) -> Level {
        match self.percent {
            0..50 => Level::Calm,
            50..75 => Level::Half,
            75..90 => Level::Soon,
            90..100 => Level::Urgent,
            _ => Level::Over,
        }
    }

    /// The class of the bar. Its words always stand beside it.
    #[must_use]
    pub const fn bar(&self) -> &'static str {
        match self.level() {
            Level::Calm => "sla-calm",
            Level::Half => "sla-half",
            Level::Soon => "sla-soon",
            Level::Urgent => "sla-urgent",
            Level::Over => "sla-over",
        }
    }

    /// The value of the bar, which ends at 100.
    #[must_use]
    pub fn bar_value(&self) -> u32 {
        self.percent.min(100)
    }

    /// Where the clock stands, in words.
    #[must_use]
    pub fn words(&self, chrome: &Chrome) -> String {
        match (self.concluded, self.due) {
            // An act at the very deadline is late; one while the clock stood never is.
            (Some(at), Some(due)) if at >= due => chrome.t1("sla.missed", "when", chrome.lang.exact(at)),
            (Some(at), _) => chrome.t1("sla.kept", "when", chrome.lang.exact(at)),
            (None, Some(due)) if self.state != RequestState::Paused => {
                let key = if due <= chrome.now { "sla.overdue" } else { "sla.due" };
                chrome.t1(key, "when", chrome.lang.relative(due, chrome.now))
            }
            (None, _) => chrome.t("sla.paused").into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_threshold_changes_the_level() {
        let level = |percent| {
            let at = Timestamp::from_micros(0);
            SlaClock { received: at, due: Some(at), percent, state: RequestState::Open, concluded: None }.level()
        };
        let seen: Vec<Level> = [49, 50, 74, 75, 89, 90, 99, 100, 400].map(level).into_iter().collect();
        let told = [Level::Calm, Level::Half, Level::Half, Level::Soon, Level::Soon, Level::Urgent, Level::Urgent];
        assert_eq!(seen[..7], told);
        assert_eq!(seen[7..], [Level::Over, Level::Over]);
    }
}

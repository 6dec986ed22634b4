//! The clock of a request: how much of its time is used and when it is due, computed from its log and never stored.
//!
//! # The rule
//!
//! A *day* is a civil day of Europe/Rome; an instant at midnight belongs to the day that it begins. The clock runs from the receipt, stands from a pause to the resumption, and ends
//! with the concluding act (approval or refusal).
//!
//! 1. **A day counts when the clock runs both as the day begins and as it ends.** So the day of receipt does not count
//!    (art. 2963 c.c.). When a pause lasts over a midnight, no day from the one on which it began to the one on which it
//!    ended counts, both included, and the remaining days start the day after the resumption. A pause that begins and ends
//!    on the same day costs nothing.
//! 2. All days of the calendar count, Saturdays, Sundays and holidays too.
//! 3. The request is due at the end of the last counted day of its service. When that day is a holiday (see [`Holiday`]),
//!    it is due at the end of the next day that is none and during which the clock runs as in 1.
//! 4. The end of a day is the local midnight that ends it. An act at that very instant is late.
//! 5. A pause after the request was due changes nothing.
//!
//! Example, five days: received on Thursday 1 October 2026, paused on Saturday 3, resumed on Tuesday 6. Friday 2 is day 1;
//! Saturday to Tuesday do not count; Wednesday 7 to Saturday 10 are days 2 to 5. Saturday is no holiday: due at midnight
//! between 10 and 11 October.
//!
//! # Logs that make no sense
//!
//! The order of the log is the truth, as in [`RequestState::of`](crate::activation::RequestState::of): an event with an
//! earlier time than the one before it (a clock that jumped back) is taken to have happened at that one's instant, and so
//! is the present. The first event starts the clock, whatever it is. An event that makes no sense where it stands changes
//! nothing and is told as [`TraceStep::Ignored`]. Instants before 1970 or after 9998 are moved to those ends.

mod count;

use crate::activation::{RequestEvent, RequestEventKind, ServiceCode};
use crate::calendar::{Holiday, Patron};
use crate::time::Timestamp;
use count::Count;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What a service promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SlaRule {
    /// Code in the consortium's service table ("17", "17.1").
    pub code: &'static str,
    /// How many days may pass from the receipt to the concluding act.
    pub days: u32,
    /// Which days count.
    pub unit: SlaUnit,
}

/// Which days count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaUnit {
    /// All of them; only the last one may not be a holiday.
    CalendarDays,
}

impl SlaRule {
    /// The promise of a service.
    #[must_use]
    pub const fn of(service: ServiceCode) -> Self {
        Self { code: service.code(), days: service.days(), unit: SlaUnit::CalendarDays }
    }
}

/// Where the clock of a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaState {
    /// No act yet, and there is still time.
    Running,
    /// No act yet, and the clock stands.
    Paused,
    /// The act came in time, or while the clock stood.
    Kept,
    /// The act came late.
    Missed,
    /// No act yet, and the time is over.
    Overdue,
}

impl SlaState {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Kept => "kept",
            Self::Missed => "missed",
            Self::Overdue => "overdue",
        }
    }
}

/// The highest mark that the used share of the time has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// Less than half is used.
    None,
    /// At least 50 %.
    Half,
    /// At least 75 %.
    ThreeQuarters,
    /// At least 90 %.
    Ninety,
    /// All of it: the act is late, or would be.
    Full,
}

impl Threshold {
    /// The marks that someone should hear of, lowest first.
    pub const MARKS: [Self; 4] = [Self::Half, Self::ThreeQuarters, Self::Ninety, Self::Full];

    /// The used share at which the mark is reached, in permille.
    #[must_use]
    pub const fn permille(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Half => 500,
            Self::ThreeQuarters => 750,
            Self::Ninety => 900,
            Self::Full => 1000,
        }
    }

    /// The highest mark that a used share in permille has reached.
    #[must_use]
    pub fn of(used: u32) -> Self {
        Self::MARKS.into_iter().rev().find(|mark| used >= mark.permille()).unwrap_or(Self::None)
    }

    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Half => "half",
            Self::ThreeQuarters => "three_quarters",
            Self::Ninety => "ninety",
            Self::Full => "full",
        }
    }
}

/// One step on the way to the deadline, with all that a sentence about it needs. `on` is the day of `at` in Europe/Rome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum TraceStep {
    /// The request arrived.
    Received {
        /// When.
        at: Timestamp,
        /// On which day.
        on: Date,
    },
    /// The day of receipt does not count (art. 2963 c.c.).
    FirstDayExcluded {
        /// Which day.
        day: Date,
    },
    /// A day counted; days to come are told as if nothing more happened.
    Counted {
        /// Which day.
        day: Date,
        /// How many have counted with it, from 1.
        n: u32,
    },
    /// The clock was stopped.
    Paused {
        /// When.
        at: Timestamp,
        /// On which day.
        on: Date,
        /// The reason told to the comune.
        reason: String,
    },
    /// The clock went on.
    Resumed {
        /// When.
        at: Timestamp,
        /// On which day.
        on: Date,
    },
    /// A pause lasted over a midnight: these days do not count.
    NotCounted {
        /// The first of them.
        from: Date,
        /// The last of them.
        to: Date,
    },
    /// The request would be due at the end of this day, but it is a holiday.
    LastDayHoliday {
        /// Which day.
        day: Date,
        /// Which holiday.
        holiday: Holiday,
    },
    /// It is due at the end of this day instead.
    MovedTo {
        /// Which day.
        day: Date,
    },
    /// When the act has to have happened before.
    Deadline {
        /// The midnight that ends the last day.
        at: Timestamp,
    },
    /// The request was approved or refused.
    Concluded {
        /// When.
        at: Timestamp,
        /// On which day.
        on: Date,
        /// Whether that was too late.
        late: bool,
    },
    /// The message with the outcome left for the comune; the act is the approval or refusal, not this.
    MailSent {
        /// When.
        at: Timestamp,
        /// On which day.
        on: Date,
    },
    /// An event that changes nothing for the clock where it stands: a resumption without a pause, a pause of a clock that
    /// stands or after the deadline, a second receipt or act.
    Ignored {
        /// When.
        at: Timestamp,
        /// On which day.
        on: Date,
        /// The word of its kind, see [`RequestEventKind::code`].
        event: &'static str,
    },
}

/// The clock of a request at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SlaView {
    /// What was promised.
    pub rule: SlaRule,
    /// When the clock started.
    pub started: Timestamp,
    /// When the act has to have happened before; nothing while the clock stands, or if the act came while it stood.
    pub deadline: Option<Timestamp>,
    /// When the act happened.
    pub concluded: Option<Timestamp>,
    /// Where the clock stands.
    pub state: SlaState,
    /// How much of the allowed time is used, in permille: 1000 and more exactly when the act is late. Time is measured in
    /// instants, pauses left out. While the clock stands, what was used when it stopped; after a pause the share can be
    /// smaller than before it, since the days of the pause and the rest of the last one give time back.
    pub used: u32,
    /// The highest mark that `used` has reached.
    pub threshold: Threshold,
    /// How the deadline came about, in order.
    pub trace: Vec<TraceStep>,
}

/// The clock of a request of `service` with `log` as it stands at `now`.
///
/// `patron` is the patron saint's day of the seat whose holidays hold. See the head of this file for the rule and for logs
/// that make no sense; an empty log is a request received at `now`.
#[must_use]
pub fn sla(service: ServiceCode, log: &[RequestEvent], patron: Option<Patron>, now: Timestamp) -> SlaView {
    let (first, rest) = match log {
        [RequestEvent { at, kind: RequestEventKind::Received, .. }, rest @ ..] => (*at, rest),
        [RequestEvent { at, .. }, ..] => (*at, log),
        [] => (now, log),
    };
    let mut count = Count::starting(SlaRule::of(service), patron, first);
    for event in rest {
        count.take(event);
    }
    count.view(now)
}

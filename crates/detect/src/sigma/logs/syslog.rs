//! Lines of syslog's files (`auth.log`, `syslog`), for systems without a journal: RFC 3339 or the older form of time.

use super::{journal, time_of};
use crate::sigma::event::Event;
use baluardo_model::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

/// Longest line that is read, in bytes; syslog itself cuts at 8 KiB.
const LONGEST: usize = 64 * 1024;

/// Most times that one line may stand for.
const MOST_TIMES: u32 = 1_000;

/// A line without a year that seems to lie further ahead than this is of last year.
const AHEAD: Duration = Duration::from_secs(24 * 3_600);

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What a line tells.
#[derive(Clone, Debug)]
pub struct Line {
    /// The event.
    pub event: Event,
    /// How often it happened: syslog writes `message repeated 5 times` for the same line again.
    pub times: u32,
}

/// Reads `TIME HOST PROGRAM[PID]: MESSAGE`. Times without a zone are of Europe/Rome, and without a year the last that fits
/// before `now`. Nothing for a line of another form.
#[must_use]
pub fn of_line(line: &str, now: Timestamp) -> Option<Line> {
    let line = line.get(..line.floor_char_boundary(LONGEST))?.trim_end();
    let (at, rest) = time(line, now)?;
    let (_host, rest) = rest.trim_start().split_once(' ')?;
    let (tag, message) = rest.split_once(": ").or_else(|| Some((rest.strip_suffix(':')?, "")))?;
    let program = tag.split('[').next().unwrap_or_default();
    if program.is_empty() || program.contains(' ') {
        return None;
    }
    let (message, times) = repeated(message);
    let mut entry = json!({
        "MESSAGE": message, "SYSLOG_IDENTIFIER": program, "__REALTIME_TIMESTAMP": at.micros().to_string(),
    });
    if let (Some(unit), Some(fields)) = (unit(program, message), entry.as_object_mut()) {
        fields.insert("UNIT".to_owned(), Value::from(unit));
    }
    // The journal has no times as early as a line may claim.
    let mut event = journal::of_entry(&entry);
    event.at = Some(at);
    Some(Line { event, times })
}

/// The time at the start of a line, and what follows it.
fn time(line: &str, now: Timestamp) -> Option<(Timestamp, &str)> {
    if let Some((first, rest)) = line.split_once(' ')
        && first.starts_with(|c: char| c.is_ascii_digit())
        && first.contains('T')
    {
        return Some((time_of(&Value::from(first))?, rest));
    }
    let (month, rest) = line.split_once(' ')?;
    let month = MONTHS.iter().position(|known| *known == month)?;
    let (day, rest) = rest.trim_start().split_once(' ')?;
    let (clock, rest) = rest.split_once(' ')?;
    let mut parts = clock.split(':').map(|part| part.parse::<i8>().ok());
    let [hour, minute, second] = [parts.next()??, parts.next()??, parts.next()??];
    let day = day.parse::<i8>().ok()?;
    let month = i8::try_from(month).ok()? + 1;
    let year = now.rome().year();
    let of_year = |year| Timestamp::of_wall((year, month, day), (hour, minute, second));
    let this_year = of_year(year).filter(|at| *at <= now.plus(AHEAD));
    Some((this_year.or_else(|| of_year(year - 1))?, rest))
}

/// `message repeated 5 times: [ Failed password … ]`.
fn repeated(message: &str) -> (&str, u32) {
    let inner = || {
        let (times, rest) = message.strip_prefix("message repeated ")?.split_once(" times: [ ")?;
        let times = times.parse::<u32>().ok()?.clamp(1, MOST_TIMES);
        Some((rest.strip_suffix(']').unwrap_or(rest).trim_end(), times))
    };
    inner().unwrap_or((message, 1))
}

/// The unit that systemd speaks of; the journal tells it in a field of its own.
fn unit<'a>(program: &str, message: &'a str) -> Option<&'a str> {
    let second = message.split(' ').nth(1).filter(|_| program == "systemd")?;
    second.ends_with(".service").then_some(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 22 November 2026, 14:00 in Rome.
    const NOW: Timestamp = Timestamp::from_micros(1_795_352_400_000_000);

    fn read(line: &str) -> Option<Line> {
        of_line(line, NOW)
    }

    #[test]
    fn both_forms_of_time_are_read() {
        let old = read("Nov 22 13:59:01 pc sshd[812]: Failed password for anna from 203.0.113.9 port 1 ssh2").unwrap();
        assert_eq!(old.event.at.unwrap().rfc3339(), "2026-11-22T12:59:01Z");
        assert_eq!(old.event.get("SourceIp"), Some("203.0.113.9"));
        let new = read("2026-11-22T13:59:01.5+01:00 pc sudo: anna : USER=root ; COMMAND=/bin/id").unwrap();
        assert_eq!(new.event.at.unwrap().rfc3339(), "2026-11-22T12:59:01.5Z");
        assert_eq!((new.event.get("COMMAND"), new.times), (Some("/bin/id"), 1));
        assert_eq!(new.event.source.services, ["sudo", "auth", "syslog"]);
    }

    #[test]
    fn a_line_of_december_read_in_november_is_of_last_year() {
        let line = read("Dec  3 08:00:00 pc CRON[1]: (root) CMD (x)").unwrap();
        assert_eq!(line.event.at.unwrap().rfc3339(), "2025-12-03T07:00:00Z");
    }

    #[test]
    fn a_line_that_stands_for_several_says_how_many() {
        let line = "Nov 22 13:59:01 pc sshd[1]: message repeated 5 times: [ Failed password for anna from 203.0.113.9 port 1 ssh2]";
        let line = read(line).unwrap();
        assert_eq!((line.event.get("TargetUser"), line.times), (Some("anna"), 5));
        let boast = read("Nov 22 13:59:01 pc x: message repeated 4000000000 times: [ y]").unwrap();
        assert_eq!(boast.times, MOST_TIMES);
    }

    #[test]
    fn systemd_names_its_unit() {
        let line = read("Nov 22 13:59:01 pc systemd[1]: Stopped auditd.service - Security Auditing Service.").unwrap();
        assert_eq!(line.event.get("UNIT"), Some("auditd.service"));
    }

    #[test]
    fn other_lines_are_none() {
        for line in ["", " ", "Nov", "Nov 22", "Nov 99 13:59:01 pc x: y", "Nov 22 13:59 pc x: y", "x y z: w"] {
            assert!(read(line).is_none(), "{line:?}");
        }
        assert!(read("Nov 22 13:59:01 pc a b: c").is_none(), "no program has such a name");
        assert!(read(&format!("{}491112502 pc x: y", "0".repeat(40))).is_none(), "a number is no time here");
        let early = read("1970-01-01T00:00:01Z pc x: y").unwrap();
        assert_eq!(early.event.at.map(Timestamp::micros), Some(1_000_000));
        assert!(read(&"è".repeat(LONGEST)).is_none());
    }
}

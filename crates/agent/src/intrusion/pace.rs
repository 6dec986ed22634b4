//! Bounds on what judging may cost. A program that floods the log is not followed to the end, and all together take a part of
//! one processor: nobody shall be able to hide, or to slow a computer, by writing much.

use baluardo_model::Timestamp;
use std::collections::HashMap;
use std::time::Duration;

/// Most lines of one program in ten seconds of the log's own time.
const MOST_LINES: u32 = 5_000;
const SPAN: i64 = 10_000_000;
/// Most programs that are counted apart; the others are counted as one.
const MOST_PROGRAMS: usize = 256;
/// How long is rested for each stretch of work: judging takes a tenth of one processor at the most.
const REST: u32 = 9;
/// Work before a rest.
const STRETCH: Duration = Duration::from_millis(20);
/// Longest rest.
const LONGEST_REST: Duration = Duration::from_millis(500);

/// Counts the lines of each program.
#[derive(Debug, Default)]
pub(super) struct Floods {
    lines: HashMap<String, (i64, u32)>,
    /// Lines that were passed over since it was last told, by program.
    passed: HashMap<String, u64>,
}

impl Floods {
    /// Whether a line of this program is judged.
    pub(super) fn may_pass(&mut self, program: &str, at: Timestamp) -> bool {
        let span = at.micros() / SPAN;
        if self.lines.len() >= MOST_PROGRAMS && !self.lines.contains_key(program) {
            self.lines.retain(|_, (of, _)| *of == span);
        }
        let program = if self.lines.len() < MOST_PROGRAMS || self.lines.contains_key(program) { program } else { "*" };
        let (of, count) = self.lines.entry(program.to_owned()).or_insert((span, 0));
        if *of != span {
            (*of, *count) = (span, 0);
        }
        *count = count.saturating_add(1);
        if *count <= MOST_LINES {
            return true;
        }
        let program = program.to_owned();
        self.lost(1, &program);
        false
    }

    /// So many more were not judged.
    pub(super) fn lost(&mut self, count: u64, what: &str) {
        let what = if self.passed.len() < MOST_PROGRAMS || self.passed.contains_key(what) { what } else { "*" };
        let passed = self.passed.entry(what.to_owned()).or_insert(0);
        *passed = passed.saturating_add(count);
    }

    /// Whether something was passed over that was not told.
    pub(super) fn is_on(&self) -> bool {
        !self.passed.is_empty()
    }

    /// What was passed over most since this was last asked, and how many all are.
    pub(super) fn take(&mut self) -> Option<(u64, String)> {
        let passed = std::mem::take(&mut self.passed);
        let all = passed.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
        let (most, _) = passed.into_iter().max_by_key(|(_, count)| *count)?;
        Some((all, most))
    }
}

/// How long to rest after so much work; nothing while it was little. `worked` begins anew with a rest.
pub(super) fn rest(worked: &mut Duration) -> Option<Duration> {
    (*worked >= STRETCH).then(|| std::mem::take(worked).saturating_mul(REST).min(LONGEST_REST))
}

/// The text of a field in a line of JSON, without reading the rest. Quotes inside of other texts are escaped there, so that
/// none can pass for a field; a text with escapes of its own is none.
pub(super) fn raw_text<'a>(line: &'a [u8], name: &str) -> Option<&'a str> {
    let mark = format!("\"{name}\":\"");
    let at = line.windows(mark.len()).position(|window| window == mark.as_bytes())? + mark.len();
    let rest = line.get(at..)?;
    let end = rest.iter().position(|byte| *byte == b'"')?;
    std::str::from_utf8(rest.get(..end)?).ok().filter(|text| !text.contains('\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_program_that_floods_costs_the_others_nothing() {
        let mut floods = Floods::default();
        let at = Timestamp::from_micros(1_000_000_000);
        let passed = (0..2 * MOST_LINES).filter(|_| floods.may_pass("noisy", at)).count();
        assert_eq!(passed, MOST_LINES as usize);
        assert!(floods.may_pass("sshd", at));
        assert!(floods.is_on());
        assert_eq!(floods.take(), Some((u64::from(MOST_LINES), "noisy".to_owned())));
        assert!(floods.take().is_none() && !floods.is_on());
        assert!(floods.may_pass("noisy", Timestamp::from_micros(1_000_000_000 + SPAN)), "later it is heard again");
    }

    #[test]
    fn made_up_names_take_bounded_memory_and_are_one_program() {
        let mut floods = Floods::default();
        let at = Timestamp::from_micros(0);
        let passed = (0..100_000).filter(|number| floods.may_pass(&number.to_string(), at)).count();
        assert!(floods.lines.len() <= MOST_PROGRAMS + 1);
        assert!(passed <= MOST_PROGRAMS + MOST_LINES as usize, "{passed}");
    }

    #[test]
    fn work_is_followed_by_rest() {
        let mut worked = Duration::from_millis(19);
        assert_eq!(rest(&mut worked), None);
        worked += Duration::from_millis(2);
        assert_eq!(rest(&mut worked), Some(Duration::from_millis(189)));
        assert_eq!(worked, Duration::ZERO);
        let mut long = Duration::from_secs(9);
        assert_eq!(rest(&mut long), Some(LONGEST_REST));
    }

    #[test]
    fn a_text_inside_of_another_is_no_field() {
        let line = br#"{"MESSAGE":"x \"_COMM\":\"sshd\" y","_COMM":"evil","__CURSOR":"s=1;i=2"}"#;
        assert_eq!(raw_text(line, "_COMM"), Some("evil"));
        assert_eq!(raw_text(line, "__CURSOR"), Some("s=1;i=2"));
        assert_eq!(raw_text(line, "MESSAGE"), None);
        assert_eq!(raw_text(b"{\"a\":\"", "a"), None);
    }
}

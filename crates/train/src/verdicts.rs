//! Verdicts as files, for comparing with other filters on the same messages.

use crate::report::Judged;
use anyhow::Context as _;
use baluardo_mail::{Action, Language, judge};
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

/// A line for each message that has a file: path, source, side, action, score.
pub(crate) fn write(path: &Path, said: &Judged<'_>) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
    for (one, verdict) in said.iter().filter(|(one, _)| !one.path.as_os_str().is_empty()) {
        let side = if one.hostile { "hostile" } else { "honest" };
        let file = one.path.display();
        let (source, year, action) = (&one.source, one.year, word(verdict.action));
        writeln!(out, "{file}\t{source}\t{year}\t{side}\t{action}\t{:.4}", verdict.score)?;
    }
    out.flush()
}

/// Judges every file of a list and prints how long a message takes, reading from the disk left out.
pub(crate) fn judge_all(list: &Path) -> anyhow::Result<()> {
    let list = std::fs::read_to_string(list).with_context(|| format!("reading {}", list.display()))?;
    let mut took = Vec::new();
    for path in list.lines() {
        let bytes = std::fs::read(path).with_context(|| format!("reading {path}"))?;
        let begun = Instant::now();
        let verdict = judge(&bytes, Language::Italian);
        took.push(begun.elapsed());
        println!("{path}\t{}\t{:.4}", word(verdict.action), verdict.score);
    }
    took.sort();
    let at = |share: usize| took.get(took.len() * share / 100).map_or(0.0, |took| took.as_secs_f64() * 1e3);
    eprintln!("{} messages, median {:.2} ms, 99 in 100 within {:.2} ms", took.len(), at(50), at(99));
    Ok(())
}

const fn word(action: Action) -> &'static str {
    match action {
        Action::Deliver => "deliver",
        Action::Tag => "tag",
        Action::Quarantine => "quarantine",
        Action::Reject => "reject",
    }
}

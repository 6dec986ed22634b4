//! Tells what was found: a line of JSON for each file, or words for people and a summary.

use super::escape;
use super::words::Words;
use baluardo_detect::inspect::{Found, Judgement};
use serde::Serialize;
use std::io::{self, BufWriter, Stdout, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many files were what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) files: u64,
    pub(super) malicious: u64,
    pub(super) suspicious: u64,
    pub(super) errors: u64,
    pub(super) skipped: u64,
}

/// One file, as programs read it.
#[derive(Debug, Serialize)]
struct Line<'a> {
    path: String,
    verdict: &'a str,
    findings: Vec<Finding<'a>>,
}

#[derive(Debug, Serialize)]
struct Finding<'a> {
    engine: &'a str,
    name: &'a str,
    score: u8,
    inside: Option<&'a str>,
    reasons: &'a [String],
}

/// Where the findings go.
#[derive(Debug)]
pub(super) struct Report {
    json: bool,
    words: Words,
    out: Mutex<(BufWriter<Stdout>, Tally)>,
    broken: AtomicBool,
}

impl Report {
    pub(super) fn new(json: bool, words: Words) -> Self {
        let out = Mutex::new((BufWriter::new(io::stdout()), Tally::default()));
        Self { json, words, out, broken: AtomicBool::new(false) }
    }

    /// Whether nobody reads any more (`| head`): then there is no use in going on.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    /// Tells one file.
    pub(super) fn tell(&self, path: &Path, judgement: Judgement, findings: &[Found]) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let (out, tally) = &mut *out;
        tally.files += 1;
        match judgement {
            Judgement::Malicious => tally.malicious += 1,
            Judgement::Suspicious => tally.suspicious += 1,
            Judgement::Error => tally.errors += 1,
            Judgement::Clean => {}
        }
        let told = if self.json {
            in_json(out, path, judgement, findings)
        } else {
            self.in_words(out, path, judgement, findings)
        };
        if told.is_err() {
            self.broken.store(true, Ordering::Relaxed);
        }
    }

    /// Entries that are no files.
    pub(super) fn skipped(&self, count: u64) {
        self.out.lock().unwrap_or_else(PoisonError::into_inner).1.skipped = count;
    }

    /// Writes out what waits, and for people the summary.
    pub(super) fn end(self, spent: Duration) -> Tally {
        let (mut out, tally) = self.out.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !self.json {
            let Tally { files, malicious, suspicious, errors, skipped } = tally;
            let counts = [malicious, suspicious, errors, skipped].map(|count| count.to_string());
            let seconds = format!("{:.1}", spent.as_secs_f64());
            let summary = self
                .words
                .fill("summary", &[&files.to_string(), &seconds, &counts[0], &counts[1], &counts[2], &counts[3]]);
            let _ = writeln!(out, "{summary}");
        }
        let _ = out.flush();
        tally
    }

    fn in_words(&self, out: &mut impl Write, path: &Path, judgement: Judgement, findings: &[Found]) -> io::Result<()> {
        let key = match judgement {
            Judgement::Clean if findings.is_empty() => return Ok(()),
            Judgement::Clean => "note",
            other => word(other),
        };
        writeln!(out, "{}  {}", self.words.fill(key, &[]), escape::shown(path))?;
        for found in findings {
            let inside = found.inside.as_ref().map(|path| self.words.fill("inside", &[path])).unwrap_or_default();
            let line = format!("{inside}{} {}: {}", found.engine, found.name, found.reasons.join("; "));
            writeln!(out, "    {}", escape::shown_text(&line))?;
        }
        out.flush()
    }
}

fn in_json(out: &mut impl Write, path: &Path, judgement: Judgement, findings: &[Found]) -> io::Result<()> {
    let findings: Vec<Finding<'_>> = findings
        .iter()
        .map(|found| Finding {
            engine: &found.engine,
            name: &found.name,
            score: found.score,
            inside: found.inside.as_deref(),
            reasons: &found.reasons,
        })
        .collect();
    let urgent = judgement != Judgement::Clean;
    serde_json::to_writer(&mut *out, &Line { path: escape::lossless(path), verdict: word(judgement), findings })?;
    out.write_all(b"\n")?;
    if urgent { out.flush() } else { Ok(()) }
}

/// The stable word.
const fn word(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Clean => "clean",
        Judgement::Suspicious => "suspicious",
        Judgement::Malicious => "malicious",
        Judgement::Error => "error",
    }
}

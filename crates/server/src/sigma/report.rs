//! Tells what was found: a line of JSON for each match, or words for people and a summary.

use super::events::EventFile;
use crate::scan::escape;
use crate::scan::words::Words;
use baluardo_detect::sigma::{Event, Joined, Match};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufWriter, Stdout, Write};
use std::path::PathBuf;
use std::time::Duration;

/// Fields that tell most of an event, in the order in which they are shown.
const TELLING: [&str; 28] = [
    "CommandLine",
    "Image",
    "ParentImage",
    "ParentCommandLine",
    "TargetFilename",
    "TargetObject",
    "Details",
    "ImageLoaded",
    "TargetImage",
    "SourceImage",
    "PipeName",
    "QueryName",
    "DestinationIp",
    "DestinationPort",
    "ScriptBlockText",
    "ServiceName",
    "ThreatName",
    "Path",
    "AuthOutcome",
    "TargetUser",
    "SourceIp",
    "COMMAND",
    "MESSAGE",
    "User",
    "EventID",
    "Provider_Name",
    "Computer",
    "_HOSTNAME",
];

/// Most fields shown of one event, and most characters of each.
const SHOWN: usize = 6;
const LONGEST: usize = 300;

/// How much was what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) events: u64,
    pub(super) matches: u64,
    pub(super) unreadable: u64,
    without_source: u64,
    without_time: u64,
}

/// One match, as programs read it.
#[derive(Debug, Serialize)]
struct Line<'a> {
    path: String,
    event: u64,
    at: Option<String>,
    rule: Rule<'a>,
    fields: BTreeMap<&'a str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    joined: Option<Together<'a>>,
}

#[derive(Debug, Serialize)]
struct Rule<'a> {
    id: &'a str,
    title: &'a str,
    level: &'static str,
    tags: &'a [Box<str>],
    file: &'a str,
}

#[derive(Debug, Serialize)]
struct Together<'a> {
    group: BTreeMap<&'a str, &'a str>,
    count: u64,
    since: String,
}

/// Writes matches as they are found.
#[derive(Debug)]
pub(super) struct Report {
    json: bool,
    words: Words,
    out: BufWriter<Stdout>,
    path: PathBuf,
    number: u64,
    tally: Tally,
    rules: BTreeSet<String>,
    broken: bool,
}

impl Report {
    pub(super) fn new(json: bool, words: Words) -> Self {
        Self {
            json,
            words,
            out: BufWriter::new(io::stdout()),
            path: PathBuf::new(),
            number: 0,
            tally: Tally::default(),
            rules: BTreeSet::new(),
            broken: false,
        }
    }

    /// Whether nobody reads any more.
    pub(super) const fn is_broken(&self) -> bool {
        self.broken
    }

    /// Goes on to another file.
    pub(super) fn begin(&mut self, file: &EventFile) {
        self.path.clone_from(&file.path);
        self.number = 0;
    }

    /// Takes an event and what it fulfils.
    pub(super) fn tell(&mut self, event: &Event, found: &[Match<'_>]) {
        self.number += 1;
        self.tally.events += 1;
        self.tally.without_source += u64::from(event.source.is_unknown());
        self.tally.without_time += u64::from(event.at.is_none());
        for found in found {
            self.tally.matches += 1;
            self.rules.insert(found.rule.label().to_owned());
            let written = if self.json { self.line(event, found) } else { self.words_of(event, found) };
            self.broken |= written.is_err();
        }
    }

    /// Takes an event that is none.
    pub(super) fn unreadable(&mut self, error: &str) {
        self.number += 1;
        self.tally.unreadable += 1;
        let record = self.words.fill("sigma_record", &[&self.number.to_string()]);
        eprintln!("baluardo: {}: {record}: {}", escape::shown(&self.path), escape::shown_text(error));
    }

    fn line(&mut self, event: &Event, found: &Match<'_>) -> io::Result<()> {
        let rule = found.rule;
        let line = Line {
            path: escape::lossless(&self.path),
            event: self.number,
            at: event.at.map(|at| at.rfc3339()),
            rule: Rule {
                id: &rule.id,
                title: &rule.title,
                level: rule.level.code(),
                tags: &rule.tags,
                file: &rule.file,
            },
            fields: telling(event).collect(),
            joined: found.joined.as_ref().map(together),
        };
        serde_json::to_writer(&mut self.out, &line)?;
        self.out.write_all(b"\n")
    }

    fn words_of(&mut self, event: &Event, found: &Match<'_>) -> io::Result<()> {
        let title = self.words.title(found.rule);
        let record = self.words.fill("sigma_record", &[&self.number.to_string()]);
        let level = found.rule.level.code().to_uppercase();
        let technique = found.rule.technique().map(|technique| format!(" [{technique}]")).unwrap_or_default();
        let path = escape::shown(&self.path);
        writeln!(self.out, "{level} {}{technique}  {path}, {record}", escape::shown_text(title))?;
        if let Some(joined) = &found.joined {
            let group =
                joined.group.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ");
            let lasted = event.at.map_or(0, |at| at.since(joined.since).as_secs());
            let words = self.words.fill("sigma_correlation", &[&joined.count.to_string(), &lasted.to_string()]);
            writeln!(self.out, "    {words}  {}", escape::shown_text(&group))?;
        }
        for (name, value) in telling(event) {
            writeln!(self.out, "    {name}: {}", escape::shown_text(&value))?;
        }
        Ok(())
    }

    /// Ends the report, for people with a summary.
    pub(super) fn end(mut self, files: usize, lasted: Duration) -> Tally {
        let _ = self.out.flush();
        let Tally { events, matches, unreadable, without_source, without_time } = self.tally;
        if !self.json {
            let seconds = format!("{:.1}", lasted.as_secs_f64());
            let counts = [events, files as u64, matches, self.rules.len() as u64, unreadable].map(|n| n.to_string());
            let [events, files, matches, rules, unreadable] = counts.each_ref().map(String::as_str);
            println!("{}", self.words.fill("sigma_summary", &[events, files, &seconds, matches, rules, unreadable]));
        }
        for (key, count) in [("sigma_no_source", without_source), ("sigma_no_time", without_time)] {
            if count > 0 {
                eprintln!("baluardo: {}", self.words.fill(key, &[&count.to_string()]));
            }
        }
        self.tally
    }
}

fn together(joined: &Joined) -> Together<'_> {
    let group = joined.group.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Together { group, count: joined.count, since: joined.since.rfc3339() }
}

/// The fields that tell most, cut to a length that can be read.
fn telling(event: &Event) -> impl Iterator<Item = (&'static str, String)> {
    let there = TELLING.iter().filter_map(|name| Some((*name, event.get(name)?)));
    let told = there.filter(|(_, value)| !value.is_empty()).take(SHOWN);
    told.map(|(name, value)| (name, value.chars().take(LONGEST).collect()))
}

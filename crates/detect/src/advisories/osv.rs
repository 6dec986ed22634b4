//! One record in the form of OSV (ossf.github.io/osv-schema), for packages of Debian and Ubuntu.

use super::debian::urgency;
use super::{Reading, cvss};
use baluardo_model::vulnerability::{Advisory, Urgency};
use serde::Deserialize;

/// Names of the fields of a record, by which one is told from the tracker's map of packages.
pub(super) const FIELDS: [&str; 15] = [
    "schema_version",
    "id",
    "modified",
    "published",
    "withdrawn",
    "aliases",
    "upstream",
    "related",
    "summary",
    "details",
    "severity",
    "affected",
    "references",
    "credits",
    "database_specific",
];

/// A record, as far as it is needed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Record {
    id: String,
    withdrawn: Option<String>,
    aliases: Vec<String>,
    upstream: Vec<String>,
    summary: String,
    details: String,
    severity: Vec<Severity>,
    affected: Vec<Affected>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Severity {
    score: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Affected {
    package: Option<Package>,
    severity: Vec<Severity>,
    ranges: Vec<Range>,
    ecosystem_specific: Option<Specific>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Package {
    ecosystem: String,
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Range {
    r#type: String,
    events: Vec<Event>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event {
    introduced: Option<String>,
    fixed: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Specific {
    #[serde(alias = "ubuntu_priority")]
    urgency: Option<serde_json::Value>,
}

/// Keeps what concerns a known distribution; false when there is no more room.
pub(super) fn take(reading: &mut Reading, record: &Record) -> bool {
    if record.withdrawn.is_some() {
        reading.entries += 1;
        reading.skip("withdrawn");
        return true;
    }
    let words = if record.summary.is_empty() { &record.details } else { &record.summary };
    for affected in &record.affected {
        let Some(package) = &affected.package else { continue };
        let Some(release) = release(&package.ecosystem) else {
            reading.entries += 1;
            reading.skip("no distribution that is known here");
            continue;
        };
        let ranges = ranges(affected);
        if ranges.is_empty() {
            reading.entries += 1;
            reading.skip("tells no range of versions");
            continue;
        }
        let score = best_score(&affected.severity).or_else(|| best_score(&record.severity));
        for id in names(record) {
            for (since, fixed) in &ranges {
                let (since, fixed, urgency) = (since.clone(), fixed.clone(), specific(affected));
                let advisory = Advisory { id: id.to_owned(), since, fixed, urgency, score };
                if !reading.keep(release.clone(), &package.name, advisory, words) {
                    return false;
                }
            }
        }
    }
    true
}

/// The CVEs that it is about, or its own name where it has none.
fn names(record: &Record) -> Vec<&str> {
    let mut names: Vec<&str> = record.upstream.iter().chain(&record.aliases).map(String::as_str).collect();
    names.push(&record.id);
    names.retain(|name| name.starts_with("CVE-"));
    names.sort_unstable();
    names.dedup();
    match (names.is_empty(), record.id.split_once("CVE-")) {
        (false, _) => names,
        // Debian's and Ubuntu's own records of a CVE are named after it: `DEBIAN-CVE-2026-1`.
        (true, Some(_)) => record.id.find("CVE-").and_then(|at| record.id.get(at..)).into_iter().collect(),
        (true, None) => vec![&record.id],
    }
}

/// `Debian:12` and `Ubuntu:24.04:LTS`; what is only in Ubuntu's paid archive is left out.
fn release(ecosystem: &str) -> Option<String> {
    let mut parts = ecosystem.split(':');
    let (system, number) = (parts.next()?, parts.next()?);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match system {
        "Debian" if is_number => Some(format!("debian:{number}")),
        "Ubuntu" if is_number => Some(format!("ubuntu:{number}")),
        _ => None,
    }
}

/// From which version to which; none for the beginning and for no remedy.
fn ranges(affected: &Affected) -> Vec<(Option<String>, Option<String>)> {
    let mut found = Vec::new();
    for range in affected.ranges.iter().filter(|range| range.r#type == "ECOSYSTEM") {
        let mut open: Option<Option<String>> = None;
        for event in &range.events {
            if let Some(introduced) = &event.introduced {
                found.extend(open.take().map(|since| (since, None)));
                open = Some(Some(introduced.clone()).filter(|version| version != "0"));
            }
            if let (Some(fixed), Some(since)) = (&event.fixed, open.take_if(|_| event.fixed.is_some())) {
                found.push((since, Some(fixed.clone())));
            }
        }
        found.extend(open.map(|since| (since, None)));
    }
    found
}

fn best_score(severity: &[Severity]) -> Option<u8> {
    severity.iter().filter_map(|one| cvss::score(&one.score)).max()
}

fn specific(affected: &Affected) -> Urgency {
    let word = affected.ecosystem_specific.as_ref().and_then(|specific| specific.urgency.as_ref()?.as_str());
    match word {
        Some("negligible") => Urgency::Unimportant,
        Some("critical") => Urgency::High,
        Some(word) => urgency(word),
        None => Urgency::Unknown,
    }
}

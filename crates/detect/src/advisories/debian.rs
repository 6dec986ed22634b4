//! One vulnerability of one source package, as Debian's security tracker has it.

use super::Reading;
use baluardo_model::vulnerability::{Advisory, DEBIAN, Urgency};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the tracker says of a vulnerability of a source.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    #[serde(default)]
    description: String,
    #[serde(default)]
    releases: BTreeMap<String, Release>,
}

#[derive(Debug, Deserialize)]
struct Release {
    #[serde(default)]
    status: String,
    #[serde(default)]
    fixed_version: Option<String>,
    #[serde(default)]
    urgency: String,
}

/// Keeps what concerns a known release; false when there is no more room.
pub(super) fn take(reading: &mut Reading, source: &str, id: &str, entry: Entry) -> bool {
    for (codename, release) in entry.releases {
        let Some((_, number)) = DEBIAN.iter().find(|(known, _)| *known == codename) else {
            reading.entries += 1;
            reading.skip("a release that is not in use");
            continue;
        };
        let fixed = release.fixed_version.filter(|version| !version.is_empty());
        match (release.status.as_str(), fixed.as_deref()) {
            // Version 0 is how the tracker says that no version of this release was ever concerned.
            ("resolved", Some("0")) => {
                reading.entries += 1;
                reading.skip("never concerned this release");
                continue;
            }
            ("open", _) | ("resolved", Some(_)) => {}
            _ => {
                reading.entries += 1;
                reading.skip("nobody knows yet whether this release is concerned");
                continue;
            }
        }
        let fixed = fixed.filter(|_| release.status == "resolved");
        let advisory =
            Advisory { id: id.to_owned(), since: None, fixed, urgency: urgency(&release.urgency), score: None };
        if !reading.keep(format!("debian:{number}"), source, advisory, &entry.description) {
            return false;
        }
    }
    true
}

/// The tracker marks what it took from elsewhere with stars.
pub(super) fn urgency(word: &str) -> Urgency {
    match word.trim_end_matches('*') {
        "unimportant" => Urgency::Unimportant,
        "low" => Urgency::Low,
        "medium" => Urgency::Medium,
        "high" => Urgency::High,
        _ => Urgency::Unknown,
    }
}

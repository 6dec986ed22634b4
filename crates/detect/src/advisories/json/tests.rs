//! Made-up data in the forms of Debian and OSV.

use super::*;
use baluardo_model::vulnerability::{Advisory, Urgency};

const TRACKER: &str = r#"{
  "openssl": {
    "CVE-2026-10001": {
      "scope": "remote", "debianbug": 1, "description": "A made-up\n flaw.",
      "releases": {
        "bookworm": {"status": "resolved", "repositories": {"bookworm": "3.0.9-1"}, "fixed_version": "3.0.11-1~deb12u2", "urgency": "high**"},
        "trixie": {"status": "open", "repositories": {"trixie": "3.5.0-1"}, "urgency": "not yet assigned", "nodsa": "Minor issue"},
        "bullseye": {"status": "resolved", "fixed_version": "0", "urgency": "unimportant"},
        "sid": {"status": "resolved", "fixed_version": "3.5.1-1", "urgency": "low"},
        "forky": {"status": "undetermined", "urgency": "low"}
      }
    }
  },
  "bash": {}
}"#;

const RECORD: &str = r#"{
  "id": "DSA-9999-1", "summary": "a made-up advisory", "upstream": ["CVE-2026-10002", "CVE-2026-10003"],
  "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
  "affected": [
    {"package": {"ecosystem": "Debian:12", "name": "curl"},
     "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "7.88.1-10+deb12u5"}]}],
     "ecosystem_specific": {"urgency": "not yet assigned"}},
    {"package": {"ecosystem": "npm", "name": "left-pad"}},
    {"package": {"ecosystem": "Ubuntu:Pro:18.04:LTS", "name": "curl"}},
    {"package": {"ecosystem": "Ubuntu:24.04:LTS", "name": "curl"},
     "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "8.0-1"}, {"fixed": "8.5-2"}, {"introduced": "9.0-1"}]}]},
    {"package": {"ecosystem": "Debian:11", "name": "curl"}, "versions": ["7.74"]}
  ]
}"#;

fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    read_json(text.as_bytes(), &mut reading).unwrap();
    reading
}

fn of(reading: &Reading, release: &str, source: &str) -> Vec<Advisory> {
    reading.known.get(&(release.to_owned(), source.to_owned())).cloned().unwrap_or_default()
}

#[test]
fn the_tracker_tells_remedies_and_what_has_none() {
    let read = read(TRACKER);
    let bookworm = of(&read, "debian:12", "openssl");
    assert_eq!(bookworm[0].fixed.as_deref(), Some("3.0.11-1~deb12u2"));
    assert_eq!(bookworm[0].urgency, Urgency::High);
    let trixie = of(&read, "debian:13", "openssl");
    assert_eq!((trixie[0].fixed.as_deref(), trixie[0].urgency), (None, Urgency::Unknown));
    assert_eq!(read.words["CVE-2026-10001"], "A made-up flaw.");
    assert_eq!((read.entries, read.kept()), (5, 2));
    assert_eq!(read.skipped.values().sum::<u64>(), 3, "{:?}", read.skipped);
}

#[test]
fn a_record_of_osv_is_kept_for_each_release_and_each_cve() {
    let read = read(RECORD);
    let debian = of(&read, "debian:12", "curl");
    let ids: Vec<_> = debian.iter().map(|one| (one.id.as_str(), one.score, one.since.as_deref())).collect();
    assert_eq!(ids, [("CVE-2026-10002", Some(98), None), ("CVE-2026-10003", Some(98), None)]);
    let ubuntu = of(&read, "ubuntu:24.04", "curl");
    let first: Vec<_> = ubuntu.iter().filter(|one| one.id == "CVE-2026-10002").collect();
    assert_eq!((first[0].since.as_deref(), first[0].fixed.as_deref()), (Some("8.0-1"), Some("8.5-2")));
    assert_eq!((first[1].since.as_deref(), first[1].fixed.as_deref()), (Some("9.0-1"), None));
    assert!(of(&read, "debian:11", "curl").is_empty());
    assert_eq!(read.skipped.values().sum::<u64>(), 3, "{:?}", read.skipped);
}

#[test]
fn lists_and_lines_of_records_are_read_alike() {
    let list = read(&format!("[{RECORD},{RECORD}]"));
    let one_line = RECORD.replace('\n', " ");
    let mut lines = Reading::default();
    read_lines(format!("{one_line}\n\nnonsense\n{one_line}").as_bytes(), &mut lines).unwrap();
    assert_eq!(list.known, lines.known);
    assert_eq!(lines.skipped["a line that is no OSV record"], 1);
}

#[test]
fn a_record_of_debian_s_own_is_told_by_the_cve_in_its_name_and_a_withdrawn_one_not_at_all() {
    let own = RECORD.replace("DSA-9999-1", "DEBIAN-CVE-2026-7").replace("\"upstream\"", "\"related\"");
    assert_eq!(of(&read(&own), "debian:12", "curl")[0].id, "CVE-2026-7");
    let withdrawn = RECORD.replace("\"summary\"", "\"withdrawn\": \"2026-01-01T00:00:00Z\", \"summary\"");
    assert_eq!(read(&withdrawn).kept(), 0);
}

#[test]
fn what_is_neither_is_refused_with_a_reason() {
    for (text, why) in
        [("{", "EOF"), ("7", "invalid type"), (r#"{"openssl": 3}"#, "openssl"), ("{} x", "trailing"), ("", "EOF")]
    {
        let refused = read_json(text.as_bytes(), &mut Reading::default()).unwrap_err().to_string();
        assert!(refused.contains("neither Debian's security tracker") && refused.contains(why), "{text}: {refused}");
    }
    let refused = read_lines(&b"x\ny\n"[..], &mut Reading::default());
    assert!(matches!(refused, Err(AdvisoryError::Unreadable(_))));
}

//! Which machines may send in the domain's name (RFC 7208).

use super::mx::Servers;
use super::walk::{Ending, Walk};
use super::{Book, Check, Code, Publish, Subject, suggest};
use crate::authentic::{is_sound_spf, is_spf};

/// Terms that may cost a question, and questions that may have no answer (section 4.6.4).
const MOST_LOOKUPS: u32 = 10;
const MOST_VOIDS: u32 = 2;

/// Looks at the record. `enforced` says whether DMARC stops what the record only doubts.
pub(super) fn look(book: &mut Book, subject: &Subject, servers: &Servers, enforced: bool) -> Vec<Check> {
    let domain = &subject.domain;
    let Some(texts) = book.texts(domain) else { return vec![Check::new(Code::SpfUnknown, domain)] };
    let records: Vec<Vec<u8>> = texts.into_iter().filter(|text| is_spf(text)).collect();
    let publish = |value: String| [Publish::txt(domain.clone(), value)];
    let [record] = &records[..] else {
        if records.is_empty() {
            let first = suggest::first(&servers.hosts, servers.null);
            return vec![Check::new(Code::SpfMissing, domain).with(publish(first))];
        }
        let texts: Vec<String> = records.iter().map(|record| String::from_utf8_lossy(record).into_owned()).collect();
        let check = Check::new(Code::SpfMany, texts.join(" | "));
        let sound = records.iter().all(|record| is_sound_spf(record));
        return vec![if sound { check.with(publish(suggest::joined(&texts))) } else { check }];
    };
    if !is_sound_spf(record) {
        return vec![Check::new(Code::SpfBroken, record)];
    }
    let record = String::from_utf8_lossy(record);
    let walk = Walk::through(book, domain, &record);
    let mut checks = limits(&walk);
    let mended = suggest::mended(&record, walk.ending);
    let mended = if mended == *record { Vec::new() } else { Vec::from(publish(mended)) };
    for wide in &walk.wide {
        checks.push(Check::new(Code::SpfWide, wide));
    }
    if walk.ptr.iter().any(|place| place == domain) {
        checks.push(Check::new(Code::SpfPtr, &*record).with(mended.clone()));
    } else if let Some(place) = walk.ptr.first() {
        checks.push(Check::new(Code::SpfPtr, place));
    }
    let (code, open) = match walk.ending {
        Ending::Hard => (Code::SpfAllHard, false),
        Ending::Soft if enforced => (Code::SpfAllSoftCovered, false),
        Ending::Soft => (Code::SpfAllSoft, false),
        Ending::Neutral => (Code::SpfAllNeutral, true),
        Ending::Pass => (Code::SpfAllPass, true),
        Ending::Missing => (Code::SpfNoAll, true),
        Ending::Unknown => return checks,
    };
    let check = Check::new(code, &*record);
    checks.push(if open { check.with(mended) } else { check });
    checks
}

/// What receivers hold against the limits.
fn limits(walk: &Walk) -> Vec<Check> {
    let mut checks = Vec::new();
    let costs: Vec<String> = walk.costs.iter().map(|(term, cost)| format!("{term} ({cost})")).collect();
    let costs = if costs.is_empty() { "0".to_owned() } else { format!("{}: {}", walk.lookups, costs.join(", ")) };
    if walk.lookups > MOST_LOOKUPS {
        checks.push(Check::new(Code::SpfTooMany, costs));
    } else if !walk.unknown {
        checks.push(Check::new(Code::SpfLookups, costs));
    }
    if walk.voids > MOST_VOIDS {
        checks.push(Check::new(Code::SpfVoid, walk.voids.to_string()));
    }
    for (code, names) in [(Code::SpfInclude, &walk.broken), (Code::SpfLoop, &walk.loops)] {
        if !names.is_empty() {
            checks.push(Check::new(code, names.join(", ")));
        }
    }
    if walk.unknown {
        checks.push(Check::new(Code::SpfUnknown, costs_of(walk)));
    }
    checks
}

fn costs_of(walk: &Walk) -> String {
    walk.costs.iter().map(|(term, _)| term.as_str()).collect::<Vec<_>>().join(", ")
}

/// Addresses that the record names one by one: machines of the domain's own.
pub(super) fn single(book: &mut Book, domain: &str) -> Vec<String> {
    let texts = book.texts(domain).unwrap_or_default();
    let records = texts.iter().filter(|text| is_spf(text) && is_sound_spf(text));
    records.flat_map(|record| Walk::through(book, domain, &String::from_utf8_lossy(record)).single).collect()
}

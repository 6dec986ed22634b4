//! DMARC aggregate reports, as they come: XML, packed with gzip or zip, attached to a message (RFC 7489, 7.2.1.1).
//!
//! Anybody can write such a report, so everything in it is foreign and bounded.

mod report;

pub use report::{DmarcError, MOST_ROWS};

use baluardo_detect::unpack::{Limits, Room, walk};
use baluardo_model::dmarc::DmarcReport;

/// Reports shrink to a thirtieth when they are packed; more than 300 times is a bomb.
const LIMITS: Limits = Limits { depth: 4, parts: 64, total: 64 << 20, part: 16 << 20, ratio: 300, harmless: 1 << 20 };
/// Where the report's own element begins, behind the declaration and comments.
const LEAD: usize = 2_048;

/// Reads every report that stands in `bytes`: the report itself, an archive of reports, or a message that brings them. What is
/// no report is passed over; a report that cannot be read is told.
#[must_use]
pub fn reports(bytes: &[u8]) -> Vec<Result<DmarcReport, DmarcError>> {
    let patient = || false;
    let mut room = Room::new(LIMITS, &patient);
    let mut found = Vec::new();
    walk(bytes, &mut room, &mut |_, part| {
        if is_report(part) {
            found.push(report::read(part));
        }
    });
    found
}

/// Whether a file is named as reports are: `receiver!domain!begin!end.xml`, packed or not (RFC 7489, 7.2.1.1).
#[must_use]
pub fn is_dmarc_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.matches('!').count() >= 3 && [".xml", ".xml.gz", ".gz", ".zip"].iter().any(|ending| name.ends_with(ending))
}

/// Whether the bytes begin as a report does.
fn is_report(bytes: &[u8]) -> bool {
    let lead = bytes.get(..bytes.len().min(LEAD)).unwrap_or_default();
    let lead = lead.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(lead).trim_ascii_start();
    lead.starts_with(b"<") && lead.windows(b"<feedback".len()).any(|window| window == b"<feedback")
}

#[cfg(test)]
mod tests;

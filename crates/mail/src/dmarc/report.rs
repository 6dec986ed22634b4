//! One report, read element by element. Document types are refused, so no entity but those of XML itself means anything.

use crate::health::Subject;
use baluardo_model::Timestamp;
use baluardo_model::dmarc::{Disposition, DmarcReport, DmarcRow};
use baluardo_model::mail::is_domain;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use std::net::IpAddr;

/// The most rows of one report that are read.
pub const MOST_ROWS: usize = 20_000;
/// How deep elements may stand in elements; the standard needs five.
const MOST_DEPTH: usize = 16;
/// Names of keys of one report that are kept.
const MOST_SELECTORS: usize = 16;
/// The most bytes of one value.
const MOST_VALUE: usize = 300;
/// The latest second that is a time of a report: the end of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

/// Why a report cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DmarcError {
    /// It is no well-formed XML, or brings a document type.
    Xml(String),
    /// Something is missing or means nothing: its place.
    Missing(&'static str),
    /// More rows than any honest report has.
    TooLarge,
}

impl std::fmt::Display for DmarcError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Xml(why) => write!(out, "the report is no readable XML: {why}"),
            Self::Missing(what) => write!(out, "the report has no readable {what} (RFC 7489, appendix C)"),
            Self::TooLarge => write!(out, "the report has more than {MOST_ROWS} rows"),
        }
    }
}

impl std::error::Error for DmarcError {}

/// Values as they come, before it is known whether they are whole.
#[derive(Default)]
struct Draft {
    org: String,
    id: String,
    begin: String,
    end: String,
    domain: String,
    policy: String,
    rows: Vec<DmarcRow>,
    row: RowDraft,
    signed: SignedDraft,
    /// Domain and selector of good signatures, each once.
    selectors: Vec<(String, String)>,
}

/// One signature.
#[derive(Default)]
struct SignedDraft {
    domain: String,
    selector: String,
    result: String,
}

#[derive(Default)]
struct RowDraft {
    source: String,
    count: String,
    disposition: String,
    dkim: String,
    spf: String,
    header_from: String,
    signed_by: String,
    envelope: String,
}

/// Reads a report.
pub(super) fn read(bytes: &[u8]) -> Result<DmarcReport, DmarcError> {
    let mut reader = Reader::from_reader(bytes);
    let mut draft = Draft::default();
    let mut path: Vec<String> = Vec::new();
    let mut text = String::new();
    loop {
        match reader.read_event().map_err(|why| DmarcError::Xml(why.to_string()))? {
            Event::Start(start) => {
                if path.len() >= MOST_DEPTH {
                    return Err(DmarcError::Xml("elements stand too deep in each other".to_owned()));
                }
                path.push(start.local_name().as_ref().to_owned());
                text.clear();
            }
            Event::End(_) => {
                let names: Vec<&str> = path.iter().map(String::as_str).collect();
                draft.take(&names, text.trim())?;
                path.pop();
                text.clear();
            }
            Event::Text(piece) => push(&mut text, &piece),
            Event::CData(piece) => push(&mut text, &piece),
            Event::GeneralRef(name) => push(&mut text, &meant(&name)),
            Event::DocType(_) => return Err(DmarcError::Xml("it brings a document type".to_owned())),
            Event::Eof if path.is_empty() => return draft.whole(),
            Event::Eof => return Err(DmarcError::Xml("it ends in the middle".to_owned())),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

/// What `&name;` means; nothing for what only a document type could explain.
fn meant(name: &quick_xml::events::BytesRef<'_>) -> String {
    if let Ok(Some(letter)) = name.resolve_char_ref() {
        return letter.to_string();
    }
    resolve_predefined_entity(name).unwrap_or_default().to_owned()
}

fn push(text: &mut String, piece: &str) {
    let room = MOST_VALUE.saturating_sub(text.len());
    text.extend(piece.chars().take(room));
}

impl Draft {
    /// Takes the value of the element at `path`, or ends a row.
    fn take(&mut self, path: &[&str], value: &str) -> Result<(), DmarcError> {
        let (Some(("feedback", path)), row) = (path.split_first().map(|(first, rest)| (*first, rest)), &mut self.row)
        else {
            return Ok(());
        };
        let place = match path {
            ["report_metadata", "org_name"] => &mut self.org,
            ["report_metadata", "report_id"] => &mut self.id,
            ["report_metadata", "date_range", "begin"] => &mut self.begin,
            ["report_metadata", "date_range", "end"] => &mut self.end,
            ["policy_published", "domain"] => &mut self.domain,
            ["policy_published", "p"] => &mut self.policy,
            ["record", "row", "source_ip"] => &mut row.source,
            ["record", "row", "count"] => &mut row.count,
            ["record", "row", "policy_evaluated", "disposition"] => &mut row.disposition,
            ["record", "row", "policy_evaluated", "dkim"] => &mut row.dkim,
            ["record", "row", "policy_evaluated", "spf"] => &mut row.spf,
            ["record", "identifiers", "header_from"] => &mut row.header_from,
            ["record", "auth_results", "dkim", "domain"] => {
                // Of several signatures the first one named.
                if row.signed_by.is_empty() {
                    value.clone_into(&mut row.signed_by);
                }
                &mut self.signed.domain
            }
            ["record", "auth_results", "dkim", "selector"] => &mut self.signed.selector,
            ["record", "auth_results", "dkim", "result"] => &mut self.signed.result,
            ["record", "auth_results", "dkim"] => {
                self.end_signature();
                return Ok(());
            }
            ["record", "auth_results", "spf", "domain"] if row.envelope.is_empty() => &mut row.envelope,
            ["record"] => {
                if self.rows.len() >= MOST_ROWS {
                    return Err(DmarcError::TooLarge);
                }
                self.rows.push(std::mem::take(row).whole()?);
                return Ok(());
            }
            _ => return Ok(()),
        };
        value.clone_into(place);
        Ok(())
    }

    /// Keeps the name of the key of a signature that was good.
    fn end_signature(&mut self) {
        let signed = std::mem::take(&mut self.signed);
        let found = (domain(&signed.domain), signed.selector.to_lowercase());
        let good = signed.result.eq_ignore_ascii_case("pass") && Subject::is_selector(&found.1);
        if good && self.selectors.len() < MOST_SELECTORS && !self.selectors.contains(&found) {
            self.selectors.push(found);
        }
    }

    fn whole(self) -> Result<DmarcReport, DmarcError> {
        let domain = domain(&self.domain);
        if !is_domain(&domain) {
            return Err(DmarcError::Missing("policy_published/domain"));
        }
        if self.id.is_empty() {
            return Err(DmarcError::Missing("report_metadata/report_id"));
        }
        let begin = time(&self.begin).ok_or(DmarcError::Missing("date_range/begin"))?;
        let end = time(&self.end).filter(|end| *end >= begin).ok_or(DmarcError::Missing("date_range/end"))?;
        let policy = Disposition::from_code(&self.policy.to_lowercase()).unwrap_or_default();
        let own = self.selectors.into_iter().filter(|(signed, _)| *signed == domain);
        let selectors = own.map(|(_, selector)| selector).collect();
        let (org, id) = (plain(&self.org), plain(&self.id));
        Ok(DmarcReport { org, id, domain, begin, end, policy, rows: self.rows, selectors })
    }
}

impl RowDraft {
    fn whole(self) -> Result<DmarcRow, DmarcError> {
        let passed = |word: &str| word.eq_ignore_ascii_case("pass");
        Ok(DmarcRow {
            source: self.source.parse::<IpAddr>().map_err(|_| DmarcError::Missing("row/source_ip"))?.to_canonical(),
            count: self.count.parse::<u32>().map_err(|_| DmarcError::Missing("row/count"))?.into(),
            disposition: Disposition::from_code(&self.disposition.to_lowercase()).unwrap_or_default(),
            dkim: passed(&self.dkim),
            spf: passed(&self.spf),
            header_from: domain(&self.header_from),
            signed_by: domain(&self.signed_by),
            envelope: domain(&self.envelope),
        })
    }
}

fn domain(text: &str) -> String {
    plain(text.trim_end_matches('.')).to_lowercase()
}

/// Without letters that show nothing.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

/// Seconds since 1970.
fn time(text: &str) -> Option<Timestamp> {
    let seconds = text.parse::<i64>().ok().filter(|seconds| (0..=LAST_SECOND).contains(seconds))?;
    Some(Timestamp::from_micros(seconds * 1_000_000))
}

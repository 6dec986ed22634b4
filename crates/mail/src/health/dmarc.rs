//! What is to be done with mail that proves nothing (RFC 7489, RFC 9989).

use super::tags::{Tags, of_version};
use super::{Book, Check, Code, Publish, Subject};
use crate::look::organisation;
use baluardo_model::dmarc::Disposition;
use baluardo_model::mail::is_domain;

/// Addresses for reports that are looked at.
const MOST_ADDRESSES: usize = 4;

/// What is known of the policy.
#[derive(Clone, Debug, Default)]
pub(super) struct Policy {
    pub(super) checks: Vec<Check>,
    /// Whether false mail is put aside or refused.
    pub(super) enforced: bool,
}

/// Looks at the record of the domain, or at that of the organisation above it.
pub(super) fn look(book: &mut Book, subject: &Subject) -> Policy {
    let domain = subject.domain.as_str();
    let only = |check: Check| Policy { checks: vec![check], enforced: false };
    let Some(own) = book.texts(&format!("_dmarc.{domain}")) else {
        return only(Check::new(Code::DmarcUnknown, domain));
    };
    let above = organisation(domain);
    let (texts, owner) = if of_version(&own, "DMARC1").is_empty() && above != domain {
        match book.texts(&format!("_dmarc.{above}")) {
            Some(texts) => (texts, above),
            None => return only(Check::new(Code::DmarcUnknown, domain)),
        }
    } else {
        (own, domain)
    };
    let records = of_version(&texts, "DMARC1");
    let [record] = records[..] else {
        if !records.is_empty() {
            return only(Check::new(Code::DmarcMany, records.join(&b" | "[..])));
        }
        let first = format!("v=DMARC1; p=none; rua=mailto:dmarc@{domain}");
        let publish = Publish::txt(format!("_dmarc.{domain}"), first);
        return only(Check::new(Code::DmarcMissing, domain).with([publish]));
    };
    let Some(tags) = Tags::read(record).filter(|tags| tags.first() == Some("v")) else {
        return only(Check::new(Code::DmarcBroken, record));
    };
    let Some(wish) = wish(&tags, owner != domain) else {
        let publish = Publish::txt(format!("_dmarc.{owner}"), tags.with("p", "none", "v").written());
        return only(Check::new(Code::DmarcBroken, record).with([publish]));
    };
    let mut checks = Vec::new();
    if owner != domain {
        checks.push(Check::new(Code::DmarcInherited, owner));
    }
    let record = Record { name: format!("_dmarc.{owner}"), tags: &tags, text: String::from_utf8_lossy(record).into() };
    checks.push(record.policy(wish, subject.ready));
    checks.extend(record.gaps(wish, owner == domain));
    checks.extend(record.reports(book, owner));
    Policy { checks, enforced: wish != Disposition::None && record.share() == 100 }
}

/// What the record asks for mail of the domain itself, or of one below that of the record. A record that asks for nothing that
/// is known, but for reports, counts as `none` (RFC 7489 section 6.6.3).
fn wish(tags: &Tags, below: bool) -> Option<Disposition> {
    let word = if below { tags.get("sp").or(tags.get("p")) } else { tags.get("p") };
    let known = word.and_then(|word| Disposition::from_code(&word.to_ascii_lowercase()));
    known.or(tags.get("rua").filter(|_| word.is_none()).map(|_| Disposition::None))
}

/// A record that can be read.
struct Record<'a> {
    name: String,
    tags: &'a Tags,
    text: String,
}

impl Record<'_> {
    fn publish(&self, tags: &Tags) -> [Publish; 1] {
        [Publish::txt(self.name.clone(), tags.written())]
    }

    /// Of how many in a hundred messages it speaks.
    fn share(&self) -> u8 {
        self.tags.get("pct").and_then(|share| share.parse().ok()).filter(|share| *share <= 100).unwrap_or(100)
    }

    /// The policy, and the next one where the domain is ready for it.
    fn policy(&self, wish: Disposition, ready: Disposition) -> Check {
        let stricter = |word: &str| self.publish(&self.tags.clone().with("p", word, "v"));
        match (wish, ready) {
            (Disposition::None, Disposition::None) => Check::new(Code::DmarcNone, &self.text),
            (Disposition::None, _) => Check::new(Code::DmarcNoneReady, &self.text).with(stricter("quarantine")),
            (Disposition::Quarantine, Disposition::Reject) => {
                Check::new(Code::DmarcQuarantineReady, &self.text).with(stricter("reject"))
            }
            (Disposition::Quarantine, _) => Check::new(Code::DmarcQuarantine, &self.text),
            (Disposition::Reject, _) => Check::new(Code::DmarcReject, &self.text),
        }
    }

    /// Where the policy does not reach.
    fn gaps(&self, wish: Disposition, own: bool) -> Vec<Check> {
        let mut checks = Vec::new();
        if wish == Disposition::None {
            return checks;
        }
        if self.share() < 100 {
            let whole = self.publish(&self.tags.clone().without("pct"));
            checks.push(Check::new(Code::DmarcPartial, self.share().to_string()).with(whole));
        }
        if self.tags.get("t").is_some_and(|flag| flag.eq_ignore_ascii_case("y")) {
            let whole = self.publish(&self.tags.clone().without("t"));
            checks.push(Check::new(Code::DmarcPartial, "t=y").with(whole));
        }
        if own && self.tags.get("sp").is_some_and(|word| word.eq_ignore_ascii_case("none")) {
            let whole = self.publish(&self.tags.clone().without("sp"));
            checks.push(Check::new(Code::DmarcChildren, &self.text).with(whole));
        }
        checks
    }

    /// Whether anybody hears what receivers see.
    fn reports(&self, book: &mut Book, owner: &str) -> Vec<Check> {
        let to = self.tags.get("rua").unwrap_or_default();
        let domains: Vec<String> = to.split(',').take(MOST_ADDRESSES).filter_map(report_domain).collect();
        if domains.is_empty() {
            let tags = self.tags.clone().with("rua", &format!("mailto:dmarc@{owner}"), "p");
            return vec![Check::new(Code::DmarcNoReports, to).with(self.publish(&tags))];
        }
        let mut checks = Vec::new();
        for other in domains.iter().filter(|other| organisation(other) != organisation(owner)) {
            let name = format!("{owner}._report._dmarc.{other}");
            if book.texts(&name).is_some_and(|texts| of_version(&texts, "DMARC1").is_empty()) {
                let publish = Publish::txt(name, "v=DMARC1");
                checks.push(Check::new(Code::DmarcReportsRefused, other).with([publish]));
            }
        }
        checks
    }
}

/// The domain of `mailto:a@b`, with or without a limit of size behind it.
fn report_domain(address: &str) -> Option<String> {
    let address = address.trim().to_ascii_lowercase();
    let (_, domain) = address.strip_prefix("mailto:")?.split_once('@')?;
    let domain = domain.split('!').next().unwrap_or_default();
    is_domain(domain).then(|| domain.to_owned())
}

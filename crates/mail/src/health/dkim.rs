//! With which keys the domain's mail is signed (RFC 6376, RFC 8301, RFC 8463).

use super::key::{base64, rsa_bits};
use super::tags::Tags;
use super::{Book, Check, Code, Grade, Origin, Publish, Subject};

/// Names that providers and programs give their keys unless told otherwise: Google, Microsoft 365, hosting panels and `OpenDKIM`,
/// rspamd, Mailchimp, `SendGrid`.
pub(super) const USUAL: &[&str] =
    &["google", "selector1", "selector2", "default", "mail", "dkim", "k1", "k2", "k3", "s1", "s2"];

/// Selectors that are known and looked at.
const MOST_SELECTORS: usize = 40;
/// Bits below which a key does not do, and below which it should be renewed.
const LEAST_BITS: usize = 1_024;
const GOOD_BITS: usize = 2_048;

/// Looks at the keys under all names that are known or usual.
pub(super) fn look(book: &mut Book, subject: &Subject) -> Vec<Check> {
    let mut asked: Vec<(&str, Option<Origin>)> = Vec::new();
    let known = subject.selectors.iter().take(MOST_SELECTORS).map(|(name, origin)| (name.as_str(), Some(*origin)));
    for (name, origin) in known.chain(USUAL.iter().map(|name| (*name, None))) {
        if !asked.iter().any(|(other, _)| *other == name) {
            asked.push((name, origin));
        }
    }
    let (mut checks, mut unknown) = (Vec::new(), false);
    for (selector, origin) in asked {
        let name = format!("{selector}._domainkey.{}", subject.domain);
        let Some(texts) = book.texts(&name) else {
            unknown = true;
            continue;
        };
        let mut keys = texts.iter().filter(|text| is_key(text)).peekable();
        if keys.peek().is_none() {
            match origin {
                Some(Origin::Named) => checks.push(Check::new(Code::DkimAbsent, &name)),
                Some(Origin::Reported) => checks.push(Check::new(Code::DkimGone, &name)),
                None => {}
            }
        }
        checks.extend(keys.flat_map(|key| judge(&name, selector, key)));
    }
    tidy(checks, unknown, &subject.domain)
}

/// A withdrawn or missing key is nothing beside one that does.
fn tidy(mut checks: Vec<Check>, unknown: bool, domain: &str) -> Vec<Check> {
    let works = |check: &Check| matches!(check.code, Code::DkimGood | Code::DkimShort | Code::DkimTesting);
    if checks.iter().any(works) {
        checks.retain(|check| !matches!(check.code, Code::DkimRevoked | Code::DkimGone));
    } else if unknown {
        checks.push(Check::new(Code::DkimUnknown, domain));
    } else if checks.is_empty() {
        checks.push(Check::new(Code::DkimUnseen, domain));
    }
    checks
}

/// Whether a text is meant as a key. A name that answers whatever it is asked gives other texts here, too.
fn is_key(text: &[u8]) -> bool {
    let text = text.to_ascii_lowercase();
    let has = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
    has(b"v=dkim1") || has(b"k=rsa") || has(b"k=ed25519") || (has(b"p=") && !has(b"v="))
}

fn judge(name: &str, selector: &str, text: &[u8]) -> Vec<Check> {
    let broken = || vec![Check::new(Code::DkimBroken, name)];
    let Some(tags) = Tags::read(text) else { return broken() };
    let version = tags.get("v").is_none_or(|version| version == "DKIM1" && tags.first() == Some("v"));
    let Some(key) = tags.get("p").filter(|_| version) else { return broken() };
    if key.is_empty() {
        return vec![Check::new(Code::DkimRevoked, selector)];
    }
    let Some(bytes) = base64(key) else { return broken() };
    let (code, told) = match tags.get("k").unwrap_or("rsa") {
        "rsa" => match rsa_bits(&bytes) {
            None => return broken(),
            Some(bits) if bits < LEAST_BITS => (Code::DkimWeak, format!("{selector}, RSA {bits}")),
            Some(bits) if bits < GOOD_BITS => (Code::DkimShort, format!("{selector}, RSA {bits}")),
            Some(bits) => (Code::DkimGood, format!("{selector}, RSA {bits}")),
        },
        // RFC 8463 section 4.
        "ed25519" if bytes.len() == 32 => (Code::DkimGood, format!("{selector}, Ed25519")),
        _ => return broken(),
    };
    let listed = |tag: &str, word: &str| {
        tags.get(tag).is_some_and(|list| list.split(':').any(|one| one.trim().eq_ignore_ascii_case(word)))
    };
    let mut checks = Vec::new();
    if tags.get("h").is_some() && !listed("h", "sha256") {
        checks.push(Check::new(Code::DkimSha1, selector));
    } else {
        checks.push(Check::new(code, told));
    }
    if listed("t", "y") {
        let flags: Vec<&str> = tags.get("t").unwrap_or_default().split(':').map(str::trim).collect();
        let others: Vec<&str> = flags.into_iter().filter(|flag| !flag.eq_ignore_ascii_case("y")).collect();
        let tags = tags.clone();
        let tags = if others.is_empty() { tags.without("t") } else { tags.with("t", &others.join(":"), "k") };
        let publish = Publish::txt(name.to_owned(), tags.written());
        checks.push(Check::new(Code::DkimTesting, selector).with(Some(publish).filter(|_| code.grade() != Grade::Bad)));
    }
    checks
}

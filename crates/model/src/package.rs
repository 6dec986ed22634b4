//! Packages of software, and the order of their versions as Debian has it.
//!
//! Order: Debian Policy Manual, section 5.6.12 (epoch, upstream version, revision; `~` sorts before the end of a part).

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// A package that is installed. All texts are the device's own: foreign.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// For which processors it was built: `amd64`, `all`.
    pub arch: String,
    /// The source that it was built from, where that has another name; empty for the same.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The version of the source, where that is another; empty for the same.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source_version: String,
}

impl Package {
    /// The name of its source.
    #[must_use]
    pub fn source(&self) -> &str {
        if self.source.is_empty() { &self.name } else { &self.source }
    }

    /// The version of its source.
    #[must_use]
    pub fn source_version(&self) -> &str {
        if self.source_version.is_empty() { &self.version } else { &self.source_version }
    }
}

/// Which of two versions is the older, in Debian's order. Total: any two texts have an order, and a text that is no
/// version is compared by the same rules.
#[must_use]
pub fn compare_versions(one: &str, other: &str) -> Ordering {
    let (one_epoch, one) = epoch(one.trim());
    let (other_epoch, other) = epoch(other.trim());
    let (one_upstream, one_revision) = revision(one);
    let (other_upstream, other_revision) = revision(other);
    numbers(one_epoch, other_epoch)
        .then_with(|| part(one_upstream, other_upstream))
        .then_with(|| part(one_revision, other_revision))
}

/// The epoch, empty where there is none, and the rest.
fn epoch(version: &str) -> (&str, &str) {
    match version.split_once(':') {
        Some((epoch, rest)) if epoch.bytes().all(|byte| byte.is_ascii_digit()) => (epoch, rest),
        _ => ("", version),
    }
}

/// The upstream version and the revision, empty where there is none.
fn revision(version: &str) -> (&str, &str) {
    version.rsplit_once('-').unwrap_or((version, ""))
}

/// Digits as numbers of any length.
fn numbers(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// Compares by turns what is no digit and what is, until one side differs.
fn part(mut one: &str, mut other: &str) -> Ordering {
    while !one.is_empty() || !other.is_empty() {
        let (one_words, one_rest) = cut(one, |byte| !byte.is_ascii_digit());
        let (other_words, other_rest) = cut(other, |byte| !byte.is_ascii_digit());
        let (one_number, one_rest) = cut(one_rest, |byte| byte.is_ascii_digit());
        let (other_number, other_rest) = cut(other_rest, |byte| byte.is_ascii_digit());
        let order = words(one_words, other_words).then_with(|| numbers(one_number, other_number));
        if order != Ordering::Equal {
            return order;
        }
        (one, other) = (one_rest, other_rest);
    }
    Ordering::Equal
}

/// The longest beginning whose bytes are so, and the rest. What is not ASCII counts as no digit.
fn cut(text: &str, so: impl Fn(u8) -> bool) -> (&str, &str) {
    let end = text.bytes().position(|byte| !so(byte)).unwrap_or(text.len());
    // A digit is one byte of ASCII, so the cut never falls into a character.
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// `~` before the end, the end before letters, letters before everything else.
fn words(one: &str, other: &str) -> Ordering {
    let rank = |byte: Option<&u8>| match byte {
        Some(b'~') => -1_i32,
        None => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    };
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let longest = one.len().max(other.len());
    (0..longest)
        .map(|at| rank(one.get(at)).cmp(&rank(other.get(at))))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each older than the next.
    const RISING: &[&str] = &[
        "0~",
        "0",
        "0.1~~",
        "0.1~~a",
        "0.1~",
        "0.1",
        "0.1-1~bpo12+1",
        "0.1-1",
        "0.1-1+b1",
        "0.1-1+deb12u1",
        "0.1-1+deb12u2",
        "0.1-1+deb12u10",
        "0.1a",
        "0.1+dfsg-1",
        "0.1.2-3",
        "0.10-1",
        "1.0~rc1-1",
        "1.0-1",
        "3.0.9-1",
        "3.0.11-1~deb12u1",
        "3.0.11-1~deb12u2",
        "3.0.11-1",
        "20240203",
        "1:0.1-1",
        "2:0.0",
    ];

    #[test]
    fn versions_rise_as_the_policy_says() {
        for (at, older) in RISING.iter().enumerate() {
            assert_eq!(compare_versions(older, older), Ordering::Equal, "{older}");
            for newer in &RISING[at + 1..] {
                assert_eq!(compare_versions(older, newer), Ordering::Less, "{older} {newer}");
                assert_eq!(compare_versions(newer, older), Ordering::Greater, "{newer} {older}");
            }
        }
    }

    #[test]
    fn the_same_version_may_be_written_in_several_ways() {
        for (one, other) in [("1.0-1", "0:1.0-1"), ("1.0-0", "1.0"), ("1.00", "1.0"), ("1.002", "1.2"), (" 1 ", "1")] {
            assert_eq!(compare_versions(one, other), Ordering::Equal, "{one} {other}");
        }
    }

    #[test]
    fn a_package_without_a_source_of_another_name_is_its_own_source() {
        let mut package: Package =
            serde_json::from_str(r#"{"name":"libssl3","version":"3.0.9-1+b1","arch":"amd64"}"#).unwrap();
        assert_eq!((package.source(), package.source_version()), ("libssl3", "3.0.9-1+b1"));
        (package.source, package.source_version) = ("openssl".to_owned(), "3.0.9-1".to_owned());
        assert_eq!((package.source(), package.source_version()), ("openssl", "3.0.9-1"));
    }

    proptest! {
        #[test]
        fn the_order_is_one_for_any_texts(one in "[0-9a-c:.+~é-]{0,8}", two in "[0-9a-c:.+~é-]{0,8}", three in "[0-9a-c:.+~é-]{0,8}") {
            prop_assert_eq!(compare_versions(&one, &two), compare_versions(&two, &one).reverse());
            let mut sorted = [&one, &two, &three];
            sorted.sort_by(|a, b| compare_versions(a, b));
            prop_assert!(compare_versions(sorted[0], sorted[2]).is_le());
        }
    }
}

//! Web addresses and host names: parts, organisations, letters that imitate others.

use crate::read::percent;

/// A web address taken apart, as far as it can be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Url {
    pub(crate) scheme: String,
    pub(crate) user: bool,
    pub(crate) host: String,
    pub(crate) port: Option<String>,
    pub(crate) path: String,
}

impl Url {
    /// Reads a link's target; `None` for what is no web address.
    pub(crate) fn read(target: &str) -> Option<Self> {
        let target = target.trim();
        let (scheme, rest) = match target.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase().replace("hxxp", "http"), rest),
            None if target.starts_with("www.") => ("http".to_owned(), target),
            None if target.starts_with("//") => ("http".to_owned(), target.trim_start_matches('/')),
            None => return None,
        };
        if !matches!(scheme.as_str(), "http" | "https" | "ftp") {
            return None;
        }
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let (user, place) = authority.rsplit_once('@').map_or((false, authority), |(_, place)| (true, place));
        let (host, port) = place.rsplit_once(':').map_or((place, None), |(host, port)| (host, Some(port.to_owned())));
        let host = String::from_utf8_lossy(&percent(host.as_bytes())).to_lowercase();
        let host = host.trim_matches('.').to_owned();
        if host.is_empty() || host.contains(char::is_whitespace) || (!host.contains('.') && !host.starts_with("0x")) {
            return None;
        }
        Some(Self { scheme, user, host, port, path: path.chars().take(2_000).collect() })
    }

    /// Whether the host is an address instead of a name.
    pub(crate) fn is_address(&self) -> bool {
        self.host.starts_with("0x")
            || self.host.starts_with('[')
            || self.host.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

/// Second labels under which a country's domains are given out.
const SECOND: &[&str] = &["com", "co", "org", "gov", "edu", "net", "ac", "gob", "or", "ne", "go", "gouv", "nom"];

/// The part of a host name that one organisation holds: `poste.it` of `www.poste.it`, `comune.fano.pu.it` of `mail.comune.fano.pu.it`.
#[must_use]
pub fn organisation(host: &str) -> &str {
    let labels: Vec<&str> = host.split('.').collect();
    let second = labels.len().checked_sub(2).and_then(|at| labels.get(at)).copied().unwrap_or_default();
    let top = labels.last().copied().unwrap_or_default();
    let province = top == "it" && second.len() == 2;
    let keep = if let Some(at) = labels
        .iter()
        .position(|label| matches!(*label, "comune" | "provincia" | "regione" | "unione"))
        .filter(|_| top == "it")
    {
        labels.len() - at
    } else if province || (top.len() == 2 && SECOND.contains(&second)) {
        3
    } else {
        2
    };
    let skip: usize = labels.iter().take(labels.len().saturating_sub(keep)).map(|label| label.len() + 1).sum();
    host.get(skip..).unwrap_or(host)
}

/// A word reduced to how it looks: letters that imitate others become those, and doubled strokes become one letter.
pub(crate) fn squash(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for letter in word.chars().flat_map(char::to_lowercase) {
        match letter {
            'а' | 'ɑ' | 'α' | 'à' | 'á' | 'â' | 'ä' | 'ā' | 'ạ' | '@' => out.push('a'),
            'е' | 'ё' | 'ε' | 'è' | 'é' | 'ê' | 'ë' | 'ẹ' | '3' => out.push('e'),
            'о' | 'ο' | 'ò' | 'ó' | 'ö' | 'ô' | 'ọ' | '0' => out.push('o'),
            'і' | 'ι' | 'ì' | 'í' | 'î' | 'ï' | 'ı' | '1' | 'l' | '|' => out.push('i'),
            'р' | 'ρ' => out.push('p'),
            'с' | 'ϲ' | 'ç' => out.push('c'),
            'у' | 'γ' | 'ý' => out.push('y'),
            'х' | 'χ' => out.push('x'),
            'ѕ' | '5' | '$' | 'ş' => out.push('s'),
            'т' | 'τ' => out.push('t'),
            'ո' | 'ñ' | 'ń' => out.push('n'),
            'ù' | 'ú' | 'ü' | 'û' | 'υ' => out.push('u'),
            'м' => out.push('m'),
            'к' | 'κ' => out.push('k'),
            'ԁ' => out.push('d'),
            'ɡ' | '9' => out.push('g'),
            'в' => out.push('b'),
            'н' => out.push('h'),
            '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' => {}
            '０'..='９' | 'ａ'..='ｚ' => out.extend(char::from_u32(u32::from(letter) - 0xFEE0)),
            other => out.push(other),
        }
    }
    out.replace("rn", "m").replace("vv", "w").replace("ci", "d")
}

/// How the name of a host's organisation looks to a reader in a hurry, without its ending: names that imitate each other give the
/// same. None for names too short to be told apart.
#[must_use]
pub fn appearance(host: &str) -> Option<String> {
    let (name, _) = organisation(host).rsplit_once('.')?;
    (name.chars().count() >= 5).then(|| squash(name))
}

/// Whether a name looks made by a machine: long, with digits among letters or hardly a vowel.
pub(super) fn looks_random(name: &str) -> bool {
    let longest = name.split(['.', '-', '_', '+']).max_by_key(|part| part.len()).unwrap_or_default();
    if longest.len() < 9 {
        return false;
    }
    let letters = longest.chars().filter(char::is_ascii_alphabetic).count();
    let digits = longest.chars().filter(char::is_ascii_digit).count();
    let vowels = longest.chars().filter(|letter| "aeiouy".contains(*letter)).count();
    let turns = longest
        .as_bytes()
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if a.is_ascii_digit() != b.is_ascii_digit()))
        .count();
    let hard = longest
        .split(|letter: char| "aeiouy".contains(letter) || !letter.is_ascii_alphabetic())
        .map(str::len)
        .max()
        .unwrap_or(0);
    (digits > 0 && letters > 0 && turns >= 3)
        || hard >= 6
        || (hard >= 5 && longest.len() >= 14)
        || (letters >= 10 && vowels * 7 < letters)
        || (digits > 0 && letters >= 6 && vowels * 5 < letters)
}

/// Endings that cost little and are abused much.
pub(super) const CHEAP_ENDINGS: &[&str] = &[
    "top", "xyz", "click", "shop", "icu", "buzz", "cyou", "rest", "sbs", "cfd", "live", "online", "site", "website",
    "space", "fun", "monster", "quest", "beauty", "bond", "lol", "pw", "tk", "ml", "ga", "cf", "gq", "ru", "su", "cn",
    "store", "vip", "win", "work", "life", "world", "zip", "mov", "best", "autos", "hair", "skin", "makeup", "pics",
    "homes", "lat", "wiki", "art", "today", "info", "biz",
];

/// Whether the ending of a host is one of those.
pub(super) fn has_cheap_ending(host: &str) -> bool {
    host.rsplit_once('.').is_some_and(|(_, ending)| CHEAP_ENDINGS.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::{Url, appearance, looks_random, organisation, squash};

    #[test]
    fn the_organisation_of_a_host_is_what_somebody_registered() {
        assert_eq!(organisation("www.poste.it"), "poste.it");
        assert_eq!(organisation("mail.comune.fano.pu.it"), "comune.fano.pu.it");
        assert_eq!(organisation("a.b.co.uk"), "b.co.uk");
        assert_eq!(organisation("localhost"), "localhost");
    }

    #[test]
    fn what_stands_before_an_at_sign_is_not_the_host() {
        let url = Url::read("https://www.poste.it@203.0.113.9:8080/x").unwrap_or_default();
        assert!(url.user && url.is_address());
        assert_eq!((url.host.as_str(), url.port.as_deref()), ("203.0.113.9", Some("8080")));
    }

    #[test]
    fn letters_that_imitate_others_are_seen_as_those() {
        assert_eq!(squash("pаgοpа"), squash("pagopa"));
        assert_eq!(squash("arnazon"), squash("amazon"));
        assert_ne!(squash("poste"), squash("posto"));
    }

    #[test]
    fn names_that_imitate_each_other_look_the_same() {
        assert_eq!(appearance("posta.fornitore.it"), appearance("f0rnitore.com"));
        assert_eq!(appearance("comune.siena.it"), appearance("comune.s1ena.it"));
        assert_ne!(appearance("comune.siena.it"), appearance("comune.lucca.it"));
        assert_eq!(appearance("inps.it"), None);
    }

    #[test]
    fn machine_made_names_are_told_from_names() {
        assert!(looks_random("x7k2p9q4zt"));
        assert!(!looks_random("ufficiotributi"));
        assert!(!looks_random("comune2024"));
    }
}

//! Hosts that say something by themselves, from `places.txt`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a host is known for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Shortens links.
    Short,
    /// Gives everybody room for pages.
    Free,
    /// Keeps files for everybody.
    Storage,
    /// Stands in every footer.
    Neutral,
    /// Leads the links of all mail through itself.
    Gateway,
    /// Lends its name to senders.
    Tenant,
    /// Gives everybody a mailbox.
    Mailbox,
    /// Sends for many honest lists.
    Bulk,
    /// Where anybody leaves pictures.
    Picture,
}

const NAMES: &[(&str, Place)] = &[
    ("short", Place::Short),
    ("free", Place::Free),
    ("storage", Place::Storage),
    ("neutral", Place::Neutral),
    ("gateway", Place::Gateway),
    ("tenant", Place::Tenant),
    ("mailbox", Place::Mailbox),
    ("bulk", Place::Bulk),
    ("picture", Place::Picture),
];

/// Every host with a bit for each thing that it is known for.
static PLACES: LazyLock<HashMap<&'static str, u16>> = LazyLock::new(|| read(include_str!("../../places.txt")));

fn read(text: &'static str) -> HashMap<&'static str, u16> {
    let mut places: HashMap<&str, u16> = HashMap::new();
    let mut bit = 0;
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(name) => {
                let known = NAMES.iter().find(|(known, _)| *known == name);
                bit = known.map_or(0, |(_, place)| 1 << *place as u16);
            }
            None => *places.entry(line).or_default() |= bit,
        }
    }
    places
}

/// Whether a host, or one above it, is known for this.
pub(super) fn is(host: &str, place: Place) -> bool {
    let mut rest = host;
    loop {
        if PLACES.get(rest).is_some_and(|bits| bits >> place as u16 & 1 == 1) {
            return true;
        }
        let Some((_, above)) = rest.split_once('.') else { return false };
        rest = above;
    }
}

#[cfg(test)]
mod tests {
    use super::{NAMES, PLACES, Place, is};

    #[test]
    fn a_host_is_known_by_itself_and_by_what_stands_above_it() {
        assert!(is("bit.ly", Place::Short) && is("a.b.weebly.com", Place::Free) && is("libero.it", Place::Mailbox));
        assert!(!is("notbit.ly", Place::Short) && !is("weebly.com.evil.top", Place::Free));
    }

    #[test]
    fn every_section_is_known_and_filled() {
        let text = include_str!("../../places.txt");
        assert_eq!(text.lines().filter(|line| line.starts_with('[')).count(), NAMES.len());
        assert!(NAMES.iter().all(|(_, place)| PLACES.values().any(|bits| bits >> *place as u16 & 1 == 1)));
        assert!(PLACES.values().all(|bits| *bits != 0));
    }
}

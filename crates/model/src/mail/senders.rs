//! Senders whose mail a comune allows or blocks.

use super::{domain_of, is_domain};
use serde::{Deserialize, Serialize};

/// The longest time for which a sender is allowed or blocked, in days: whoever wants more looks at it again.
pub const MOST_RULE_DAYS: u32 = 365;

/// The time that is offered, in days.
pub const USUAL_RULE_DAYS: u32 = 90;

words! {
    /// What happens to the mail of a sender.
    SenderAct {
        /// It is delivered, unless it carries a program that does harm, or nothing shows that it is theirs.
        #[default]
        Allow = "allow",
        /// It is treated as mail that is surely hostile.
        Block = "block",
    }
}

words! {
    /// How a message of a sender ended, as far as their history remembers it.
    SenderSeen {
        /// Delivered, and something showed that it was theirs.
        #[default]
        Delivered = "delivered",
        /// Delivered with a mark, or while nothing showed that it was theirs.
        Unproven = "unproven",
        /// Held.
        Held = "held",
        /// Held and then released by somebody who looked at it.
        Released = "released",
        /// Reported by somebody.
        Reported = "reported",
    }
}

/// Whom a rule is about: one address, or everybody of a domain and of those below it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SenderSubject(String);

impl SenderSubject {
    /// From what a person types: `anna@esempio.it`, `esempio.it`, `@esempio.it`. None for what is neither.
    #[must_use]
    pub fn read(typed: &str) -> Option<Self> {
        let text = typed.trim().trim_end_matches('.').to_lowercase();
        let text = text.strip_prefix('@').unwrap_or(&text);
        let visible = text.chars().all(|letter| !letter.is_whitespace() && !letter.is_control());
        let is_good = visible && text.len() <= 254 && (domain_of(text).is_some() || is_domain(text));
        is_good.then(|| Self(text.to_owned()))
    }

    /// As it is kept and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is one address.
    #[must_use]
    pub fn is_address(&self) -> bool {
        self.0.contains('@')
    }

    /// Its domain.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or(self.0.as_str(), |(_, domain)| domain)
    }

    /// Whether mail from `address` is its.
    #[must_use]
    pub fn covers(&self, address: &str) -> bool {
        subjects_of(address).contains(&self.0)
    }
}

/// Every subject that is about `address`, the closest first: itself, its domain, and those above, down to two labels.
#[must_use]
pub fn subjects_of(address: &str) -> Vec<String> {
    let bare = address.trim().trim_start_matches('<').trim_end_matches('>').to_lowercase();
    let Some(domain) = domain_of(&bare) else { return Vec::new() };
    let mut subjects = vec![bare, domain.clone()];
    let mut rest = domain.as_str();
    while let Some((_, above)) = rest.split_once('.')
        && above.contains('.')
    {
        subjects.push(above.to_owned());
        rest = above;
    }
    subjects
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_an_address_or_a_domain() {
        let read = |typed: &str| SenderSubject::read(typed).map(|subject| subject.as_str().to_owned());
        assert_eq!(read(" Anna@Esempio.IT ").as_deref(), Some("anna@esempio.it"));
        assert_eq!(read("@Esempio.it.").as_deref(), Some("esempio.it"));
        for bad in ["", "anna", "anna@", "a b@c.it", "*.it", "anna@esempio", "esem\npio.it", "a\u{0}@b.it"] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_domain_covers_what_stands_below_it_and_nothing_beside_it() {
        let domain = SenderSubject::read("esempio.it").unwrap();
        assert!(domain.covers("anna@esempio.it") && domain.covers("<Anna@Posta.Esempio.IT>"));
        assert!(
            !domain.covers("anna@malesempio.it") && !domain.covers("anna@esempio.it.example") && !domain.covers("")
        );
        let address = SenderSubject::read("anna@esempio.it").unwrap();
        assert!(address.covers("ANNA@esempio.it") && !address.covers("luca@esempio.it"));
        assert_eq!((address.domain(), address.is_address()), ("esempio.it", true));
    }
}

//! What was found of a message's proof of its sender (SPF, DKIM, DMARC, ARC). Whoever may ask the DNS finds it; here it is read,
//! written down and weighed, as a plain value.

mod authors;
mod header;
mod record;
mod results;
mod weigh;

pub use authors::authors;
pub use record::{is_sound_spf, is_spf};
pub use results::{AuthResults, Finding, Property};
#[cfg(test)]
pub(crate) use weigh::CODES;
pub(crate) use weigh::settle;

use crate::look::organisation;

/// A result, as RFC 8601 section 2.7 names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proof {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It probably does not hold, says the domain.
    SoftFail,
    /// The domain says nothing either way, or what was signed cannot be judged.
    Neutral,
    /// There is nothing to hold it against, or nobody asked.
    #[default]
    None,
    /// It could not be found out now.
    TempError,
    /// What the domain published, or what the message brings, is wrong.
    PermError,
}

impl Proof {
    /// The word of the standard.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::SoftFail => "softfail",
            Self::Neutral => "neutral",
            Self::None => "none",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
        }
    }
}

/// What a domain asks to be done with mail in its name that does not prove itself (DMARC's `p` and `sp`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// Nothing.
    #[default]
    Nothing,
    /// To set it aside.
    Quarantine,
    /// To refuse it.
    Reject,
}

impl Wish {
    /// The word of the standard.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }

    /// The next milder wish (RFC 7489 section 6.6.4, RFC 9989 section 4.7).
    #[must_use]
    pub const fn milder(self) -> Self {
        match self {
            Self::Reject => Self::Quarantine,
            Self::Quarantine | Self::Nothing => Self::Nothing,
        }
    }
}

/// One DKIM signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signed {
    /// The domain that signed.
    pub domain: String,
    /// The name of its key.
    pub selector: String,
    /// Whether the signature holds.
    pub proof: Proof,
}

/// What was found of one message. Domains are in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authentic {
    /// The author's domain: that of the address in From.
    pub author: String,
    /// Whether From names several domains, or is written so that programs disagree about it.
    pub author_unclear: bool,
    /// Whether the author's domain is one that is protected here.
    pub own: bool,
    /// The sender of the envelope, bare.
    pub sender: String,
    /// The name that the sending machine gave itself.
    pub helo: String,
    /// Whether the sending machine may send for the envelope's domain (RFC 7208).
    pub spf: Proof,
    /// That domain: the envelope sender's, or the machine's own where the envelope has none.
    pub spf_domain: String,
    /// Whether the sending machine may send for the author's domain. Found out only where that domain is protected here and
    /// nothing else speaks for the message.
    pub author_spf: Proof,
    /// The signatures (RFC 6376).
    pub dkim: Vec<Signed>,
    /// Whether the author's domain stands behind the message (RFC 7489, RFC 9989).
    pub dmarc: Proof,
    /// What that domain wants done when it does not.
    pub wish: Wish,
    /// Whether the chain of those who passed the message on holds (RFC 8617).
    pub arc: Proof,
    /// Who, of those whose word counts here, says that the author was proven when the message came to them.
    pub vouched: Option<String>,
}

impl Authentic {
    /// Whether the envelope or a signature proves that `domain`, or what belongs to the same organisation, sent the message.
    #[must_use]
    pub fn speaks_for(&self, domain: &str) -> bool {
        let ours = organisation(domain);
        let aligned = |other: &str| !ours.is_empty() && organisation(other) == ours;
        (self.spf == Proof::Pass && aligned(&self.spf_domain))
            || self.dkim.iter().any(|signed| signed.proof == Proof::Pass && aligned(&signed.domain))
    }

    /// Whether something that could prove the author could not be found out. What a stranger's name servers do not answer is
    /// no excuse: whoever sends chooses which they are.
    fn is_uncertain(&self) -> bool {
        let ours = organisation(&self.author);
        let unknown = |proof: Proof, domain: &str| proof == Proof::TempError && organisation(domain) == ours;
        [self.dmarc, self.author_spf].contains(&Proof::TempError)
            || unknown(self.spf, &self.spf_domain)
            || self.dkim.iter().any(|signed| unknown(signed.proof, &signed.domain))
    }

    /// Whether what failed is explained: the author is proven by another way, or somebody trusted vouches.
    fn is_excused(&self) -> bool {
        self.dmarc == Proof::Pass || self.author_spf == Proof::Pass || self.vouched.is_some()
    }

    /// The results as the facts about the sender read them. Of signatures only the author's own count as passed: anybody can
    /// sign with a domain of their own. What is explained is not told as failed.
    #[must_use]
    pub fn for_facts(&self) -> String {
        let mut told = Vec::new();
        let mut tell = |method: &str, proof: Proof| {
            let failed = matches!(proof, Proof::Fail | Proof::SoftFail | Proof::PermError);
            if proof == Proof::Pass || (failed && !self.is_excused()) {
                told.push(format!("{method}={}", proof.word()));
            }
        };
        tell("spf", self.spf);
        let ours = organisation(&self.author);
        let own = self.dkim.iter().any(|signed| signed.proof == Proof::Pass && organisation(&signed.domain) == ours);
        if own {
            tell("dkim", Proof::Pass);
        } else if self.dkim.iter().all(|signed| signed.proof != Proof::Pass)
            && let Some(signed) = self.dkim.first()
        {
            tell("dkim", signed.proof);
        }
        tell("dmarc", self.dmarc);
        told.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(domain: &str, proof: Proof) -> Signed {
        Signed { domain: domain.to_owned(), selector: "s".to_owned(), proof }
    }

    #[test]
    fn a_signature_of_strangers_speaks_for_nobody_else() {
        let found = Authentic {
            author: "comune.siena.it".to_owned(),
            dkim: vec![signed("evil.example", Proof::Pass)],
            dmarc: Proof::Fail,
            ..Authentic::default()
        };
        assert!(!found.speaks_for("comune.siena.it") && found.speaks_for("mail.evil.example"));
        assert_eq!(found.for_facts(), "dmarc=fail");
    }

    #[test]
    fn what_is_explained_is_not_told_as_failed() {
        let mut found = Authentic {
            author: "comune.siena.it".to_owned(),
            spf: Proof::Fail,
            dkim: vec![signed("comune.siena.it", Proof::Pass)],
            dmarc: Proof::Pass,
            ..Authentic::default()
        };
        assert_eq!(found.for_facts(), "dkim=pass; dmarc=pass");
        (found.dkim, found.dmarc) = (vec![signed("comune.siena.it", Proof::Fail)], Proof::Fail);
        assert_eq!(found.for_facts(), "spf=fail; dkim=fail; dmarc=fail");
        found.vouched = Some("liste.example".to_owned());
        assert_eq!(found.for_facts(), "");
    }

    #[test]
    fn nobody_speaks_for_an_author_without_a_domain() {
        let found = Authentic { spf: Proof::Pass, ..Authentic::default() };
        assert!(!found.speaks_for(""));
    }
}

//! Who wrote a message, as far as it shows. [`Writer::is_proven`] is the one place where proof of the sender comes in.

use baluardo_mail::{is_free, organisation};
use baluardo_model::mail::domain_of;
use baluardo_model::mail::senders::{SenderAct, subjects_of};
use baluardo_store::mail::rules::SenderRule;

/// Who wrote a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Writer<'a> {
    /// The address that the message says it comes from.
    pub author: &'a str,
    /// The sender of the envelope, bare; empty for a notice.
    pub sender: &'a str,
    /// What a trusted filter found of SPF, DKIM and DMARC, as `Authentication-Results` has it; none where nobody looked.
    pub results: Option<&'a str>,
}

impl Writer<'_> {
    /// Whether something shows that the message is its author's: the sender of the envelope is of the same organisation, or the
    /// same address where everybody can have a mailbox, and no check of the sender failed; or the author's own domain stands for it.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        let results = self.results.unwrap_or_default().to_ascii_lowercase();
        let failed = ["spf=fail", "spf=softfail", "spf=permerror", "dkim=fail", "dmarc=fail", "dmarc=permerror"];
        if failed.iter().any(|one| results.contains(one)) {
            return false;
        }
        if results.contains("dmarc=pass") {
            return domain_of(self.author).is_some();
        }
        match (domain_of(self.author), domain_of(self.sender)) {
            (Some(author), Some(_)) if is_free(&author) => self.author.eq_ignore_ascii_case(self.sender),
            (Some(author), Some(sender)) => organisation(&author) == organisation(&sender),
            _ => false,
        }
    }
}

/// What the rules of a comune say of a writer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::mail) struct Said {
    /// A rule blocks them.
    pub(in crate::mail) blocked: bool,
    /// A rule allows them, and something shows that the message is theirs.
    pub(in crate::mail) allowed: bool,
}

/// What `rules` say of `writer`. The closest rule on the author counts: one on the address before one on the domain. A rule that
/// allows is passed over where nothing shows that the message is theirs; a rule that blocks the sender of the envelope
/// counts where none is about the author.
pub(in crate::mail) fn rules_for(rules: &[SenderRule], writer: &Writer<'_>) -> Said {
    let closest = |address: &str, wanted: &dyn Fn(SenderAct) -> bool| {
        let about = |subject: String| rules.iter().find(|rule| rule.subject == subject && wanted(rule.act));
        subjects_of(address).into_iter().find_map(about).map(|rule| rule.act)
    };
    let proven = writer.is_proven();
    let said = closest(writer.author, &|act| act == SenderAct::Block || proven)
        .or_else(|| closest(writer.sender, &|act| act == SenderAct::Block));
    Said { blocked: said == Some(SenderAct::Block), allowed: said == Some(SenderAct::Allow) }
}

/// The address in an author as rows keep it: `Name <address>`, or the address alone.
pub(in crate::mail) fn address_in(author: &str) -> Option<&str> {
    let inner = author.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(author, |(inner, _)| inner);
    domain_of(inner).map(|_| inner.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use baluardo_model::{SenderRuleId, Timestamp};

    fn rule(act: SenderAct, subject: &str) -> SenderRule {
        let at = Timestamp::from_micros(0);
        SenderRule {
            id: "00000000-0000-7000-8000-000000000001".parse::<SenderRuleId>().unwrap(),
            act,
            subject: subject.to_owned(),
            reason: String::new(),
            made_by: String::new(),
            made_at: at,
            ends_at: at,
            ended_by: String::new(),
            ended_at: None,
        }
    }

    fn said(rules: &[SenderRule], author: &str, sender: &str) -> (bool, bool) {
        let said = rules_for(rules, &Writer { author, sender, results: None });
        (said.blocked, said.allowed)
    }

    #[test]
    fn proof_is_an_envelope_of_the_same_organisation_and_no_failed_check() {
        let proven = |author, sender, results| Writer { author, sender, results }.is_proven();
        assert!(proven("anna@fornitore.it", "rimbalzi@posta.fornitore.it", None));
        assert!(proven("anna@fornitore.it", "anna@fornitore.it", Some("spf=pass; dkim=none")));
        assert!(!proven("anna@fornitore.it", "anna@altrove.it", None));
        assert!(!proven("anna@fornitore.it", "", None));
        assert!(!proven("anna@fornitore.it", "anna@fornitore.it", Some("spf=pass; dmarc=FAIL")));
        assert!(!proven("anna@gmail.com", "luca@gmail.com", None), "neighbours at a provider prove nothing");
        assert!(proven("anna@gmail.com", "Anna@gmail.com", None));
    }

    #[test]
    fn the_closest_rule_on_the_author_counts() {
        use SenderAct::{Allow, Block};
        let rules = [rule(Block, "fornitore.it"), rule(Allow, "anna@fornitore.it")];
        assert_eq!(said(&rules, "anna@fornitore.it", "anna@fornitore.it"), (false, true));
        assert_eq!(said(&rules, "luca@fornitore.it", "luca@fornitore.it"), (true, false));
        assert_eq!(said(&rules, "anna@fornitore.it", "x@altrove.it"), (true, false), "unproven, so the domain's rule");
        assert_eq!(said(&rules, "x@altrove.it", "x@fornitore.it"), (true, false), "the envelope's sender is blocked");
        assert_eq!(said(&rules, "x@malfornitore.it", "x@malfornitore.it"), (false, false));
    }

    #[test]
    fn an_allowed_sender_that_anybody_can_claim_to_be_is_not_allowed() {
        let rules = [rule(SenderAct::Allow, "fornitore.it")];
        assert_eq!(said(&rules, "anna@fornitore.it", "x@altrove.it"), (false, false));
        assert_eq!(said(&rules, "x@altrove.it", "anna@fornitore.it"), (false, false));
    }

    #[test]
    fn the_address_is_found_in_an_author() {
        assert_eq!(address_in("Poste <avvisi@a.top>"), Some("avvisi@a.top"));
        assert_eq!(address_in("avvisi@a.top"), Some("avvisi@a.top"));
        assert_eq!(address_in("Poste"), None);
    }
}

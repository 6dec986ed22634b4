//! Whether recipients may have a held message by themselves.

use crate::mail::HeldReason;
use baluardo_model::mail::MailPolicy;
use baluardo_model::mail::digest::RecipientsMay;
use baluardo_store::mail::held::HeldMail;

/// Score, of 1,000, from which the judge was sure.
const SURE: u64 = 850;

/// Reasons that are for the RTD alone to weigh: a rule of the comune's, the word of several people, and who poses as the house.
const NEVER: [&str; 5] =
    ["sender_blocked", "reported_alike", "own_domain_spoofed", "sender_own_domain", "sender_poses_as_house"];

/// Whether this policy leaves it to the recipient: spam, and what the judge was not sure of, but never malware nor what is held for one
/// of the reasons that are the RTD's.
pub(super) fn may_release(policy: &MailPolicy, mail: &HeldMail) -> bool {
    let reserved = |reason: &HeldReason| NEVER.contains(&reason.code.as_str());
    match policy.recipients_may {
        RecipientsMay::Nothing => false,
        RecipientsMay::Uncertain if mail.class == "malware" || mail.reasons.iter().any(reserved) => false,
        RecipientsMay::Uncertain => mail.class == "spam" || mail.score < SURE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use baluardo_model::HeldMailId;

    fn mail(class: &str, score: u64, code: &str) -> HeldMail {
        let id: HeldMailId = "00000000-0000-7000-8000-000000000001".parse().unwrap();
        HeldMail {
            id,
            identity: String::new(),
            sender: String::new(),
            recipients: Vec::new(),
            author: String::new(),
            subject: String::new(),
            class: class.to_owned(),
            score,
            reasons: vec![HeldReason { code: code.to_owned(), it: String::new(), en: String::new() }],
            size: 0,
            content: String::new(),
        }
    }

    #[test]
    fn recipients_release_spam_and_what_is_uncertain_and_nothing_else() {
        let usual = MailPolicy::default();
        assert!(may_release(&usual, &mail("spam", 990, "bulk_odd")));
        assert!(may_release(&usual, &mail("phishing", 849, "link_short")));
        assert!(!may_release(&usual, &mail("phishing", 850, "link_short")));
        assert!(!may_release(&usual, &mail("malware", 750, "attached_macro")));
        for code in NEVER {
            assert!(!may_release(&usual, &mail("spam", 760, code)), "{code}");
        }
        let nothing = MailPolicy { recipients_may: RecipientsMay::Nothing, ..usual };
        assert!(!may_release(&nothing, &mail("spam", 760, "bulk_odd")));
    }
}

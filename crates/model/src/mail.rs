//! Mail of a comune: what happens to suspicious messages, who may look at them, and how long they are kept.

use digest::{DigestDays, RecipientsMay, USUAL_HOUR};
use serde::{Deserialize, Serialize};

/// The longest time, in days, for which what is known of employees' mail may be kept without a legal basis that the comune
/// wrote down (Garante per la protezione dei dati personali, provvedimento 364 of 6 June 2024, document 10026277).
pub const MOST_DAYS: u32 = 21;

/// The longest time with one, in days.
pub const MOST_DAYS_WITH_BASIS: u32 = 180;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable word.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The one of a stable word.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What happens to a message that is surely or almost surely hostile.
    OnSuspicion {
        /// It is held until somebody looks at it.
        #[default]
        Hold = "hold",
        /// It is refused, so that its sender hears of it.
        Refuse = "refuse",
        /// It is delivered with a mark.
        Tag = "tag",
    }
}

words! {
    /// What happens to a message that could not be judged or kept.
    OnTrouble {
        /// Its sender's server is asked to try again later.
        #[default]
        TryLater = "try_later",
        /// It is delivered with a mark that says that nobody judged it.
        Deliver = "deliver",
    }
}

words! {
    /// What the operators of the consortium may see of the held mail of a comune that they manage.
    ConsortiumSees {
        /// Nothing.
        #[default]
        Nothing = "nothing",
        /// The list: who wrote to whom, when, about what, and why it is held; and they may release and delete.
        List = "list",
        /// The content too.
        Content = "content",
    }
}

words! {
    /// Where a held message stands.
    HeldState {
        /// Somebody has to look at it.
        #[default]
        Held = "held",
        /// It was released, and has not reached the mail server yet.
        Releasing = "releasing",
        /// The mail server has it.
        Released = "released",
        /// It was thrown away.
        Deleted = "deleted",
    }
}

words! {
    /// How a message ended.
    Outcome {
        /// Delivered as it was.
        #[default]
        Delivered = "delivered",
        /// Delivered with a mark.
        Tagged = "tagged",
        /// Held.
        Held = "held",
        /// Refused.
        Refused = "refused",
        /// Its sender was asked to try again later.
        Later = "later",
        /// Delivered because somebody released it.
        Passed = "passed",
    }
}

words! {
    /// Where a comune's claim to a mail domain stands.
    DomainState {
        /// An operator has to look at it.
        #[default]
        Claimed = "claimed",
        /// The comune answers for it.
        Approved = "approved",
        /// The operator said no.
        Refused = "refused",
    }
}

pub mod digest;
pub mod reports;
pub mod senders;

/// What a comune wants to happen to its mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailPolicy {
    /// What happens to suspicious messages.
    pub on_suspicion: OnSuspicion,
    /// What happens when a message cannot be judged or kept.
    pub on_trouble: OnTrouble,
    /// Put before the subject of marked messages; empty for nothing.
    pub prefix: String,
    /// What the consortium sees, while it manages the comune.
    pub consortium: ConsortiumSees,
    /// After how many days held messages and all that is known of them go.
    pub keep_days: u32,
    /// Why they may be kept for longer than 21 days.
    pub legal_basis: String,
    /// Whether what its RTD confirmed as hostile is held for the other comuni of the consortium, and theirs for it.
    pub share_reports: bool,
    /// On which days people are told by letter which of their mail is held.
    pub digest: DigestDays,
    /// At which hour of Europe/Rome, 0 to 23.
    pub digest_hour: u8,
    /// What they may release by themselves.
    pub recipients_may: RecipientsMay,
}

impl Default for MailPolicy {
    fn default() -> Self {
        Self {
            on_suspicion: OnSuspicion::default(),
            on_trouble: OnTrouble::default(),
            prefix: String::new(),
            consortium: ConsortiumSees::default(),
            keep_days: MOST_DAYS,
            legal_basis: String::new(),
            share_reports: false,
            digest: DigestDays::default(),
            digest_hour: USUAL_HOUR,
            recipients_may: RecipientsMay::default(),
        }
    }
}

impl MailPolicy {
    /// For how many days something is really kept: without a legal basis never longer than [`MOST_DAYS`], whatever stands in
    /// `keep_days`.
    #[must_use]
    pub fn days(&self) -> u32 {
        let most = if self.legal_basis.trim().is_empty() { MOST_DAYS } else { MOST_DAYS_WITH_BASIS };
        self.keep_days.clamp(1, most)
    }
}

/// The domain of a mail address in lower case, without the dot that may end it; none for what is no address.
#[must_use]
pub fn domain_of(address: &str) -> Option<String> {
    let bare = address.trim().trim_start_matches('<').trim_end_matches('>');
    let (local, domain) = bare.rsplit_once('@')?;
    let domain = domain.trim_end_matches('.').to_lowercase();
    (!local.is_empty() && is_domain(&domain)).then_some(domain)
}

/// Whether a text in lower case can be a mail domain: at least two labels of letters, digits and hyphens. Names beyond ASCII
/// are written as they travel, with `xn--`.
#[must_use]
pub fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_legal_basis_nothing_is_kept_beyond_21_days() {
        let long = MailPolicy { keep_days: 90, ..MailPolicy::default() };
        assert_eq!(long.days(), 21);
        assert_eq!(MailPolicy { legal_basis: " ".to_owned(), ..long.clone() }.days(), 21);
        assert_eq!(MailPolicy { legal_basis: "accordo sindacale 3/2026".to_owned(), ..long }.days(), 90);
        assert_eq!(MailPolicy { keep_days: 0, ..MailPolicy::default() }.days(), 1);
    }

    #[test]
    fn the_domain_of_an_address_is_told_in_one_way() {
        assert_eq!(domain_of("<Anna@Comune.Siena.IT.>").as_deref(), Some("comune.siena.it"));
        assert_eq!(domain_of("\"a@b\"@xn--cit-0na.it").as_deref(), Some("xn--cit-0na.it"));
        for none in
            ["<>", "anna", "anna@", "@comune.it", "anna@localhost", "anna@-a.it", "anna@a..it", "anna@[192.0.2.1]"]
        {
            assert_eq!(domain_of(none), None, "{none}");
        }
    }

    #[test]
    fn a_policy_that_was_kept_before_there_were_letters_is_read() {
        let kept = r#"{"on_suspicion":"tag","keep_days":7}"#;
        let read: MailPolicy = serde_json::from_str(kept).unwrap();
        let wanted = MailPolicy { on_suspicion: OnSuspicion::Tag, keep_days: 7, ..MailPolicy::default() };
        assert_eq!(read, wanted);
        assert_eq!((read.digest, read.digest_hour), (DigestDays::EveryDay, 8));
    }

    #[test]
    fn every_word_is_read_back() {
        for state in HeldState::ALL {
            assert_eq!(HeldState::from_code(state.code()), Some(*state));
        }
        assert_eq!(OnSuspicion::from_code("burn"), None);
    }
}

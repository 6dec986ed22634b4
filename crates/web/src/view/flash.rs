//! Notices at the head of a page, after an act.

use crate::locale::Lang;
use serde::Serialize;

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FlashKind {
    /// It was done.
    Done,
    /// It is on its way: an order waits for a device.
    Waiting,
    /// It was not done.
    Failed,
}

/// A notice at the head of a page, after an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flash {
    /// How it is meant.
    pub kind: FlashKind,
    /// The words, already in the reader's language.
    pub text: String,
}

impl Flash {
    /// Every code that a redirect may carry (`?done=<code>`), with how it is meant. The words are under `flash.<code>`.
    pub const CODES: [(&'static str, FlashKind); 61] = [
        ("approved", FlashKind::Done),
        ("refused", FlashKind::Done),
        ("paused", FlashKind::Done),
        ("resumed", FlashKind::Done),
        ("released", FlashKind::Waiting),
        ("deleted", FlashKind::Waiting),
        ("restore_ordered", FlashKind::Waiting),
        ("scan_ordered", FlashKind::Waiting),
        ("inventory_ordered", FlashKind::Waiting),
        ("hunt_started", FlashKind::Waiting),
        ("member_hunts_started", FlashKind::Waiting),
        ("hunt_stopped", FlashKind::Done),
        ("isolation_ordered", FlashKind::Waiting),
        ("rejoining_ordered", FlashKind::Waiting),
        ("stop_allowed", FlashKind::Waiting),
        ("evidence_ordered", FlashKind::Waiting),
        ("evidence_deleted", FlashKind::Done),
        ("rollback_asked", FlashKind::Waiting),
        ("rollback_ordered", FlashKind::Waiting),
        ("device_revoked", FlashKind::Done),
        ("enrol_token_withdrawn", FlashKind::Done),
        ("finding_handled", FlashKind::Done),
        ("judged_harmful", FlashKind::Waiting),
        ("judged_harmless", FlashKind::Waiting),
        ("pack_imported", FlashKind::Waiting),
        ("pack_removed", FlashKind::Waiting),
        ("pack_source", FlashKind::Waiting),
        ("mail_released", FlashKind::Waiting),
        ("mail_deleted", FlashKind::Done),
        ("mail_domain_claimed", FlashKind::Waiting),
        ("domain_looked_at", FlashKind::Done),
        ("domain_looked_just_now", FlashKind::Failed),
        ("domain_no_dns", FlashKind::Failed),
        ("selector_bad", FlashKind::Failed),
        ("sender_ruled", FlashKind::Done),
        ("sender_rule_withdrawn", FlashKind::Done),
        ("report_decided", FlashKind::Done),
        ("mailbox_saved", FlashKind::Waiting),
        ("mailbox_reached", FlashKind::Done),
        ("mailbox_trouble", FlashKind::Failed),
        ("mailbox_removed", FlashKind::Done),
        ("mailbox_has_held", FlashKind::Failed),
        ("policy_saved", FlashKind::Waiting),
        ("invited", FlashKind::Done),
        ("link_sent", FlashKind::Done),
        ("person_signed_out", FlashKind::Done),
        ("person_disabled", FlashKind::Done),
        ("person_enabled", FlashKind::Done),
        ("signed_out", FlashKind::Done),
        ("settings_saved", FlashKind::Done),
        ("management_changed", FlashKind::Done),
        ("token_revoked", FlashKind::Done),
        ("credentials_saved", FlashKind::Done),
        ("proved", FlashKind::Done),
        ("prove_first", FlashKind::Failed),
        ("password_changed", FlashKind::Done),
        ("password_removed", FlashKind::Done),
        ("totp_changed", FlashKind::Done),
        ("passkey_added", FlashKind::Done),
        ("passkey_renamed", FlashKind::Done),
        ("passkey_removed", FlashKind::Done),
    ];

    /// What stood in the way of an act, by the code of the service's error.
    #[must_use]
    pub fn failed(lang: Lang, code: &str) -> Self {
        Self { kind: FlashKind::Failed, text: lang.word_or_code("error.", code) }
    }

    /// The notice of a code from the address bar; none for a code that we did not write.
    #[must_use]
    pub fn from_code(lang: Lang, code: &str) -> Option<Self> {
        let (known, kind) = Self::CODES.into_iter().find(|(known, _)| *known == code)?;
        Some(Self { kind, text: lang.word("flash.", known).into_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_from_the_address_bar_that_is_not_ours_says_nothing() {
        assert!(Flash::from_code(Lang::It, "<script>").is_none());
        assert_eq!(Flash::from_code(Lang::En, "released").map(|flash| flash.kind), Some(FlashKind::Waiting));
    }

    #[test]
    fn every_flash_code_has_words_in_both_languages() {
        for lang in Lang::ALL {
            for (code, _) in Flash::CODES {
                assert!(lang.find(&format!("flash.{code}")).is_some(), "{code}");
            }
        }
    }
}

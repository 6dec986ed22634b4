//! From the model's sum and the facts to class, score, action and reasons.

use super::wording::{Language, text};
use super::{Action, Class, Reason, Verdict};
use crate::learn::Model;
use crate::look::{Fact, Facts, Found};
use crate::read::Letter;

/// Score from which a message is held. Chosen on messages that the model had not seen (data/mail/README.md).
const HOLD: f32 = 0.75;
/// Score from which a message is marked.
const MARK: f32 = 0.55;
/// The model's sum at which it is undecided, and how much more of it makes one step of the score.
const CENTRE: f32 = 0.5;
const SLOPE: f32 = 1.5;
/// Reasons that a person is told.
const MOST_REASONS: usize = 6;

/// Facts that settle the matter whatever the words say: each is all but unknown in honest mail.
const CERTAIN: &[Fact] =
    &[Fact::AttachedTest, Fact::AttachedDouble, Fact::AttachedDisguised, Fact::AttachedReversed, Fact::ClickFix];
/// Facts that settle it together with any of [`SUPPORT`].
const STRONG: &[Fact] = &[
    Fact::AttachedProgram,
    Fact::AttachedArchiveProgram,
    Fact::AttachedLockedPassword,
    Fact::AttachedSmuggling,
    Fact::AttachedSvg,
    Fact::FormPassword,
    Fact::SenderLookalike,
    Fact::SenderBrand,
    Fact::LinkBrand,
    Fact::LinkUser,
    Fact::SenderConfusable,
    Fact::LinkConfusable,
    Fact::MixedLetters,
    Fact::SenderRoleFree,
    Fact::SenderNameAddress,
    Fact::BankChange,
    Fact::GiftCards,
    Fact::Extortion,
    Fact::SenderOwnDomain,
    Fact::LinkShownDiffers,
    Fact::ZeroWidth,
];
/// What makes a strong fact weigh more.
const SUPPORT: &[Fact] = &[
    Fact::AsksAccess,
    Fact::AccountThreat,
    Fact::Urgency,
    Fact::PaymentPressure,
    Fact::QuickTask,
    Fact::Secrecy,
    Fact::Refund,
    Fact::ParcelFee,
    Fact::MailboxFull,
    Fact::SharedDocument,
    Fact::LinkEnding,
    Fact::SenderEnding,
    Fact::LinkFreeHost,
    Fact::LinkStorage,
    Fact::LinkShort,
    Fact::LinkAddress,
    Fact::LinkRandom,
    Fact::SpfFail,
    Fact::DmarcFail,
    Fact::ReplyFree,
    Fact::ReplyElsewhere,
    Fact::SenderFree,
    Fact::BrandLinksElsewhere,
];

/// Weighs.
pub(super) fn weigh(model: &Model<'_>, letter: &Letter, facts: &Facts, sum: f32, language: Language) -> Verdict {
    // The model is surer than it has a right to be on mail unlike any that it saw: a lower slope keeps the order.
    let level = (sum - CENTRE) / SLOPE - if is_plainly_official(facts) { 1.5 } else { 0.0 };
    let sure = facts.any(CERTAIN);
    let strong: usize = STRONG.iter().filter(|fact| facts.has(**fact)).map(|fact| count_of(*fact, facts)).sum();
    let support = SUPPORT.iter().filter(|fact| facts.has(**fact)).count();
    // Two opinions: the higher one holds, and the other one still orders messages among themselves.
    let structure = if sure { 3.0 } else { of_structure(strong, support) };
    let score = squeeze(level.max(structure) + 0.1 * level.min(structure));
    let learned = squeeze(level);
    let class = class_of(facts, score);
    let action = match score {
        _ if sure && facts.has(Fact::AttachedTest) => Action::Reject,
        score if score >= HOLD => Action::Quarantine,
        score if score >= MARK => Action::Tag,
        _ => Action::Deliver,
    };
    let reasons = reasons(model, letter, facts, learned, score, language);
    Verdict { action, class: if action == Action::Deliver { Class::Legitimate } else { class }, score, reasons }
}

/// How many strong facts one is worth: what runs when it is opened needs no further sign, a mailbox of an authority on
/// free mail hardly any.
fn count_of(fact: Fact, facts: &Facts) -> usize {
    match fact {
        Fact::AttachedProgram | Fact::AttachedArchiveProgram | Fact::AttachedSmuggling => 3,
        Fact::AttachedLockedPassword | Fact::FormPassword | Fact::GiftCards | Fact::Extortion => 2,
        Fact::SenderBrand if facts.has(Fact::SenderFree) => 2,
        _ => 1,
    }
}

/// Sender and every link belong to one known body, nothing failed, and answers stay there: what could it steal?
fn is_plainly_official(facts: &Facts) -> bool {
    const AGAINST: &[Fact] = &[
        Fact::SpfFail,
        Fact::DmarcFail,
        Fact::ReplyElsewhere,
        Fact::ReplyFree,
        Fact::BankChange,
        Fact::PaymentPressure,
        Fact::Form,
        Fact::LinkRedirect,
    ];
    facts.has(Fact::AllOfficial) && !facts.any(AGAINST) && !facts.any(STRONG)
}

/// From any number to 0..1.
fn squeeze(level: f32) -> f32 {
    1.0 / (1.0 + (-level).exp())
}

/// What structure alone says, on the scale of the model's level.
fn of_structure(strong: usize, support: usize) -> f32 {
    match (strong, support) {
        (0, _) => -3.0,
        (1, 0) => -1.5,
        (1, 1) => -0.6,
        (1, 2) => 0.2,
        (1, 3) => 0.8,
        (2, 0) => -0.2,
        (2, 1) => 0.6,
        _ => 1.5,
    }
}

/// The kind of harm that the facts speak of.
fn class_of(facts: &Facts, score: f32) -> Class {
    const MALWARE: &[Fact] = &[
        Fact::AttachedTest,
        Fact::AttachedDouble,
        Fact::AttachedDisguised,
        Fact::AttachedReversed,
        Fact::AttachedProgram,
        Fact::AttachedArchiveProgram,
        Fact::AttachedLockedPassword,
        Fact::AttachedMacro,
        Fact::ClickFix,
        Fact::LinkProgram,
    ];
    const FRAUD: &[Fact] =
        &[Fact::BankChange, Fact::GiftCards, Fact::Extortion, Fact::QuickTask, Fact::Windfall, Fact::Secrecy];
    const PHISHING: &[Fact] = &[
        Fact::AsksAccess,
        Fact::AccountThreat,
        Fact::SenderBrand,
        Fact::SenderLookalike,
        Fact::LinkBrand,
        Fact::BrandLinksElsewhere,
        Fact::FormPassword,
        Fact::AttachedSmuggling,
        Fact::AttachedPage,
        Fact::MailboxFull,
        Fact::ParcelFee,
        Fact::Refund,
        Fact::SharedDocument,
        Fact::LinkShownDiffers,
    ];
    if score < MARK {
        Class::Legitimate
    } else if facts.any(MALWARE) {
        Class::Malware
    } else if facts.any(FRAUD)
        || (facts.has(Fact::PaymentPressure) && !facts.any(&[Fact::BrandLinksElsewhere, Fact::LinkBrand]))
    {
        Class::Fraud
    } else if facts.any(PHISHING) {
        Class::Phishing
    } else {
        Class::Spam
    }
}

/// Reasons in the order of their weight; for a message that is delivered only those worth knowing.
fn reasons(
    model: &Model<'_>,
    letter: &Letter,
    facts: &Facts,
    learned: f32,
    score: f32,
    language: Language,
) -> Vec<Reason> {
    let rank = |found: &Found| {
        let fixed = if CERTAIN.contains(&found.fact) {
            10.0
        } else if STRONG.contains(&found.fact) {
            2.0
        } else {
            0.0
        };
        model.weight_of(found.fact) + fixed
    };
    let mut told: Vec<&Found> = facts.iter().filter(|found| rank(found) > 0.05).collect();
    told.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
    let mut reasons: Vec<Reason> = Vec::new();
    if score >= MARK && learned >= MARK {
        reasons.push(Reason { code: "learned".to_owned(), text: text("learned", "", language) });
    }
    for found in told.into_iter().take(if score >= MARK { MOST_REASONS } else { 2 }) {
        let code = found.fact.code();
        let at = if rank(found) >= 2.0 {
            reasons.len().saturating_sub(usize::from(reasons.last().is_some_and(|last| last.code == "learned")))
        } else {
            reasons.len()
        };
        reasons.insert(at, Reason { code: code.to_owned(), text: text(code, &found.detail, language) });
    }
    if letter.cut {
        reasons.push(Reason { code: "cut".to_owned(), text: text("cut", "", language) });
    }
    reasons
}

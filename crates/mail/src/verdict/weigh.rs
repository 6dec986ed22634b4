//! From words and facts to class, score, action and reasons.

use super::wording::{Language, text};
use super::{Action, Class, Reason, Verdict};
use crate::learn::{HOLD, MARK, Model};
use crate::look::{Fact, Facts, Found, Strength};
use crate::read::Letter;

/// Score from which mail that only wants to sell is held: it does less harm in a mailbox than a letter lost does.
const HOLD_SPAM: f32 = 0.82;
/// Characters of a letter that blackmails; articles about such letters are longer.
const MOST_OF_BLACKMAIL: usize = 6_000;
/// Sum of words from which they are a reason.
const TELLING: f32 = 1.0;
/// Reasons that a person is told, and of a message that is delivered.
const MOST_REASONS: usize = 6;
const MOST_DELIVERED: usize = 2;

/// Weighs.
pub(super) fn weigh(model: &Model<'_>, letter: &Letter, facts: &Facts, words: f32, language: Language) -> Verdict {
    let level = model.level(words, facts) - if is_plainly_official(facts) { 1.5 } else { 0.0 };
    let sure = facts.of_strength(Strength::Certain) > 0;
    let floor = match () {
        () if sure => 0.97,
        () if facts.of_strength(Strength::Grave) > 0 => HOLD,
        () if facts.has(Fact::BankChangeDoubt) || is_blackmail(letter, facts) => HOLD,
        () if is_false_superior(facts) => HOLD,
        () if asks_for_money_in_doubt(facts) || is_false_brand(letter, facts) => MARK,
        () => 0.0,
    };
    let score = model.score(level).max(floor);
    let class = class_of(facts, score);
    let hold = if class == Class::Spam { HOLD_SPAM } else { HOLD };
    let action = match score {
        _ if facts.has(Fact::AttachedTest) => Action::Reject,
        score if score >= hold && may_be_held(facts) => Action::Quarantine,
        score if score >= MARK => Action::Tag,
        _ => Action::Deliver,
    };
    Verdict { action, class, score, reasons: reasons(model, letter, facts, words, score, language) }
}

/// Whether a message with these facts can be held at all, however high its level.
#[must_use]
pub fn may_be_held(facts: &Facts) -> bool {
    is_hostile(facts) && !is_newsletter(facts)
}

/// Whether something stands in the message that is more than words: without it nothing is held, only marked.
fn is_hostile(facts: &Facts) -> bool {
    [Strength::Strong, Strength::Grave, Strength::Certain].iter().any(|strength| facts.of_strength(*strength) > 0)
        || facts.of_strength(Strength::Support) >= 2
}

/// Made as newsletters are, with nothing in it that they do not have: at worst a nuisance.
fn is_newsletter(facts: &Facts) -> bool {
    let bulk = facts.any(&[Fact::LinksOwn, Fact::ManyLinks, Fact::BulkProper]);
    let severe = [Strength::Strong, Strength::Grave, Strength::Certain];
    bulk && severe.iter().all(|strength| facts.of_strength(*strength) == 0)
        && !facts.any(&[Fact::SpfFail, Fact::DmarcFail, Fact::SenderIsRecipient, Fact::LinkFreeHost, Fact::LinkStorage])
}

/// Money is asked for, and something about the sender is in doubt: whoever pays should at least be warned.
fn asks_for_money_in_doubt(facts: &Facts) -> bool {
    const ASKS: &[Fact] = &[Fact::BankChange, Fact::GiftCards, Fact::Extortion];
    const DOUBT: &[Fact] = &[
        Fact::SenderFree,
        Fact::SenderRoleFree,
        Fact::SenderEnding,
        Fact::SenderRandom,
        Fact::SenderMissing,
        Fact::ReplyElsewhere,
        Fact::ReplyFree,
        Fact::FalseAnswer,
        Fact::SpfFail,
        Fact::DmarcFail,
        Fact::Urgency,
        Fact::Secrecy,
    ];
    facts.any(ASKS) && facts.any(DOUBT)
}

/// Money in haste and in secret from a free mailbox: no superior of an office writes so.
fn is_false_superior(facts: &Facts) -> bool {
    facts.any(&[Fact::SenderFree, Fact::ReplyFree])
        && facts.has(Fact::PaymentPressure)
        && facts.any(&[Fact::QuickTask, Fact::Secrecy, Fact::GiftCards])
        && !facts.has(Fact::Conversation)
}

/// Under the name of a brand from a domain that is not the brand's, with something to open.
fn is_false_brand(letter: &Letter, facts: &Facts) -> bool {
    let opens = !letter.links.is_empty() || !letter.attachments.is_empty();
    facts.has(Fact::SenderBrand) && opens && !letter.list && !letter.answers && !facts.has(Fact::ManyLinks)
}

/// A threat that names coins: short, and from nobody who is known or writes to subscribers.
fn is_blackmail(letter: &Letter, facts: &Facts) -> bool {
    const KNOWN: &[Fact] =
        &[Fact::SenderOfficial, Fact::LinksOwn, Fact::ManyLinks, Fact::BulkProper, Fact::Conversation, Fact::FromHouse];
    facts.has(Fact::Extortion) && !letter.list && !facts.any(KNOWN) && letter.text.chars().count() < MOST_OF_BLACKMAIL
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
    facts.has(Fact::AllOfficial) && !facts.any(AGAINST) && !is_hostile(facts)
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
    const FRAUD: &[Fact] = &[
        Fact::BankChange,
        Fact::GiftCards,
        Fact::Extortion,
        Fact::QuickTask,
        Fact::Windfall,
        Fact::Secrecy,
        Fact::SenderRoleFree,
        Fact::FalseAuthority,
    ];
    const PHISHING: &[Fact] = &[
        Fact::AsksAccess,
        Fact::AccountThreat,
        Fact::SenderBrand,
        Fact::SenderLookalike,
        Fact::SenderNameAddress,
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
        Fact::CoinBait,
        Fact::CallBack,
        Fact::QrAsks,
        Fact::SenderRoleOutside,
    ];
    const ACCESS: &[Fact] = &[Fact::BrandLinksElsewhere, Fact::LinkBrand, Fact::SenderBrand, Fact::SenderLookalike];
    let pays = facts.any(FRAUD) || facts.has(Fact::PaymentPressure);
    if score < MARK {
        Class::Legitimate
    } else if facts.any(MALWARE) {
        Class::Malware
    } else if pays && !facts.any(ACCESS) {
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
    words: f32,
    score: f32,
    language: Language,
) -> Vec<Reason> {
    let acted = score >= MARK;
    let least = if acted { Strength::Weak } else { Strength::Support };
    let mut told: Vec<&Found> =
        facts.iter().filter(|found| found.fact.strength() >= least && model.weight_of(found.fact) > 0.05).collect();
    told.sort_by(|a, b| {
        let rank = |found: &Found| (found.fact.strength(), model.weight_of(found.fact));
        let (a, b) = (rank(a), rank(b));
        b.0.cmp(&a.0).then(b.1.total_cmp(&a.1))
    });
    let reason = |code: &str, detail: &str| Reason { code: code.to_owned(), text: text(code, detail, language) };
    let most = if acted { MOST_REASONS } else { MOST_DELIVERED };
    let strong = told.iter().filter(|found| found.fact.strength() >= Strength::Strong).count();
    let mut reasons: Vec<Reason> =
        told.iter().take(most).map(|found| reason(found.fact.code(), &found.detail)).collect();
    if acted && (words >= TELLING || reasons.is_empty()) {
        reasons.insert(strong.min(reasons.len()), reason("learned", ""));
    }
    if letter.cut {
        reasons.push(reason("cut", ""));
    }
    reasons
}

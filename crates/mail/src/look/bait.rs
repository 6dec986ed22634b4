//! What is asked for together with where it leads: each is common in honest mail, both together are not.

use super::fact::{Fact, Facts};
use super::places::{self, Place};
use super::{Url, brand, host};
use crate::read::Letter;

/// Characters of a letter that is after something.
const MOST_OF_BAIT: usize = 2_500;
/// Wants access data.
const ACCESS: &[Fact] = &[Fact::AsksAccess, Fact::AccountThreat, Fact::MailboxFull, Fact::SharedDocument, Fact::QrAsks];
/// Wants money, or promises some.
const MONEY: &[Fact] = &[Fact::ParcelFee, Fact::Refund, Fact::PaymentPressure, Fact::Windfall, Fact::CoinBait];
/// In whose name somebody writes who is not it.
const POSES: &[Fact] = &[Fact::SenderBrand, Fact::SenderLookalike, Fact::BrandLinksElsewhere, Fact::LinkBrand];
/// Something about the sender is wrong.
const DOUBT: &[Fact] = &[
    Fact::SenderFree,
    Fact::SenderRoleFree,
    Fact::SenderEnding,
    Fact::SenderRandom,
    Fact::SenderLookalike,
    Fact::SenderNameApart,
    Fact::ReplyElsewhere,
    Fact::ReplyFree,
    Fact::FalseAnswer,
    Fact::SpfFail,
    Fact::DmarcFail,
    Fact::Secrecy,
    Fact::Urgency,
    Fact::SenderAbroad,
    Fact::RecipientHidden,
    Fact::ReturnElsewhere,
];

pub(super) fn look(letter: &Letter, facts: &mut Facts) {
    let stranger = stranger(letter, facts);
    if let Some(place) = &stranger {
        facts.add_if(facts.any(ACCESS), Fact::AccessElsewhere, place);
        facts.add_if(facts.any(MONEY), Fact::PayElsewhere, place);
        let words = letter.text.trim().chars().count();
        let few = letter.links.len() <= 3 && words < 300 && !facts.has(Fact::Conversation);
        facts.add_if(few, Fact::BriefLink, place);
    }
    let asks = facts.any(ACCESS) || facts.any(MONEY) || facts.any(&[Fact::Urgency, Fact::CallBack, Fact::Impersonal]);
    // A newsletter or an office that speaks of a firm does not write in its name.
    const NOT: &[Fact] = &[
        Fact::BulkProper,
        Fact::LinksOwn,
        Fact::LinksKnown,
        Fact::ManyLinks,
        Fact::Conversation,
        Fact::SenderOfficial,
    ];
    let posed = facts.iter().find(|found| {
        let named_only = found.fact == Fact::BrandLinksElsewhere;
        POSES.contains(&found.fact) && (!named_only || facts.has(Fact::LinkAllElsewhere))
    });
    let posed = posed.map(|found| found.detail.clone());
    if let Some(name) = posed.filter(|_| asks && !facts.any(NOT)) {
        facts.add(Fact::BrandAsks, &name);
    }
    const BAIT: &[Fact] = &[
        Fact::Windfall,
        Fact::CallBack,
        Fact::Extortion,
        Fact::CoinBait,
        Fact::QuickTask,
        Fact::GiftCards,
        Fact::FalseAuthority,
        Fact::SpamOffer,
    ];
    let free = facts.any(&[Fact::SenderFree, Fact::ReplyFree]) && !letter.list;
    let digest = facts.any(&[Fact::Conversation, Fact::ManyLinks]);
    facts.add_if(free && facts.any(BAIT) && !digest, Fact::FreeBait, "");
    let doubts =
        DOUBT.iter().filter(|doubt| facts.has(**doubt)).count() + usize::from(names_foreign_account(&letter.text));
    facts.add_if(facts.has(Fact::BankChange) && doubts >= 2, Fact::BankChangeDoubt, &letter.from);
    let to_oneself = letter.to.contains(&letter.from);
    let quiet =
        !to_oneself && !facts.any(ACCESS) && !facts.any(MONEY) && !facts.any(BAIT) && !facts.has(Fact::BankChange);
    let plain = letter.links.is_empty() && quiet && !facts.any(DOUBT) && letter.attachments.iter().all(is_paper);
    facts.add_if(plain && letter.forms == 0 && !letter.from.is_empty(), Fact::PlainNote, "");
}

/// Whether a bank account of another country is named (IBAN, ISO 13616): suppliers of Italian offices seldom have one.
fn names_foreign_account(text: &str) -> bool {
    const COUNTRIES: &[&str] = &[
        "LT", "DE", "FR", "ES", "NL", "BE", "PT", "RO", "BG", "PL", "GB", "IE", "MT", "CY", "EE", "LV", "LU", "AT",
        "HU", "CZ", "SK", "SI", "HR", "GR", "SE", "DK", "FI", "CH",
    ];
    let text: String = text.chars().take(4_000).collect();
    let words: Vec<&str> =
        text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.iter().enumerate().any(|(at, word)| {
        let country = word.get(..2).is_some_and(|country| COUNTRIES.contains(&country));
        let checked = word.get(2..4).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let digits = |word: &&str| word.bytes().filter(u8::is_ascii_digit).count();
        // In groups of four, or in one piece.
        let rest: usize = words.iter().skip(at).take(8).take_while(|word| digits(word) >= 2).map(digits).sum();
        country && checked && rest >= 12
    })
}

/// The place that the letter leads to, when that is neither the sender's, nor a known firm's or office's, nor counted through a
/// service that sends for many.
fn stranger(letter: &Letter, facts: &Facts) -> Option<String> {
    // Who is after something says so in a few lines; articles that people send one another speak of everything.
    let long = letter.text.trim().chars().count() > MOST_OF_BAIT;
    if long || !facts.has(Fact::LinkAllElsewhere) || facts.any(&[Fact::BulkProper, Fact::LinksKnown]) {
        return None;
    }
    let known = |url: &Url| {
        let host = url.host.as_str();
        let abused =
            [Place::Short, Place::Free, Place::Storage, Place::Tenant].iter().any(|kind| places::is(host, *kind));
        !abused && (brand::owner(host).is_some() || brand::is_office(host) || places::is(host, Place::Neutral))
    };
    let mut urls = letter.links.iter().filter_map(|link| Url::read(&link.target)).filter(|url| !known(url));
    urls.next().map(|url| host::organisation(&url.host).to_owned())
}

/// Files that nobody is harmed by.
fn is_paper(file: &crate::read::Attachment) -> bool {
    const PAPER: &[&str] =
        &["pdf", "p7m", "jpg", "jpeg", "png", "txt", "xml", "docx", "xlsx", "odt", "ods", "ics", "csv"];
    let name = file.name.to_lowercase();
    name.is_empty() || name.rsplit_once('.').is_some_and(|(_, ending)| PAPER.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::super::fact::{Fact, Facts};
    use crate::read::Letter;

    fn facts(message: &str) -> Facts {
        Facts::of(&Letter::read(message.as_bytes()))
    }

    #[test]
    fn a_request_for_access_is_another_thing_when_it_leads_to_strangers() {
        let text = "La casella è piena: verifica le credenziali, accedi dal link";
        let away = facts(&format!("From: Posta <a@b.it>\nTo: c@d.it\nSubject: x\n\n{text} https://altrove.top/a\n"));
        assert!(away.has(Fact::AccessElsewhere));
        let own = facts(&format!("From: Posta <a@b.it>\nTo: c@d.it\nSubject: x\n\n{text} https://www.b.it/a\n"));
        assert!(!own.has(Fact::AccessElsewhere));
    }

    #[test]
    fn a_fee_for_a_parcel_on_a_foreign_site_is_known() {
        let text = "Il pacco è in attesa: paga la tassa di 1,99 € e conferma";
        let found = facts(&format!("From: a@b.it\nTo: c@d.it\nSubject: x\n\n{text} https://altrove.top/a\n"));
        assert!(found.has(Fact::PayElsewhere) && found.has(Fact::BriefLink));
    }

    #[test]
    fn new_bank_details_weigh_more_from_a_sender_in_doubt() {
        let text = "il nostro IBAN è cambiato, il bonifico va fatto sul nuovo conto corrente";
        let doubt = format!("From: Ditta <xyz@gmail.com>\nReply-To: a@altrove.top\nTo: c@d.it\nSubject: x\n\n{text}\n");
        assert!(facts(&doubt).has(Fact::BankChangeDoubt));
        let abroad =
            format!("From: Ditta <ditta@libero.it>\nTo: c@d.it\nSubject: x\n\n{text} LT45 3250 0123 4567 8901\n");
        assert!(facts(&abroad).has(Fact::BankChangeDoubt));
        let plain = format!("From: Ditta <ditta@ditta.it>\nTo: c@d.it\nSubject: x\n\n{text}\n");
        assert!(!facts(&plain).has(Fact::BankChangeDoubt));
    }

    #[test]
    fn a_prize_from_a_free_mailbox_and_a_plain_note_are_told_apart() {
        let prize = "From: Premi <abc@gmail.com>\nTo: c@d.it\nSubject: Hai vinto\n\nHai vinto un premio di 500 euro, rispondi.\n";
        assert!(facts(prize).has(Fact::FreeBait));
        let note = "From: Anna <anna@ditta.it>\nTo: c@d.it\nSubject: Verbale\n\nTi mando il verbale di ieri.\n";
        assert!(facts(note).has(Fact::PlainNote) && !facts(note).has(Fact::FreeBait));
    }

    #[test]
    fn who_asks_in_the_name_of_a_brand_is_known() {
        let asks = "From: Poste Italiane <a@altrove.top>\nTo: c@d.it\nSubject: x\n\nGentile cliente, il suo conto è sospeso.\n";
        assert!(facts(asks).has(Fact::BrandAsks));
        let own =
            "From: Poste Italiane <a@poste.it>\nTo: c@d.it\nSubject: x\n\nGentile cliente, il suo conto è sospeso.\n";
        assert!(!facts(own).has(Fact::BrandAsks));
    }
}

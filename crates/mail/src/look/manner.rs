//! How the heads of a message are written: what machines and hasty hands put there that people do not.

use super::fact::{Fact, Facts};
use super::places::{self, Place};
use super::{brand, host};
use crate::read::{Letter, domain_of};

/// Desks, teams and services as names shown for senders, in the languages of hostile mail that comuni get.
const DESKS: &[&str] = &[
    "support",
    "security",
    "service",
    "services",
    "team",
    "help",
    "helpdesk",
    "help desk",
    "customer care",
    "admin",
    "administrator",
    "account",
    "accounts",
    "billing",
    "notification",
    "notifications",
    "alert",
    "alerts",
    "update",
    "member",
    "membership",
    "mail delivery",
    "webmaster",
    "postmaster",
    "mailbox",
    "server",
    "reward",
    "rewards",
    "winner",
    "survey",
    "loan",
    "refund",
    "payroll",
    "wallet",
    "assistenza",
    "supporto",
    "servizio clienti",
    "sicurezza",
    "avvisi",
    "avviso",
    "notifiche",
    "notifica",
    "amministratore",
    "premi",
    "premio",
    "area clienti",
    "posta elettronica",
    "kundenservice",
    "kundendienst",
    "sicherheit",
    "gewinner",
    "gewinnspiel",
    "soporte",
    "seguridad",
    "servicio",
    "aviso",
    "atendimento",
    "segurança",
    "suporte",
    "cobrança",
    "protocolo",
    "sécurité",
    "assistance",
    "klantenservice",
];

/// Offices that write to those who work in the same house.
const HOUSE: &[&str] = &[
    "ufficio personale",
    "sindaco",
    "sindaca",
    "segretario comunale",
    "segretario generale",
    "ufficio tributi",
    "tributi online",
    "ufficio ragioneria",
    "ufficio anagrafe",
    "polizia locale",
    "posta certificata",
    "posta-certificata",
    "servizio pec",
    "gestore posta",
    "notifiche digitali",
    "pagamenti pa",
    "supporto posta",
    "server di posta",
    "sicurezza informatica",
    "risorse umane",
    "ufficio paghe",
    "ufficio protocollo",
    "ufficio informatico",
    "servizio informatico",
    "amministratore di sistema",
    "amministratore di posta",
    "servizio posta",
    "webmail",
    "ced",
    "it support",
    "it department",
    "it helpdesk",
    "mail administrator",
    "human resources",
    "hr department",
    "hr team",
    "payroll",
];

pub(super) fn look(letter: &Letter, facts: &mut Facts) {
    let domain = letter.from_domain();
    facts.add_if(
        !letter.from.is_empty() && !letter.list && letter.to.contains(&letter.from),
        Fact::SenderIsRecipient,
        &letter.from,
    );
    let head: String = letter.text.chars().take(600).collect::<String>().to_lowercase();
    let subject = letter.subject.to_lowercase();
    let named = letter
        .to
        .iter()
        .find(|to| to.len() > 6 && **to != letter.from && (subject.contains(*to) || head.contains(*to)));
    facts.add_if(named.is_some() && !letter.answers, Fact::NamesRecipient, named.map_or("", String::as_str));
    facts.add_if(
        ends_in_code(&letter.subject),
        Fact::SubjectCode,
        letter.subject.split_whitespace().last().unwrap_or_default(),
    );
    facts.add_if(shouts(&letter.subject), Fact::SubjectShouts, "");
    facts.add_if(is_odd(&letter.from_name), Fact::SenderNameOdd, &letter.from_name);
    let name = letter.from_name.to_lowercase();
    let desk = desk_of(&name);
    let elsewhere = facts.has(Fact::LinkAllElsewhere) && brand::owner(domain).is_none() && !brand::is_office(domain);
    facts.add_if(desk.is_some() && elsewhere && !letter.list, Fact::SenderRoleElsewhere, &letter.from_name);
    let ours = host::organisation(domain);
    let stranger = !letter.to.iter().any(|to| host::organisation(domain_of(to)) == ours)
        && !facts.has(Fact::SenderOfficial)
        && !letter.list
        && !letter.answers;
    let house = HOUSE.iter().find(|office| brand::holds_word(&name, office));
    facts.add_if(stranger && house.is_some(), Fact::SenderRoleOutside, &letter.from_name);
}

/// The desk, team or service that a (lower-case) sender's name speaks for.
pub(super) fn desk_of(name: &str) -> Option<&'static str> {
    DESKS.iter().find(|desk| brand::holds_word(name, desk)).copied()
}

/// What honest bulk mail and conversations have.
pub(super) fn good_signs(letter: &Letter, facts: &mut Facts) {
    let domain = letter.from_domain();
    let ours = host::organisation(domain);
    let own_way = letter.ways_out.iter().any(|way| {
        let place = host::organisation(way);
        place == ours
            || places::is(place, Place::Bulk)
            || letter.links.iter().any(|link| link.target.contains(place))
                && place == host::organisation(domain_of(&letter.return_path))
    });
    facts.add_if(letter.list && own_way && !places::is(domain, Place::Mailbox), Fact::BulkProper, ours);
    let forwarded = ["fw", "i:", "enc:", "wg:", "rv:", "tr:"]
        .iter()
        .any(|mark| letter.subject.trim().to_lowercase().starts_with(mark));
    let to_oneself = letter.to.contains(&letter.from);
    facts.add_if(letter.answers && !forwarded && !to_oneself && quotes(&letter.text), Fact::Conversation, "");
    // Anybody can prove a domain of their own: it says something of known senders only.
    let proven = letter.authentication.as_ref().is_some_and(|results| results.contains("dmarc=pass"));
    facts.add_if(proven && facts.has(Fact::SenderOfficial), Fact::SenderProven, domain);
}

/// Whether a text quotes an earlier one.
fn quotes(text: &str) -> bool {
    const HEADS: &[&str] = &[
        "wrote:",
        "ha scritto:",
        "schrieb:",
        "a écrit",
        "escribió:",
        "original message",
        "messaggio originale",
        "from:",
        "da:",
        "von:",
    ];
    text.lines().any(|line| {
        let line = line.trim().to_lowercase();
        line.starts_with('>')
            || HEADS.iter().any(|head| line.ends_with(head) || (line.starts_with(head) && line.len() < 120))
    })
}

/// Whether the last word is a code: a long number, or letters and digits in turn.
fn ends_in_code(subject: &str) -> bool {
    let Some(last) = subject.split_whitespace().last().filter(|_| subject.split_whitespace().count() > 1) else {
        return false;
    };
    let longest = last.split(|letter: char| !letter.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    let turns = last
        .as_bytes()
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric() && a.is_ascii_digit() != b.is_ascii_digit()))
        .count();
    longest >= 7 || turns >= 3 || (last.len() >= 9 && mixes_cases(last))
}

/// Capitals and small letters in turn, as in codes.
fn mixes_cases(word: &str) -> bool {
    let turns = word
        .as_bytes()
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()))
        .count();
    turns >= 3
}

/// Mostly capitals, or marks in rows, or pictures.
fn shouts(subject: &str) -> bool {
    let letters = subject.chars().filter(|letter| letter.is_alphabetic()).count();
    let capitals = subject.chars().filter(|letter| letter.is_uppercase()).count();
    let rows = ["!!", "??", "$$", "**", "__", "//", "==", "~~", "##", "✅", "❌", "⚠", "🎁", "🚨", "‼", "❗"]
        .iter()
        .any(|row| subject.contains(row));
    (letters >= 12 && capitals * 10 > letters * 8) || rows
}

/// Marks that stand in no name of a person or office, pictures, or digits in place of letters.
fn is_odd(name: &str) -> bool {
    let marks = name
        .chars()
        .filter(|letter| {
            matches!(
                letter,
                '*' | '_'
                    | '='
                    | '~'
                    | '#'
                    | '!'
                    | '$'
                    | '%'
                    | '^'
                    | '{'
                    | '}'
                    | '<'
                    | '>'
                    | '\u{2022}'
                    | '\u{2122}'
                    | '\u{ae}'
            ) || is_picture(*letter)
        })
        .count();
    let leet = name.split(|letter: char| !letter.is_alphanumeric()).any(|word| {
        let bytes = word.as_bytes();
        bytes.windows(3).any(
            |three| matches!(three, [a, b'0' | b'1' | b'3', c] if a.is_ascii_alphabetic() && c.is_ascii_alphabetic()),
        )
    });
    // A number of five digits or more is no name, but a year is part of some.
    let numbered = name.split(|letter: char| !letter.is_ascii_digit()).any(|run| run.len() >= 5);
    marks >= 2 || numbered || leet || name.chars().any(is_picture)
}

fn is_picture(letter: char) -> bool {
    matches!(letter, '\u{2600}'..='\u{27BF}' | '\u{1F000}'..='\u{1FAFF}' | '\u{FFFD}')
}

#[cfg(test)]
mod tests {
    use super::{ends_in_code, is_odd, quotes, shouts};

    #[test]
    fn codes_at_the_end_of_a_subject_are_told_from_years_and_words() {
        for code in
            ["Your account is on hold - 1263412508", "Informativo-WCXwTfAXnG x9Kq2LmPz8", "order status aBcDkEfGhLm."]
        {
            assert!(ends_in_code(code), "{code}");
        }
        for honest in ["Prot. n. 1234 del 2024", "Bilancio 2025/2026", "Riunione di martedì", "1263412508"] {
            assert!(!ends_in_code(honest), "{honest}");
        }
    }

    #[test]
    fn shouting_and_odd_names_are_told_from_offices() {
        assert!(shouts("YOU HAVE WON A PRIZE") && shouts("Vinto!!") && !shouts("ANCI: notizie della settimana"));
        assert!(is_odd("_C0NSUMER__REWARDS__") && is_odd("Amaz0n") && is_odd("Gewinner 🎁"));
        for honest in ["Ufficio Tributi - Comune di Fano", "Anna D'Angelo", "ic3@scuola", "Studio B2B", "Covid19"] {
            assert!(!is_odd(honest), "{honest}");
        }
    }

    #[test]
    fn quoted_text_is_known_in_several_forms() {
        assert!(
            quotes("ok\n\nIl giorno 3 maggio Anna ha scritto:\n> ciao")
                && quotes("-----Messaggio originale-----\nDa: Anna")
        );
        assert!(!quotes("Le scrivo da Parma."));
    }
}

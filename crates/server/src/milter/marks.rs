//! What stands in a message that passed: our headers, the mark before the subject, and the words of a refusal.

use super::gathered::{Gathered, RESULTS};
use super::judging::Opinion;
use baluardo_mail::milter::{Header, Reply};
use baluardo_mail::{Authentic, Class};

/// The most reasons that are named in a header.
const MOST_REASONS: usize = 8;

/// Our headers, the last one first, because each is put above all others. `action` is what was done, in a word.
pub(super) fn headers(action: &str, judged: Result<&Opinion, &str>, id: &str) -> Vec<Reply> {
    let header = |name: &str, value: String| {
        Reply::Insert(Header { name: format!("X-Baluardo-{name}"), value: value.into_bytes() })
    };
    let mut headers = vec![header("Id", id.to_owned())];
    match judged {
        Ok(Opinion { verdict, .. }) => {
            let codes: Vec<_> = verdict.reasons.iter().take(MOST_REASONS).map(|reason| reason.code.as_str()).collect();
            if !codes.is_empty() {
                headers.push(header("Reasons", codes.join(", ")));
            }
            headers.push(header("Score", format!("{:.2}", verdict.score)));
            headers.push(header("Class", class_word(verdict.class).to_owned()));
        }
        Err(why) => headers.push(header("Trouble", why.to_owned())),
    }
    headers.push(header("Verdict", action.to_owned()));
    headers
}

/// What was found of its sender's proof, under our name.
pub(super) fn results(found: &Authentic, authserv: &str) -> Reply {
    Reply::Insert(Header { name: RESULTS.to_owned(), value: found.header(authserv).into_bytes() })
}

/// The header of a message that somebody released.
pub(super) fn released(id: &str) -> Vec<Reply> {
    ["Id", "Verdict"]
        .into_iter()
        .zip([id, "released"])
        .map(|(name, value)| {
            Reply::Insert(Header { name: format!("X-Baluardo-{name}"), value: value.as_bytes().to_vec() })
        })
        .collect()
}

/// Puts `prefix` before the subject; nothing to do where it stands there or is empty.
pub(super) fn subject(letter: &Gathered, prefix: &str) -> Option<Reply> {
    if prefix.is_empty() {
        return None;
    }
    let name = "Subject".to_owned();
    let Some(subject) = &letter.subject else {
        return Some(Reply::Insert(Header { name, value: prefix.as_bytes().to_vec() }));
    };
    if subject.starts_with(prefix.as_bytes()) {
        return None;
    }
    let value = [prefix.as_bytes(), b" ", subject].concat();
    Some(Reply::Change { at: 1, header: Header { name, value } })
}

/// A refusal, for the sender's server to pass on: plain ASCII on one line.
pub(super) fn refusal(opinion: Option<&Opinion>, id: &str) -> Reply {
    let (italian, english) = match opinion.map(|opinion| opinion.verdict.class) {
        Some(Class::Malware) => ("contiene un programma dannoso", "it carries malware"),
        Some(Class::Phishing) => ("somiglia a un tentativo di phishing", "it looks like phishing"),
        Some(Class::Fraud) => ("somiglia a una frode", "it looks like fraud"),
        Some(Class::Spam) => ("somiglia a posta indesiderata", "it looks like spam"),
        Some(Class::Legitimate) | None => ("non si puo' leggere con sicurezza", "it cannot be read safely"),
    };
    Reply::Status(format!(
        "550 5.7.1 Messaggio rifiutato: {italian}. Se e' un errore, avvisi il destinatario per altra via. \
         Message refused: {english}. Baluardo {id}"
    ))
}

/// A request to try again later.
pub(super) fn later(id: &str) -> Reply {
    Reply::Status(format!("451 4.7.1 Baluardo non puo' esaminarlo ora, riprovi piu' tardi. Try again later. {id}"))
}

/// The stable word of a class.
pub(super) const fn class_word(class: Class) -> &'static str {
    match class {
        Class::Legitimate => "legitimate",
        Class::Spam => "spam",
        Class::Phishing => "phishing",
        Class::Malware => "malware",
        Class::Fraud => "fraud",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::milter::gathered::Room;

    #[test]
    fn refusals_are_plain_and_fit_a_line() {
        for reply in [refusal(None, "0123456789abcdef"), later("0123456789abcdef")] {
            let Reply::Status(text) = reply else { panic!("a refusal is a status") };
            assert!(text.is_ascii() && text.len() < 500, "{text}");
            // Sendmail takes it for a format.
            assert!(!text.contains('%') && !text.contains('\n'));
        }
    }

    #[test]
    fn the_subject_is_marked_once() {
        let mut letter = Gathered::new(b"<>", &Room::new(1, 1));
        assert_eq!(subject(&letter, ""), None);
        assert!(matches!(subject(&letter, "[S]"), Some(Reply::Insert(_))));
        letter.header(b"Subject", b" pagamento", true);
        let Some(Reply::Change { at: 1, header }) = subject(&letter, "[S]") else { panic!("it is changed") };
        assert_eq!(header.value, b"[S] pagamento");
        let mut letter = Gathered::new(b"<>", &Room::new(1, 1));
        letter.header(b"Subject", b" [S] pagamento", true);
        assert_eq!(subject(&letter, "[S]"), None);
    }
}

//! The answer to whoever reported a message: plain text, in Italian, with nothing of the message that could be opened.

use crate::house::House;
use baluardo_store::mail::reports::ReportRow;
use baluardo_store::outbox::Mail;

/// The most characters of a foreign text that are quoted.
const MOST_QUOTED: usize = 300;

/// The letter. A reporter of whom it is not sure that they wrote is told nothing of the message: somebody else may have written it
/// in their name.
pub(super) fn answer_letter(house: &House, to: &str, proven: bool, row: &ReportRow) -> Mail {
    let report = &row.report;
    let about = match (proven, report.subject.is_empty()) {
        (false, _) => "il messaggio che risulta segnalato da lei".to_owned(),
        (true, true) => "il messaggio senza oggetto che ha segnalato".to_owned(),
        (true, false) => format!("il messaggio che ha segnalato, «{}»,", quoted(&report.subject)),
    };
    let (verdict, advice) = words(&report.class, &report.action);
    let mut text = format!(
        "Buongiorno,\n\ngrazie della segnalazione. Baluardo ha esaminato {about} e la risposta è:\n\n    {verdict}\n\n"
    );
    if !report.reasons.is_empty() {
        text.push_str("Perché:\n");
        for reason in report.reasons.iter().take(6) {
            text.push_str(&format!("- {}\n", quoted(&reason.it)));
        }
        text.push('\n');
    }
    text.push_str(advice);
    if row.holding {
        text.push_str("\n\nAnche altri lo hanno segnalato, o il responsabile lo ha confermato: i messaggi come questo ora si fermano.");
    }
    text.push_str(&format!(
        "\n\nLa segnalazione è arrivata anche al responsabile del suo Comune. Il messaggio non è stato conservato.\n\n{}\n",
        house.settings().public_url
    ));
    Mail { to: to.to_owned(), subject: format!("Segnalazione: {verdict}"), text, request: None }
}

/// What it is, and what to do.
fn words(class: &str, action: &str) -> (&'static str, &'static str) {
    match (class, action) {
        ("malware", _) => (
            "programma dannoso",
            "Non apra gli allegati e non esegua quello che il messaggio chiede. Se lo ha già fatto, stacchi il computer dalla rete e telefoni subito al responsabile.",
        ),
        ("phishing", _) => (
            "tentativo di phishing",
            "Non apra i link e non scriva password o dati. Se lo ha già fatto, cambi subito la password e telefoni al responsabile.",
        ),
        ("fraud", _) => (
            "probabile frode",
            "Non paghi e non cambi coordinate bancarie. Se ha dubbi telefoni a chi dice di scrivere, a un numero che conosceva già.",
        ),
        ("spam", _) => ("posta indesiderata", "Può cancellarlo. Non risponda e non usi i link per disiscriversi."),
        (_, "deliver") => (
            "niente di sospetto",
            "Baluardo non ci vede niente di sospetto, ma può sbagliare: se il messaggio le mette fretta o chiede denaro, password o dati, telefoni a chi dice di scrivere, a un numero che conosceva già.",
        ),
        _ => {
            ("da guardare con attenzione", "Nel dubbio telefoni a chi dice di scrivere, a un numero che conosceva già.")
        }
    }
}

/// Foreign words that no mail program turns into a link, without letters that turn the direction of writing or show nothing.
pub(in crate::mail) fn quoted(text: &str) -> String {
    let unseen = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let plain: String = text.chars().filter(|letter| !unseen(*letter)).take(MOST_QUOTED).collect();
    let cut: String = plain.replace("://", ": //").replace("www.", "www .").replace('@', " @ ");
    cut.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{quoted, words};

    #[test]
    fn what_is_quoted_cannot_be_clicked() {
        assert_eq!(quoted("vedi https://a.top e www.b.top\u{7}"), "vedi https: //a.top e www .b.top");
        assert_eq!(quoted("da a@b.it"), "da a @ b.it");
    }

    #[test]
    fn every_answer_says_what_to_do() {
        for class in ["malware", "phishing", "fraud", "spam", "legitimate"] {
            for action in ["deliver", "tag", "quarantine", "reject"] {
                let (what, advice) = words(class, action);
                assert!(!what.is_empty() && advice.ends_with('.'), "{class} {action}");
            }
        }
    }
}

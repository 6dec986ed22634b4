//! The letter: plain text, in Italian, with nothing of a message that could be opened, and never what a message says.

use crate::house::House;
use crate::identity::day_and_time;
use crate::mail::reports::quoted;
use baluardo_model::Timestamp;
use baluardo_model::identity::{Tenant, TenantKind};
use baluardo_store::mail::held::HeldRow;
use baluardo_store::outbox::Mail;

/// Where the console answers to the links: the token follows it.
pub const HELD_LINK_PATH: &str = "/held/";

/// How many reasons are told.
const MOST_REASONS: usize = 2;

/// A message of which a letter tells.
pub(super) struct Told {
    pub(super) row: HeldRow,
    /// Whether the recipient may have it by themselves.
    pub(super) may_release: bool,
    pub(super) token: String,
    /// Until when the link is good.
    pub(super) until: Timestamp,
}

/// The letter to `address` about `told` and `others` more.
pub(super) fn letter(house: &House, tenant: &Tenant, address: &str, told: &[Told], others: usize) -> Mail {
    let many = match told.len() + others {
        1 => "un messaggio".to_owned(),
        many => format!("{many} messaggi"),
    };
    let list: String = told.iter().enumerate().map(|(at, one)| entry(house, at + 1, one)).collect();
    let more = match others {
        0 => String::new(),
        1 => "Un altro messaggio fermato non è in questo elenco: lo vede il responsabile.\n\n".to_owned(),
        others => format!("Altri {others} messaggi fermati non sono in questo elenco: li vede il responsabile.\n\n"),
    };
    let text = format!(
        "Buongiorno,\n\n\
         Baluardo ha fermato {many} per {address} ({comune}).\n\
         Se non le manca niente, non deve fare niente: dopo qualche giorno spariscono da soli.\n\n\
         {list}{more}\
         Ogni indirizzo qui sopra apre una pagina di Baluardo, con il messaggio spiegato e un pulsante: finché non lo preme non \
         succede niente. Vale solo per lei: non inoltri questa lettera. La pagina non chiede mai una password.\n\n\
         Nel dubbio telefoni a chi dice di scrivere, a un numero che conosceva già, o al responsabile (RTD) del suo Comune.\n",
        comune = called(tenant),
    );
    Mail { to: address.to_owned(), subject: format!("Posta fermata: {many}"), text, request: None }
}

/// The body, as its people call it.
pub(super) fn called(tenant: &Tenant) -> String {
    match tenant.kind {
        TenantKind::Comune => format!("Comune di {}", tenant.name),
        TenantKind::Consortium | TenantKind::Police | TenantKind::Association => tenant.name.clone(),
    }
}

fn entry(house: &House, number: usize, told: &Told) -> String {
    let row = &told.row;
    let or = |text: String, none: &str| if text.is_empty() { none.to_owned() } else { text };
    let author = or(inert(&row.author), "(mittente non indicato)");
    let subject = or(inert(&row.subject), "(senza oggetto)");
    let why: Vec<String> = row.reasons.iter().take(MOST_REASONS).map(|reason| inert(&reason.it)).collect();
    let why = or(why.join("; "), "(nessun motivo registrato)");
    let act = if told.may_release { "Per riceverlo" } else { "Per chiederlo al responsabile" };
    format!(
        "{number}. Da: {author}\n\
         \u{20}  Oggetto: {subject}\n\
         \u{20}  Fermato: {taken}\n\
         \u{20}  Perché: {why}\n\
         \u{20}  {act}, entro il {until}:\n\
         \u{20}  {console}{HELD_LINK_PATH}{token}\n\n",
        taken = day_and_time(row.taken_at),
        until = day_and_time(told.until),
        console = house.settings().public_url,
        token = told.token,
    )
}

/// Foreign words of which no mail program makes a link, not even of a bare name such as `esempio.it`.
fn inert(text: &str) -> String {
    let quoted = quoted(text);
    let next = quoted.chars().skip(1).map(Some).chain([None]);
    let mut inert = String::with_capacity(quoted.len());
    for (letter, next) in quoted.chars().zip(next) {
        inert.push(letter);
        if letter == '.' && next.is_some_and(char::is_alphabetic) {
            inert.push(' ');
        }
    }
    inert
}

#[cfg(test)]
mod tests {
    use super::inert;

    #[test]
    fn a_subject_holds_nothing_that_opens_and_no_line_of_its_own() {
        let subject = "Vedi evil.example/a o https://evil.example\r\n   Per riceverlo: www.evil.example \u{202e}x";
        let shown = inert(subject);
        assert!(
            !shown.contains(".e") && !shown.contains("://") && !shown.contains('\n') && !shown.contains('\u{202e}')
        );
        assert_eq!(inert("Poste <a@b.it>, ore 10.30."), "Poste <a @ b. it>, ore 10.30.");
    }
}

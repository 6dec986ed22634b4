//! What is written to the RTD about a mailbox.

use crate::house::House;
use baluardo_model::identity::Person;
use baluardo_store::mail::pec::NewPecNote;
use baluardo_store::outbox::Mail;

/// About a hostile PEC. Foreign texts stand in it without anything that a mail program would make a link of.
pub(super) fn hostile_pec(house: &House, person: &Person, address: &str, note: &NewPecNote) -> Mail {
    let why: String = note.reasons.iter().take(4).map(|reason| format!("- {}\n", unlinked(&reason.it))).collect();
    let text = format!(
        "Buongiorno {name},\n\n\
         nella casella PEC {address} è arrivato un messaggio che Baluardo giudica pericoloso.\n\n\
         Mittente: {sender}\n\
         Gestore: {provider}\n\
         Oggetto: {subject}\n\n\
         Perché:\n{why}\n\
         Che cosa fare:\n\
         1. Non aprite gli allegati e non seguite i link, e avvisate chi legge quella casella.\n\
         2. Chiamate il mittente a un numero che conoscete già, non a quello scritto nel messaggio: la sua casella PEC \
         potrebbe essere in mano ad altri.\n\
         3. Non cancellate il messaggio: la PEC resta consegnata a tutti gli effetti di legge. Baluardo non l'ha spostata, \
         nascosta o modificata. La firma del gestore dice chi l'ha inviata, non che sia innocua.\n\n\
         L'elenco è qui: {console}/mail/pec\n",
        name = person.name,
        sender = unlinked(&note.sender),
        provider = unlinked(if note.provider.is_empty() { "non indicato" } else { &note.provider }),
        subject = unlinked(&note.subject),
        console = house.settings().public_url,
    );
    Mail { to: person.email.clone(), subject: format!("PEC pericolosa nella casella {address}"), text, request: None }
}

fn unlinked(text: &str) -> String {
    let text: String = text.chars().take(300).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    text.replace("://", "[:]//").replace("www.", "www[.]")
}

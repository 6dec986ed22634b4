//! The letters that the platform writes to people about their access: plain text, in Italian.

use crate::house::House;
use crate::identity::link::SigninLink;
use crate::identity::session::SignedIn;
use baluardo_model::Timestamp;
use baluardo_model::identity::{Person, Tenant};
use baluardo_store::outbox::Mail;

/// An instant as letters tell it.
pub(crate) fn day_and_time(at: Timestamp) -> String {
    at.rome().strftime("%d/%m/%Y alle %H:%M").to_string()
}

/// To somebody who was invited, or whose invitation is repeated.
pub(crate) fn invitation(person: &Person, tenant: &Tenant, link: &SigninLink) -> Mail {
    let text = format!(
        "Buongiorno {name},\n\n\
         è stata invitata o invitato a usare Baluardo, la piattaforma di difesa informatica, per {tenant}.\n\n\
         Per entrare apra questo indirizzo entro il {until} e scelga come accedere: una passkey (impronta, volto o PIN \
         del dispositivo) oppure una password con un codice temporaneo.\n\n\
         {url}\n\n\
         L'indirizzo vale una sola volta ed è personale: non lo inoltri a nessuno.\n\
         Se non si aspettava questo messaggio, lo ignori: senza l'indirizzo nessuno può entrare.\n",
        name = person.name,
        tenant = tenant.name,
        until = day_and_time(link.expires_at),
        url = link.url,
    );
    Mail { to: person.email.clone(), subject: format!("Invito a Baluardo per {}", tenant.name), text, request: None }
}

/// To somebody who asked for a link in order to sign in.
pub(crate) fn asked_link(person: &Person, tenant: &Tenant, link: &SigninLink) -> Mail {
    let text = format!(
        "Buongiorno {name},\n\n\
         è stato chiesto un nuovo accesso a Baluardo per {tenant}.\n\n\
         Apra questo indirizzo entro il {until} e scelga come accedere da ora in poi:\n\n\
         {url}\n\n\
         L'indirizzo vale una sola volta. Quando lo userà, tutte le sessioni aperte saranno chiuse.\n\
         Se non lo ha chiesto lei, non lo apra e avvisi il consorzio: qualcuno conosce il suo indirizzo di posta, ma \
         senza questo messaggio non può entrare.\n",
        name = person.name,
        tenant = tenant.name,
        until = day_and_time(link.expires_at),
        url = link.url,
    );
    Mail { to: person.email.clone(), subject: "Accesso a Baluardo".to_owned(), text, request: None }
}

/// To somebody whose way of signing in was changed, so that they notice when it was not they who did it.
pub(crate) fn access_changed(house: &House, me: &SignedIn, what: &str, at: Timestamp) -> Mail {
    let text = format!(
        "Buongiorno {name},\n\n\
         il {when} il suo accesso a Baluardo per {tenant} è cambiato: {what}.\n\n\
         Se è stato lei, non deve fare niente.\n\n\
         Se non è stato lei, apra subito questa pagina, scelga «Non riesci a entrare?» e usi il link che riceverà: tutte \
         le sessioni aperte saranno chiuse.\n\n\
         {console}/sign-in\n\n\
         Poi avvisi il consorzio.\n",
        name = me.person.name,
        when = day_and_time(at),
        tenant = me.tenant.name,
        console = house.settings().public_url,
    );
    Mail {
        to: me.person.email.clone(),
        subject: "Il suo accesso a Baluardo è cambiato".to_owned(),
        text,
        request: None,
    }
}

//! The letters about requests: plain text, in Italian, to the address that the comune gave.

use crate::activation::receipt_status::RECEIPT_PATH;
use crate::house::House;
use crate::identity::{MAILED_DAYS, SigninLink, day_and_time};
use baluardo_model::Timestamp;
use baluardo_model::activation::{Request, ServiceCode};
use baluardo_model::identity::{Person, Tenant};
use baluardo_store::outbox::Mail;

/// A letter to the RTD of a request; `told` when its leaving belongs into the request's log.
fn letter(request: &Request, subject: String, text: String, told: bool) -> Mail {
    Mail { to: request.application.email.clone(), subject, text, request: told.then_some(request.id) }
}

const fn what(service: ServiceCode) -> &'static str {
    match service {
        ServiceCode::Activation => "attivazione (codice 17)",
        ServiceCode::Update => "aggiornamento delle informazioni (codice 17.1)",
    }
}

fn receipt_address(house: &House, request: &Request) -> String {
    format!("{}{RECEIPT_PATH}{}", house.settings().public_url, request.id)
}

pub(super) fn receipt(house: &House, request: &Request, comune: &str, deadline: Option<Timestamp>) -> Mail {
    let by = deadline.map_or_else(String::new, |at| {
        // The deadline is the midnight that ends the last day: people call it by that day.
        let last = at.minus(std::time::Duration::from_secs(1)).rome();
        format!("Le risponderemo entro la fine del {}.\n\n", last.strftime("%d/%m/%Y"))
    });
    let text = format!(
        "Buongiorno {name},\n\n\
         abbiamo ricevuto la richiesta di {what} per il Comune di {comune}.\n\n\
         {by}\
         A che punto è la richiesta, e come è stato calcolato il termine, si vede sempre qui:\n\n\
         {address}\n\n\
         Se non ha fatto lei questa richiesta, risponda a questo messaggio.\n",
        name = request.application.rtd_name,
        what = what(request.service),
        address = receipt_address(house, request),
    );
    letter(request, format!("Richiesta ricevuta: {} per {comune}", what(request.service)), text, false)
}

pub(super) fn activated(house: &House, request: &Request, tenant: &Tenant, link: &SigninLink) -> Mail {
    let text = format!(
        "Buongiorno {name},\n\n\
         il Comune di {comune} è attivo su Baluardo.\n\n\
         Che cosa fare adesso:\n\n\
         1. Apra questo indirizzo entro il {until} ({days} giorni) e scelga come accedere: una passkey (impronta, volto \
         o PIN del dispositivo) oppure una password con un codice temporaneo.\n\n\
         {url}\n\n\
         2. Nella console scelga «Dispositivi» e poi «Aggiungi un dispositivo»: troverà il comando che installa la \
         protezione su ogni computer.\n\n\
         L'indirizzo qui sopra vale una sola volta ed è personale: non lo inoltri a nessuno. Se scade, ne chieda un \
         altro dalla pagina di accesso, {console}\n\n\
         La gestione parte centralizzata: il consorzio vede lo stato dei dispositivi e interviene per il Comune. Può \
         passare alla gestione locale in ogni momento dalle impostazioni; ogni intervento, da una parte o dall'altra, \
         resta nel registro che entrambi leggono.\n",
        name = request.application.rtd_name,
        comune = tenant.name,
        until = day_and_time(link.expires_at),
        days = MAILED_DAYS,
        url = link.url,
        console = house.settings().public_url,
    );
    letter(request, format!("Baluardo è attivo per il Comune di {}", tenant.name), text, true)
}

pub(super) fn updated(request: &Request, tenant: &Tenant, link: Option<&SigninLink>) -> Mail {
    let access = link.map_or_else(String::new, |link| {
        format!(
            "Per entrare apra questo indirizzo entro il {} e scelga come accedere; vale una sola volta ed è \
             personale:\n\n{}\n\n\
             Chi era RTD prima può ancora entrare: se non deve più farlo, lo disabiliti dalla pagina «Persone».\n",
            day_and_time(link.expires_at),
            link.url,
        )
    });
    let text = format!(
        "Buongiorno {name},\n\n\
         le informazioni del Comune di {comune} sono aggiornate come richiesto.\n\n\
         {access}",
        name = request.application.rtd_name,
        comune = tenant.name,
    );
    letter(request, format!("Informazioni aggiornate per il Comune di {}", tenant.name), text, true)
}

pub(super) fn new_rtd(former: &Person, new: &Person, tenant: &Tenant) -> Mail {
    let text = format!(
        "Buongiorno {former},\n\n\
         su richiesta del Comune di {comune} il consorzio ha aggiunto {new} ({email}) come RTD su Baluardo.\n\n\
         Se non ne sa nulla, lo disabiliti subito dalla pagina «Persone» e avvisi il consorzio.\n",
        former = former.name,
        comune = tenant.name,
        new = new.name,
        email = new.email,
    );
    let subject = format!("Nuovo RTD su Baluardo per il Comune di {}", tenant.name);
    Mail { to: former.email.clone(), subject, text, request: None }
}

pub(super) fn refused(house: &House, request: &Request, comune: &str, reason: &str) -> Mail {
    let text = format!(
        "Buongiorno {name},\n\n\
         la richiesta di {what} per il Comune di {comune} non è stata accolta, per questo motivo:\n\n\
         {reason}\n\n\
         Può presentarne un'altra in ogni momento. La richiesta con il suo percorso resta qui:\n\n\
         {address}\n",
        name = request.application.rtd_name,
        what = what(request.service),
        address = receipt_address(house, request),
    );
    letter(request, format!("Richiesta non accolta: {} per {comune}", what(request.service)), text, true)
}

pub(super) fn paused(house: &House, request: &Request, comune: &str, reason: &str) -> Mail {
    let text = format!(
        "Buongiorno {name},\n\n\
         la richiesta di {what} per il Comune di {comune} è sospesa, per questo motivo:\n\n\
         {reason}\n\n\
         Il termine per la risposta riprende quando la sospensione finisce. A che punto è la richiesta si vede qui:\n\n\
         {address}\n",
        name = request.application.rtd_name,
        what = what(request.service),
        address = receipt_address(house, request),
    );
    letter(request, format!("Richiesta sospesa: {} per {comune}", what(request.service)), text, false)
}

//! What a person reads when everything runs: where to go, with which link, and what to try.

use super::Running;
use super::local_agent::LocalAgent;

/// Prints it, Italian first.
pub(super) fn print(running: &Running, agent: Option<&LocalAgent>) {
    let url = &running.house.settings().public_url;
    println!();
    println!("  Baluardo è in funzione / Baluardo is running");
    println!();
    println!("  Console:   {url}");
    println!("             il certificato è della vostra installazione: il browser chiede conferma la prima volta");
    println!("             (the certificate is your installation's own: the browser asks once)");
    if let Some(link) = &running.first_link {
        println!();
        println!("  Primo operatore, link da usare una volta / first operator, one-time link:");
        println!("             {}", link.url);
    }
    println!();
    println!("  Da provare / what to try:");
    println!("   1. {url}/activate   un comune chiede l'attivazione / a comune asks for activation");
    println!("   2. la coda dell'operatore: approvate la richiesta / approve it in the operator's queue");
    if running.house.settings().local_mail {
        println!("   3. {url}/inbox      la posta resta qui: c'è il link del comune / mail stays here, with its link");
    }
    if let Some(agent) = agent {
        println!("   4. questo computer è protetto in / this computer is guarded in");
        println!("             {}", agent.folder.display());
    }
    println!("   5. in un altro terminale / in another terminal:  make demo");
    println!();
    println!(
        "  Ctrl-C per fermare / to stop. I dati restano nella cartella di stato / data stays in the state folder."
    );
    println!();
}

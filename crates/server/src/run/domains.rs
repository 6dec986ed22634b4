//! The health of the comuni's mail domains: the way to the DNS for the use cases, and the daily look.

use super::jobs::rest;
use crate::cli::RunArgs;
use crate::fetch::Reach;
use crate::names::Asker;
use baluardo_mail::health::Subject;
use baluardo_service::House;
use baluardo_service::mail::{self, Looking, NamesDoor};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often it is looked whether a domain is due.
const LOOK: Duration = Duration::from_secs(20);

/// The way of a use case to the DNS.
#[derive(Debug)]
struct Door(Arc<Asker>);

impl NamesDoor for Door {
    fn look<'a>(&'a self, subject: &'a Subject) -> Looking<'a> {
        Box::pin(self.0.look(subject))
    }
}

/// Opens it, unless the command line says otherwise; whether it is open. A machine without name servers runs all the same.
pub(super) fn open_door(house: &House, args: &RunArgs, reach: Reach) -> bool {
    if args.no_dns {
        return false;
    }
    match Asker::new(&args.names, reach) {
        Ok(asker) => {
            house.ask_names_by(Arc::new(Door(asker)));
            true
        }
        Err(error) => {
            tracing::warn!("the health of mail domains is not looked at: {error:#}");
            false
        }
    }
}

/// Looks at domains that are due, one after the other, until `closing` turns true.
pub(super) async fn look_at_domains(house: Arc<House>, mut closing: watch::Receiver<bool>) {
    while rest(LOOK, &mut closing).await {
        // A look that the end of the server breaks off is taken again by the next.
        tokio::select! {
            () = look_at_due(&house) => {}
            _ = async { closing.clone().wait_for(|closed| *closed).await.map(|_| ()) } => return,
        }
    }
}

async fn look_at_due(house: &House) {
    let due = match mail::due_domains(house).await {
        Ok(due) => due,
        Err(error) => return tracing::warn!(%error, "domains that are due are looked at later"),
    };
    for (tenant, domain) in due {
        if let Err(error) = mail::look_at_due(house, tenant, &domain).await {
            tracing::warn!(%error, domain, "what was found of a domain could not be kept; it is looked at again");
        }
    }
}

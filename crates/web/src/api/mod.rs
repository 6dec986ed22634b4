//! The JSON API under `/api/v1`: the same acts as the pages, from the same functions, for programs with scoped tokens
//! and for the scripts of our own pages.

pub mod access;
pub mod activation;
pub mod audit;
pub mod body;
pub mod caller;
pub mod campaigns;
pub mod dmarc;
#[cfg(feature = "document")]
pub mod document;
pub mod events;
pub mod evidence;
pub mod fleet;
pub mod health;
pub mod hunts;
pub mod input;
pub mod inventory;
pub mod mail;
pub mod mailboxes;
pub mod openapi;
pub mod packs;
pub mod passkeys;
pub mod people;
pub mod protection;
pub mod reports;
pub mod rollback;
pub mod senders;
#[cfg(feature = "document")]
pub mod shapes;
pub mod stop;
pub mod tokens;

use crate::app::App;
use crate::routes::RouteInfo;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use baluardo_service::mail::MOST_REPORT;

/// The whole API.
pub fn router() -> Router<App> {
    Router::new()
        .merge(events::router())
        .merge(passkeys::router())
        .merge(access::router())
        .merge(fleet::router())
        .merge(inventory::router())
        .merge(hunts::router())
        .merge(rollback::router())
        .merge(stop::router())
        .merge(evidence::router())
        .merge(protection::router())
        .merge(activation::router())
        .merge(people::router())
        .merge(audit::router())
        .merge(campaigns::router())
        .merge(packs::router())
        .merge(mail::router())
        .merge(dmarc::router())
        .merge(health::router())
        .merge(senders::router())
        .merge(reports::router().layer(DefaultBodyLimit::max(MOST_REPORT)))
        .merge(mailboxes::router())
        .merge(tokens::router())
        .merge(openapi::router())
}

/// The tables of the API.
#[must_use]
pub fn tables() -> Vec<&'static [RouteInfo]> {
    vec![
        events::TABLE,
        passkeys::TABLE,
        access::TABLE,
        fleet::TABLE,
        inventory::TABLE,
        hunts::TABLE,
        rollback::TABLE,
        stop::TABLE,
        evidence::TABLE,
        protection::TABLE,
        activation::TABLE,
        people::TABLE,
        audit::TABLE,
        campaigns::TABLE,
        packs::TABLE,
        mail::TABLE,
        dmarc::TABLE,
        health::TABLE,
        senders::TABLE,
        reports::TABLE,
        mailboxes::TABLE,
        tokens::TABLE,
        openapi::TABLE,
    ]
}

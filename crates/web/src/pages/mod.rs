//! The pages, one file for each column; each holds its table of routes and its thin handlers.

pub mod access;
pub mod activation;
pub mod audit;
pub mod campaigns;
pub mod clock;
pub mod dmarc;
pub mod evidence;
pub mod fleet;
pub mod health;
pub mod held_link;
pub mod home;
pub mod hunts;
pub mod identity;
pub mod inbox;
pub mod inventory;
pub mod lists;
pub mod mail;
pub mod mailboxes;
pub mod members;
pub mod overview;
pub mod packs;
pub mod people;
pub mod protection;
pub mod reports;
pub mod requests;
pub mod rollback;
pub mod rows;
pub mod senders;
pub mod settings;
pub mod stop;

use crate::app::App;
use crate::routes::RouteInfo;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use baluardo_service::mail::MOST_REPORT;

/// The largest form that brings a message, in bytes.
const MOST_REPORT_FORM: usize = MOST_REPORT + 64 * 1024;

/// All pages.
pub fn router() -> Router<App> {
    Router::new()
        .merge(home::router())
        .merge(identity::router())
        .merge(overview::router())
        .merge(members::router())
        .merge(fleet::router())
        .merge(inventory::router())
        .merge(hunts::router())
        .merge(rollback::router())
        .merge(stop::router())
        .merge(evidence::router())
        .merge(protection::router())
        .merge(campaigns::router())
        .merge(packs::router())
        .merge(mail::router())
        .merge(held_link::router())
        .merge(dmarc::router())
        .merge(health::router())
        .merge(senders::router())
        .merge(reports::router().layer(DefaultBodyLimit::max(MOST_REPORT_FORM)))
        .merge(mailboxes::router())
        .merge(activation::router())
        .merge(requests::router())
        .merge(people::router())
        .merge(settings::router())
        .merge(access::router())
        .merge(audit::router())
        .merge(inbox::router())
}

/// The tables of all pages.
#[must_use]
pub fn tables() -> Vec<&'static [RouteInfo]> {
    vec![
        home::TABLE,
        identity::TABLE,
        overview::TABLE,
        members::TABLE,
        fleet::TABLE,
        inventory::TABLE,
        hunts::TABLE,
        rollback::TABLE,
        stop::TABLE,
        evidence::TABLE,
        protection::TABLE,
        campaigns::TABLE,
        packs::TABLE,
        mail::TABLE,
        held_link::TABLE,
        dmarc::TABLE,
        health::TABLE,
        senders::TABLE,
        reports::TABLE,
        mailboxes::TABLE,
        activation::TABLE,
        requests::TABLE,
        people::TABLE,
        settings::TABLE,
        access::TABLE,
        audit::TABLE,
        inbox::TABLE,
    ]
}

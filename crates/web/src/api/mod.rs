//! The JSON API under `/api/v1`: the same acts as the pages, from the same functions, for programs with scoped tokens
//! and for the scripts of our own pages.

pub mod body;
pub mod caller;
pub mod events;
pub mod fleet;
pub mod passkeys;
pub mod protection;

use crate::app::App;
use crate::routes::{RouteInfo, routes};
use axum::Router;

mod live {
    //! The routes of this file alone.
    use super::{events, routes};
    routes! {
        own { get "/api/v1/events" events::events, Signed; }
        tenant {}
    }
}

/// The whole API.
pub fn router() -> Router<App> {
    Router::new()
        .merge(live::router())
        .merge(passkeys::router())
        .merge(fleet::router())
        .merge(protection::router())
}

/// The tables of the API.
#[must_use]
pub fn tables() -> Vec<&'static [RouteInfo]> {
    vec![live::TABLE, passkeys::TABLE, fleet::TABLE, protection::TABLE]
}

//! The pages, one file for each column; each holds its table of routes and its thin handlers.

pub mod fleet;
pub mod home;
pub mod identity;
pub mod lists;
pub mod members;
pub mod overview;
pub mod protection;
pub mod rows;

use crate::app::App;
use crate::routes::RouteInfo;
use axum::Router;

/// All pages.
pub fn router() -> Router<App> {
    Router::new()
        .merge(home::router())
        .merge(identity::router())
        .merge(overview::router())
        .merge(members::router())
        .merge(fleet::router())
        .merge(protection::router())
}

/// The tables of all pages.
#[must_use]
pub fn tables() -> Vec<&'static [RouteInfo]> {
    vec![home::TABLE, identity::TABLE, overview::TABLE, members::TABLE, fleet::TABLE, protection::TABLE]
}

//! The door for devices: enrol, exchange, evidence, packs, renew, wake. Errors are `problem+json`; nothing here believes a message about whose
//! device it is.

pub mod app;
mod enrol;
mod evidence;
mod exchange;
mod identify;
mod pack;
pub mod peer;
mod refuse;
mod renew;
mod wake;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use baluardo_wire::MAX_BODY_BYTES;

pub use app::App;
pub use peer::Peer;

/// The routes of the door for devices.
pub fn router(app: App) -> Router {
    Router::new()
        .route(baluardo_wire::enrol::PATH, post(enrol::enrol))
        .route(baluardo_wire::exchange::PATH, post(exchange::exchange))
        .route(baluardo_wire::evidence::PATH, post(evidence::evidence))
        .route(baluardo_wire::pack::ROUTE, get(pack::piece))
        .route(baluardo_wire::renew::PATH, post(renew::renew))
        .route(baluardo_wire::wake::PATH, get(wake::wake))
        .fallback(refuse::unknown_path)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(app)
}

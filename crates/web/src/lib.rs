//! Thin faces over service: pages, JSON API, agents.
//!
//! A handler parses, makes one call of the service floor, and renders; it decides nothing. A page and its JSON twin call
//! the same function and show the same view struct.

pub mod agents;
pub mod answer;
pub mod api;
pub mod app;
pub mod assets;
pub mod cookie;
pub mod csp;
pub mod csv;
pub mod locale;
pub mod pages;
pub mod peer;
pub mod posted;
pub mod render;
pub mod routes;
pub mod view;
pub mod visit;

pub use app::App;
pub use peer::Peer;
pub use routes::{agents, console};

//! Thin faces over service for people and their programs: pages and JSON API.
//!
//! A handler parses, makes one call of the service floor, and renders; it decides nothing. A page and its JSON twin call
//! the same function and show the same view struct.

pub mod answer;
pub mod api;
pub mod assets;
pub mod cookie;
pub mod csp;
pub mod csv;
pub mod locale;
pub mod pages;
pub mod posted;
pub mod render;
pub mod routes;
pub mod view;
pub mod visit;

pub use baluardo_calls::{App, Peer, app, peer};
pub use routes::console;

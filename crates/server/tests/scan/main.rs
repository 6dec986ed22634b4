//! `baluardo scan` and `baluardo rules check`, run as anyone runs them: what they print and how they end.

mod clamav;
mod formats;
mod hostile;
mod lists;
mod nature;
mod rules;
mod stage;

//! `baluardo sigma check` and `baluardo sigma match`, run as anyone runs them: what they print and how they end.

mod bad_input;
mod found;
mod log;
mod stage;

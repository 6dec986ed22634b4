//! Sigma rules met with events: each modifier, each form of condition, log sources and correlations.

mod builtin;
mod conditions;
mod correlations;
mod hostile;
mod modifiers;
mod stage;

//! The engines seen from outside: real bytes and told stories in, verdicts and alarms out.

mod benign;
mod containers;
mod content;
mod forge;
mod gates;
mod properties;
mod ransom;
mod rules;
mod scanner;
mod told;

//! The rules of our own, compiled into the program.

use super::assemble::Rules;
use super::pack::{RulesBuilder, RulesReport};

/// Their files; what they are for stands in `data/sigma/README.md`.
pub const FILES: [(&str, &str); 5] = [
    ("sshd.yml", include_str!("../../../../data/sigma/sshd.yml")),
    ("accounts.yml", include_str!("../../../../data/sigma/accounts.yml")),
    ("tampering.yml", include_str!("../../../../data/sigma/tampering.yml")),
    ("persistence.yml", include_str!("../../../../data/sigma/persistence.yml")),
    ("intrusion.yml", include_str!("../../../../data/sigma/intrusion.yml")),
];

/// Puts them in force. A test holds that none is left out.
#[must_use]
pub fn rules() -> (Rules, RulesReport) {
    let mut builder = RulesBuilder::default();
    for (name, text) in FILES {
        builder.add(name, text);
    }
    builder.finish()
}

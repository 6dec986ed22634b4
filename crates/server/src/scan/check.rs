//! `baluardo rules check`: which rules of a pack would be in force, and why the others would not.

use super::words::Words;
use super::{escape, gather};
use crate::cli::RulesCheckArgs;
use std::process::ExitCode;

/// Prints counts, then each file or rule that is left out with its reason. Exits 0 when all are in force, 1 when some are
/// left out, 2 when nothing could be checked.
#[must_use]
pub fn check_rules(args: &RulesCheckArgs) -> ExitCode {
    let words = Words::of_session();
    match gather::try_rules(&args.paths) {
        Ok((report, troubles)) => {
            let skipped = report.skipped.len() + troubles.len();
            let counts = [report.files + troubles.len(), report.compiled, skipped].map(|count| count.to_string());
            println!("{}", words.fill("rules_counts", &[&counts[0], &counts[1], &counts[2]]));
            for trouble in &troubles {
                println!("{}", escape::shown_text(trouble));
            }
            for left in &report.skipped {
                let rule = left.rule.as_deref().unwrap_or("*");
                println!("{}", escape::shown_text(&words.fill("rule_skipped", &[&left.file, rule, &left.reason])));
            }
            if report.compiled == 0 {
                ExitCode::from(super::FAILED)
            } else if skipped > 0 {
                ExitCode::from(super::FOUND)
            } else {
                ExitCode::SUCCESS
            }
        }
        Err(error) => {
            eprintln!("baluardo: {error:#}");
            ExitCode::from(super::FAILED)
        }
    }
}

//! `baluardo sigma check`: which rules would be in force, and why the others would not.

use super::rules;
use crate::cli::SigmaCheckArgs;
use crate::scan::escape;
use crate::scan::words::Words;
use std::process::ExitCode;

/// Prints counts, then each file or rule that is left out with its reason. Exits 0 when all are in force, 1 when some are
/// left out, 2 when nothing could be checked.
#[must_use]
pub fn check(args: &SigmaCheckArgs) -> ExitCode {
    let words = Words::of_session();
    match rules::gather(&args.paths, args.product.as_deref()) {
        Ok((rules, report)) => {
            let counts = [report.files, report.compiled, report.correlations, report.skipped.len()];
            let counts = counts.map(|count| count.to_string());
            println!("{}", words.fill("sigma_counts", &counts.each_ref().map(String::as_str)));
            for left in &report.skipped {
                let rule = left.rule.as_deref().unwrap_or("*");
                println!("{}", escape::shown_text(&words.fill("rule_skipped", &[&left.file, rule, &left.reason])));
            }
            if rules.is_empty() {
                ExitCode::from(super::FAILED)
            } else if report.skipped.is_empty() {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(super::FOUND)
            }
        }
        Err(error) => {
            eprintln!("baluardo: {error:#}");
            ExitCode::from(super::FAILED)
        }
    }
}

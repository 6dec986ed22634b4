//! `baluardo sigma check` and `baluardo sigma match`: Sigma rules for anyone with a shell and a log.

mod check;
mod events;
mod report;
mod rules;

pub use check::check;

use crate::cli::SigmaMatchArgs;
use crate::scan::escape;
use crate::scan::words::Words;
use anyhow::bail;
use baluardo_detect::sigma::{Detector, Places, Source, builtin, logs, note_hour};
use baluardo_model::intrusion::IntrusionPolicy;
use report::{Report, Tally};
use std::borrow::Cow;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

/// The exit codes, as the help of both commands tells them.
const FOUND: u8 = 1;
const FAILED: u8 = 2;

/// Holds events against rules and tells. Exits 0 when no event fulfils a rule, 1 when some do, 2 when something could not
/// be read.
#[must_use]
pub fn match_events(args: &SigmaMatchArgs) -> ExitCode {
    match hold(args) {
        Ok(tally) if tally.unreadable > 0 => ExitCode::from(FAILED),
        Ok(tally) if tally.matches > 0 => ExitCode::from(FOUND),
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("baluardo: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

fn hold(args: &SigmaMatchArgs) -> anyhow::Result<Tally> {
    let words = Words::of_session();
    let source = source_of(args.source.as_deref().unwrap_or_default())?;
    let files = events::files(&args.events)?;
    let (rules, report) =
        if args.rules.is_empty() { builtin::rules() } else { rules::gather(&args.rules, args.product.as_deref())? };
    for skipped in &report.skipped {
        let rule = skipped.rule.as_deref().unwrap_or("*");
        let line = words.fill("rule_skipped", &[&skipped.file, rule, &skipped.reason]);
        eprintln!("baluardo: {}", escape::shown_text(&line));
    }
    if rules.is_empty() {
        bail!("none of the rules given with --rules can be used");
    }
    let began = Instant::now();
    let mut detector = Detector::new(Arc::new(rules));
    let mut places = Places::default();
    let mut report = Report::new(args.json, words);
    for file in &files {
        report.begin(file);
        events::read(file, &mut |value| {
            match value {
                Ok(value) => {
                    let mut event = logs::of_json(&value, &source);
                    places.note(&mut event);
                    note_hour(&IntrusionPolicy::default(), &mut event);
                    let found = detector.observe(&event);
                    report.tell(&event, &found);
                }
                Err(error) => report.unreadable(&error),
            }
            !report.is_broken()
        });
    }
    Ok(report.end(files.len(), began.elapsed()))
}

/// Reads `product=linux,category=process_creation,service=sshd`.
fn source_of(text: &str) -> anyhow::Result<Source> {
    let mut source = Source::default();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let value = |value: &str| Cow::Owned(value.trim().to_ascii_lowercase());
        match part.split_once('=') {
            Some(("product", product)) => source.product = Some(value(product)),
            Some(("category", category)) => source.categories.push(value(category)),
            Some(("service", service)) => source.services.push(value(service)),
            _ => bail!("--source {text}: `{part}` is none of product=…, category=… and service=…"),
        }
    }
    Ok(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_read_or_refused_by_name() {
        let source = source_of("product=Linux, service=sshd").unwrap();
        assert_eq!(source.product.as_deref(), Some("linux"));
        assert_eq!((source.services.len(), source.categories.len()), (1, 0));
        assert!(source_of("").unwrap().is_unknown());
        assert!(source_of("linux").unwrap_err().to_string().contains("`linux` is none of"));
    }
}

//! `baluardo mail domain`: looks at the health of mail domains from the command line, without a server.

mod table;

use crate::cli::MailDomainArgs;
use crate::fetch::Reach;
use crate::names::Asker;
use baluardo_mail::Language;
use baluardo_mail::health::{Grade, Health, HealthWords, Mark, Origin, Publish, Subject, health_words};
use baluardo_model::mail::is_domain;
use serde::Serialize;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

/// Something could not be found out, or was asked wrongly.
const TROUBLE: u8 = 2;

/// One line of the answer.
#[derive(Serialize)]
struct Line<'a> {
    domain: &'a str,
    mark: Option<Mark>,
    checks: Vec<Told<'a>>,
}

/// One check, for programs.
#[derive(Serialize)]
struct Told<'a> {
    topic: &'static str,
    code: &'static str,
    grade: Grade,
    found: &'a str,
    #[serde(flatten)]
    words: HealthWords,
    publish: &'a [Publish],
}

/// Looks at the domains that the arguments name.
///
/// # Errors
/// None: what goes wrong is said on standard error and in the exit code.
pub async fn run(args: &MailDomainArgs) -> anyhow::Result<ExitCode> {
    crate::tls::install_provider();
    let language = match args.lang.as_str() {
        "it" => Language::Italian,
        "en" => Language::English,
        other => return Ok(refuse(&format!("there is no language {other:?} for these words: use it or en"))),
    };
    let mut subjects = Vec::new();
    for domain in &args.domains {
        match subject(domain, &args.selector) {
            Ok(subject) => subjects.push(subject),
            Err(why) => return Ok(refuse(&why)),
        }
    }
    let reach = if args.private_sources { Reach::Anywhere } else { Reach::Public };
    let asker = match Asker::new(&args.names, reach) {
        Ok(asker) => asker,
        Err(error) => return Ok(refuse(&format!("{error:#}"))),
    };
    let mut worst = 0;
    for subject in &subjects {
        let health = asker.look(subject).await;
        worst = worst.max(code(&health));
        if tell(&health, args.json, language).is_err() {
            // Whoever reads the output has gone.
            return Ok(ExitCode::from(TROUBLE));
        }
    }
    Ok(ExitCode::from(worst))
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("baluardo: {why}");
    ExitCode::from(TROUBLE)
}

fn subject(domain: &str, selectors: &[String]) -> Result<Subject, String> {
    let tidy = domain.trim().trim_end_matches('.').to_lowercase();
    if !is_domain(&tidy) {
        return Err(format!(
            "{domain:?} is no mail domain: write what stands behind the @ of addresses, such as comune.esempio.it"
        ));
    }
    let mut known = Vec::new();
    for selector in selectors {
        let name = selector.trim().to_lowercase();
        if !Subject::is_selector(&name) {
            return Err(format!("{selector:?} is no selector: it stands behind s= in the DKIM-Signature of a message"));
        }
        known.push((name, Origin::Named));
    }
    Ok(Subject { domain: tidy, selectors: known, ..Subject::default() })
}

/// How it ended for one domain.
fn code(health: &Health) -> u8 {
    match health.mark {
        None => TROUBLE,
        Some(_) => u8::from(health.has_defects()),
    }
}

fn tell(health: &Health, json: bool, language: Language) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        let checks = health.checks.iter().map(|check| Told {
            topic: check.code.topic().code(),
            code: check.code.code(),
            grade: check.code.grade(),
            found: &check.found,
            words: health_words(check, language),
            publish: &check.publish,
        });
        let line = Line { domain: &health.domain, mark: health.mark, checks: checks.collect() };
        serde_json::to_writer(&mut out, &line)?;
        writeln!(out)?;
    } else {
        let colours = out.is_terminal() && std::env::var_os("NO_COLOR").is_none();
        out.write_all(table::table(health, language, colours).as_bytes())?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use baluardo_mail::health::{Check, Code};

    fn health(mark: Option<Mark>, codes: &[Code]) -> Health {
        let check = |code: &Code| Check { code: *code, found: "a\u{1b}[31m".to_owned(), publish: Vec::new() };
        Health { domain: "a.test".to_owned(), mark, checks: codes.iter().map(check).collect() }
    }

    #[test]
    fn the_exit_code_says_how_it_ended() {
        assert_eq!(code(&health(Some(Mark::A), &[Code::MxGood, Code::ListedUnknown])), 0);
        assert_eq!(code(&health(Some(Mark::A), &[Code::MxGood, Code::RptMissing])), 1);
        assert_eq!(code(&health(None, &[Code::MxUnknown])), 2);
    }

    #[test]
    fn what_is_no_domain_or_selector_is_named() {
        assert!(subject("comune", &[]).unwrap_err().contains("\"comune\""));
        assert!(subject("a.test", &["a b".to_owned()]).unwrap_err().contains("\"a b\""));
        assert_eq!(subject(" Comune.Siena.IT. ", &["S1".to_owned()]).unwrap().domain, "comune.siena.it");
    }

    #[test]
    fn colours_are_for_terminals_and_nothing_foreign_commands_one() {
        let health = health(Some(Mark::C), &[Code::SpfMissing, Code::MxGood]);
        let plain = table::table(&health, Language::Italian, false);
        assert!(!plain.contains('\u{1b}') && plain.starts_with("a.test: C\n"), "{plain}");
        let coloured = table::table(&health, Language::Italian, true);
        assert!(coloured.contains("\u{1b}[1;31m") && !coloured.contains("a\u{1b}"), "{coloured}");
    }
}

//! `baluardo mail check`: judges messages from files, folders, mbox files or standard input, without server or network.

mod sources;
mod tally;

use crate::cli::MailCheckArgs;
use baluardo_mail::{Language, Verdict, judge, split_mbox};
use serde::Serialize;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use tally::Tally;

/// Something could not be read, or was asked wrongly.
const TROUBLE: u8 = 2;

/// One line of the answer.
#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    #[serde(flatten)]
    verdict: &'a Verdict,
}

/// Judges what the arguments name.
#[must_use]
pub fn run(args: &MailCheckArgs) -> ExitCode {
    let language = match args.lang.as_str() {
        "it" => Language::Italian,
        "en" => Language::English,
        other => {
            eprintln!("baluardo: there is no language {other:?} for reasons: use it or en");
            return ExitCode::from(TROUBLE);
        }
    };
    let (sources, mut troubles) = sources::gather(&args.paths);
    let bar = std::io::stderr().is_terminal() && sources.len() > 20;
    let mut tally = Tally::default();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for (at, source) in sources.iter().enumerate() {
        let bytes = match source.read() {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("baluardo: {} cannot be read: {error}", source.name());
                troubles += 1;
                continue;
            }
        };
        let messages = if source.may_be_mailbox() { split_mbox(&bytes) } else { vec![bytes.as_slice()] };
        for (number, message) in messages.iter().enumerate() {
            let name = if messages.len() > 1 { format!("{}#{}", source.name(), number + 1) } else { source.name() };
            let verdict = judge(message, language);
            tally.take(&verdict);
            if write(&mut out, &name, &verdict, args.json, language).is_err() {
                // Whoever reads the output has gone.
                return ExitCode::from(TROUBLE);
            }
        }
        if bar {
            progress(at + 1, sources.len());
        }
    }
    if bar {
        eprintln!();
    }
    let told = if args.json { Ok(()) } else { tally.tell(&mut out, language) };
    if told.and_then(|()| out.flush()).is_err() || troubles > 0 {
        return ExitCode::from(TROUBLE);
    }
    ExitCode::from(u8::from(tally.stopped() > 0))
}

/// One message's answer: a line of JSON, or for people the verdict and its reasons.
fn write(
    out: &mut impl std::io::Write,
    name: &str,
    verdict: &Verdict,
    json: bool,
    language: Language,
) -> std::io::Result<()> {
    if json {
        serde_json::to_writer(&mut *out, &Line { path: name, verdict })?;
        return writeln!(out);
    }
    // Names come from outside: a terminal must not obey what they hold.
    let clean = |text: &str| text.chars().filter(|letter| !letter.is_control()).collect::<String>();
    let action = tally::action_word(verdict.action, language);
    writeln!(out, "{action} {:.2} {} {}", verdict.score, tally::class_word(verdict.class, language), clean(name))?;
    for reason in &verdict.reasons {
        writeln!(out, "    {}", clean(&reason.text))?;
    }
    Ok(())
}

/// A bar that redraws itself.
fn progress(done: usize, all: usize) {
    const WIDE: usize = 40;
    let full = done * WIDE / all.max(1);
    if done == all || done.is_multiple_of(10) {
        eprint!("\r[{}{}] {done}/{all}", "#".repeat(full), " ".repeat(WIDE - full));
    }
}

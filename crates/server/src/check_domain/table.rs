//! The health of a domain for people: a line for each check, with what to publish below it.

use baluardo_mail::Language;
use baluardo_mail::health::{Check, Grade, Health, Topic, health_words};
use std::fmt::Write as _;

/// The whole table of one domain.
pub(super) fn table(health: &Health, language: Language, colours: bool) -> String {
    let mark = health.mark.map_or("?", |mark| mark.code());
    let mut out = format!("{}: {mark}\n", clean(&health.domain));
    for check in &health.checks {
        line(&mut out, check, language, colours);
    }
    out.push('\n');
    out
}

fn line(out: &mut String, check: &Check, language: Language, colours: bool) {
    let grade = check.code.grade();
    let (word, colour) = word(grade, language);
    let (begin, end) = if colours { (colour, "\u{1b}[0m") } else { ("", "") };
    let words = health_words(check, language);
    // Writing into a text cannot fail.
    let _ = writeln!(out, "  {begin}{word:<13}{end} {:<9} {}", topic(check.code.topic()), clean(&words.text));
    if grade >= Grade::Warning {
        let _ = writeln!(out, "{:25} {}", "", clean(&words.why));
    }
    for record in &check.publish {
        let publish = match language {
            Language::Italian => "pubblica",
            Language::English => "publish",
        };
        let _ = writeln!(out, "{:25} {publish}: {} {}", "", clean(&record.name), clean(&record.kind));
        for line in record.value.lines() {
            let _ = writeln!(out, "{:29} {}", "", clean(line));
        }
    }
}

fn word(grade: Grade, language: Language) -> (&'static str, &'static str) {
    match (grade, language) {
        (Grade::Good, Language::Italian) => ("in ordine", "\u{1b}[1;32m"),
        (Grade::Good, Language::English) => ("good", "\u{1b}[1;32m"),
        (Grade::Unknown, Language::Italian) => ("non si sa", "\u{1b}[1;34m"),
        (Grade::Unknown, Language::English) => ("unknown", "\u{1b}[1;34m"),
        (Grade::Warning, Language::Italian) => ("da vedere", "\u{1b}[1;33m"),
        (Grade::Warning, Language::English) => ("to look at", "\u{1b}[1;33m"),
        (Grade::Bad, Language::Italian) => ("da correggere", "\u{1b}[1;31m"),
        (Grade::Bad, Language::English) => ("to mend", "\u{1b}[1;31m"),
    }
}

fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Mx => "MX",
        Topic::Spf => "SPF",
        Topic::Dkim => "DKIM",
        Topic::Dmarc => "DMARC",
        Topic::MtaSts => "MTA-STS",
        Topic::TlsRpt => "TLS-RPT",
        Topic::Dnssec => "DNSSEC",
        Topic::Blacklist => "DNSBL",
    }
}

/// Names and records come from outside: a terminal must not obey what they hold.
fn clean(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

//! Puts a template's words into a message: headers, links, attachments. What it is worn in (`shell.rs`) does not know the side.

use super::phrases::{Slots, Template};
use super::shell::{self, Content};
use crate::learner::Dice;
use std::collections::HashMap;

/// What one message is made of while it is made.
struct Making<'a> {
    template: &'a Template,
    slots: &'a Slots,
    kept: HashMap<String, String>,
}

impl Making<'_> {
    /// The lines of a mark, one alternative of each, slots filled.
    fn choose(&mut self, mark: char, dice: &mut Dice) -> Vec<String> {
        let mut chosen = Vec::new();
        for (_, alternatives) in self.template.lines.iter().filter(|(here, _)| *here == mark) {
            let optional = alternatives.first().is_some_and(|first| first.starts_with('?'));
            if optional && dice.chance(50) {
                continue;
            }
            let one = dice.pick(alternatives).trim_start_matches('?').to_owned();
            chosen.push(self.slots.fill(&one, &mut self.kept, dice));
        }
        chosen
    }

    fn fill(&mut self, phrase: &str, dice: &mut Dice) -> String {
        self.slots.fill(phrase, &mut self.kept, dice)
    }
}

/// One message of a template.
pub(super) fn message(template: &Template, slots: &Slots, dice: &mut Dice) -> String {
    let mut making = Making { template, slots, kept: HashMap::new() };
    if let Some(language) = template.language() {
        making.kept.insert("lingua".to_owned(), language.to_owned());
    }
    // A person's address is made of the person's name, and the signature may be another's.
    for part in ["nome", "cognome"] {
        let value = making.fill(&format!("{{{part}}}"), dice);
        making.kept.insert(part.to_owned(), value);
    }
    let from = making.choose('F', dice).pop().unwrap_or_default();
    if dice.chance(40) {
        making.kept.retain(|part, _| part != "nome" && part != "cognome");
    }
    let subject = making.choose('S', dice).pop().unwrap_or_default();
    let answer = making.choose('R', dice).pop().filter(|_| dice.chance(60));
    let headers = making.choose('X', dice);
    let mut content = Content { paragraphs: making.choose('P', dice), ..Content::default() };
    for link in making.choose('L', dice) {
        if let Some((shown, target)) = link.split_once(" -> ") {
            content.links.push((shown.to_owned(), target.to_owned()));
        }
    }
    let files = making.choose('A', dice).pop().filter(|_| dice.chance(85));
    let locked = making.choose('Z', dice).pop();
    let quoted = making.choose('Q', dice).pop().filter(|_| dice.chance(80));
    content.event = making.choose('I', dice).pop();
    closing(&mut content, &mut making, dice);
    let domain = slots.fill("comune.{paesed}", &mut making.kept, dice);
    let office = making.fill("{casella}", dice);
    let mut out = format!("Authentication-Results: mx.{domain}; {}\n", checks(template.hostile, dice));
    let sender = address(&from);
    if let Some(back) = return_path(&sender, template.hostile, dice) {
        out.push_str(&format!("Return-Path: <{back}>\n"));
    }
    out.push_str(&format!("Received: from mail (mail.example [192.0.2.7]) by mx.{domain}\n"));
    out.push_str(&format!("From: {sender}\n{}", recipients(&office, &domain, dice)));
    if let Some(answer) = answer {
        out.push_str(&format!("Reply-To: {answer}\n"));
    }
    for header in headers {
        out.push_str(&format!("{header}\n"));
    }
    let subject = case(subject, template.hostile, dice);
    out.push_str(&format!("Subject: {}\nMIME-Version: 1.0\n", shell::header_text(&subject, dice)));
    if quoted.is_some() || dice.chance(8) {
        // Who steals a conversation seldom has the numbers of its messages.
        if dice.chance(if template.hostile { 25 } else { 85 }) {
            out.push_str(&format!("In-Reply-To: <{}@example.org>\n", dice.below(99_999)));
        }
    }
    if let Some(quoted) = quoted {
        shell::quote(&mut content, &quoted, dice);
    }
    let body = shell::body(&content, dice);
    match (files, locked) {
        (Some(name), _) => shell::with_file(&mut out, &body, &name, false, dice),
        (None, Some(name)) => shell::with_file(&mut out, &body, &name, true, dice),
        _ => out.push_str(&body),
    }
    out
}

/// Lower-case addresses without spaces or accents; names as they are.
fn address(from: &str) -> String {
    let Some((name, rest)) = from.rsplit_once('<') else { return from.to_owned() };
    let plain = |letter: char| match letter {
        'à' | 'á' | 'ã' => 'a',
        'è' | 'é' => 'e',
        'í' | 'ì' => 'i',
        'ó' | 'ò' | 'ö' => 'o',
        'ü' | 'ù' => 'u',
        other => other,
    };
    let rest = rest.trim_end_matches('>').to_lowercase();
    let address: String = rest.chars().filter(|letter| !letter.is_whitespace() && *letter != '\'').map(plain).collect();
    let name = name.trim().trim_matches('"');
    if name.is_empty() { format!("<{address}>") } else { format!("\"{name}\" <{address}>") }
}

/// The envelope's sender: mostly the same house, now and then a service that sends for others or a stranger.
fn return_path(sender: &str, hostile: bool, dice: &mut Dice) -> Option<String> {
    let address = sender.rsplit_once('<').map_or(sender, |(_, rest)| rest).trim_end_matches('>');
    let number = dice.below(99_999);
    let own = if hostile { 70 } else { 78 };
    match dice.below(100) {
        0..30 => None,
        at if at < 30 + own * 7 / 10 => Some(address.to_owned()),
        _ => Some(format!("bounce+{number}@mailer{}.example.net", number % 7)),
    }
}

/// One office, several of a house, or nobody named.
fn recipients(office: &str, domain: &str, dice: &mut Dice) -> String {
    match dice.below(100) {
        0..6 => "To: undisclosed-recipients:;\n".to_owned(),
        6..12 => format!("To: {office}@{domain}, sindaco@{domain}\nCc: segreteria@{domain}\n"),
        12..20 => format!("To: \"{}\" <{office}@{domain}>\n", office.to_uppercase()),
        _ => format!("To: {office}@{domain}\n"),
    }
}

/// What a receiving server would have found: hostile mail passes often enough, honest mail fails now and then.
fn checks(hostile: bool, dice: &mut Dice) -> String {
    let mut result = |bad: usize, none: usize| match dice.below(100) {
        at if at < bad => "fail",
        at if at < bad + none => "none",
        _ => "pass",
    };
    if hostile {
        format!("spf={}; dkim={}; dmarc={}", result(20, 25), result(6, 40), result(18, 45))
    } else {
        format!("spf={}; dkim={}; dmarc={}", result(4, 14), result(3, 28), result(4, 34))
    }
}

fn case(subject: String, hostile: bool, dice: &mut Dice) -> String {
    match dice.below(100) {
        0..=4 => subject.to_uppercase(),
        5..=8 => subject.to_lowercase(),
        9..=12 if !hostile => format!("R: {subject}"),
        13..=14 => format!("{subject} - URGENTE"),
        15 => format!("{subject}!!"),
        _ => subject,
    }
}

/// Greeting at the end, signature, small print: both sides write them.
fn closing(content: &mut Content, making: &mut Making<'_>, dice: &mut Dice) {
    for (phrase, often) in [("{congedo}", 75), ("{firma}", 60), ("{legale}", 25)] {
        if dice.chance(often) {
            let words = making.fill(phrase, dice);
            content.paragraphs.push(words);
        }
    }
}

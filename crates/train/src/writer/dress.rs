//! Puts a template's words into a message with headers, shell, links and attachments.

use super::phrases::{Slots, Template};
use crate::learner::Dice;
use std::collections::HashMap;

/// What goes into one message.
struct Content {
    paragraphs: Vec<String>,
    links: Vec<(String, String)>,
}

/// One message of a template.
pub(super) fn message(template: &Template, slots: &Slots, dice: &mut Dice) -> String {
    let mut kept = HashMap::new();
    let mut choose = |mark: char, dice: &mut Dice| -> Vec<String> {
        let mut chosen = Vec::new();
        for (_, alternatives) in template.lines.iter().filter(|(here, _)| *here == mark) {
            let optional = alternatives.first().is_some_and(|first| first.starts_with('?'));
            if optional && dice.chance(50) {
                continue;
            }
            let one = dice.pick(alternatives).trim_start_matches('?').to_owned();
            chosen.push(slots.fill(&one, &mut kept, dice));
        }
        chosen
    };
    let from = choose('F', dice).pop().unwrap_or_default();
    let subject = choose('S', dice).pop().unwrap_or_default();
    let answer = choose('R', dice).pop().filter(|_| dice.chance(60));
    let headers = choose('X', dice);
    let mut content = Content { paragraphs: choose('P', dice), links: Vec::new() };
    for link in choose('L', dice) {
        if let Some((shown, target)) = link.split_once(" -> ") {
            content.links.push((shown.to_owned(), target.to_owned()));
        }
    }
    let files = choose('A', dice).pop().filter(|_| dice.chance(85));
    let locked = choose('Z', dice).pop();
    closing(&mut content, slots, &mut kept, dice);
    let domain = slots.fill("comune.{paesed}", &mut HashMap::new(), dice);
    let office = slots.fill("{casella}", &mut kept, dice);
    let mut out = format!("Authentication-Results: mx.{domain}; {}\n", checks(template.hostile, dice));
    out.push_str(&format!("Received: from mail (mail.example [192.0.2.7]) by mx.{domain}\n"));
    out.push_str(&format!("From: {}\nTo: {office}@{domain}\n", address(&from, &mut kept)));
    if let Some(answer) = answer {
        out.push_str(&format!("Reply-To: {answer}\n"));
    }
    for header in headers {
        out.push_str(&format!("{header}\n"));
    }
    out.push_str(&format!("Subject: {}\nMIME-Version: 1.0\n", case(subject, template.hostile, dice)));
    if from.contains("Re:") || dice.chance(15) {
        out.push_str(&format!("In-Reply-To: <{}@example.org>\n", dice.below(99_999)));
    }
    let body = body(&content, dice);
    match (files, locked) {
        (Some(name), _) => with_file(&mut out, &body, &name, b"", dice),
        (None, Some(name)) => with_file(&mut out, &body, &name, b"PK\x03\x04\x14\x00\x01\x00\x08\x00", dice),
        _ => out.push_str(&body),
    }
    out
}

/// Lower-case addresses without spaces or accents; names as they are.
fn address(from: &str, _kept: &mut HashMap<String, String>) -> String {
    let Some((name, rest)) = from.split_once('<') else { return from.to_owned() };
    let address: String =
        rest.trim_end_matches('>').chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_lowercase();
    format!("\"{}\" <{address}>", name.trim())
}

/// What a receiving server would have found: hostile mail passes often enough, honest mail fails now and then.
fn checks(hostile: bool, dice: &mut Dice) -> String {
    let mut result = |bad: usize, none: usize| match dice.below(100) {
        at if at < bad => "fail",
        at if at < bad + none => "none",
        _ => "pass",
    };
    if hostile {
        format!("spf={}; dkim={}; dmarc={}", result(25, 20), result(8, 40), result(22, 40))
    } else {
        format!("spf={}; dkim={}; dmarc={}", result(4, 8), result(3, 25), result(4, 30))
    }
}

fn case(subject: String, hostile: bool, dice: &mut Dice) -> String {
    match dice.below(100) {
        0..=4 => subject.to_uppercase(),
        5..=8 => subject.to_lowercase(),
        9..=12 if !hostile => format!("R: {subject}"),
        13..=15 => format!("{subject} - URGENTE"),
        _ => subject,
    }
}

/// Greeting at the end, signature, small print: both sides write them.
fn closing(content: &mut Content, slots: &Slots, kept: &mut HashMap<String, String>, dice: &mut Dice) {
    for (phrase, often) in [("{congedo}", 75), ("{firma}", 60), ("{legale}", 25)] {
        if dice.chance(often) {
            content.paragraphs.push(slots.fill(phrase, kept, dice));
        }
    }
}

/// One of the shells.
fn body(content: &Content, dice: &mut Dice) -> String {
    let mut paragraphs = content.paragraphs.clone();
    if dice.chance(45) {
        let at = paragraphs.len().saturating_sub(dice.below(3)).max(1).min(paragraphs.len());
        for (shown, target) in content.links.iter().rev() {
            paragraphs.insert(at, if dice.chance(50) { format!("{shown}: {target}") } else { target.clone() });
        }
        return format!(
            "Content-Type: text/plain; charset=utf-8\n\n{}\n",
            paragraphs.join(if dice.chance(50) { "\n\n" } else { "\n" })
        );
    }
    let shell = dice.below(4);
    let (open, each, close) = match shell {
        0 => ("<html><body>", ("<p>", "</p>"), "</body></html>"),
        1 => (
            "<html><head><style>.a{font-size:14px}</style></head><body lang=IT><div class=WordSection1>",
            ("<p class=MsoNormal><span style='font-family:Calibri'>", "</span></p>"),
            "</div></body></html>",
        ),
        2 => (
            "<!DOCTYPE html><html><body style=\"background:#f2f2f2\"><table width=\"600\" align=\"center\"><tr><td><img src=\"cid:logo\" alt=\"logo\"></td></tr>",
            ("<tr><td style=\"padding:12px;font-family:Arial\">", "</td></tr>"),
            "</table></body></html>",
        ),
        _ => ("<div dir=\"ltr\">", ("<div>", "</div><div><br></div>"), "</div>"),
    };
    let mut html = open.to_owned();
    if dice.chance(15) {
        html.push_str("<div style=\"display:none;max-height:0\">Leggi il messaggio nel browser</div>");
    }
    for paragraph in &paragraphs {
        html.push_str(&format!("{}{paragraph}{}\n", each.0, each.1));
    }
    for (shown, target) in &content.links {
        let style = if shell == 2 { " style=\"background:#0066cc;color:#fff;padding:10px\"" } else { "" };
        html.push_str(&format!("{}<a href=\"{target}\"{style}>{shown}</a>{}\n", each.0, each.1));
    }
    html.push_str(close);
    format!("Content-Type: text/html; charset=utf-8\n\n{html}\n")
}

/// Wraps a body and a file into one message.
fn with_file(out: &mut String, body: &str, name: &str, head: &[u8], dice: &mut Dice) {
    let edge = format!("=_{}", dice.below(1_000_000));
    let kind = match name.rsplit('.').next().unwrap_or_default() {
        "pdf" => "application/pdf",
        "jpg" => "image/jpeg",
        "html" | "shtml" => "text/html",
        _ => "application/octet-stream",
    };
    let content = match kind {
        "application/pdf" => "%PDF-1.4\n1 0 obj".to_owned(),
        "text/html" => "<html><body><script>location.href=atob('aHR0cA==')</script><form><input type=\"password\"></form></body></html>".to_owned(),
        _ if !head.is_empty() => String::from_utf8_lossy(head).into_owned(),
        _ => format!("{}", dice.below(9_999)),
    };
    out.push_str(&format!("Content-Type: multipart/mixed; boundary=\"{edge}\"\n\n--{edge}\n{body}\n--{edge}\n"));
    out.push_str(&format!("Content-Type: {kind}; name=\"{name}\"\nContent-Disposition: attachment; filename=\"{name}\"\n\n{content}\n--{edge}--\n"));
}

//! A letter's words made plain for learning: case, numbers, names of the recipient, quotes and list tags taken out.
//!
//! What tells where a message was collected (list tags, footers, addresses) must not be learned, or the model would know
//! the collection instead of the mail.

use crate::look::Url;
use crate::read::Letter;

/// Characters of text that are learned from: a beginning and an end.
const HEAD: usize = 3_500;
const TAIL: usize = 500;

/// The plain words.
#[derive(Clone, Debug, Default)]
pub struct Plain {
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
    /// Hosts and paths of the links, a few, each once.
    pub urls: Vec<String>,
    /// Name shown for the sender.
    pub name: String,
}

/// Makes a letter plain.
#[must_use]
pub fn plain(letter: &Letter) -> Plain {
    let own: Vec<String> = letter
        .to
        .iter()
        .flat_map(|to| to.split(['@', '.', '-', '_']))
        .filter(|part| part.len() > 3)
        .map(str::to_owned)
        .take(12)
        .collect();
    let subject = without_tags(&letter.subject);
    let body = without_quotes(&letter.text);
    let length = body.chars().count();
    let cut: String = if length > HEAD + TAIL {
        body.chars().take(HEAD).chain([' ']).chain(body.chars().skip(length - TAIL)).collect()
    } else {
        body
    };
    let mut urls: Vec<String> = Vec::new();
    for link in &letter.links {
        let Some(url) = Url::read(&link.target) else { continue };
        let path: String = url.path.split(['?', '#']).next().unwrap_or_default().chars().take(40).collect();
        let one = format!("{}{}", url.host, path).to_lowercase();
        if !urls.contains(&one) {
            urls.push(one);
        }
        if urls.len() >= 12 {
            break;
        }
    }
    Plain { subject: reduce(subject, &own), text: reduce(&cut, &own), urls, name: reduce(&letter.from_name, &own) }
}

/// A subject without `Re:`, `I:`, `[list]` and the like.
fn without_tags(subject: &str) -> &str {
    let mut rest = subject.trim();
    loop {
        let lower = rest.to_lowercase();
        let answer = ["re:", "r:", "fw:", "fwd:", "i:", "aw:", "sv:"].iter().find(|mark| lower.starts_with(**mark));
        rest = if let Some(mark) = answer {
            rest.get(mark.len()..).unwrap_or_default().trim_start()
        } else if let Some((_, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            after.trim_start()
        } else {
            return rest;
        };
    }
}

/// A text without quoted lines and without the footer that a list puts under it.
fn without_quotes(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(16_384));
    for line in text.lines() {
        let bare = line.trim_start();
        if bare.starts_with('>') || bare.starts_with("|") {
            continue;
        }
        let ruled = bare.len() >= 20 && bare.bytes().take(20).all(|byte| byte == b'_');
        if (ruled || bare.starts_with("-- ")) && out.len() > 20 {
            // A rule in the middle of a long text is part of it; a footer is short.
            let from = line.as_ptr().addr().saturating_sub(text.as_ptr().addr());
            if text.len().saturating_sub(from) < 1_200 {
                break;
            }
        }
        out.push_str(line);
        out.push('\n');
        if out.len() > 60_000 {
            break;
        }
    }
    out
}

/// Lower case; digits become 0; addresses and links become one sign each; the recipient's own names become another.
fn reduce(text: &str, own: &[String]) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let word = word.to_lowercase();
        if word.contains('@') && word.contains('.') {
            out.push_str("\u{1} ");
            continue;
        }
        if word.starts_with("http") || word.starts_with("<http") || word.starts_with("www.") {
            out.push_str("\u{2} ");
            continue;
        }
        let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        if own.iter().any(|name| name == bare) {
            out.push_str("\u{3} ");
            continue;
        }
        let mut before = ' ';
        let mut run = 0;
        for letter in word.chars().take(60) {
            let letter = if letter.is_numeric() { '0' } else { letter };
            if matches!(letter, '\u{200B}'..='\u{200F}' | '\u{AD}' | '\u{FEFF}' | '\u{2060}' | '\u{34F}') {
                continue;
            }
            run = if letter == before { run + 1 } else { 0 };
            if run < if letter == '0' { 4 } else { 2 } {
                out.push(letter);
            }
            before = letter;
        }
        out.push(' ');
    }
    out
}

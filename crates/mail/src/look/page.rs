//! What the page does that honest pages seldom do.

use super::fact::{Fact, Facts};
use crate::read::Letter;

pub(super) fn look(letter: &Letter, facts: &mut Facts) {
    facts.add_if(letter.password_fields > 0, Fact::FormPassword, "");
    facts.add_if(letter.forms > 0, Fact::Form, "");
    facts.add_if(letter.scripts > 0, Fact::Script, "");
    facts.add_if(letter.refresh, Fact::Refresh, "");
    let shown = letter.text.trim().chars().count();
    facts.add_if(shown < 120 && letter.pictures > 0 && !letter.links.is_empty(), Fact::PictureOnly, "");
    // Preview lines of newsletters are hidden too; more than the eye sees is another matter.
    facts.add_if(letter.hidden > 300 && letter.hidden > shown / 2, Fact::HiddenText, "");
    words(letter, facts);
}

/// Invisible characters within words, and words of two alphabets.
fn words(letter: &Letter, facts: &mut Facts) {
    let seen: String = letter
        .subject
        .chars()
        .chain([' '])
        .chain(letter.from_name.chars())
        .chain([' '])
        .chain(letter.text.chars().take(8_000))
        .collect();
    let mut invisible = 0;
    let mut before = ' ';
    let mut letters = seen.chars().peekable();
    while let Some(letter) = letters.next() {
        let hidden = matches!(letter, '\u{200B}' | '\u{200C}' | '\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}');
        invisible += usize::from(
            hidden && before.is_alphanumeric() && letters.peek().is_some_and(|next| next.is_alphanumeric()),
        );
        before = letter;
    }
    facts.add_if(invisible >= 3, Fact::ZeroWidth, "");
    let mixed = seen.split(|letter: char| !letter.is_alphabetic()).find(|word| is_mixed(word));
    facts.add_if(mixed.is_some(), Fact::MixedLetters, mixed.unwrap_or_default());
}

/// Latin letters with Cyrillic, Greek or mathematical ones in one word.
fn is_mixed(word: &str) -> bool {
    if word.is_ascii() || word.chars().count() < 4 {
        return false;
    }
    let latin = word.chars().filter(char::is_ascii_alphabetic).count();
    let foreign = word
        .chars()
        .filter(|letter| matches!(letter, '\u{370}'..='\u{3FF}' | '\u{400}'..='\u{4FF}' | '\u{1D400}'..='\u{1D7FF}'))
        .count();
    latin > 0 && foreign > 0
}

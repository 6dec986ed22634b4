//! What the page does that honest pages seldom do.

use super::fact::{Fact, Facts};
use crate::read::Letter;

pub(super) fn look(letter: &Letter, facts: &mut Facts) {
    facts.add_if(letter.password_fields > 0, Fact::FormPassword, "");
    facts.add_if(letter.forms > 0, Fact::Form, "");
    facts.add_if(letter.scripts > 0, Fact::Script, "");
    facts.add_if(letter.refresh, Fact::Refresh, "");
    facts.add_if(letter.coded_needlessly, Fact::CodedNeedlessly, "");
    facts.add_if(letter.far_below, Fact::FarBelow, "");
    facts.add_if(letter.page_only, Fact::PageOnly, "");
    facts.add_if(letter.coded_letters >= 30, Fact::CodedLetters, "");
    let shown = letter.text.trim().chars().count();
    facts.add_if(shown < 120 && letter.pictures > 0 && !letter.links.is_empty(), Fact::PictureOnly, "");
    // Preview lines of newsletters are hidden too; more than the eye sees is another matter.
    facts.add_if(letter.hidden > 300 && letter.hidden > shown / 2, Fact::HiddenText, "");
    words(letter, facts);
}

/// Invisible characters within words, and words of two alphabets.
fn words(letter: &Letter, facts: &mut Facts) {
    // Nobody's name or subject needs an invisible character; texts that programs broke into lines hold some.
    let heads = invisible_in(&letter.subject) + invisible_in(&letter.from_name);
    let text: String = letter.text.chars().take(8_000).collect();
    facts.add_if(heads > 0 || invisible_in(&text) >= 3, Fact::ZeroWidth, "");
    facts.add_if(struck(&letter.subject) + struck(&letter.from_name) >= 2, Fact::MixedLetters, "");
    let all = [letter.subject.as_str(), letter.from_name.as_str(), text.as_str()];
    let mixed = all.iter().find_map(|text| text.split(|letter: char| !is_of_word(letter)).find(|word| is_mixed(word)));
    facts.add_if(mixed.is_some(), Fact::MixedLetters, mixed.unwrap_or_default());
}

/// Characters without width that stand between two letters.
fn invisible_in(text: &str) -> usize {
    let mut count = 0;
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let between = before.is_alphanumeric() && letters.peek().is_some_and(|next| next.is_alphanumeric());
        count += usize::from(between && is_invisible(letter));
        if !is_invisible(letter) {
            before = letter;
        }
    }
    count
}

/// Strokes and signs set over plain letters, which no language of Europe writes apart: names hidden from filters.
fn struck(text: &str) -> usize {
    text.chars().filter(|letter| matches!(letter, '\u{305}' | '\u{30D}'..='\u{31A}' | '\u{320}'..='\u{326}' | '\u{329}'..='\u{36F}' | '\u{700}'..='\u{74F}')).count()
}

/// Joiners, soft hyphens, marks and selectors that show nothing (Unicode, default ignorable), and the Syriac mark that fonts leave out.
fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{AD}' | '\u{34F}' | '\u{73F}' | '\u{180E}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{E0000}'..='\u{E007F}' | '\u{61C}' | '\u{17B4}' | '\u{17B5}'
    )
}

/// Letters, and what hides among them.
fn is_of_word(letter: char) -> bool {
    letter.is_alphabetic() || is_invisible(letter)
}

/// Latin letters with those of other alphabets that look like them in one word.
fn is_mixed(word: &str) -> bool {
    if word.is_ascii() || word.chars().count() < 4 {
        return false;
    }
    let latin = word.chars().filter(char::is_ascii_alphabetic).count();
    let foreign = word.chars().filter(|letter| is_foreign(*letter)).count();
    latin > 1 && foreign > 0
}

/// Greek, Cyrillic, Armenian, Cherokee, Lisu, letters of mathematics, circled, full-width and small capitals.
fn is_foreign(letter: char) -> bool {
    matches!(
        letter,
        '\u{370}'..='\u{3B4}' | '\u{3B6}'..='\u{3BB}' | '\u{3BD}'..='\u{58F}' | '\u{13A0}'..='\u{13FF}' | '\u{A4D0}'..='\u{A4FF}'
        | '\u{1D400}'..='\u{1D7FF}' | '\u{24B6}'..='\u{24E9}' | '\u{FF21}'..='\u{FF5A}' | '\u{1D00}'..='\u{1D2B}'
    )
}

#[cfg(test)]
mod tests {
    use super::{invisible_in, is_mixed, struck};

    #[test]
    fn invisible_characters_count_between_letters_only() {
        assert_eq!(invisible_in("A\u{73F}mazon Pr\u{200C}i\u{200D}me"), 3);
        assert_eq!(invisible_in("un testo \u{200B} normale\u{FEFF}"), 0);
    }

    #[test]
    fn strokes_over_plain_letters_are_told_from_accents() {
        assert_eq!(struck("Co\u{337}rreio\u{337}s"), 2);
        assert_eq!(struck("perche\u{301} e\u{300} cosi\u{300} u\u{308}ber"), 0);
    }

    #[test]
    fn words_of_two_alphabets_are_told_from_units_and_foreign_words() {
        assert!(is_mixed("Amаzon") && is_mixed("Ρаураⅼаbc"));
        for honest in ["caffè", "perché", "Москва", "µSec", "Straße", "10µs"] {
            assert!(!is_mixed(honest), "{honest}");
        }
    }
}

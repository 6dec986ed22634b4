//! Texts that come from a device: kept as they are, but bounded, and without what a database cannot keep.

/// The most bytes of one text in a finding.
pub(crate) const MAX_TEXT: usize = 4_096;

/// The most bytes of a name: host, system, version.
pub(crate) const MAX_NAME: usize = 255;

/// Room for the words that say how much was cut.
const NOTE_ROOM: usize = 40;

/// Cuts `text` to at most `limit` bytes at the end of a character, saying how much was cut, and replaces NUL, which
/// PostgreSQL does not keep.
pub(crate) fn bound(text: &mut String, limit: usize) {
    if text.contains('\0') {
        *text = text.replace('\0', "\u{fffd}");
    }
    if text.len() <= limit {
        return;
    }
    let end = text.floor_char_boundary(limit.saturating_sub(NOTE_ROOM));
    let cut = text.len() - end;
    text.truncate(end);
    text.push_str(&format!(" [… {cut} bytes cut]"));
}

/// A name on one line: control characters become `U+FFFD`, spaces at the ends go, and what is too long is cut.
pub(crate) fn name(text: &str) -> String {
    let clean: String = text.trim().chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    let end = clean.floor_char_boundary(MAX_NAME);
    clean.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters_and_says_so() {
        let mut text = "è".repeat(4_000);
        bound(&mut text, MAX_TEXT);
        assert!(text.len() <= MAX_TEXT, "{}", text.len());
        assert!(text.ends_with(" [… 3944 bytes cut]"), "{text}");
    }

    #[test]
    fn a_text_within_the_bound_stays_as_it_is_but_for_nul() {
        let mut text = "<script>\u{0} a\nb".to_owned();
        bound(&mut text, MAX_TEXT);
        assert_eq!(text, "<script>\u{fffd} a\nb");
    }

    #[test]
    fn a_name_has_no_control_characters_and_an_end() {
        assert_eq!(name(" pc\u{1b}[2J\n1 "), "pc\u{fffd}[2J\u{fffd}1");
        assert_eq!(name(&"è".repeat(300)).len(), 254);
    }
}

//! Searching text: what a person types is taken literally.

/// The pattern of a `LIKE ... ESCAPE '!'` that finds `text` anywhere, in lower case; empty for an empty text, which
/// the statements take for "everything".
pub(crate) fn holding(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    let mut pattern = String::from("%");
    for letter in text.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        // A NUL cannot stand in a row, and PostgreSQL refuses it in a value.
        pattern.push(if letter == '\0' { '\u{fffd}' } else { letter });
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::holding;

    #[test]
    fn wildcards_are_taken_literally() {
        assert_eq!(holding(" 50%_A! "), "%50!%!_a!!%");
        assert_eq!(holding("  "), "");
    }
}

//! Checks of what people type: mail addresses, single lines, longer texts.

use crate::error::Error;

/// The longest address that mail can carry (RFC 5321, 4.5.3.1.3, without the angle brackets).
const LONGEST_ADDRESS: usize = 254;

/// A mail address in lower case, without the blanks around it.
///
/// # Errors
/// `email_invalid` for anything but a dot-atom of RFC 5322 at a domain of two or more labels; quoted names, address
/// literals and international addresses are not taken, as no institutional or certified mailbox has one.
pub(crate) fn check_email(field: &'static str, typed: &str) -> Result<String, Error> {
    let address = typed.trim().to_ascii_lowercase();
    let good = address.len() <= LONGEST_ADDRESS
        && address.split_once('@').is_some_and(|(name, domain)| is_name(name) && is_domain(domain));
    if good {
        return Ok(address);
    }
    Err(Error::invalid(field, "email_invalid", "this is no mail address: write it as nome@comune.example.it"))
}

fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    name.len() <= 64 && name.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(allowed))
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let top = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.') && domain.split('.').all(label) && !top.bytes().all(|byte| byte.is_ascii_digit())
}

/// A line that must say something, at most `longest` characters, without the blanks around it.
///
/// # Errors
/// `required`, `too_long`, or `control_chars`.
pub(crate) fn check_line(field: &'static str, typed: &str, longest: usize) -> Result<String, Error> {
    let line = typed.trim();
    if line.is_empty() {
        return Err(Error::invalid(field, "required", "this may not be empty"));
    }
    bounded(field, line, longest, |c| c.is_control())
}

/// A text of any number of lines, which may be empty, at most `longest` characters.
///
/// # Errors
/// `too_long` or `control_chars`.
pub(crate) fn check_text(field: &'static str, typed: &str, longest: usize) -> Result<String, Error> {
    let text = typed.trim().replace("\r\n", "\n");
    bounded(field, &text, longest, |c| c.is_control() && c != '\n' && c != '\t')
}

fn bounded(field: &'static str, text: &str, longest: usize, forbidden: impl Fn(char) -> bool) -> Result<String, Error> {
    if text.chars().count() > longest {
        return Err(Error::invalid(field, "too_long", format!("at most {longest} characters")));
    }
    if text.chars().any(|c| forbidden(c) || turns_text_around(c)) {
        return Err(Error::invalid(field, "control_chars", "invisible control characters are not allowed"));
    }
    Ok(text.to_owned())
}

/// Characters that make a name read as another one (Unicode TR 36, 2.11).
fn turns_text_around(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_in_lower_case_and_without_blanks() {
        assert_eq!(check_email("email", " Anna.Bianchi@Comune.Siena.IT ").unwrap(), "anna.bianchi@comune.siena.it");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@comune.it", "a".repeat(65));
        let broken = [
            "",
            "a",
            "a@b",
            "@comune.it",
            "a@",
            "a b@comune.it",
            "a@@comune.it",
            "a..b@comune.it",
            ".a@comune.it",
            "a@-comune.it",
            "a@comune-.it",
            "a@comune..it",
            "a@10.0.0.1",
            "a@comune.it\nBcc: x@y.it",
            "è@comune.it",
            "\"a\"@comune.it",
            &long,
        ];
        for address in broken {
            let refused = check_email("email", address).map_err(|e| e.code());
            assert_eq!(refused, Err("email_invalid"), "{address:?}");
        }
    }

    #[test]
    fn a_line_says_something_visible() {
        assert_eq!(check_line("name", "  Anna  ", 10).unwrap(), "Anna");
        assert_eq!(check_line("name", " \t", 10).unwrap_err().code(), "required");
        assert_eq!(check_line("name", "Anna\nBianchi", 20).unwrap_err().code(), "control_chars");
        assert_eq!(check_line("name", "Anna\u{202e}", 20).unwrap_err().code(), "control_chars");
        assert_eq!(check_line("name", "èèè", 2).unwrap_err().code(), "too_long");
        assert_eq!(check_text("note", "a\r\nb", 10).unwrap(), "a\nb");
    }
}

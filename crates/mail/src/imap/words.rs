//! Words of the protocol: what is sent as an argument, and what stands in the codes of answers.

/// A text as a quoted argument; none where it cannot be one (RFC 9051, `quoted`: seven bits, no line ends).
#[must_use]
pub fn quoted(text: &[u8]) -> Option<String> {
    let mut out = String::from("\"");
    for byte in text {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(*byte));
            }
            0x20..=0x7e => out.push(char::from(*byte)),
            _ => return None,
        }
    }
    out.push('"');
    Some(out)
}

/// A text as an argument: quoted where that can be, else as a literal, whose second half is sent once the server asks for it.
#[must_use]
pub fn argument(text: &[u8]) -> (String, Option<Vec<u8>>) {
    quoted(text).map_or_else(|| (format!("{{{}}}", text.len()), Some(text.to_vec())), |quoted| (quoted, None))
}

/// The number in a code such as `UIDVALIDITY 12`.
#[must_use]
pub fn code_number(code: &str, name: &str) -> Option<u32> {
    let (word, rest) = code.split_once(' ')?;
    if !word.eq_ignore_ascii_case(name) {
        return None;
    }
    rest.split(' ').next()?.parse().ok()
}

/// The words in a code such as `PERMANENTFLAGS (\Seen \*)` or `CAPABILITY IMAP4rev1 IDLE`; none where it is another code.
#[must_use]
pub fn code_words(code: &str, name: &str) -> Option<Vec<String>> {
    let (word, rest) = code.split_once(' ')?;
    let words = rest.trim_matches(['(', ')']).split_whitespace();
    word.eq_ignore_ascii_case(name).then(|| words.map(str::to_owned).collect())
}

/// A day as searches write it: `2-Nov-2026`.
#[must_use]
pub fn month_day(year: i16, month: i8, day: i8) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let at = usize::try_from(month).unwrap_or(1).saturating_sub(1);
    format!("{day}-{}-{year}", MONTHS.get(at).unwrap_or(&"Jan"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_argument_breaks_out_of_its_quotes() {
        assert_eq!(quoted(b"a\"b\\c").as_deref(), Some("\"a\\\"b\\\\c\""));
        assert_eq!(quoted(b"a\r\nA1 DELETE INBOX"), None);
        assert_eq!(argument("è".as_bytes()), ("{2}".to_owned(), Some("è".as_bytes().to_vec())));
    }

    #[test]
    fn codes_tell_numbers_and_words() {
        assert_eq!(code_number("UIDVALIDITY 12", "uidvalidity"), Some(12));
        assert_eq!(code_number("UIDNEXT 12", "uidvalidity"), None);
        let flags = code_words("PERMANENTFLAGS (\\Seen \\*)", "PERMANENTFLAGS");
        assert_eq!(flags, Some(vec!["\\Seen".to_owned(), "\\*".to_owned()]));
        assert_eq!(month_day(2026, 11, 2), "2-Nov-2026");
    }
}

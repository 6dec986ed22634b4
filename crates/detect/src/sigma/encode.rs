//! Modifiers that change a value before it is compared: base64, UTF-16, dashes.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The characters that a Windows program takes for the dash before an option.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// Most forms that one value may take through `windash`.
const MOST_FORMS: usize = 625;

/// Base64 with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let group = (at(0) << 16) | (at(1) << 8) | at(2);
        for (number, shift) in [18_u32, 12, 6, 0].into_iter().enumerate() {
            let letter = ALPHABET.get(((group >> shift) & 63) as usize).copied().unwrap_or(b'=');
            out.push(if number <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// The three texts as which the bytes can stand inside a longer base64 text, without the letters that their
/// neighbours share.
pub(super) fn base64_offsets(bytes: &[u8]) -> [String; 3] {
    [0, 1, 2].map(|offset: usize| {
        let mut shifted = vec![0; offset];
        shifted.extend_from_slice(bytes);
        let text = base64(&shifted);
        let from = [0, 2, 3].get(offset).copied().unwrap_or(0);
        let cut = [0, 3, 2].get(shifted.len() % 3).copied().unwrap_or(0);
        text.get(from..text.len().saturating_sub(cut)).unwrap_or_default().to_owned()
    })
}

/// UTF-16 with the low byte first (`wide`, `utf16le`).
pub(super) fn utf16le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// UTF-16 with the high byte first.
pub(super) fn utf16be(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// UTF-16 with a mark of its byte order.
pub(super) fn utf16(text: &str) -> Vec<u8> {
    [0xFF, 0xFE].into_iter().chain(utf16le(text)).collect()
}

/// The forms that a value takes when each dash that opens an option may be any of [`DASHES`].
///
/// # Errors
/// When there are more than a few such dashes.
pub(super) fn windash(text: &str) -> Result<Vec<String>, String> {
    let mut forms = vec![String::with_capacity(text.len())];
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let opens = DASHES.contains(&c) && !before.is_some_and(is_word) && chars.peek().copied().is_some_and(is_word);
        before = Some(c);
        if !opens {
            forms.iter_mut().for_each(|form| form.push(c));
            continue;
        }
        forms = forms.iter().flat_map(|form| DASHES.map(|dash| format!("{form}{dash}"))).collect();
        if forms.len() > MOST_FORMS {
            return Err(format!("`windash` on a value with so many dashes would make more than {MOST_FORMS} forms"));
        }
    }
    Ok(forms)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        let known = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, coded) in known {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn a_text_is_found_wherever_it_stands_in_base64() {
        let forms = base64_offsets(b"http://");
        assert_eq!(forms, ["aHR0cDovL", "h0dHA6Ly", "odHRwOi8v"]);
        for ahead in ["", "x", "xy", "xyz"] {
            let coded = base64(format!("{ahead}http://host").as_bytes());
            assert!(forms.iter().any(|form| coded.contains(form.as_str())), "{coded}");
        }
    }

    #[test]
    fn utf16_is_written_in_each_order() {
        assert_eq!(utf16le("Aè"), [0x41, 0, 0xE8, 0]);
        assert_eq!(utf16be("Aè"), [0, 0x41, 0, 0xE8]);
        assert_eq!(utf16("A"), [0xFF, 0xFE, 0x41, 0]);
    }

    #[test]
    fn only_a_dash_that_opens_an_option_is_exchanged() {
        let forms = windash(" -a").unwrap();
        assert_eq!(forms, [" -a", " /a", " \u{2013}a", " \u{2014}a", " \u{2015}a"]);
        assert_eq!(windash("a-b").unwrap(), ["a-b"]);
        assert_eq!(windash(" -a -b").unwrap().len(), 25);
        assert!(windash(&" -a".repeat(5)).unwrap_err().contains("windash"));
    }
}

//! One line of a list of bad files: a bare digest with or without a name, or a line of ClamAV's `.hdb` and `.hsb`.

use super::{Algorithm, Short, short};

/// What a line lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub(super) algorithm: Algorithm,
    pub(super) short: Short,
    pub(super) name: String,
}

/// A line that lists nothing that we know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no MD5, SHA-1 or SHA-256 at its beginning: {0:?}")]
pub struct LineError(pub String);

/// Longest piece of a bad line that an error shows, in characters.
const SHOWN: usize = 60;

/// Reads one line; nothing for an empty line or a comment (`#`, `;`, `//`).
///
/// `DIGEST`, `DIGEST NAME`, `DIGEST,NAME`, `DIGEST  FILE` as sha256sum writes, and `DIGEST:SIZE:NAME` as ClamAV has it. The
/// size of ClamAV's lines is not needed: the digest says more. Digests in quotes, as in CSV, are taken too.
///
/// # Errors
/// [`LineError`] when the line begins with no digest.
pub fn parse_line(line: &str) -> Result<Option<Entry>, LineError> {
    let line = line.trim().trim_start_matches('\u{FEFF}');
    if line.is_empty() || line.starts_with(['#', ';']) || line.starts_with("//") {
        return Ok(None);
    }
    let bare = line.trim_start_matches('"');
    let end = bare.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(bare.len());
    let (digest, rest) = bare.split_at_checked(end).unwrap_or((bare, ""));
    let algorithm =
        [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256].into_iter().find(|one| one.length() * 2 == digest.len());
    let found = algorithm.and_then(|algorithm| Some((algorithm, short(&unhex(digest))?)));
    let Some((algorithm, short)) = found else {
        return Err(LineError(line.chars().take(SHOWN).collect()));
    };
    Ok(Some(Entry { algorithm, short, name: name(rest) }))
}

/// The name in what follows a digest.
fn name(rest: &str) -> String {
    let named = match rest.strip_prefix(':') {
        Some(fields) => fields.split(':').nth(1).unwrap_or_default(),
        None => rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"' | '#' | '*' | '\t')),
    };
    named.trim_end_matches('"').trim().chars().take(200).collect()
}

/// The bytes of an even number of hexadecimal digits.
fn unhex(text: &str) -> Vec<u8> {
    let (pairs, _) = text.as_bytes().as_chunks::<2>();
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).unwrap_or(0);
    pairs.iter().map(|[high, low]| (value(*high) << 4) | value(*low)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MD5: &str = "900150983cd24fb0d6963f7d28e17f72";

    #[test]
    fn names_are_read_from_every_form() {
        for (line, name) in [
            (MD5.to_owned(), ""),
            (format!("{MD5}  /tmp/a b.exe"), "/tmp/a b.exe"),
            (format!("{MD5},Emotet"), "Emotet"),
            (format!("\"{MD5}\",\"Emotet\""), "Emotet"),
            (format!("{MD5}:68:Eicar-Test"), "Eicar-Test"),
            (format!("{MD5}:*:Any.Size:73"), "Any.Size"),
            (format!("{MD5} # seen in May"), "seen in May"),
        ] {
            let entry = parse_line(&line).unwrap().unwrap();
            assert_eq!((entry.algorithm, entry.name.as_str()), (Algorithm::Md5, name), "{line}");
        }
    }

    #[test]
    fn comments_are_passed_over_and_other_lines_are_refused() {
        for line in ["", "  ", "# a", "; b", "// c"] {
            assert_eq!(parse_line(line), Ok(None));
        }
        for line in ["domain.example", &MD5[..31], &format!("{MD5}0"), "é"] {
            assert!(parse_line(line).is_err(), "{line}");
        }
    }
}

//! Debian's control files (deb822): stanzas of `Field: value` lines, parted by empty lines. Read as a stream, because
//! lists of packages are long.

use std::io::{self, BufRead};

/// The longest line that is kept, in bytes; of a longer one the beginning.
const MAX_LINE: usize = 16 * 1024;
/// The most bytes of one stanza that are kept.
const MAX_STANZA: usize = 256 * 1024;

/// Reads stanza after stanza; keeps only the fields that are wanted.
#[derive(Debug)]
pub struct Stanzas<'w, R> {
    reader: R,
    wanted: &'w [&'w str],
    line: Vec<u8>,
}

/// The values of the wanted fields, in their order; empty where a field is missing. Only first lines are kept.
pub type Stanza = Vec<String>;

impl<'w, R: BufRead> Stanzas<'w, R> {
    /// Reads the fields `wanted` of what `reader` gives. Names are compared without regard to case.
    pub const fn new(reader: R, wanted: &'w [&'w str]) -> Self {
        Self { reader, wanted, line: Vec::new() }
    }

    /// The next stanza, or none at the end.
    ///
    /// # Errors
    /// What the reader says.
    pub fn next_stanza(&mut self) -> io::Result<Option<Stanza>> {
        let mut stanza = vec![String::new(); self.wanted.len()];
        let (mut any, mut room) = (false, MAX_STANZA);
        while self.next_line()? {
            if self.line.iter().all(u8::is_ascii_whitespace) {
                if any {
                    return Ok(Some(stanza));
                }
                continue;
            }
            any = true;
            // A line that begins with a space goes on with the field before it.
            if self.line.first().is_some_and(u8::is_ascii_whitespace) {
                continue;
            }
            let mut parts = self.line.splitn(2, |byte| *byte == b':');
            let (Some(name), Some(value)) = (parts.next(), parts.next()) else { continue };
            let at = self.wanted.iter().position(|wanted| wanted.as_bytes().eq_ignore_ascii_case(name));
            if let Some(slot) = at.and_then(|at| stanza.get_mut(at))
                && slot.is_empty()
                && value.len() <= room
            {
                room -= value.len();
                *slot = String::from_utf8_lossy(value).trim().to_owned();
            }
        }
        Ok(any.then_some(stanza))
    }

    /// Reads one line into `self.line`, at most [`MAX_LINE`] bytes of it; false at the end.
    fn next_line(&mut self) -> io::Result<bool> {
        self.line.clear();
        let mut any = false;
        loop {
            let bytes = match self.reader.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if bytes.is_empty() {
                return Ok(any);
            }
            any = true;
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let part = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
            let room = MAX_LINE.saturating_sub(self.line.len());
            self.line.extend(part.iter().take(room));
            let used = end.map_or(bytes.len(), |end| end + 1);
            self.reader.consume(used);
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8], wanted: &[&str]) -> Vec<Stanza> {
        let mut stanzas = Stanzas::new(text, wanted);
        std::iter::from_fn(|| stanzas.next_stanza().unwrap()).collect()
    }

    #[test]
    fn wanted_fields_are_read_and_others_passed_over() {
        let text = b"\n\nPackage: a\nDescription: first\n second: x\nversion:  1:2-3 \n\nnonsense\nPackage: b\n";
        assert_eq!(all(text, &["Package", "Version"]), [["a", "1:2-3"], ["b", ""]]);
    }

    #[test]
    fn a_line_without_end_is_cut_and_the_next_stanza_is_read() {
        let mut text = b"Package: ".to_vec();
        text.extend(vec![b'x'; MAX_LINE * 3]);
        text.extend(b"\n\nPackage: b\n");
        let found = all(&text, &["Package"]);
        assert!(found[0][0].len() < MAX_LINE);
        assert_eq!(found[1], ["b"]);
    }

    #[test]
    fn nothing_gives_nothing() {
        assert!(all(b"", &["Package"]).is_empty());
        assert!(all(b"\n \n\n", &["Package"]).is_empty());
    }
}

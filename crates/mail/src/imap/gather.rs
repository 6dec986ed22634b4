//! Puts an answer together from the bytes of a connection: lines, and the counted bytes (literals) that lines announce.

/// The most bytes of the lines of one answer, literals not counted: a list of 100,000 numbers of messages fits.
const MOST_LINES: usize = 1 << 20;

/// An answer, or a literal in it, is longer than it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl std::fmt::Display for TooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the mail server sends more than was asked for")
    }
}

impl std::error::Error for TooLong {}

/// Bytes that came, and how far they were looked at.
#[derive(Debug)]
pub struct Gather {
    bytes: Vec<u8>,
    /// Where the line begins that is looked at.
    line: usize,
    /// From where the end of that line is looked for.
    looked: usize,
    /// Bytes of literals in this answer.
    literals: usize,
    most: usize,
}

impl Gather {
    /// Takes answers of which the literals have at most `most` bytes together.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { bytes: Vec::new(), line: 0, looked: 0, literals: 0, most }
    }

    /// What the connection reads into; only bytes at the end are added.
    pub fn room(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// The next whole answer, when it is there.
    ///
    /// # Errors
    /// [`TooLong`]; the connection is of no more use.
    pub fn whole(&mut self) -> Result<Option<Vec<u8>>, TooLong> {
        loop {
            let Some(rest) = self.bytes.get(self.looked..) else { return Ok(None) };
            let Some(end) = rest.iter().position(|byte| *byte == b'\n').map(|at| self.looked + at) else {
                self.looked = self.bytes.len();
                let lines = self.bytes.len().saturating_sub(self.literals);
                return if lines > MOST_LINES { Err(TooLong) } else { Ok(None) };
            };
            let line = self.bytes.get(self.line..end).unwrap_or_default();
            match announced(line) {
                Some(count) => {
                    self.literals = self.literals.saturating_add(count);
                    if self.literals > self.most {
                        return Err(TooLong);
                    }
                    self.line = end + 1 + count;
                    self.looked = self.line;
                }
                None => {
                    if (end + 1).saturating_sub(self.literals) > MOST_LINES {
                        return Err(TooLong);
                    }
                    (self.line, self.looked, self.literals) = (0, 0, 0);
                    return Ok(Some(self.bytes.drain(..=end).collect()));
                }
            }
        }
    }
}

/// How many bytes of a literal a line announces at its end: `{12}`.
pub(super) fn announced(line: &[u8]) -> Option<usize> {
    let line = line.strip_suffix(b"\r").unwrap_or(line).strip_suffix(b"}")?;
    let open = line.iter().rposition(|byte| *byte == b'{')?;
    let digits = line.get(open + 1..)?;
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    if digits.is_empty() || digits.len() > 12 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_with_the_bytes_that_it_announces_however_they_come() {
        let sent = b"* 1 FETCH (BODY[] {10}\r\na\r\nb {9}\r\n)\r\n* OK\r\n";
        for step in [1, 3, sent.len()] {
            let (mut gather, mut got) = (Gather::new(100), Vec::new());
            for piece in sent.chunks(step) {
                gather.room().extend_from_slice(piece);
                while let Some(answer) = gather.whole().unwrap() {
                    got.push(answer);
                }
            }
            assert_eq!(got, [&sent[..sent.len() - 6], &b"* OK\r\n"[..]], "{step}");
        }
    }

    #[test]
    fn a_server_that_sends_without_end_is_stopped() {
        let mut gather = Gather::new(100);
        gather.room().extend_from_slice(b"* 1 FETCH (BODY[] {101}\r\n");
        assert_eq!(gather.whole(), Err(TooLong));
        let mut gather = Gather::new(100);
        gather.room().extend(std::iter::repeat_n(b'a', MOST_LINES + 1));
        assert_eq!(gather.whole(), Err(TooLong));
    }
}

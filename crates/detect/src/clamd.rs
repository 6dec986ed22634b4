//! What is said to ClamAV's daemon, and what it answers: `INSTREAM` of clamd(8). Whoever calls opens the line and bounds its time.

use std::io::{self, Read, Write};

/// Bytes of one chunk: clamd takes any length up to its own limit for the whole.
const CHUNK: usize = 256 * 1024;

/// The longest answer that is read.
const LONGEST: u64 = 4_096;

/// What clamd says of some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing that it knows.
    Clean,
    /// The name of what it knows.
    Found(String),
    /// It did not look, and why: too many bytes, for one.
    None(String),
}

/// Asks about `bytes` over a line on which nothing was said yet.
///
/// # Errors
/// Those of the line; `InvalidData` for an answer that is none.
pub fn ask(line: &mut (impl Read + Write), bytes: &[u8]) -> io::Result<Answer> {
    let told = tell(line, bytes);
    // When it has heard enough it answers and hangs up in the middle: the answer says more than the broken line.
    match (hear(line), told) {
        (Ok(answer), _) => Ok(answer),
        (Err(_), Err(error)) | (Err(error), Ok(())) => Err(error),
    }
}

fn tell(line: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    line.write_all(b"zINSTREAM\0")?;
    for chunk in bytes.chunks(CHUNK) {
        line.write_all(&u32::try_from(chunk.len()).unwrap_or(u32::MAX).to_be_bytes())?;
        line.write_all(chunk)?;
    }
    line.write_all(&0_u32.to_be_bytes())?;
    line.flush()
}

fn hear(line: &mut impl Read) -> io::Result<Answer> {
    let mut said = Vec::new();
    line.take(LONGEST).read_to_end(&mut said)?;
    understand(&said).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "clamd's answer cannot be understood"))
}

/// Understands an answer; none for what is none.
#[must_use]
pub fn understand(said: &[u8]) -> Option<Answer> {
    let said = String::from_utf8_lossy(said.split(|byte| *byte == 0).next()?).trim().to_owned();
    if let Some(name) = said.strip_suffix(" FOUND") {
        return Some(Answer::Found(name.strip_prefix("stream: ").unwrap_or(name).to_owned()));
    }
    if let Some(why) = said.strip_suffix("ERROR") {
        return Some(Answer::None(why.trim_end_matches(['.', ' ']).to_owned()));
    }
    said.ends_with(" OK").then_some(Answer::Clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_of_clamd_is_understood_and_nothing_else() {
        assert_eq!(understand(b"stream: OK\0"), Some(Answer::Clean));
        assert_eq!(
            understand(b"stream: Win.Test.EICAR_HDB-1 FOUND\0"),
            Some(Answer::Found("Win.Test.EICAR_HDB-1".to_owned()))
        );
        let refused = Answer::None("INSTREAM size limit exceeded".to_owned());
        assert_eq!(understand(b"INSTREAM size limit exceeded. ERROR\0"), Some(refused));
        for nonsense in [&b""[..], b"\0", b"HTTP/1.1 400 Bad Request", b"\xFF\xFE"] {
            assert_eq!(understand(nonsense), None);
        }
    }

    /// A line that hangs up after some bytes and has answered by then.
    struct HungUp(usize, &'static [u8]);

    impl Write for HungUp {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Read for HungUp {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1.read(into)
        }
    }

    #[test]
    fn an_answer_before_the_end_counts_more_than_the_broken_line() {
        let mut line = HungUp(1_000, b"INSTREAM size limit exceeded. ERROR\0");
        assert!(matches!(ask(&mut line, &[b'x'; 5_000]), Ok(Answer::None(_))));
        assert!(ask(&mut HungUp(1_000, b""), &[b'x'; 5_000]).is_err());
    }
}

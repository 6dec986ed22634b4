//! The EICAR test file, as its standard defines it, and the test text inside other files.
//!
//! The standard (eicar.org, "Anti-Malware Testfile"): the 68 characters stand at the start of the file, which is at most
//! 128 characters long, and only space, tab, LF, CR and Ctrl-Z may follow. A manual that quotes the text is no test
//! file; it is reported too, but lower, so that nothing is locked away for it.

/// How far into a file the quoted text is looked for, in bytes.
const REACH: usize = 1024 * 1024;

/// The longest file that is the test file.
const LONGEST: usize = 128;

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// Nothing.
    None,
    /// The file is the test file.
    Is,
    /// The text stands at this byte of another file.
    Contains(usize),
}

/// Judges the bytes; `text` is the test text.
pub(super) fn judge(bytes: &[u8], text: &[u8]) -> Finding {
    if bytes.len() <= LONGEST
        && let Some(rest) = bytes.strip_prefix(text)
        && rest.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x1A))
    {
        return Finding::Is;
    }
    let near = bytes.get(..bytes.len().min(REACH)).unwrap_or_default();
    let found = text.first().and_then(|first| {
        near.iter()
            .enumerate()
            .filter(|(_, byte)| *byte == first)
            .map(|(at, _)| at)
            .find(|at| near.get(*at..).is_some_and(|rest| rest.starts_with(text)))
    });
    found.map_or(Finding::None, Finding::Contains)
}

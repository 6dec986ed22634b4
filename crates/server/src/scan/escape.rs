//! A path as text, without loss.
//!
//! A file name is any bytes. Bytes that are no UTF-8 are written `\xNN` (two hexadecimal digits in lower case), a
//! backslash is written twice, and everything else stands as it is: whoever reads `\\` as `\` and `\xNN` as that byte
//! has the name again. For a terminal, control characters are written `\xNN` too, so that a name cannot move its cursor.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// For programs.
pub(crate) fn lossless(path: &Path) -> String {
    write(path, |_| false)
}

/// For a terminal.
pub(crate) fn shown(path: &Path) -> String {
    write(path, char::is_control)
}

/// Text from inside a foreign file, for a terminal.
pub(crate) fn shown_text(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

fn write(path: &Path, hide: impl Fn(char) -> bool) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '\\' {
                text.push_str("\\\\");
            } else if hide(c) {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(text, "\\x{byte:02x}");
                }
            } else {
                text.push(c);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    #[test]
    fn a_name_that_is_not_utf8_can_be_had_again() {
        let path = Path::new(OsStr::from_bytes(b"/a/\xFFb\\c\nd\xC3\xA8"));
        assert_eq!(lossless(path), "/a/\\xffb\\\\c\ndè");
        assert_eq!(shown(path), "/a/\\xffb\\\\c\\x0adè");
    }
}

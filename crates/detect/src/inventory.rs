//! Readers of what a Linux system writes of itself: package lists, accounts, sockets, mounts, hardware.
//!
//! Each takes text or a reader and gives nouns of `model::inventory`. What a line does not say as it should is passed
//! over: a strange line must not hide the others. Every reader is bounded in what it keeps.

pub mod accounts;
pub mod backups;
pub mod control;
pub mod dpkg;
pub mod machine;
pub mod mounts;
pub mod sockets;
pub mod updates;

/// The longest text of a device that is kept, in bytes.
pub const MAX_TEXT: usize = 255;

/// `text` on one line without control characters and cut to [`MAX_TEXT`] bytes.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut clean: String = text.trim().chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if clean.len() > MAX_TEXT {
        clean.truncate(clean.floor_char_boundary(MAX_TEXT));
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_text_becomes_one_short_line() {
        assert_eq!(clean("  a\nb\u{1b}[31m "), "a\u{fffd}b\u{fffd}[31m");
        assert_eq!(clean(&"é".repeat(300)).len(), 254);
    }
}

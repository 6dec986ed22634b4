//! Windows shortcuts: what they run, in plain text. (Microsoft, \[MS-SHLLINK\].)

use super::Part;
use super::read::{le16, le32, name, piece, size32, utf16};
use super::room::Room;

/// The first 20 bytes: length of the header, and the class of shortcuts.
pub(super) const MAGIC: &[u8] = &[0x4C, 0, 0, 0, 1, 0x14, 2, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];

/// Spaces in a row with which arguments are pushed out of sight of the properties window.
const HIDING: usize = 120;

/// Shows the texts of the shortcut.
pub(super) fn open(bytes: &[u8], room: &mut Room<'_>, part: &mut Part<'_>) {
    let Some(texts) = texts(bytes) else { return };
    for (label, text) in texts {
        if label == "arguments" && hides(&text) {
            room.sign("hidden_arguments", "the shortcut's arguments are pushed out of sight by a long run of blanks");
        }
        if !text.is_empty() && room.count(text.len()) {
            part(room, label, text.as_bytes());
        }
    }
}

fn hides(text: &str) -> bool {
    let blanks = text.split(|c: char| !c.is_whitespace()).map(|run| run.chars().count()).max().unwrap_or(0);
    blanks >= HIDING && !text.trim().is_empty()
}

/// The five texts that the flags announce.
fn texts(bytes: &[u8]) -> Option<Vec<(&'static str, String)>> {
    let flags = le32(bytes, 20)?;
    let mut at = 76;
    if flags & 1 != 0 {
        at += 2 + usize::from(le16(bytes, at)?);
    }
    if flags & 2 != 0 {
        at = at.checked_add(size32(bytes, at)?.max(4))?;
    }
    let wide = flags & 0x80 != 0;
    let mut texts = Vec::new();
    for (bit, label) in [(2, "name"), (3, "path"), (4, "folder"), (5, "arguments"), (6, "icon")] {
        if flags >> bit & 1 == 0 {
            continue;
        }
        let Some(count) = le16(bytes, at) else { break };
        let length = usize::from(count) * if wide { 2 } else { 1 };
        let raw = piece(bytes, at + 2, length);
        texts.push((label, if wide { utf16(raw) } else { name(raw) }));
        at += 2 + length;
    }
    Some(texts)
}

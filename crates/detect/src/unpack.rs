//! Opens files that hold other files: archives, office documents, mail, images of discs.
//!
//! Nothing here believes a length, a count or a name that stands in a file: what is written out is counted as it
//! comes, against [`Limits`] that hold for the outer file and all that is nested in it together.

mod base64;
mod gzip;
mod html;
mod inflate;
mod iso;
mod lnk;
mod mime;
mod ole;
mod pdf;
mod read;
mod room;
mod tar;
mod vba;
mod zip;

pub use room::{Limits, Refusal, Room};

/// Shows `bytes` and everything inside to `show`, with the path within (nothing for the outermost). The room tells
/// afterwards what was refused.
pub fn walk(bytes: &[u8], room: &mut Room<'_>, show: &mut dyn FnMut(Option<&str>, &[u8])) {
    show(None, bytes);
    open(bytes, room, show);
}

/// Opens one container, if it is one.
fn open(bytes: &[u8], room: &mut Room<'_>, show: &mut dyn FnMut(Option<&str>, &[u8])) {
    let mut part = |room: &mut Room<'_>, name: &str, bytes: &[u8]| {
        if room.enter(name) {
            show(room.inside(), bytes);
            open(bytes, room, show);
            room.go_out();
        }
    };
    if let Some(opener) = opener(bytes) {
        opener(bytes, room, &mut part);
    }
}

/// Opens one kind of container.
type Opener = fn(&[u8], &mut Room<'_>, &mut Part<'_>);

/// What opens these bytes, told by the bytes alone.
fn opener(bytes: &[u8]) -> Option<Opener> {
    let known: [(bool, Opener); 5] = [
        (bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06"), zip::open),
        (bytes.starts_with(&[0x1F, 0x8B, 8]), gzip::open),
        (bytes.starts_with(ole::MAGIC), ole::open),
        (bytes.starts_with(lnk::MAGIC), lnk::open),
        (read::find(read::piece(bytes, 0, 1024), b"%PDF-", 0).is_some(), pdf::open),
    ];
    let by_head = known.into_iter().find_map(|(is, opener)| is.then_some(opener));
    by_head
        .or_else(|| tar::is_tar(bytes).then_some(tar::open as Opener))
        .or_else(|| iso::is_iso(bytes).then_some(iso::open as Opener))
        .or_else(|| html::is_html(bytes).then_some(html::open as Opener))
        .or_else(|| mime::is_mail(bytes).then_some(mime::open as Opener))
        .or_else(|| zip::has_directory(bytes).then_some(zip::open as Opener))
}

/// What an opener calls for each part: its name and its bytes.
type Part<'a> = dyn FnMut(&mut Room<'_>, &str, &[u8]) + 'a;

/// What a text in base64 says, `most` bytes of it at the most.
pub(crate) fn base64_text(text: &[u8], most: usize) -> Vec<u8> {
    base64::decode(text, false, most)
}

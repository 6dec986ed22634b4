//! Web pages that carry a file inside and hand it to whoever opens them (HTML smuggling, ATT&CK T1027.006).

use super::read::{find, piece};
use super::room::Room;
use super::{Part, base64};

/// How much of a page is looked at, in bytes.
const REACH: usize = 16 * 1024 * 1024;

/// Shortest run of base64 that could be a file, in characters.
const SHORTEST: usize = 200;

/// Runs looked at in one page.
const RUNS: usize = 200;

/// How files begin that are worth smuggling.
const PAYLOADS: [&[u8]; 9] = [
    b"MZ",
    b"PK\x03\x04",
    b"\x7FELF",
    b"Rar!",
    b"7z\xBC\xAF",
    b"\xD0\xCF\x11\xE0",
    b"MSCF",
    b"\x4C\0\0\0\x01\x14\x02",
    b"\x1F\x8B\x08",
];

/// Whether the bytes begin like a web page or an SVG picture, which may carry scripts too.
pub(super) fn is_html(bytes: &[u8]) -> bool {
    let head = piece(bytes, 0, 1024).to_ascii_lowercase();
    let begins = head.trim_ascii_start().starts_with(b"<") || head.starts_with(b"\xEF\xBB\xBF<");
    begins
        && [b"<html".as_slice(), b"<!doctype html", b"<script", b"<svg", b"<body", b"<head"]
            .iter()
            .any(|tag| find(&head, tag, 0).is_some())
}

/// Shows what the page's long texts decode to, and tells when the page hands it out by script.
pub(super) fn open(bytes: &[u8], room: &mut Room<'_>, part: &mut Part<'_>) {
    let page = piece(bytes, 0, REACH);
    let hands_out = hands_out(page);
    let mut told = false;
    for (number, run) in runs(page).take(RUNS).enumerate() {
        let content = base64::decode(run, false, room.part_most());
        let carries = PAYLOADS.iter().any(|head| content.starts_with(head));
        if carries && hands_out && !told {
            room.sign(
                "html_smuggling",
                "the page carries a program or an archive in its text and hands it out by script",
            );
            told = true;
        }
        if !room.count(content.len()) {
            return;
        }
        part(room, &format!("base64 {}", number + 1), &content);
        if room.is_closed() {
            return;
        }
    }
}

/// Whether a script makes a file out of text and starts its download.
fn hands_out(page: &[u8]) -> bool {
    let has = |words: &[&[u8]]| words.iter().any(|word| find(page, word, 0).is_some());
    let makes = has(&[b"Blob(", b"createObjectURL", b"msSaveBlob", b"msSaveOrOpenBlob", b"data:application/"]);
    let decodes = has(&[b"atob", b"Uint8Array", b"fromCharCode", b"data:application/"]);
    let starts = has(&[b".click(", b".download", b"download=", b"msSave", b"location.href", b"window.open"]);
    makes && decodes && starts
}

/// Runs of base64 characters that are long enough.
fn runs(page: &[u8]) -> impl Iterator<Item = &[u8]> {
    page.split(|byte| base64::value(*byte).is_none() && *byte != b'=').filter(|run| run.len() >= SHORTEST)
}

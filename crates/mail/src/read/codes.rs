//! Reads what QR codes in pictures and documents say, and which links documents hold.

use super::letter::{Attachment, Letter, Link};
use super::{MOST_CODE_PIXELS, MOST_LINKS};
use crate::picture::{Grey, in_blocks, in_picture, read_paper};

/// Takes codes and documents into a letter: a code leads wherever it says, as a link does.
pub(super) fn read(letter: &mut Letter, plain: &str) {
    let mut said: Vec<String> = in_blocks(plain).into_iter().collect();
    let mut room = MOST_CODE_PIXELS;
    let mut look = |picture: &Grey, said: &mut Vec<String>| {
        if let Some(left) = room.checked_sub(picture.pixels()) {
            room = left;
            said.extend(in_picture(picture));
        }
    };
    for file in &letter.attachments {
        if is_paper(file) {
            let paper = read_paper(&file.head);
            letter.file_links.extend(paper.links.into_iter().take(MOST_LINKS));
            paper.pictures.iter().for_each(|picture| look(picture, &mut said));
        } else if let Some(picture) = Grey::read(&file.head) {
            look(&picture, &mut said);
        }
    }
    letter.code_links = said.iter().filter_map(|text| address_in(text)).collect();
    // A document whose letter has no link of its own is the way that the letter means.
    let own = if letter.links.is_empty() { letter.file_links.as_slice() } else { &[] };
    let more: Vec<Link> = letter.code_links.iter().chain(own).map(|target| link(target)).collect();
    letter.links.extend(more);
    letter.links.truncate(MOST_LINKS);
}

fn link(target: &str) -> Link {
    Link { target: target.to_owned(), shown: String::new() }
}

fn is_paper(file: &Attachment) -> bool {
    file.head.get(..1_024.min(file.head.len())).is_some_and(|head| head.windows(5).any(|five| five == b"%PDF-"))
}

/// The web address that a code says, with or without its scheme.
fn address_in(text: &str) -> Option<String> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return Some(text.to_owned());
    }
    let bare =
        lower.contains('.') && lower.contains('/') && !lower.contains(char::is_whitespace) && !lower.contains('@');
    bare.then(|| format!("http://{text}"))
}

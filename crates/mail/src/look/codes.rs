//! QR codes in pictures, documents and texts, and links within documents: where they lead.

use super::fact::{Fact, Facts};
use super::places::{self, Place};
use super::{Url, brand, host};
use crate::read::Letter;

/// Characters or cells of a drawing from which it may be a code.
const LEAST_BLOCKS: usize = 120;
const LEAST_CELLS: usize = 300;

pub(super) fn look(letter: &Letter, facts: &mut Facts) {
    let stranger = |target: &&String| {
        Url::read(target).is_some_and(|url| {
            let kinds = [Place::Short, Place::Free, Place::Storage, Place::Tenant];
            let abused = kinds.iter().any(|kind| places::is(&url.host, *kind));
            let own = host::organisation(&url.host) == host::organisation(letter.from_domain());
            !own && (abused || (brand::owner(&url.host).is_none() && !brand::is_office(&url.host)))
        })
    };
    if let Some(target) = letter.code_links.iter().find(stranger) {
        facts.add(Fact::QrLink, target);
    }
    if let Some(target) = letter.file_links.iter().find(stranger) {
        facts.add(Fact::FileLink, target);
    }
    let blocks = letter.text.chars().filter(|letter| matches!(letter, '\u{2580}'..='\u{259F}')).count();
    facts.add_if(blocks >= LEAST_BLOCKS || letter.painted_cells >= LEAST_CELLS, Fact::QrPage, "");
}

//! What the content of an open file looks like, from three pieces of it.

use baluardo_detect::content::{Features, Sample};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

/// What the bytes of an open file look like.
pub(crate) fn features(file: &mut File, length: u64) -> io::Result<Features> {
    let mut pieces = [Vec::new(), Vec::new(), Vec::new()];
    for (piece, range) in pieces.iter_mut().zip(Sample::plan(length)) {
        if range.start < range.end {
            file.seek(SeekFrom::Start(range.start))?;
            file.by_ref().take(range.end - range.start).read_to_end(piece)?;
        }
    }
    let [head, middle, tail] = &pieces;
    Ok(Features::of(&Sample::new(length, head, middle, tail)))
}

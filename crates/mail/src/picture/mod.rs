//! Pictures as far as QR codes need them: grey values, and what codes in them say. Everything is bounded before it is made.

mod gif;
mod paper;
mod png;
mod qr;

pub(crate) use paper::read as read_paper;
pub(crate) use qr::{in_blocks, in_picture};

/// Sides that are looked at, in pixels.
const LEAST_SIDE: usize = 21;
const MOST_SIDE: usize = 3_000;
/// Pixels of one picture that are looked at.
const MOST_PIXELS: usize = 1_500_000;

/// A picture in grey: 0 is black.
#[derive(Debug)]
pub(crate) struct Grey {
    width: usize,
    height: usize,
    /// `width` times `height` values; fewer where the file was cut, and those are white.
    values: Vec<u8>,
}

impl Grey {
    /// Reads a picture whose kind its first bytes tell.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\x89PNG") { png::read(bytes) } else { gif::read(bytes) }
    }

    /// Whether a picture of these sides is looked at.
    fn is_fit(width: usize, height: usize) -> bool {
        let sides = [width, height].iter().all(|side| (LEAST_SIDE..=MOST_SIDE).contains(side));
        sides && width * height <= MOST_PIXELS
    }

    /// How many pixels it has.
    pub(crate) const fn pixels(&self) -> usize {
        self.width * self.height
    }

    fn at(&self, x: usize, y: usize) -> u8 {
        self.values.get(y * self.width + x).copied().unwrap_or(255)
    }
}

/// What three colours look like in grey (ITU-R BT.601).
fn grey_of(red: u8, green: u8, blue: u8) -> u8 {
    let sum = u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114;
    u8::try_from(sum / 1_000).unwrap_or(255)
}

#[cfg(test)]
mod tests;

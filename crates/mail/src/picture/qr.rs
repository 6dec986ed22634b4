//! QR codes in pictures and in texts that draw them with block characters (ISO/IEC 18004).

use super::Grey;
use rqrr::{Grid, PreparedImage, SimpleGrid};

/// Codes of one picture that are read.
const MOST_CODES: usize = 4;
/// Rows that must show the pattern of a corner before anything is searched.
const LEAST_ROWS: usize = 3;
/// Characters of what a code says that are kept.
const MOST_SAID: usize = 2_000;

/// What the codes in a picture say.
pub(crate) fn in_picture(picture: &Grey) -> Vec<String> {
    if !shows_corners(picture) {
        return Vec::new();
    }
    let mut image = PreparedImage::prepare_from_greyscale(picture.width, picture.height, |x, y| picture.at(x, y));
    let grids = image.detect_grids();
    grids.iter().take(MOST_CODES).filter_map(|grid| said(&grid.decode().ok()?.1)).collect()
}

/// Whether some rows hold the proportion of a code's corners, dark and light in turn as 1:1:3:1:1. Photographs seldom do, and a
/// search through them would cost more than all the rest.
fn shows_corners(picture: &Grey) -> bool {
    let (mut least, mut most) = (255_u8, 0_u8);
    for value in picture.values.iter().step_by(7) {
        (least, most) = (least.min(*value), most.max(*value));
    }
    let contrast = most.saturating_sub(least);
    if contrast < 60 {
        return false;
    }
    let middle = least + contrast / 2;
    let step = (picture.height / 400).max(1);
    (0..picture.height).step_by(step).filter(|y| row_shows_corner(picture, *y, middle)).count() >= LEAST_ROWS
}

fn row_shows_corner(picture: &Grey, y: usize, middle: u8) -> bool {
    let mut runs = [0_usize; 5];
    let mut dark = false;
    for x in 0..=picture.width {
        // The row ends as if something light followed.
        let now = x < picture.width && picture.at(x, y) <= middle;
        if now == dark {
            runs[4] += 1;
            continue;
        }
        if dark && is_corner(&runs) {
            return true;
        }
        runs.rotate_left(1);
        runs[4] = 1;
        dark = now;
    }
    false
}

fn is_corner(runs: &[usize; 5]) -> bool {
    let [a, b, c, d, e] = *runs;
    let unit = (a + b + c + d + e) / 7;
    let near = |run: usize, wanted: usize| run * 2 >= wanted && run * 2 <= wanted * 3 + 2;
    unit >= 1 && [a, b, d, e].iter().all(|run| near(*run, unit)) && near(c, unit * 3) && c > a && c > e
}

/// What a code says that a text draws with whole or half blocks.
pub(crate) fn in_blocks(text: &str) -> Option<String> {
    let is_block = |letter: char| matches!(letter, '\u{2580}' | '\u{2584}' | '\u{2588}');
    let rows: Vec<&str> = text
        .lines()
        .map(str::trim_end)
        .filter(|line| line.chars().filter(|letter| is_block(*letter)).count() >= 7)
        .collect();
    if !(11..=120).contains(&rows.len()) {
        return None;
    }
    let halves = rows.iter().any(|row| row.contains(['\u{2580}', '\u{2584}']));
    let mut cells: Vec<Vec<bool>> = Vec::new();
    for row in rows {
        let letters: Vec<char> = row.chars().take(240).collect();
        if halves {
            cells.push(letters.iter().map(|letter| matches!(letter, '\u{2588}' | '\u{2580}')).collect());
            cells.push(letters.iter().map(|letter| matches!(letter, '\u{2588}' | '\u{2584}')).collect());
        } else {
            // Whole blocks are half as wide as they are high, so that each cell is two of them.
            cells.push(letters.iter().step_by(2).map(|letter| *letter == '\u{2588}').collect());
        }
    }
    let wide = cells.iter().map(Vec::len).max()?;
    let cell = |x: usize, y: usize| cells.get(y).and_then(|row| row.get(x)).copied().unwrap_or(false);
    // Drawn dark on light, or with what is light as blocks on a dark screen.
    [true, false].into_iter().find_map(|ink| code_in(&|x, y| cell(x, y) == ink, wide, cells.len()))
}

/// Reads the square that the ink fills.
fn code_in(ink: &dyn Fn(usize, usize) -> bool, wide: usize, high: usize) -> Option<String> {
    let top = (0..high).find(|y| corner_at(ink, wide, *y).is_some())?;
    let left = corner_at(ink, wide, top)?;
    (21..=177).step_by(4).filter(|size| left + size <= wide + 1 && top + size <= high + 1).find_map(|size| {
        let grid = SimpleGrid::from_func(size, |x, y| ink(left + x, top + y));
        said(&Grid::new(grid).decode().ok()?.1)
    })
}

/// Where a row begins with the seven dark cells of a corner.
fn corner_at(ink: &dyn Fn(usize, usize) -> bool, wide: usize, y: usize) -> Option<usize> {
    let square =
        |x: &usize| (0..7).all(|step| ink(x + step, y) && ink(*x, y + step)) && !ink(x + 1, y + 1) && !ink(x + 7, y);
    (0..wide.min(12)).find(square)
}

fn said(text: &str) -> Option<String> {
    let text: String = text.chars().take(MOST_SAID).collect();
    (!text.trim().is_empty()).then_some(text)
}

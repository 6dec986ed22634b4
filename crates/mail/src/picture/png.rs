//! PNG, without interlacing (W3C, "Portable Network Graphics", third edition).

use super::{Grey, grey_of};
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

/// What the head of the file says.
struct Head {
    width: usize,
    height: usize,
    depth: usize,
    /// Values of one pixel: 1, 2 with opacity, 3, 4 with opacity.
    channels: usize,
    palette: bool,
}

/// Reads a picture; of a file that is cut, the rows that are there.
pub(super) fn read(bytes: &[u8]) -> Option<Grey> {
    let mut rest = bytes.get(8..)?;
    let (mut head, mut palette, mut packed) = (None, Vec::new(), Vec::new());
    while let Some((kind, content, after)) = chunk(rest) {
        match kind {
            b"IHDR" => head = Some(header(content)?),
            b"PLTE" => palette = content.as_chunks::<3>().0.iter().map(|[r, g, b]| grey_of(*r, *g, *b)).collect(),
            b"IDAT" => packed.extend_from_slice(content),
            b"IEND" => break,
            _ => {}
        }
        rest = after;
    }
    let head = head?;
    let line = (head.width * head.channels * head.depth).div_ceil(8);
    let most = (line + 1) * head.height;
    let rows = match decompress_to_vec_zlib_with_limit(&packed, most) {
        Ok(rows) => rows,
        Err(cut) => cut.output,
    };
    Some(greys(&head, &palette, &rows, line))
}

/// Kind and content of the next chunk, and what follows it; the last one may be cut.
fn chunk(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_at_checked(4)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?.min(rest.len());
    let (content, rest) = rest.split_at_checked(length)?;
    Some((kind, content, rest.get(4..).unwrap_or_default()))
}

fn header(content: &[u8]) -> Option<Head> {
    let (width, rest) = content.split_first_chunk::<4>()?;
    let (height, rest) = rest.split_first_chunk::<4>()?;
    let side = |four: &[u8; 4]| usize::try_from(u32::from_be_bytes(*four)).ok();
    let (width, height) = (side(width)?, side(height)?);
    let [depth, colour, _, _, interlaced] = *rest.first_chunk::<5>()?;
    let channels = match colour {
        0 | 3 => 1,
        2 => 3,
        4 => 2,
        6 => 4,
        _ => return None,
    };
    let depth = usize::from(depth);
    let fit = Grey::is_fit(width, height) && interlaced == 0 && matches!(depth, 1 | 2 | 4 | 8 | 16);
    (fit && (depth >= 8 || channels == 1)).then_some(Head { width, height, depth, channels, palette: colour == 3 })
}

fn greys(head: &Head, palette: &[u8], rows: &[u8], line: usize) -> Grey {
    let mut values = Vec::with_capacity(head.width * head.height);
    let mut above = vec![0_u8; line];
    let reach = (head.channels * head.depth / 8).max(1);
    for row in rows.chunks(line + 1) {
        let Some((filter, coded)) = row.split_first().filter(|(_, coded)| coded.len() == line) else { break };
        let mut here = coded.to_vec();
        unfilter(*filter, &mut here, &above, reach);
        for x in 0..head.width {
            values.push(value(head, palette, &here, x));
        }
        above = here;
    }
    Grey { width: head.width, height: head.height, values }
}

/// Takes the filter off a row.
fn unfilter(filter: u8, row: &mut [u8], above: &[u8], reach: usize) {
    for at in 0..row.len() {
        let of = |bytes: &[u8], at: Option<usize>| at.and_then(|at| bytes.get(at)).copied().unwrap_or(0);
        let back = at.checked_sub(reach);
        let (left, up, corner) = (of(row, back), of(above, Some(at)), of(above, back));
        let add = match filter {
            1 => left,
            2 => up,
            3 => u8::try_from((u16::from(left) + u16::from(up)) / 2).unwrap_or(0),
            4 => paeth(left, up, corner),
            _ => 0,
        };
        if let Some(byte) = row.get_mut(at) {
            *byte = byte.wrapping_add(add);
        }
    }
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let to = |one: i16| (a + b - c - one).abs();
    match () {
        () if to(a) <= to(b) && to(a) <= to(c) => left,
        () if to(b) <= to(c) => up,
        () => corner,
    }
}

/// The grey of one pixel; what is seen through is white.
fn value(head: &Head, palette: &[u8], row: &[u8], x: usize) -> u8 {
    let byte = |channel: usize| row.get((x * head.channels + channel) * head.depth / 8).copied().unwrap_or(255);
    if head.channels == 1 {
        let shift = 8_usize.saturating_sub(head.depth + x * head.depth % 8);
        let most = if head.depth >= 8 { 255 } else { (1_u16 << head.depth) - 1 };
        let raw = if head.depth >= 8 { u16::from(byte(0)) } else { u16::from(byte(0)) >> shift & most };
        if head.palette {
            return palette.get(usize::from(raw)).copied().unwrap_or(255);
        }
        return u8::try_from(raw * 255 / most).unwrap_or(255);
    }
    let opaque = match head.channels {
        2 => byte(1),
        4 => byte(3),
        _ => 255,
    };
    if opaque < 128 {
        return 255;
    }
    if head.channels == 2 { byte(0) } else { grey_of(byte(0), byte(1), byte(2)) }
}

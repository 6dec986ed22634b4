//! PDF files as far as links need them: addresses of link annotations, and pictures that may hold a QR code (ISO 32000-2).

use super::{Grey, grey_of};
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

/// Streams that are opened, and bytes of each that are written out.
const MOST_STREAMS: usize = 60;
const MOST_TEXT: usize = 256 << 10;
/// Links and pictures that are kept.
const MOST_LINKS: usize = 20;
const MOST_PICTURES: usize = 3;
/// Bytes before a stream in which its dictionary is looked for.
const REACH: usize = 600;

/// What a PDF file leads to.
#[derive(Debug, Default)]
pub(crate) struct Paper {
    pub(crate) links: Vec<String>,
    pub(crate) pictures: Vec<Grey>,
}

/// Reads what is there; a file that is cut gives what stands before the cut.
pub(crate) fn read(bytes: &[u8]) -> Paper {
    let mut paper = Paper::default();
    links_in(bytes, &mut paper.links);
    let mut at = 0;
    for _ in 0..MOST_STREAMS {
        let Some(word) = find(bytes, b"stream", at) else { break };
        at = word + 6;
        let before = bytes.get(word.saturating_sub(REACH)..word).unwrap_or_default();
        if before.ends_with(b"end") {
            continue;
        }
        let from = before.windows(4).rposition(|four| four == b" obj").unwrap_or(0);
        let dictionary = String::from_utf8_lossy(before.get(from..).unwrap_or_default()).into_owned();
        let data = bytes.get(at..).unwrap_or_default();
        let data = data.strip_prefix(b"\r").unwrap_or(data);
        let data = data.strip_prefix(b"\n").unwrap_or(data);
        if dictionary.contains("/Image") {
            paper.pictures.extend(picture(&dictionary, data).filter(|_| paper.pictures.len() < MOST_PICTURES));
        } else if dictionary.contains("/ObjStm") {
            links_in(&inflate(data, MOST_TEXT), &mut paper.links);
        }
    }
    paper
}

/// Addresses of link annotations: `/URI (https://…)`.
fn links_in(bytes: &[u8], links: &mut Vec<String>) {
    let mut at = 0;
    while let Some(word) = find(bytes, b"/URI", at).filter(|_| links.len() < MOST_LINKS) {
        at = word + 4;
        let Some(rest) = bytes.get(at..).map(<[u8]>::trim_ascii_start).and_then(|rest| rest.strip_prefix(b"(")) else {
            continue;
        };
        let end = rest.iter().take(4_000).position(|byte| *byte == b')').unwrap_or(0);
        let link = String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).replace('\\', "");
        if link.contains("://") && !links.contains(&link) {
            links.push(link);
        }
    }
}

/// A picture that is packed with DEFLATE and without predictor, as programs that write codes pack it.
fn picture(dictionary: &str, data: &[u8]) -> Option<Grey> {
    let number = |name: &str| -> Option<usize> {
        let (_, rest) = dictionary.split_once(name)?;
        rest.trim_start().split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
    };
    let (width, height) = (number("/Width")?, number("/Height")?);
    let depth = number("/BitsPerComponent").unwrap_or(1);
    let colours = if dictionary.contains("/DeviceRGB") { 3 } else { 1 };
    let plain =
        dictionary.contains("/FlateDecode") && !dictionary.contains("/Predictor") && !dictionary.contains("/Indexed");
    if !Grey::is_fit(width, height) || !plain || !matches!((depth, colours), (1, 1) | (8, 1 | 3)) {
        return None;
    }
    let line = (width * depth * colours).div_ceil(8);
    let rows = inflate(data, line * height);
    let values = rows.chunks_exact(line).flat_map(|row| {
        (0..width).map(move |x| match (depth, colours) {
            (1, _) => row.get(x / 8).map_or(255, |byte| if byte >> (7 - x % 8) & 1 == 1 { 255 } else { 0 }),
            (_, 1) => row.get(x).copied().unwrap_or(255),
            _ => row.get(x * 3..x * 3 + 3).map_or(255, |three| match three {
                [red, green, blue] => grey_of(*red, *green, *blue),
                _ => 255,
            }),
        })
    });
    Some(Grey { width, height, values: values.collect() })
}

fn inflate(data: &[u8], most: usize) -> Vec<u8> {
    decompress_to_vec_zlib_with_limit(data, most).unwrap_or_else(|cut| cut.output)
}

fn find(bytes: &[u8], word: &[u8], from: usize) -> Option<usize> {
    bytes.get(from..)?.windows(word.len()).position(|window| window == word).map(|at| at + from)
}

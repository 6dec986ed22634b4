//! Codes drawn by another program are read from every kind of picture that is opened.

use super::{Grey, in_blocks, in_picture, read_paper};
use miniz_oxide::deflate::compress_to_vec_zlib;
use qrcode::{Color, QrCode};

const SAID: &str = "https://accesso-posta.example.top/qr?u=1";

/// The modules of a code with their white border, each `scale` pixels wide; true is dark.
fn drawn(scale: usize) -> (usize, Vec<bool>) {
    let code = QrCode::new(SAID).unwrap();
    let side = code.width() + 8;
    let dark = |x: usize, y: usize| {
        let within = (4..side - 4).contains(&x) && (4..side - 4).contains(&y);
        within && code[(x - 4, y - 4)] == Color::Dark
    };
    let pixels = side * scale;
    (pixels, (0..pixels * pixels).map(|at| dark(at % pixels / scale, at / pixels / scale)).collect())
}

fn chunk(kind: &[u8], content: &[u8]) -> Vec<u8> {
    let mut out = u32::try_from(content.len()).unwrap().to_be_bytes().to_vec();
    out.extend_from_slice(kind);
    out.extend_from_slice(content);
    out.extend_from_slice(&[0; 4]);
    out
}

/// A PNG of one bit a pixel, each row filtered by what stands above it.
fn png() -> Vec<u8> {
    let (side, dark) = drawn(4);
    let line = side.div_ceil(8);
    let (mut rows, mut above) = (Vec::new(), vec![0_u8; line]);
    for row in dark.chunks(side) {
        let mut packed = vec![0_u8; line];
        for (x, _) in row.iter().enumerate().filter(|(_, dark)| !**dark) {
            packed[x / 8] |= 128 >> (x % 8);
        }
        rows.push(2);
        rows.extend(packed.iter().zip(&above).map(|(byte, up)| byte.wrapping_sub(*up)));
        above = packed;
    }
    let mut head = [side, side].iter().flat_map(|side| u32::try_from(*side).unwrap().to_be_bytes()).collect::<Vec<_>>();
    head.extend_from_slice(&[1, 0, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1A\n".to_vec();
    out.extend(chunk(b"IHDR", &head));
    out.extend(chunk(b"IDAT", &compress_to_vec_zlib(&rows, 6)));
    out.extend(chunk(b"IEND", b""));
    out
}

/// A GIF whose every value is written with nine bits, the table cleared before it grows.
fn gif() -> Vec<u8> {
    let (side, dark) = drawn(3);
    let low = u16::try_from(side).unwrap().to_le_bytes();
    let mut out = b"GIF89a".to_vec();
    out.extend_from_slice(&[low[0], low[1], low[0], low[1], 0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
    out.extend_from_slice(&[0x2C, 0, 0, 0, 0, low[0], low[1], low[0], low[1], 0, 8]);
    let (mut bits, mut data) = (Vec::new(), Vec::new());
    let mut code = |code: u32| bits.extend((0..9).map(|bit| code >> bit & 1));
    for (at, dark) in dark.iter().enumerate() {
        if at % 200 == 0 {
            code(256);
        }
        code(u32::from(!dark));
    }
    code(257);
    for eight in bits.chunks(8) {
        data.push(
            u8::try_from(eight.iter().rev().fold(0, |byte, bit| byte << 1 | bit)).unwrap() << (8 - eight.len())
                >> (8 - eight.len()),
        );
    }
    for block in data.chunks(255) {
        out.push(u8::try_from(block.len()).unwrap());
        out.extend_from_slice(block);
    }
    out.extend_from_slice(&[0, 0x3B]);
    out
}

#[test]
fn a_code_is_read_from_png_and_gif() {
    for (kind, bytes) in [("png", png()), ("gif", gif())] {
        let picture = Grey::read(&bytes).unwrap_or_else(|| panic!("{kind}"));
        assert_eq!(in_picture(&picture), [SAID], "{kind}");
    }
}

#[test]
fn a_code_and_a_link_are_read_from_a_document() {
    let (side, dark) = drawn(4);
    let grey: Vec<u8> = dark.iter().map(|dark| if *dark { 0 } else { 255 }).collect();
    let packed = compress_to_vec_zlib(&grey, 6);
    let mut file = format!(
        "%PDF-1.4\n1 0 obj <</Subtype /Link /A <</URI (https://altrove.example.top/a)>>>>\nendobj\n2 0 obj <</Subtype /Image /Width {side} /Height {side} /BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /FlateDecode /Length {}>>\nstream\n",
        packed.len()
    )
    .into_bytes();
    file.extend_from_slice(&packed);
    file.extend_from_slice(b"\nendstream\nendobj\n");
    let paper = read_paper(&file);
    assert_eq!(paper.links, ["https://altrove.example.top/a"]);
    assert_eq!(paper.pictures.iter().flat_map(in_picture).collect::<Vec<_>>(), [SAID]);
}

#[test]
fn a_code_drawn_with_letters_is_read() {
    let (side, dark) = drawn(1);
    let at = |x: usize, y: usize| y < side && dark[y * side + x];
    let halves: String = (0..side.div_ceil(2))
        .flat_map(|row| {
            let cell = move |x| match (at(x, row * 2), at(x, row * 2 + 1)) {
                (true, true) => '\u{2588}',
                (true, false) => '\u{2580}',
                (false, true) => '\u{2584}',
                (false, false) => ' ',
            };
            (0..side).map(cell).chain(['\n']).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(in_blocks(&halves).as_deref(), Some(SAID));
    let whole: String = (0..side)
        .map(|y| (0..side).map(|x| if at(x, y) { "\u{2588}\u{2588}" } else { "  " }).collect::<String>() + "\n")
        .collect();
    assert_eq!(in_blocks(&whole).as_deref(), Some(SAID));
}

#[test]
fn pictures_that_are_too_large_cut_or_no_pictures_are_let_be() {
    let mut large = png();
    large[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    assert!(Grey::read(&large).is_none());
    let whole = [png(), gif()];
    for bytes in &whole {
        for end in (0..bytes.len()).step_by(53) {
            if let Some(picture) = Grey::read(&bytes[..end]) {
                assert!(in_picture(&picture).iter().all(|said| said == SAID));
            }
        }
    }
    assert!(Grey::read(b"\x89PNG\r\n\x1A\n").is_none() && Grey::read(b"").is_none());
    assert!(in_blocks("nessun codice\nqui").is_none());
}

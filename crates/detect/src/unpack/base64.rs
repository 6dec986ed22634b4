//! Base64 as foreign files have it: with line ends, without padding, in either alphabet.

/// The bytes of as much of the text as is base64; other characters between are passed over when `loose`, and end it
/// when not.
pub(super) fn decode(text: &[u8], loose: bool, most: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity((text.len() / 4 * 3).min(most));
    let (mut held, mut bits) = (0_u32, 0);
    for byte in text {
        let Some(value) = value(*byte) else {
            if *byte == b'=' || !loose && !byte.is_ascii_whitespace() {
                break;
            }
            continue;
        };
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            if out.len() >= most {
                break;
            }
            out.extend(u8::try_from(held >> bits & 0xFF));
        }
    }
    out
}

/// What a character stands for.
pub(super) const fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_4648_come_out() {
        for (text, plain) in
            [("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9v\r\nYmFy", "foobar"), ("Zm9vYg", "foob"), ("", "")]
        {
            assert_eq!(decode(text.as_bytes(), false, 100), plain.as_bytes());
        }
        assert_eq!(decode(b"Zm9v*YmFy", false, 100), b"foo");
        assert_eq!(decode(b"Zm9v*YmFy", true, 100), b"foobar");
        assert_eq!(decode(b"Zm9vYmFy", true, 4), b"foob");
    }
}

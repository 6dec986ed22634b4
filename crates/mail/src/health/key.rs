//! How long a public key is: base64 (RFC 4648 section 4) around DER (X.690), of which two shapes are known, that of RFC 5280
//! (`SubjectPublicKeyInfo`) and the bare one of RFC 8017 (`RSAPublicKey`).

/// Letters of a key that are read: 16,384 bits in base64 take fewer than 3,000.
const MOST_LETTERS: usize = 8 << 10;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;

/// The bytes of a text in base64; white space in it means nothing (RFC 6376 section 3.2). None where it is not whole.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let letters: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bare = letters.strip_suffix(b"==").or(letters.strip_suffix(b"=")).unwrap_or(&letters);
    if letters.len() > MOST_LETTERS || bare.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(bare.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0_u8);
    for letter in bare {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held).unwrap_or_default());
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}

/// The bits of an RSA key's modulus; none where the bytes are no such key.
pub(super) fn rsa_bits(der: &[u8]) -> Option<usize> {
    let (SEQUENCE, inner, _) = element(der)? else { return None };
    match element(inner)? {
        (INTEGER, modulus, _) => bits(modulus),
        (SEQUENCE, _, rest) => {
            let (BIT_STRING, key, _) = element(rest)? else { return None };
            // The first byte tells how many bits at the end are unused.
            let (SEQUENCE, key, _) = element(key.strip_prefix(&[0])?)? else { return None };
            let (INTEGER, modulus, _) = element(key)? else { return None };
            bits(modulus)
        }
        _ => None,
    }
}

/// Tag and content of the first element, and what stands behind it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x83 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

fn bits(number: &[u8]) -> Option<usize> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let (first, rest) = number.get(zeros..)?.split_first()?;
    Some(8 - first.leading_zeros() as usize + rest.len() * 8)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// One element.
    fn made(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len().to_be_bytes();
        let length = &length[length.iter().take_while(|byte| **byte == 0).count().min(7)..];
        let head = match content.len() {
            0..=127 => length.to_vec(),
            _ => [&[0x80 | u8::try_from(length.len()).unwrap()], length].concat(),
        };
        [&[tag][..], &head, content].concat()
    }

    fn encoded(bytes: &[u8]) -> String {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for three in bytes.chunks(3) {
            let bits = (0..3).fold(0_u32, |sum, at| (sum << 8) | u32::from(three.get(at).copied().unwrap_or(0)));
            for at in 0..4_u32 {
                let letter = LETTERS[((bits >> (18 - 6 * at)) & 63) as usize];
                text.push(if at as usize <= three.len() { char::from(letter) } else { '=' });
            }
        }
        text
    }

    /// A key of this many bits, as DKIM publishes it: a number of that length, and no key that anybody could sign with.
    pub(in crate::health) fn rsa(bits: usize, bare: bool) -> String {
        let mut modulus = vec![0xa5; bits.div_ceil(8)];
        modulus[0] = 0xff >> ((8 - bits % 8) % 8);
        let key = made(SEQUENCE, &[made(INTEGER, &[&[0][..], &modulus].concat()), made(INTEGER, &[1, 0, 1])].concat());
        if bare {
            return encoded(&key);
        }
        let kind = made(SEQUENCE, &[0x06, 9, 42, 134, 72, 134, 247, 13, 1, 1, 1, 5, 0]);
        encoded(&made(SEQUENCE, &[kind, made(BIT_STRING, &[&[0][..], &key].concat())].concat()))
    }

    #[test]
    fn keys_of_both_shapes_are_measured() {
        for bits in [512, 768, 1_023, 1_024, 2_047, 2_048, 4_096, 8_192] {
            for bare in [false, true] {
                assert_eq!(rsa_bits(&base64(&rsa(bits, bare)).unwrap()), Some(bits), "{bits} {bare}");
            }
        }
    }

    /// The key of RFC 8463 appendix A.2.
    #[test]
    fn the_key_of_the_standards_example_has_1024_bits() {
        let text = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/b\
                    yYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l\
                    /K4w3QIDAQAB";
        assert_eq!(rsa_bits(&base64(text).unwrap()), Some(1_024));
    }

    #[test]
    fn what_is_no_key_is_none() {
        let whole = base64(&rsa(2_048, false)).unwrap();
        for cut in 0..whole.len() {
            assert_eq!(rsa_bits(&whole[..cut]), None, "{cut}");
        }
        for bytes in
            [&[0x30, 0x84, 255, 255, 255, 255][..], &[0x30, 0x80], &[0x30, 2, 2, 0], &[0x30, 3, 2, 1, 0], &[4, 1, 1]]
        {
            assert_eq!(rsa_bits(bytes), None, "{bytes:?}");
        }
        for text in ["a", "ab*d", "abcd=e", "\u{e8}"] {
            assert_eq!(base64(text), None, "{text}");
        }
        assert_eq!(base64(&"A".repeat(100_000)), None);
        assert_eq!(base64(" TW Fu\n").as_deref(), Some(&b"Man"[..]));
    }
}

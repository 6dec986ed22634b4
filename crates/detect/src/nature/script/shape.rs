//! What a script looks like, as numbers: its lines, its symbols, how evenly its characters are spread, its names.

/// Numbers of one text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Shape {
    /// Bytes.
    pub(super) length: usize,
    /// Lines with something on them.
    pub(super) lines: usize,
    /// Bytes of the longest line.
    pub(super) longest: usize,
    /// Bits for each byte, 0 to 8.
    pub(super) entropy: f32,
    /// Share of bytes that are neither letters, digits nor spaces.
    pub(super) symbols: f32,
    /// Share of digits.
    pub(super) digits: f32,
    /// Bytes of the longest run that could be base64.
    pub(super) run: usize,
    /// Share of names that look as if they were thrown with dice.
    pub(super) random: f32,
    /// Share of lines that begin as comments do.
    pub(super) comments: f32,
}

impl Shape {
    pub(super) fn of(text: &[u8]) -> Self {
        let mut shape = Self { length: text.len(), ..Self::default() };
        let mut comments = 0_usize;
        for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
            let line = line.trim_ascii();
            shape.longest = shape.longest.max(line.len());
            shape.lines += usize::from(!line.is_empty());
            let marks: [&[u8]; 6] = [b"#", b"//", b"'", b"*", b"/*", b"rem "];
            comments += usize::from(marks.iter().any(|mark| line.starts_with(mark)));
        }
        let mut counts = [0_usize; 256];
        for byte in text {
            if let Some(count) = counts.get_mut(usize::from(*byte)) {
                *count += 1;
            }
        }
        let share = |count: usize| ratio(count, text.len());
        shape.entropy =
            counts.iter().filter(|count| **count > 0).map(|count| -share(*count) * share(*count).log2()).sum();
        let of = |wanted: fn(&u8) -> bool| share(text.iter().filter(|byte| wanted(byte)).count());
        shape.symbols = of(|byte| byte.is_ascii_punctuation());
        shape.digits = of(u8::is_ascii_digit);
        shape.comments = ratio(comments, shape.lines);
        shape.run = text
            .split(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'+' | b'/' | b'='))
            .map(<[u8]>::len)
            .max()
            .unwrap_or_default();
        shape.random = random(text);
        shape
    }
}

/// A share as a number from 0 to 1; nothing of nothing is 0.
pub(super) fn ratio(part: usize, whole: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more than 24 bits")]
    if whole == 0 { 0.0 } else { part as f32 / whole as f32 }
}

/// Share of the longer names that have no vowel where one is due, or mix digits and letters more than once.
fn random(text: &[u8]) -> f32 {
    let names = text.split(|byte| !byte.is_ascii_alphanumeric()).filter(|name| (6..=40).contains(&name.len()));
    let (mut all, mut odd) = (0, 0);
    for name in names.take(4_000) {
        if name.iter().all(|byte| byte.is_ascii_hexdigit() || byte.is_ascii_digit()) {
            continue;
        }
        all += 1;
        odd += usize::from(is_random(name));
    }
    if all < 6 { 0.0 } else { ratio(odd, all) }
}

fn is_random(name: &[u8]) -> bool {
    let (mut run, mut longest, mut turns, mut cases) = (0, 0, 0, 0);
    let mut before: Option<u8> = None;
    for byte in name {
        let vowel = matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
        run = if vowel || byte.is_ascii_digit() { 0 } else { run + 1 };
        longest = longest.max(run);
        if let Some(before) = before {
            turns += usize::from(before.is_ascii_digit() != byte.is_ascii_digit());
            cases += usize::from(before.is_ascii_lowercase() && byte.is_ascii_uppercase());
        }
        before = Some(*byte);
    }
    longest >= 5 || turns >= 3 || cases >= 4 && cases * 3 >= name.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn honest_names_are_told_from_dice() {
        for name in ["document", "getElementById", "background", "strengths2"] {
            assert!(!is_random(name.as_bytes()) || name == "strengths2", "{name}");
        }
        for name in ["xkqzrtw", "a1b2c3d4", "QwErTyUiOp"] {
            assert!(is_random(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn a_text_is_measured() {
        let shape = Shape::of(b"# a\nlet x = 1;\n");
        assert_eq!((shape.lines, shape.longest), (2, 10));
        assert!((shape.comments - 0.5).abs() < 1e-6);
        assert_eq!(Shape::of(b""), Shape::default());
    }
}

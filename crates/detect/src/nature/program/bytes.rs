//! Numbers and stretches of foreign bytes, and how evenly they are spread.

/// A stretch; empty where the bytes end before.
pub(super) fn piece(bytes: &[u8], at: usize, length: usize) -> &[u8] {
    let end = at.saturating_add(length).min(bytes.len());
    bytes.get(at..end).unwrap_or_default()
}

/// Reads numbers in the file's own order of bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) big: bool,
}

impl Reader<'_> {
    fn chunk<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        let mut chunk = *self.bytes.get(at..)?.first_chunk::<N>()?;
        if self.big {
            chunk.reverse();
        }
        Some(chunk)
    }

    pub(super) fn u16(self, at: usize) -> Option<u16> {
        self.chunk(at).map(u16::from_le_bytes)
    }

    pub(super) fn u32(self, at: usize) -> Option<u32> {
        self.chunk(at).map(u32::from_le_bytes)
    }

    pub(super) fn u64(self, at: usize) -> Option<u64> {
        self.chunk(at).map(u64::from_le_bytes)
    }

    /// Four or eight bytes as a place or a length.
    pub(super) fn word(self, at: usize, wide: bool) -> Option<usize> {
        let value = if wide { self.u64(at)? } else { u64::from(self.u32(at)?) };
        usize::try_from(value).ok()
    }
}

/// Bytes of which the entropy is counted.
const COUNTED: usize = 1 << 20;

/// Bits for each byte of the beginning, 0 to 8.
pub(super) fn entropy(bytes: &[u8]) -> f32 {
    let bytes = piece(bytes, 0, COUNTED);
    // Four tables, so that equal neighbours do not wait for each other.
    let mut counts = [[0_u32; 256]; 4];
    let [first, second, third, fourth] = &mut counts;
    let (fours, rest) = bytes.as_chunks::<4>();
    let add = |table: &mut [u32; 256], byte: u8| {
        if let Some(count) = table.get_mut(usize::from(byte)) {
            *count += 1;
        }
    };
    for [a, b, c, d] in fours {
        add(first, *a);
        add(second, *b);
        add(third, *c);
        add(fourth, *d);
    }
    for byte in rest {
        add(first, *byte);
    }
    let all = number(bytes.len());
    let each = first.iter().zip(second.iter()).zip(third.iter()).zip(fourth.iter());
    each.map(|(((a, b), c), d)| a + b + c + d)
        .filter(|count| *count > 0)
        .map(|count| {
            let share = number(usize::try_from(count).unwrap_or_default()) / all;
            -share * share.log2()
        })
        .sum()
}

/// A count or a size as a number that trees compare.
#[expect(clippy::cast_precision_loss, reason = "borders of trees need no more than 24 bits")]
pub(super) const fn number(value: usize) -> f32 {
    value as f32
}

/// Yes or no as a number.
pub(super) fn flag(value: bool) -> f32 {
    f32::from(u8::from(value))
}

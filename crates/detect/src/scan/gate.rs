//! Which files a rule can match at all, read from its condition, so that a file meets only the rules that could find it.
//!
//! Most public rules begin with `uint16(0) == 0x5A4D and filesize < 2MB`: on a Linux program or on a film they cannot
//! match, and their strings need not be looked for. A condition is worked out once for each [`Head`] (the first two
//! bytes) and each [`Size`], with "unknown" for whatever only the bytes can tell. What cannot be worked out
//! surely leaves the gate open.

use super::worth::{Worth, worth};
use boreal_parser::rule::Rule;

/// What a file begins with, by its first two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Head {
    /// `MZ`: programs for Windows.
    Mz,
    /// `\x7FE`: programs for Linux.
    Elf,
    /// `%P`: PDF.
    Pdf,
    /// `PK`: zip and all that is one.
    Zip,
    /// `\xD0\xCF`: compound files.
    Ole,
    /// `{\`: rich text.
    Rtf,
    /// None of these, nor two bytes at all.
    Other,
}

impl Head {
    pub(super) const ALL: [Self; 7] = [Self::Mz, Self::Elf, Self::Pdf, Self::Zip, Self::Ole, Self::Rtf, Self::Other];

    /// The two bytes; nothing for [`Head::Other`].
    pub(super) const fn bytes(self) -> Option<[u8; 2]> {
        match self {
            Self::Mz => Some(*b"MZ"),
            Self::Elf => Some([0x7F, b'E']),
            Self::Pdf => Some(*b"%P"),
            Self::Zip => Some(*b"PK"),
            Self::Ole => Some([0xD0, 0xCF]),
            Self::Rtf => Some(*b"{\\"),
            Self::Other => None,
        }
    }

    /// The head of these bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let first = bytes.first_chunk::<2>();
        Self::ALL.into_iter().find(|head| head.bytes().as_ref() == first && first.is_some()).unwrap_or(Self::Other)
    }
}

/// How large a file is, in classes at which public rules draw their lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Size {
    /// Below 1 MiB.
    Small,
    /// Below 10 MiB.
    Middle,
    /// All above.
    Large,
}

impl Size {
    pub(super) const ALL: [Self; 3] = [Self::Small, Self::Middle, Self::Large];

    /// The sizes of the class, in bytes: from the first up to and without the second.
    pub(super) const fn range(self) -> (i64, i64) {
        const MIB: i64 = 1024 * 1024;
        match self {
            Self::Small => (0, MIB),
            Self::Middle => (MIB, 10 * MIB),
            Self::Large => (10 * MIB, i64::MAX),
        }
    }

    /// The class of a length.
    pub(super) fn of(length: usize) -> Self {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        Self::ALL.into_iter().find(|size| length < size.range().1).unwrap_or(Self::Large)
    }
}

/// The files that a rule is asked about: those with this head (all heads when there is none) up to this size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gate {
    pub(super) head: Option<Head>,
    pub(super) most: Size,
}

impl Gate {
    /// Everything.
    pub(super) const OPEN: Self = Self { head: None, most: Size::Large };

    /// The narrowest gate that keeps nothing out which the rule could match.
    pub(super) fn of(rule: &Rule) -> Self {
        let can = |head: Head, size: Size| {
            !matches!(worth(&rule.condition, rule, head, size), Worth::False | Worth::Undefined)
        };
        let heads: Vec<Head> =
            Head::ALL.into_iter().filter(|head| Size::ALL.into_iter().any(|size| can(*head, size))).collect();
        let most = Size::ALL.into_iter().rev().find(|size| Head::ALL.into_iter().any(|head| can(head, *size)));
        match (heads.as_slice(), most) {
            ([head], Some(most)) => Self { head: Some(*head), most },
            (_, Some(most)) => Self { head: None, most },
            // A condition that no file meets; it costs little to ask.
            (_, None) => Self::OPEN,
        }
    }

    /// Whether a file passes.
    pub(super) fn lets(self, head: Head, size: Size) -> bool {
        self.head.is_none_or(|wanted| wanted == head) && size <= self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::source::take_apart;

    fn gate(condition: &str) -> Gate {
        let text = format!(
            "import \"pe\" rule r {{ strings: $m = \"MZ\" $e = {{ 7F 45 4C 46 }} $n = \"mz\" nocase condition: {condition} }}"
        );
        Gate::of(&take_apart(&text).unwrap().rules[0].rule)
    }

    #[test]
    fn what_a_condition_demands_of_head_and_size_is_read() {
        let (mz, elf) = (Some(Head::Mz), Some(Head::Elf));
        for (condition, head, most) in [
            ("uint16(0) == 0x5A4D", mz, Size::Large),
            ("uint16(0) == 0x5A4D and filesize < 500KB and $n", mz, Size::Small),
            ("0x5A4D == uint16(0) and filesize <= 2MB", mz, Size::Middle),
            ("uint16be(0) == 0x4D5A", mz, Size::Large),
            ("uint32(0) == 0x464c457f and filesize < 9MB", elf, Size::Middle),
            ("$m at 0 and $n", mz, Size::Large),
            ("$e at 0", elf, Size::Large),
            ("pe.number_of_sections > 3", mz, Size::Large),
            ("pe.is_pe and $n", mz, Size::Large),
            ("(uint16(0) == 0x5A4D and $n) or (uint16(0) == 0x5A4D and $e)", mz, Size::Large),
            (
                "for any i in (0..pe.number_of_sections - 1) : (pe.sections[i].name == \"x\") and pe.is_pe",
                mz,
                Size::Large,
            ),
        ] {
            assert_eq!(gate(condition), Gate { head, most }, "{condition}");
        }
    }

    #[test]
    fn what_could_match_anything_stays_open() {
        for condition in [
            "$n",
            "not uint16(0) == 0x5A4D",
            "uint16(0) == 0x5A4D or $n",
            "not pe.is_pe",
            "not (pe.number_of_sections > 3)",
            "not defined pe.number_of_sections",
            "$n at 0",
            "filesize > 100",
            "filesize < 100 or $m",
            "uint16(1) == 0x5A4D",
            "uint32(uint32(0x3C)) == 0x00004550",
            "for all of them : ( $ at 0 )",
        ] {
            assert_eq!(gate(condition), Gate::OPEN, "{condition}");
        }
    }

    #[test]
    fn heads_and_sizes_are_told_by_the_bytes() {
        assert_eq!(
            [Head::of(b"MZ\x90"), Head::of(b"M"), Head::of(b""), Head::of(b"PK\x03\x04")],
            [Head::Mz, Head::Other, Head::Other, Head::Zip]
        );
        assert_eq!([Size::of(0), Size::of(1 << 20), Size::of(10 << 20)], Size::ALL);
    }
}

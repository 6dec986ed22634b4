//! Programs of Windows and of Linux as numbers: headers, sections, imports, what is appended, what their texts speak of.
//! Nothing is run, and no length or place that stands in the file is believed.

mod bytes;
mod elf;
mod mentions;
mod pe;
mod pe_header;
mod pe_names;

pub use elf::{ELF_FEATURES, elf_values};
pub use pe::{PE_FEATURES, pe_values};

use super::{Kind, Seen};

/// A feature: its name (for PE headers that of `ClaMP`'s columns) and the code of the reason that it stands for.
pub type Feature = (&'static str, &'static str);

/// Longer programs were in no training, on either side: of them there is no opinion.
const LONGEST: usize = 16 * 1024 * 1024;

/// Looks at a program; nothing when the bytes are none.
pub(super) fn look(bytes: &[u8]) -> Option<Seen> {
    if bytes.len() >= LONGEST {
        return None;
    }
    let (kind, values) = pe_values(bytes)
        .map(|values| (Kind::Pe, values))
        .or_else(|| elf_values(bytes).map(|values| (Kind::Elf, values)))?;
    Some(Seen { kind, facts: Vec::new(), words: Vec::new(), values })
}

/// The reason that a feature stands for.
pub(super) fn reason_of(kind: Kind, feature: u8) -> &'static str {
    let features: &[Feature] = if kind == Kind::Pe { PE_FEATURES } else { ELF_FEATURES };
    features.get(usize::from(feature)).map_or("program_header", |(_, reason)| reason)
}

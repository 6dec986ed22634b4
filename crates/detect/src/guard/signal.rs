//! The signs of harm, what each is worth, and how many points of one kind can count at most.

/// The most points that one file can give.
pub const FILE_POINTS: f64 = 30.0;

/// A sign of harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// A canary was changed, renamed or deleted.
    Canary,
    /// A document lost its kind and looks random now.
    HeaderLost,
    /// A document lost its kind without looking random: a weak cipher, or small pieces encrypted.
    ContentLost,
    /// A file that should be of its extension's kind is random instead; how it was before is not known.
    ExtensionBelied,
    /// The content became random where no kind was known before.
    EntropyJump,
    /// The beginning of the kind is still there, the structure behind it is broken.
    FormatBroken,
    /// Parts of a file became random.
    PartlyRandom,
    /// Text became armoured text (base64 and the like).
    Armoured,
    /// A document was deleted and a random file stands in its stead.
    WriteThenUnlink,
    /// A random file was renamed over a document.
    RenamedOver,
    /// Documents turned into archives under their old names.
    KindSwapped,
    /// Documents that are no text turned into text under their old names.
    TextInstead,
    /// A document holds one byte over and over.
    Wiped,
    /// A document was emptied, or cut to a small rest.
    Emptied,
    /// A document was deleted after a file was made that nobody can look into and that has room for it.
    LockedAway,
    /// Folders are being emptied one after the other and left standing, or nearly everything is gone.
    Cleared,
    /// Random files appeared. Backups with encryption make such files too, so this alone never suffices.
    RandomCreated,
    /// Many files got the same unknown extension. This alone never suffices.
    NewExtension,
    /// The same note appeared in several folders. This alone never suffices.
    Note,
    /// Documents are deleted in number. This alone never suffices.
    Deletes,
}

impl Signal {
    /// The name under which it stands in an alarm's reasons.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Canary => "canary",
            Self::HeaderLost => "header_lost",
            Self::ContentLost => "content_lost",
            Self::ExtensionBelied => "extension_belied",
            Self::EntropyJump => "entropy_jump",
            Self::FormatBroken => "format_broken",
            Self::PartlyRandom => "partly_random",
            Self::Armoured => "armoured",
            Self::WriteThenUnlink => "write_then_unlink",
            Self::RenamedOver => "renamed_over",
            Self::KindSwapped => "kind_swapped",
            Self::TextInstead => "text_instead",
            Self::Wiped => "wiped",
            Self::Emptied => "emptied",
            Self::LockedAway => "locked_away",
            Self::Cleared => "cleared",
            Self::RandomCreated => "random_created",
            Self::NewExtension => "new_extension",
            Self::Note => "note",
            Self::Deletes => "deletes",
        }
    }

    /// What it says, after the number of files.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Canary => "canary files were harmed",
            Self::HeaderLost => "documents lost their header and look encrypted",
            Self::ContentLost => "documents lost their content",
            Self::ExtensionBelied => "files look encrypted although their names say otherwise",
            Self::EntropyJump => "files became random",
            Self::FormatBroken => "documents kept their header but are broken inside",
            Self::PartlyRandom => "files became random in parts",
            Self::Armoured => "texts were replaced by encoded ones",
            Self::WriteThenUnlink => "documents were deleted after an encrypted copy was written",
            Self::RenamedOver => "documents were replaced by encrypted files",
            Self::KindSwapped => "documents were replaced by archives under the same name",
            Self::TextInstead => "documents turned into text under the same name",
            Self::Wiped => "documents were overwritten with one byte",
            Self::Emptied => "documents were emptied or cut to a small rest",
            Self::LockedAway => "documents were deleted after a locked archive was written",
            Self::Cleared => "folders are being cleared of documents",
            Self::RandomCreated => "encrypted-looking files appeared",
            Self::NewExtension => "files got an unknown extension",
            Self::Note => "folders got the same note",
            Self::Deletes => "documents were deleted",
        }
    }

    /// What one file is worth.
    pub(super) const fn points(self) -> f64 {
        match self {
            // The points of these two are the threshold itself.
            Self::Canary | Self::Cleared => 0.0,
            Self::HeaderLost | Self::WriteThenUnlink | Self::RenamedOver | Self::Wiped => FILE_POINTS,
            Self::ExtensionBelied
            | Self::EntropyJump
            | Self::FormatBroken
            | Self::ContentLost
            | Self::PartlyRandom
            | Self::Armoured
            | Self::TextInstead => 26.0,
            Self::Emptied => 22.0,
            Self::KindSwapped => 16.0,
            Self::LockedAway => 12.0,
            Self::RandomCreated => 5.0,
            Self::NewExtension => 4.0,
            Self::Note => 10.0,
            Self::Deletes => 1.0,
        }
    }

    /// The most points that signals of this kind can give together. The caps of the four weak signals stay below the
    /// default threshold even in sum.
    pub(super) const fn cap(self) -> f64 {
        match self {
            Self::RandomCreated => 20.0,
            Self::NewExtension => 30.0,
            Self::Note => 30.0,
            Self::Deletes => 15.0,
            _ => f64::INFINITY,
        }
    }
}

//! Where messages come from: files, everything in folders, standard input.

use baluardo_mail::MOST_BYTES;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Bytes of a mailbox file that are read.
const MOST_MAILBOX: usize = 2 << 30;

/// One place that holds a message or several.
#[derive(Debug)]
pub(super) enum Source {
    Input,
    File(PathBuf),
}

impl Source {
    /// As it is called in answers.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Input => "-".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Whether several messages may stand in it. A file of one message may begin with an envelope line too.
    pub(super) fn may_be_mailbox(&self) -> bool {
        match self {
            Self::Input => true,
            Self::File(path) => path.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("eml")),
        }
    }

    /// Its bytes; of a single message no more than the engine looks at, and one so that it knows.
    pub(super) fn read(&self) -> std::io::Result<Vec<u8>> {
        let most = if self.may_be_mailbox() { MOST_MAILBOX } else { MOST_BYTES + 1 };
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        let mut bytes = Vec::new();
        match self {
            Self::Input => std::io::stdin().lock().take(most).read_to_end(&mut bytes)?,
            Self::File(path) => File::open(path)?.take(most).read_to_end(&mut bytes)?,
        };
        Ok(bytes)
    }
}

/// Every file under the paths, in order; and how many paths could not be read, which are named on standard error.
pub(super) fn gather(paths: &[PathBuf]) -> (Vec<Source>, usize) {
    let mut sources = Vec::new();
    let mut troubles = 0;
    for path in paths {
        if path.as_os_str() == "-" {
            sources.push(Source::Input);
        } else if let Err(error) = walk(path, true, &mut sources) {
            eprintln!("baluardo: {} cannot be read: {error}", path.display());
            troubles += 1;
        }
    }
    (sources, troubles)
}

/// Hidden files and links within folders are passed over: a link may lead in a circle.
fn walk(path: &Path, named: bool, sources: &mut Vec<Source>) -> std::io::Result<()> {
    let kind = if named { std::fs::metadata(path)? } else { std::fs::symlink_metadata(path)? };
    if kind.is_file() || (named && !kind.is_dir()) {
        sources.push(Source::File(path.to_owned()));
    } else if kind.is_dir() {
        let mut inside: Vec<PathBuf> =
            std::fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        inside.sort();
        for entry in inside {
            if !entry.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
                walk(&entry, false, sources)?;
            }
        }
    }
    Ok(())
}

//! `baluardo admin dmarc import`.

use anyhow::{Context as _, bail};
use baluardo_service::{House, mail};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The largest file that is read, in bytes.
const MOST_BYTES: u64 = 64 << 20;

/// Brings in every report in `paths`. What could not be read is told, and the rest goes on.
pub(super) async fn import(house: &House, paths: &[PathBuf]) -> anyhow::Result<()> {
    let (mut kept, mut known, mut files) = (0, 0, 0_u64);
    let mut foreign = BTreeSet::new();
    for path in gathered(paths)? {
        let bytes = read(&path)?;
        let done = mail::take_dmarc(house, &bytes).await?;
        let nothing = done == mail::ImportedDmarc::default();
        if nothing {
            eprintln!("{}: there is no DMARC report in it", path.display());
        }
        for why in done.unreadable {
            eprintln!("{}: {}", path.display(), why.escape_debug());
        }
        (kept, known, files) = (kept + done.kept, known + done.known, files + 1);
        foreign.extend(done.foreign);
    }
    for domain in &foreign {
        eprintln!("{}: no comune answers for this domain, so its reports are left out", domain.escape_debug());
    }
    println!("{files} files: {kept} reports are new, {known} were here before");
    if kept + known == 0 {
        bail!("no report was brought in");
    }
    Ok(())
}

/// The files, and those directly within the folders, by name.
fn gathered(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).with_context(|| format!("{} cannot be listed", path.display()))?;
            let files = entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_file());
            let mut files: Vec<_> = files.collect();
            files.sort();
            found.extend(files);
        } else {
            found.push(path.clone());
        }
    }
    Ok(found)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).with_context(|| format!("{} cannot be read", path.display()))?;
    if bytes.len() as u64 > MOST_BYTES {
        bail!("{} is larger than {} MB: no report is", path.display(), MOST_BYTES >> 20);
    }
    Ok(bytes)
}

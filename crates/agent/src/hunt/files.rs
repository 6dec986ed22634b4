//! Looks for files: by digest, by name, by a rule. Stays on local disks, follows no links and opens nothing but regular files.

use super::Search;
use crate::platform::file::open_regular;
use crate::platform::gather::Root;
use crate::platform::walk::files;
use crate::vault::seal::hex;
use baluardo_detect::inventory::mounts;
use baluardo_detect::scan::HuntRules;
use baluardo_model::hunt::{MAX_FILE_BYTES, Quarry, fits};
use ring::digest::{Context, SHA256};
use std::cell::RefCell;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Bytes that are read at once.
const PIECE: usize = 256 * 1024;
/// The longest that the rules may take over one file.
const RULE_TIME: Duration = Duration::from_secs(10);

/// How a file is recognised.
enum Sign {
    Digest(String),
    Name(String),
    Rules(HuntRules),
}

/// Looks through the hunt's folders.
pub(super) fn look(search: &mut Search<'_>, root: &Root) -> Result<(), String> {
    let sign = match &search.hunt.quarry {
        Quarry::FileHash { sha256 } => Sign::Digest(sha256.to_ascii_lowercase()),
        Quarry::FileName { pattern } => Sign::Name(pattern.clone()),
        Quarry::FileRule { rule } => Sign::Rules(HuntRules::compile(rule)?),
        _ => return Err("this hunt is not about files".to_owned()),
    };
    let whole = vec!["/".to_owned()];
    let folders = if search.hunt.folders.is_empty() { &whole } else { &search.hunt.folders };
    let barred = barred(root);
    let own = search.own_folder().to_owned();
    let search = RefCell::new(search);
    for folder in folders {
        let skip = |path: &Path| path == own || barred.iter().any(|it| path == it) || !search.borrow_mut().goes_on();
        files(&root.path(folder), &skip, &mut |path| {
            let mut search = search.borrow_mut();
            if search.goes_on() {
                search.pace.files += 1;
                one(&mut search, path, &sign);
                search.checked();
            }
        });
    }
    Ok(())
}

/// Where other machines' disks and the kernel's own files begin.
fn barred(root: &Root) -> Vec<PathBuf> {
    let all = mounts::mounts(&root.text("proc/self/mountinfo"));
    let elsewhere = all.iter().filter(|mount| mount.is_remote() || mount.is_pseudo());
    elsewhere.map(|mount| root.path(&mount.point)).collect()
}

/// Looks at one file. One that cannot be read, or went away, is passed over.
fn one(search: &mut Search<'_>, path: &Path, sign: &Sign) {
    let shown = path.to_string_lossy();
    match sign {
        Sign::Name(pattern) => {
            let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            if fits(pattern, if pattern.contains('/') { &shown } else { &name }) {
                let size = std::fs::symlink_metadata(path).map_or(0, |meta| meta.len());
                search.found(shown, format!("{size} bytes"));
            }
        }
        Sign::Digest(wanted) => {
            if let Ok((file, look)) = open_regular(path)
                && look.stamp.size <= MAX_FILE_BYTES
                && digest(search, file).is_some_and(|digest| digest == *wanted)
            {
                search.found(shown, format!("{} bytes", look.stamp.size));
            }
        }
        Sign::Rules(rules) => {
            let Ok((file, look)) = open_regular(path) else { return };
            if look.stamp.size > MAX_FILE_BYTES {
                return;
            }
            let mut bytes = Vec::new();
            if file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).is_err() {
                return;
            }
            search.pace.bytes += bytes.len() as u64;
            let begun = Instant::now();
            let names = rules.matching(&shown, &bytes, &|| RULE_TIME.saturating_sub(begun.elapsed()));
            if !names.is_empty() {
                search.found(shown, names.join(", "));
            }
        }
    }
}

/// SHA-256 of a file, piece by piece so that a large one is no burst of work.
fn digest(search: &mut Search<'_>, mut file: File) -> Option<String> {
    let (mut context, mut piece) = (Context::new(&SHA256), vec![0; PIECE]);
    loop {
        let read = file.read(&mut piece).ok()?;
        if read == 0 {
            break;
        }
        context.update(piece.get(..read)?);
        search.pace.bytes += read as u64;
        if !search.goes_on() {
            return None;
        }
    }
    Some(hex(context.finish().as_ref()))
}

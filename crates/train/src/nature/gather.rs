//! Reads the collections and the folders of honest files, and turns every file into numbers.

use crate::example::{Example, mix};
use crate::sources::{Holds, SOURCES, Source};
use crate::{Args, git, locked_zip};
use anyhow::Context as _;
use baluardo_detect::nature::{FACTS, Strength, look};
use baluardo_detect::unpack::{Limits, Room, walk};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Largest honest file read, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Parts taken out of one archive.
const PARTS: usize = 40;

/// Honest files of a folder so deep are one group: a package.
const DEEP: usize = 7;

/// Threads that turn files into numbers.
const THREADS: usize = 2;

/// Everything that can be had.
pub(crate) fn gather(args: &Args) -> anyhow::Result<Vec<Example>> {
    let mut all = Vec::new();
    for source in SOURCES {
        let Some(folder) = git::folder(&args.data, source.repo) else {
            eprintln!("{} is not there", source.repo);
            continue;
        };
        let found = of_source(source, &folder, args.most).with_context(|| source.repo.to_owned())?;
        eprintln!("{:<50} {:<12} {} files are scripts or programs", source.repo, source.under, found.len());
        all.extend(found);
    }
    for folder in &args.benign {
        let found = of_folder(folder);
        eprintln!("{:<63} {} files are scripts or programs", folder.display(), found.len());
        all.extend(found);
    }
    Ok(all)
}

/// A fixed choice of so many, spread over all.
fn chosen(mut files: Vec<(String, String)>, most: usize) -> Vec<(String, String)> {
    let number = |text: &str| text.bytes().fold(7_u64, |sum, byte| mix(sum ^ u64::from(byte)));
    files.sort_by_key(|(_, object)| number(object));
    files.dedup_by(|left, right| left.1 == right.1);
    files.truncate(most);
    files
}

fn of_source(source: &Source, folder: &Path, most: usize) -> anyhow::Result<Vec<Example>> {
    let files = git::list(folder)?.into_iter().filter(|(path, _)| source.takes(path)).collect();
    let files = chosen(files, most);
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    let work = || -> anyhow::Result<()> {
        let mut objects = git::Objects::open(folder)?;
        while let Some((path, object)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Some(bytes) = objects.read(object)? else { continue };
            let mut mine = Vec::new();
            of_file(source, path, &bytes, &mut mine);
            if let Ok(mut found) = found.lock() {
                found.extend(mine);
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let hands: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        hands.into_iter().try_for_each(|hand| hand.join().unwrap_or_else(|_| anyhow::bail!("a thread died")))
    })?;
    let mut found = found.into_inner().unwrap_or_default();
    found.sort_by(|left: &Example, right| left.name.cmp(&right.name));
    Ok(found)
}

fn of_file(source: &Source, path: &str, bytes: &[u8], found: &mut Vec<Example>) {
    let hostile = source.holds != Holds::Honest;
    let group = source.group(path);
    let mixed = matches!(source.holds, Holds::HostileArchives | Holds::HostileMixed);
    let mut take = |name: &str, bytes: &[u8]| {
        // Packages of malware hold honest files too: of their scripts count those of which some fact tells.
        if let Some(seen) = look(bytes, name).filter(|seen| !mixed || seen.kind.is_script() <= tells(&seen.facts)) {
            found.push(Example::new(&group, hostile, &format!("{}:{name}", source.repo), seen));
        }
    };
    if source.holds != Holds::HostileArchives {
        return take(path, bytes);
    }
    let locked = if bytes.starts_with(b"PK") { locked_zip::open(bytes) } else { Vec::new() };
    for (name, bytes) in locked.iter().take(PARTS) {
        open(&format!("{path}!{name}"), bytes, &mut take);
    }
    if locked.is_empty() {
        open(path, bytes, &mut take);
    }
}

/// Whether a fact holds that says something against a script.
fn tells(facts: &[u16]) -> bool {
    let strength = |fact: &u16| FACTS.get(usize::from(*fact)).map(|fact| fact.strength);
    facts.iter().any(|fact| matches!(strength(fact), Some(Strength::Support | Strength::Strong)))
}

/// A file and what is inside it; of packages only what runs when they are installed or loaded.
fn open(path: &str, bytes: &[u8], take: &mut dyn FnMut(&str, &[u8])) {
    let limits = Limits { depth: 4, parts: 400, total: 64 << 20, part: 16 << 20, ratio: 400, harmless: 32 << 20 };
    let mut room = Room::new(limits, &|| false);
    let mut parts = 0;
    walk(bytes, &mut room, &mut |inside, bytes| {
        let name = inside.map_or_else(|| path.to_owned(), |inside| format!("{path}!{inside}"));
        let quiet = [".txt", ".md", ".rst", "PKG-INFO", ".cfg", ".toml", ".json"].iter().any(|end| name.ends_with(end));
        if parts < PARTS && !quiet && bytes.len() > 40 {
            parts += 1;
            take(&name, bytes);
        }
    });
}

/// Honest files below a folder, in groups by where they stand.
fn of_folder(folder: &Path) -> Vec<Example> {
    let mut paths = Vec::new();
    below(folder, &mut paths);
    paths.sort();
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Ok(bytes) = std::fs::read(path) else { continue };
                    let name = path.to_string_lossy();
                    let Some(seen) = look(&bytes, &name) else { continue };
                    let parts: Vec<_> = name.split('/').collect();
                    let group = parts.get(..parts.len().saturating_sub(1).min(DEEP)).unwrap_or_default().join("/");
                    let example = Example::new(&format!("honest: {group}"), false, &name, seen);
                    if let Ok(mut found) = found.lock() {
                        found.push(example);
                    }
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap_or_default();
    found.sort_by(|left: &Example, right| left.name.cmp(&right.name));
    found
}

fn below(folder: &Path, paths: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        let path = entry.path();
        if kind.is_dir() {
            below(&path, paths);
        } else if kind.is_file() && entry.metadata().is_ok_and(|meta| (1..LARGEST).contains(&meta.len())) {
            paths.push(path);
        }
    }
}

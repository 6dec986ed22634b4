//! Honest work that no tool of the system does in one line.

use super::{beside, noise, stir};
use baluardo_server::demo::office;
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

type Work = fn(&Path, &[PathBuf], Duration) -> anyhow::Result<()>;

/// The honest work of this name.
pub(super) fn work(name: &str) -> Option<Work> {
    Some(match name {
        "save" => |folder, files, pause| save(folder, files, pause, false),
        "save-again" => |_, files, _| save_again(files),
        "save-with-backup" => |folder, files, pause| save(folder, files, pause, true),
        "maildir" => |folder, _, _| maildir(folder),
        "mbox" => |folder, _, _| mbox(folder),
        "format" => |_, files, _| format_all(files),
        "thumbnails" => |folder, files, _| thumbnails(folder, files),
        "retouch" => |_, files, _| retouch(files),
        "import" => |folder, _, _| import(folder),
        _ => return None,
    })
}

fn has(path: &Path, extension: &str) -> bool {
    path.extension() == Some(OsStr::new(extension))
}

/// Saves every document anew as office programs do: a file beside it, then renamed over it.
fn save(folder: &Path, files: &[PathBuf], pause: Duration, backup: bool) -> anyhow::Result<()> {
    // New documents of the same kinds, from a folder of the maker's own.
    let fresh = tempfile_beside(folder)?;
    let made = office::fill(&fresh, files.len() + 40)?;
    for path in files {
        let same = |other: &&PathBuf| other.extension() == path.extension() && path.extension().is_some();
        let Some(new) = made.iter().rev().find(same) else { continue };
        let bytes = fs::read(new)?;
        if backup {
            fs::rename(path, beside(path, ".bak"))?;
            fs::write(path, bytes)?;
            fs::remove_file(beside(path, ".bak"))?;
        } else {
            let lock = path.with_file_name(".~lock.documento#");
            fs::write(&lock, ",ufficio,pc12;")?;
            let temporary = path.with_file_name("lu7341.tmp");
            fs::write(&temporary, bytes)?;
            fs::rename(&temporary, path)?;
            fs::remove_file(&lock)?;
        }
        std::thread::sleep(pause);
    }
    Ok(fs::remove_dir_all(fresh)?)
}

/// Saves every document three times with what stands in it: nothing but the reading, the writing and the renaming.
fn save_again(files: &[PathBuf]) -> anyhow::Result<()> {
    for path in files.iter().cycle().take(files.len() * 3) {
        let temporary = path.with_file_name("lu7341.tmp");
        fs::write(&temporary, fs::read(path)?)?;
        fs::rename(&temporary, path)?;
    }
    Ok(())
}

fn tempfile_beside(folder: &Path) -> anyhow::Result<PathBuf> {
    let fresh = folder.with_file_name("altrove").join("nuovi");
    fs::create_dir_all(&fresh)?;
    Ok(fresh)
}

/// Mail that comes, is read, moved and expunged.
fn maildir(folder: &Path) -> anyhow::Result<()> {
    let boxes = ["INBOX", "Archivio", "Cestino"].map(|name| folder.join("Maildir").join(name));
    for mailbox in &boxes {
        for part in ["tmp", "new", "cur"] {
            fs::create_dir_all(mailbox.join(part))?;
        }
    }
    let [inbox, archive, bin] = &boxes;
    for number in 0..60 {
        let name = format!("1732262400.M{number}P1.mail");
        let mail =
            format!("From: a@b.example\nSubject: pratica {number}\n\n{}", "Gentile ufficio, in allegato.\n".repeat(30));
        fs::write(inbox.join("tmp").join(&name), mail)?;
        fs::rename(inbox.join("tmp").join(&name), inbox.join("new").join(&name))?;
        let seen = inbox.join("cur").join(format!("{name}:2,S"));
        fs::rename(inbox.join("new").join(&name), &seen)?;
        let to = if number % 3 == 0 { bin } else { archive };
        fs::rename(&seen, to.join("cur").join(format!("{name}:2,S")))?;
    }
    for entry in fs::read_dir(bin.join("cur"))?.flatten() {
        fs::remove_file(entry.path())?;
    }
    Ok(())
}

/// A mail box that grows, and is written anew without what was deleted.
fn mbox(folder: &Path) -> anyhow::Result<()> {
    let path = folder.join("posta.mbox");
    let mail = |n: u64| {
        let attached: String = noise(n, 3_000).iter().map(|byte| char::from(b'A' + byte % 26)).collect();
        format!("From a@b.example\nSubject: pratica {n}\n\nGentile ufficio, in allegato.\n{attached}\n\n")
    };
    for number in 0..40 {
        fs::File::options().create(true).append(true).open(&path)?.write_all(mail(number).as_bytes())?;
    }
    let kept: String = (0..40).filter(|number| number % 4 == 0).map(mail).collect();
    Ok(fs::write(path, kept)?)
}

/// Sets blanks around separators in every text, in place.
fn format_all(files: &[PathBuf]) -> anyhow::Result<()> {
    for path in files.iter().filter(|path| has(path, "csv") || has(path, "txt")) {
        let Ok(text) = String::from_utf8(fs::read(path)?) else { continue };
        fs::write(path, text.replace(';', " ; ").replace('\n', "\r\n"))?;
    }
    Ok(())
}

/// Small pictures beside the large ones.
fn thumbnails(folder: &Path, files: &[PathBuf]) -> anyhow::Result<()> {
    fs::create_dir_all(folder.join("miniature"))?;
    for path in files.iter().filter(|path| has(path, "jpg")) {
        let bytes = fs::read(path)?;
        let name = path.file_name().unwrap_or_default();
        let small = [bytes.get(..6_000).unwrap_or(&bytes), &[0xff, 0xd9]].concat();
        fs::write(folder.join("miniature").join(name), small)?;
    }
    Ok(())
}

/// Every picture written anew under its own name, with other data.
fn retouch(files: &[PathBuf]) -> anyhow::Result<()> {
    for path in files.iter().filter(|path| has(path, "jpg")) {
        let bytes = fs::read(path)?;
        let data = noise(stir(path.as_os_str()), bytes.len() / 2);
        let mut new = bytes.get(..20).unwrap_or_default().to_vec();
        for byte in data {
            new.push(byte);
            if byte == 0xff {
                new.push(0);
            }
        }
        new.extend([0xff, 0xd9]);
        fs::write(path, new)?;
    }
    Ok(())
}

/// Photographs that arrive, each under a passing name first.
fn import(folder: &Path) -> anyhow::Result<()> {
    let to = folder.join("Foto 2026");
    fs::create_dir_all(&to)?;
    for number in 0..80 {
        let bytes =
            [b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec(), vec![7; 9_000], vec![0xff, 0xd9]]
                .concat();
        let passing = to.join(format!(".img{number}.part"));
        fs::write(&passing, bytes)?;
        fs::rename(passing, to.join(format!("img{number}.jpg")))?;
    }
    Ok(())
}

//! Files: looked at, opened, put in place and removed, never through a symbolic link that someone planted.
//!
//! The agent may be root in folders that others own. Whoever owns a folder can swap it for a link to /etc at any instant,
//! so every write and every removal goes through the parent folder's own descriptor, opened with no link on the way.

use crate::platform::place::{Attributes, FileTime, Look, Stamp};
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, OpenHow, RenameFlags, ResolveFlag, openat, openat2, renameat, renameat2};
use nix::sys::stat::{FileStat, Mode, SFlag, fchmod, fstat, fstatat, futimens, mkdirat};
use nix::sys::time::TimeSpec;
use nix::unistd::{Gid, Uid, UnlinkatFlags, fchown, unlinkat};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// Opens a regular file for reading.
///
/// # Errors
/// Those of the system, and [`io::ErrorKind::Unsupported`] when it is not a regular file.
pub fn open_regular(path: &Path) -> io::Result<(File, Look)> {
    let how = OpenHow::new()
        .flags(OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC | OFlag::O_NOCTTY)
        .resolve(ResolveFlag::RESOLVE_NO_SYMLINKS);
    let file = File::from(openat2(AT_FDCWD, path, how)?);
    let look = look_at(&file)?;
    Ok((file, look))
}

/// Looks at an open regular file.
///
/// # Errors
/// Those of the system, and [`io::ErrorKind::Unsupported`] when it is not a regular file.
pub fn look_at(file: &File) -> io::Result<Look> {
    look_of(&fstat(file)?)
}

/// Looks at a regular file by its name, without opening it.
///
/// # Errors
/// Those of the system, and [`io::ErrorKind::Unsupported`] when it is not a regular file.
pub fn look(path: &Path) -> io::Result<Look> {
    look_of(&nix::sys::stat::lstat(path)?)
}

fn look_of(stat: &FileStat) -> io::Result<Look> {
    if SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT != SFlag::S_IFREG {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "not a regular file"));
    }
    let modified = FileTime(stat.st_mtime, stat.st_mtime_nsec);
    Ok(Look {
        stamp: Stamp {
            dev: stat.st_dev,
            ino: stat.st_ino,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified,
            changed: FileTime(stat.st_ctime, stat.st_ctime_nsec),
        },
        attributes: Attributes {
            uid: stat.st_uid,
            gid: stat.st_gid,
            mode: stat.st_mode & 0o7777,
            accessed: FileTime(stat.st_atime, stat.st_atime_nsec),
            modified,
        },
    })
}

/// How a file is put in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occupied {
    /// What is there is replaced in one step.
    Replace,
    /// What is there stays, and putting fails with [`io::ErrorKind::AlreadyExists`].
    Keep,
}

/// Puts a file at `path` in one step: `fill` writes its bytes under the name `passing` in the same folder, owner, rights
/// and times are set, the bytes are synced, and only then it gets its name. Missing folders are made for the same owner.
/// A rest named `passing`, from a put that died, is removed first.
///
/// # Errors
/// Those of the system and of `fill`. Nothing lies at `path` that was not there before.
pub fn put(
    path: &Path,
    passing: &str,
    attributes: &Attributes,
    occupied: Occupied,
    fill: &mut dyn FnMut(&mut File) -> io::Result<()>,
) -> io::Result<Look> {
    let (parent, name) = split(path)?;
    let folder = open_folder_or_make(parent, attributes)?;
    let done = write_passing(&folder, passing, attributes, fill).and_then(|file| {
        crate::vault::crash::point();
        match occupied {
            Occupied::Replace => renameat(&folder, passing, &folder, name)?,
            Occupied::Keep => renameat2(&folder, passing, &folder, name, RenameFlags::RENAME_NOREPLACE)?,
        }
        crate::vault::crash::point();
        let _ = nix::unistd::fsync(open_folder(parent, OFlag::O_RDONLY)?);
        look_at(&file)
    });
    if done.is_err() {
        let _ = unlinkat(&folder, passing, UnlinkatFlags::NoRemoveDir);
    }
    done
}

fn write_passing(
    folder: &OwnedFd,
    passing: &str,
    attributes: &Attributes,
    fill: &mut dyn FnMut(&mut File) -> io::Result<()>,
) -> io::Result<File> {
    let flags = OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_WRONLY | OFlag::O_CLOEXEC;
    let make = || openat(folder, passing, flags, Mode::S_IRUSR | Mode::S_IWUSR);
    let mut file = match make() {
        Err(Errno::EEXIST) => {
            unlinkat(folder, passing, UnlinkatFlags::NoRemoveDir)?;
            File::from(make()?)
        }
        other => File::from(other?),
    };
    fill(&mut file)?;
    dress(&file, attributes)?;
    file.sync_all()?;
    Ok(file)
}

/// Gives `file` its owner, rights and times. An owner that the agent has no right to give is left out: bytes that are back
/// under another owner are better than bytes that are not back.
fn dress(file: &File, attributes: &Attributes) -> io::Result<()> {
    let now = look_at(file)?.attributes;
    if (now.uid, now.gid) != (attributes.uid, attributes.gid) {
        let (owner, group) = (Uid::from_raw(attributes.uid), Gid::from_raw(attributes.gid));
        if fchown(file, Some(owner), Some(group)).is_err() && fchown(file, None, Some(group)).is_err() {
            tracing::warn!(uid = attributes.uid, "the owner of a file could not be given back");
        }
    }
    fchmod(file, Mode::from_bits_truncate(attributes.mode))?;
    let time = |time: FileTime| TimeSpec::new(time.0, time.1);
    futimens(file, &time(attributes.accessed), &time(attributes.modified))?;
    Ok(())
}

/// Removes the name `path` if it still names the file of `stamp` (same device and inode). `false` when it does not.
///
/// # Errors
/// Those of the system; a name that is already gone is no error.
pub fn remove(path: &Path, stamp: &Stamp) -> io::Result<bool> {
    let (parent, name) = split(path)?;
    let folder = match open_folder(parent, OFlag::O_PATH) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        other => other?,
    };
    match fstatat(&folder, name, nix::fcntl::AtFlags::AT_SYMLINK_NOFOLLOW) {
        Ok(now) if now.st_dev == stamp.dev && now.st_ino == stamp.ino => {}
        Ok(_) | Err(Errno::ENOENT) => return Ok(false),
        Err(e) => return Err(e.into()),
    }
    unlinkat(&folder, name, UnlinkatFlags::NoRemoveDir)?;
    let _ = open_folder(parent, OFlag::O_RDONLY).map(nix::unistd::fsync);
    Ok(true)
}

/// Gives the file of `look` at `from` the name `to` on the same file system, with all that it is. Missing folders are made for the
/// owner of the file. `false` when `from` names another file now, or none.
///
/// # Errors
/// Those of the system, [`io::ErrorKind::AlreadyExists`] included: nothing is replaced.
pub fn set_aside(from: &Path, to: &Path, look: &Look) -> io::Result<bool> {
    let ((from_parent, from_name), (to_parent, to_name)) = (split(from)?, split(to)?);
    let folder = match open_folder(from_parent, OFlag::O_PATH) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        other => other?,
    };
    match fstatat(&folder, from_name, nix::fcntl::AtFlags::AT_SYMLINK_NOFOLLOW) {
        Ok(now) if now.st_dev == look.stamp.dev && now.st_ino == look.stamp.ino => {}
        Ok(_) | Err(Errno::ENOENT) => return Ok(false),
        Err(e) => return Err(e.into()),
    }
    let beside = open_folder_or_make(to_parent, &look.attributes)?;
    renameat2(&folder, from_name, &beside, to_name, RenameFlags::RENAME_NOREPLACE)?;
    Ok(true)
}

/// Puts a symbolic link at `path`, for the owner of its folder. Another link that lies there goes; a file stays.
///
/// # Errors
/// Those of the system, [`io::ErrorKind::AlreadyExists`] where a file lies there.
pub fn put_link(path: &Path, target: &Path) -> io::Result<()> {
    let (parent, name) = split(path)?;
    let folder = open_folder(parent, OFlag::O_PATH)?;
    let there = fstatat(&folder, name, nix::fcntl::AtFlags::AT_SYMLINK_NOFOLLOW);
    if there.is_ok_and(|stat| SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT == SFlag::S_IFLNK) {
        unlinkat(&folder, name, UnlinkatFlags::NoRemoveDir)?;
    }
    nix::unistd::symlinkat(target, &folder, name)?;
    let owner = fstat(&folder)?;
    let (uid, gid) = (Uid::from_raw(owner.st_uid), Gid::from_raw(owner.st_gid));
    let flags = nix::fcntl::AtFlags::AT_SYMLINK_NOFOLLOW;
    // A link in the wrong hands still points to the right place.
    let _ = nix::unistd::fchownat(&folder, name, Some(uid), Some(gid), flags);
    Ok(())
}

/// Removes what a put that died may have left beside `path`.
pub fn remove_passing(path: &Path, passing: &str) {
    if let Ok((parent, _)) = split(path)
        && let Ok(folder) = open_folder(parent, OFlag::O_PATH)
    {
        let _ = unlinkat(&folder, passing, UnlinkatFlags::NoRemoveDir);
    }
}

/// Makes the file `path` with these bytes, readable and writable by the agent's user alone, whole or not at all.
///
/// # Errors
/// Those of the system, [`io::ErrorKind::AlreadyExists`] included.
pub fn write_new_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let passing = path.with_extension("new");
    let mut file = File::options().create(true).truncate(true).write(true).mode(0o600).open(&passing)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::hard_link(&passing, path)?;
    std::fs::remove_file(&passing)?;
    if let Some(parent) = path.parent() {
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

/// Makes a folder, and those above it, for the agent's user alone.
///
/// # Errors
/// Those of the system.
pub fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
}

fn split(path: &Path) -> io::Result<(&Path, &OsStr)> {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if path.is_absolute() => Ok((parent, name)),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "not an absolute path of a file")),
    }
}

fn open_folder(path: &Path, access: OFlag) -> io::Result<OwnedFd> {
    let how =
        OpenHow::new().flags(access | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC).resolve(ResolveFlag::RESOLVE_NO_SYMLINKS);
    Ok(openat2(AT_FDCWD, path, how)?)
}

fn open_folder_or_make(path: &Path, attributes: &Attributes) -> io::Result<OwnedFd> {
    match open_folder(path, OFlag::O_PATH) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        other => return other,
    }
    let (parent, name) = split(path)?;
    let above = open_folder_or_make(parent, attributes)?;
    match mkdirat(&above, name, Mode::S_IRWXU) {
        Ok(()) | Err(Errno::EEXIST) => {}
        Err(e) => return Err(e.into()),
    }
    let made = open_folder(path, OFlag::O_RDONLY)?;
    dress_folder(&made, attributes);
    open_folder(path, OFlag::O_PATH)
}

/// A folder made anew lets in whoever could read the file before, no one else.
fn dress_folder(folder: &impl AsFd, attributes: &Attributes) {
    let _ = fchown(folder, Some(Uid::from_raw(attributes.uid)), Some(Gid::from_raw(attributes.gid)));
    let readers = attributes.mode & 0o444;
    let _ = fchmod(folder, Mode::from_bits_truncate(0o700 | readers | (readers >> 2)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn attributes(path: &Path) -> Attributes {
        look(path).unwrap().attributes
    }

    #[test]
    fn a_put_file_has_its_bytes_rights_and_times() {
        let dir = tempfile::tempdir().unwrap();
        let model = dir.path().join("model");
        std::fs::write(&model, b"x").unwrap();
        std::fs::set_permissions(&model, std::fs::Permissions::from_mode(0o640)).unwrap();
        let mut wanted = attributes(&model);
        wanted.modified = FileTime(1_000_000, 5);
        let target = dir.path().join("new/deep/file");
        put(&target, ".p", &wanted, Occupied::Keep, &mut |f| f.write_all(b"bytes")).unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"bytes");
        let now = attributes(&target);
        assert_eq!((now.mode, now.modified), (0o640, FileTime(1_000_000, 5)));
    }

    #[test]
    fn nothing_is_put_or_removed_through_a_planted_link() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().canonicalize().unwrap();
        let (real, link) = (dir.join("real"), dir.join("link"));
        std::fs::create_dir(&real).unwrap();
        std::fs::write(real.join("file"), b"mine").unwrap();
        symlink(&real, &link).unwrap();
        let known = look(&real.join("file")).unwrap();
        let through = link.join("file");
        assert!(put(&through, ".p", &known.attributes, Occupied::Replace, &mut |f| f.write_all(b"x")).is_err());
        assert!(remove(&through, &known.stamp).is_err());
        assert!(open_regular(&through).is_err());
        assert_eq!(std::fs::read(real.join("file")).unwrap(), b"mine");
    }

    #[test]
    fn another_file_under_the_same_name_is_not_removed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().canonicalize().unwrap().join("file");
        std::fs::write(&path, b"old").unwrap();
        let old = look(&path).unwrap().stamp;
        std::fs::rename(&path, path.with_extension("kept")).unwrap();
        std::fs::write(&path, b"new").unwrap();
        assert!(!remove(&path, &old).unwrap());
        assert!(path.exists());
    }

    #[test]
    fn a_put_that_fails_leaves_what_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().canonicalize().unwrap().join("file");
        std::fs::write(&path, b"old").unwrap();
        let wanted = attributes(&path);
        put(&path, ".p", &wanted, Occupied::Replace, &mut |_| Err(io::Error::other("no"))).unwrap_err();
        put(&path, ".p", &wanted, Occupied::Keep, &mut |f| f.write_all(b"x")).unwrap_err();
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert!(!path.with_file_name(".p").exists());
    }
}

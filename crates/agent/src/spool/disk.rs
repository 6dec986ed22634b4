//! What the spool and the journal of orders ask of a disk: a seam, so that tests can fill it, break it and cut its power.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;

/// The few acts by which bytes reach a disk.
pub trait SpoolDisk: Send + Sync {
    /// Makes a file at `path` of `bytes` zeros, the space truly taken; an older file there is replaced.
    ///
    /// # Errors
    /// What the operating system says; a disk without room says so here.
    fn prepare(&self, path: &Path, bytes: u64) -> io::Result<File>;

    /// Writes all of `bytes` at offset `at`.
    ///
    /// # Errors
    /// What the operating system says; some of the bytes may have been written.
    fn write(&self, file: &File, at: u64, bytes: &[u8]) -> io::Result<()>;

    /// Returns when what was written will outlive a loss of power.
    ///
    /// # Errors
    /// What the operating system says.
    fn sync(&self, file: &File) -> io::Result<()>;

    /// Cuts the file at `bytes`.
    ///
    /// # Errors
    /// What the operating system says.
    fn cut(&self, file: &File, bytes: u64) -> io::Result<()>;

    /// Gives a file another name in the same folder, replacing what had it, and makes the name outlive a loss of power.
    ///
    /// # Errors
    /// What the operating system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// What the operating system says.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// The computer's disk.
#[derive(Debug, Default)]
pub struct RealDisk;

impl SpoolDisk for RealDisk {
    fn prepare(&self, path: &Path, bytes: u64) -> io::Result<File> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(path)?;
        let taken = take_room(&file, bytes).and_then(|()| file.sync_all()).and_then(|()| sync_folder_of(path));
        if let Err(error) = taken {
            // Half a file would hold room that nobody uses.
            let _ = std::fs::remove_file(path);
            return Err(error);
        }
        Ok(file)
    }

    fn write(&self, file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
        file.write_all_at(bytes, at)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    fn cut(&self, file: &File, bytes: u64) -> io::Result<()> {
        file.set_len(bytes)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)?;
        sync_folder_of(to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }
}

/// Takes room on the disk; where the file system cannot promise it, by writing zeros.
fn take_room(file: &File, bytes: u64) -> io::Result<()> {
    let wanted = i64::try_from(bytes).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    match nix::fcntl::posix_fallocate(file, 0, wanted) {
        Ok(()) => Ok(()),
        Err(nix::errno::Errno::EOPNOTSUPP | nix::errno::Errno::ENOSYS | nix::errno::Errno::EINVAL) => {
            let zeros = [0; 4096];
            let mut at = 0;
            while at < bytes {
                let step = zeros.len().min(usize::try_from(bytes - at).unwrap_or(zeros.len()));
                file.write_all_at(zeros.get(..step).unwrap_or(&zeros), at)?;
                at += step as u64;
            }
            Ok(())
        }
        Err(errno) => Err(errno.into()),
    }
}

/// Makes the names in the folder of `path` outlive a loss of power.
///
/// # Errors
/// What the operating system says.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Whether an error says that there is no room.
#[must_use]
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}

//! Whether a package is being put on this computer now: dpkg and apt hold a lock on their database from the first file to the last script.

use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use std::fs::File;
use std::path::Path;

/// Locks of dpkg, and of what calls it for several packages in a row.
const LOCKS: [&str; 2] = ["/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock"];

/// Whether somebody puts packages on this computer now. On one without dpkg nobody does.
#[must_use]
pub fn is_under_way() -> bool {
    LOCKS.iter().any(|path| is_held(Path::new(path)))
}

/// Whether another process has a lock on this file.
fn is_held(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    let mut asked = libc::flock {
        l_type: lock_type(libc::F_RDLCK),
        l_whence: lock_type(libc::SEEK_SET),
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    fcntl(&file, FcntlArg::F_GETLK(&mut asked)).is_ok() && asked.l_type != lock_type(libc::F_UNLCK)
}

fn lock_type(value: i32) -> i16 {
    i16::try_from(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_of_another_process_is_seen_and_none_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        assert!(!is_held(&path), "there is no such file");
        std::fs::write(&path, "").unwrap();
        assert!(!is_held(&path));
        let script = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()";
        let mut other = match std::process::Command::new("python3")
            .args(["-c", script])
            .arg(&path)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
        {
            Ok(other) => other,
            Err(e) => {
                eprintln!("skipped: python3 does not start here: {e}");
                return;
            }
        };
        let mut held = [0; 4];
        std::io::Read::read_exact(other.stdout.as_mut().unwrap(), &mut held).unwrap();
        assert!(is_held(&path));
        drop(other.stdin.take());
        other.wait().unwrap();
        assert!(!is_held(&path));
    }
}

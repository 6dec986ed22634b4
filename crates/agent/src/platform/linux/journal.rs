//! The system's journal as it grows, read through `journalctl`: it needs no library, and knows every form that the journal's
//! files ever had.

use crate::lock::locked;
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;

/// Where the program may lie.
const PROGRAMS: [&str; 2] = ["/usr/bin/journalctl", "/bin/journalctl"];
/// Where the journal's files lie: below these, in a folder named by the machine's id.
const FOLDERS: [&str; 2] = ["/var/log/journal", "/run/log/journal"];
/// Longest entry that is read, in bytes; `journalctl` leaves out fields beyond 4 KiB by itself.
const LONGEST: u64 = 256 * 1024;
/// What is asked of each entry.
const FIELDS: &str = "MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_FACILITY,PRIORITY,UNIT,_COMM,_EXE,_UID,_SYSTEMD_UNIT,_HOSTNAME,\
                      _TRANSPORT,_AUDIT_TYPE_NAME,_SOURCE_REALTIME_TIMESTAMP";

/// The program that reads the journal, while there is one. Whoever stops it for good lets nobody start it again.
#[derive(Debug, Default)]
pub struct Reader(Mutex<(bool, Option<Child>)>);

/// What the journal tells.
pub struct Entries(BufReader<ChildStdout>);

/// The program to read with.
///
/// # Errors
/// Why there is nothing to read, in words for a person.
pub fn available() -> Result<PathBuf, String> {
    let program = PROGRAMS.iter().map(Path::new).find(|path| path.exists()).ok_or("there is no journalctl")?;
    let mut files = FOLDERS.iter().flat_map(|folder| journals(Path::new(folder)));
    let first = files.next().ok_or("there is no journal")?;
    if File::open(&first).is_err() && !files.any(|path| File::open(path).is_ok()) {
        return Err("without root or the group systemd-journal the journal cannot be read".to_owned());
    }
    Ok(program.to_owned())
}

/// The system's own journals; those of users say nothing of who came in.
fn journals(folder: &Path) -> Vec<PathBuf> {
    let inside = |path: &Path| fs::read_dir(path).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let is_system = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with("system") && name.contains(".journal")
    };
    inside(folder).flat_map(|machine| inside(&machine).filter(is_system).collect::<Vec<_>>()).collect()
}

impl Reader {
    /// Starts reading after `cursor`, or from the newest entry on where there is none.
    ///
    /// # Errors
    /// Why the program does not start; `Interrupted` after [`Reader::stop`].
    pub fn start(&self, program: &Path, cursor: Option<&str>) -> io::Result<Entries> {
        let mut slot = locked(&self.0);
        if slot.0 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let mut command = Command::new(program);
        command.args(["--follow", "--quiet", "--output=json", &format!("--output-fields={FIELDS}")]);
        match cursor {
            Some(cursor) => command.arg("--no-tail").arg(format!("--after-cursor={cursor}")),
            // The newest entry comes too: without it there would be no cursor until the next.
            None => command.arg("--lines=1"),
        };
        command.env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        die_with_us(&mut command);
        let mut child = command.spawn()?;
        let entries = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        slot.1 = Some(child);
        Ok(Entries(BufReader::new(entries)))
    }

    /// Ends the program, if it runs, and waits for it.
    pub fn end(&self) {
        end(locked(&self.0).1.take());
    }

    /// Ends the program and lets nobody start it again.
    pub fn stop(&self) {
        let mut slot = locked(&self.0);
        slot.0 = true;
        end(slot.1.take());
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop();
    }
}

fn end(child: Option<Child>) {
    if let Some(mut child) = child {
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Entries {
    /// The next entry; none when the program has ended. An entry that is too long comes empty.
    ///
    /// # Errors
    /// Those of the read.
    pub fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let read = (&mut self.0).take(LONGEST).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(None);
        }
        while line.last() != Some(&b'\n') {
            line.clear();
            if (&mut self.0).take(LONGEST).read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            if line.last() == Some(&b'\n') {
                return Ok(Some(Vec::new()));
            }
        }
        line.pop();
        Ok(Some(line))
    }
}

/// The program must not outlive the agent: a killed one cannot end it by itself.
#[expect(
    unsafe_code,
    reason = "only the child itself can ask the kernel to end with its parent; one system call is safe there"
)]
fn die_with_us(command: &mut Command) {
    // SAFETY: between fork and exec only `prctl` is called, which is safe there.
    unsafe {
        command.pre_exec(|| set_pdeathsig(Signal::SIGTERM).map_err(io::Error::from));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    /// A program that behaves as `journalctl` would, but says what it was asked.
    fn pretend(script: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journalctl");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        (dir, path)
    }

    /// A file that was just written may still be open in the child of another test at the same moment.
    fn start(reader: &Reader, program: &Path, cursor: Option<&str>) -> Entries {
        loop {
            match reader.start(program, cursor) {
                Err(e) if e.raw_os_error() == Some(nix::libc::ETXTBSY) => std::thread::yield_now(),
                other => return other.unwrap(),
            }
        }
    }

    #[test]
    fn entries_come_one_by_one_and_a_cursor_is_handed_on() {
        let (_dir, program) = pretend("echo \"$*\"; echo '{\"MESSAGE\":\"x\"}'");
        let reader = Reader::default();
        let mut entries = start(&reader, &program, Some("s=1;i=2"));
        let asked = String::from_utf8(entries.read().unwrap().unwrap()).unwrap();
        assert!(asked.contains("--after-cursor=s=1;i=2") && asked.contains("--output=json"), "{asked}");
        assert_eq!(entries.read().unwrap().as_deref(), Some(&b"{\"MESSAGE\":\"x\"}"[..]));
        assert_eq!(entries.read().unwrap(), None);
        reader.end();
        let fresh = String::from_utf8(start(&reader, &program, None).read().unwrap().unwrap()).unwrap();
        assert!(fresh.contains("--lines=1") && !fresh.contains("cursor"), "{fresh}");
    }

    #[test]
    fn an_entry_that_is_too_long_is_passed_over() {
        let (_dir, program) = pretend("head -c 700000 /dev/zero | tr '\\0' a; echo; echo b");
        let reader = Reader::default();
        let mut entries = start(&reader, &program, None);
        assert_eq!(entries.read().unwrap().as_deref(), Some(&b""[..]));
        assert_eq!(entries.read().unwrap().as_deref(), Some(&b"b"[..]));
    }

    #[test]
    fn a_stopped_reader_ends_its_program_and_starts_no_other() {
        let (_dir, program) = pretend("exec sleep 600");
        let reader = Reader::default();
        let mut entries = start(&reader, &program, None);
        reader.stop();
        assert_eq!(entries.read().unwrap(), None);
        assert_eq!(reader.start(&program, None).err().unwrap().kind(), io::ErrorKind::Interrupted);
    }
}

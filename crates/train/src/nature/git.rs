//! Files of a bare git repository, one after the other, in memory.

use anyhow::Context as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Largest file read, in bytes: snapshots lack larger ones anyway.
const LARGEST: u64 = 8 * 1024 * 1024;

/// The git directory of `OWNER/NAME` below the folder of collections, if it is there.
pub(crate) fn folder(data: &Path, name: &str) -> Option<PathBuf> {
    let repo = data.join(name.replace('/', "+")).join("repo");
    [repo.join(".git"), repo].into_iter().find(|path| path.join("objects").is_dir())
}

/// Paths and names of objects of the newest commit, by path; those that are too large or absent are left out.
pub(crate) fn list(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let out = Command::new("git")
        .arg("--git-dir")
        .arg(folder)
        .args(["ls-tree", "-r", "-l", "-z", "HEAD"])
        .output()
        .context("git cannot be run")?;
    let mut files = Vec::new();
    for entry in out.stdout.split(|byte| *byte == 0) {
        let entry = String::from_utf8_lossy(entry);
        let Some((head, path)) = entry.split_once('\t') else { continue };
        let mut words = head.split_whitespace().skip(1);
        let (Some("blob"), Some(object), Some(size)) = (words.next(), words.next(), words.next()) else { continue };
        if size.parse::<u64>().is_ok_and(|size| (1..=LARGEST).contains(&size)) {
            files.push((path.to_owned(), object.to_owned()));
        }
    }
    Ok(files)
}

/// Gives objects by their name.
pub(crate) struct Objects {
    child: Child,
    ask: ChildStdin,
    answer: BufReader<ChildStdout>,
}

impl Objects {
    /// Opens the repository.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new("git")
            .arg("--git-dir")
            .arg(folder)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("git cannot be run")?;
        let ask = child.stdin.take().context("git takes no questions")?;
        let answer = BufReader::new(child.stdout.take().context("git gives no answers")?);
        Ok(Self { child, ask, answer })
    }

    /// The bytes of an object; nothing when the snapshot lacks it.
    pub(crate) fn read(&mut self, object: &str) -> anyhow::Result<Option<Vec<u8>>> {
        writeln!(self.ask, "{object}")?;
        self.ask.flush()?;
        let mut head = String::new();
        self.answer.read_line(&mut head)?;
        let Some(size) = head.split_whitespace().nth(2).and_then(|size| size.parse::<usize>().ok()) else {
            return Ok(None);
        };
        let mut bytes = vec![0; size + 1];
        self.answer.read_exact(&mut bytes)?;
        bytes.pop();
        Ok(Some(bytes))
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

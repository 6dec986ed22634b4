//! The command `guard`: the real program, without a server, over a folder that another program attacks.

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Guard {
    child: Child,
    journal: PathBuf,
}

impl Guard {
    fn over(root: &Path) -> Self {
        let journal = root.join("journal");
        let mut child = Command::new(env!("CARGO_BIN_EXE_baluardo-agent"))
            .arg("guard")
            .arg("--protect")
            .arg(root.join("docs"))
            .arg("--vault")
            .arg(root.join("vault"))
            .arg("--journal")
            .arg(&journal)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Self { child, journal }
    }

    fn events(&self, kind: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.journal).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["event"] == kind).collect()
    }

    fn end(mut self) -> Option<i32> {
        let pid = nix::unistd::Pid::from_raw(self.child.id() as i32);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn documents(root: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for folder in ["docs/Anagrafe", "docs/Tributi"] {
        std::fs::create_dir_all(root.join(folder)).unwrap();
        for number in 0..20 {
            let path = root.join(folder).join(format!("elenco {number}.csv"));
            std::fs::write(&path, format!("Rossi;{number};emesso\n").repeat(300)).unwrap();
            all.push(path);
        }
    }
    all
}

fn until(what: &str, mut is: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < Duration::from_secs(60), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_attack_is_stopped_undone_and_told_and_nothing_of_the_guard_stays_behind() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let all = documents(&root);
    std::os::unix::fs::symlink("Anagrafe", root.join("docs/link")).unwrap();
    let before: Vec<Vec<u8>> = all.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let guard = Guard::over(&root);
    // Slow enough for a guard without rights to find it at work.
    let line =
        "find \"$1\" -type f | while read -r f; do head -c 6000 /dev/urandom > \"$f\"; sleep 0.05; done; sleep 20";
    let mut attacker =
        Command::new("sh").args(["-c", line, "sh"]).arg(root.join("docs")).process_group(0).spawn().unwrap();
    let same = || all.iter().zip(&before).all(|(path, bytes)| std::fs::read(path).is_ok_and(|now| now == *bytes));
    until("the attack is told", || !guard.events("stopped").is_empty());
    until("every document is back", same);
    let _ =
        nix::sys::signal::killpg(nix::unistd::Pid::from_raw(attacker.id() as i32), nix::sys::signal::Signal::SIGKILL);
    attacker.wait().unwrap();
    let stop = guard.events("stopped").remove(0);
    assert!(stop["files_touched"].is_u64() && stop["at"].as_str().unwrap().ends_with('Z'), "{stop}");
    if nix::unistd::Uid::effective().is_root() {
        assert_eq!((&stop["pid"], &stop["how"]), (&Value::from(attacker.id()), &Value::from("killed")));
        let listed = Command::new("ls").arg(root.join("vault/vault")).output().unwrap();
        assert!(!listed.status.success(), "the vault is nobody else's");
    } else {
        eprintln!("skipped in part: only root may hold files back");
    }
    assert_eq!(guard.end(), Some(0));
    let left: Vec<_> = std::fs::read_dir(root.join("docs/Anagrafe")).unwrap().flatten().collect();
    assert_eq!(left.len(), 20, "bait files are gone: {left:?}");
}

#[test]
fn what_is_missing_on_the_command_line_is_told() {
    let run =
        |args: &[&str]| Command::new(env!("CARGO_BIN_EXE_baluardo-agent")).arg("guard").args(args).output().unwrap();
    let none = run(&[]);
    assert_eq!(none.status.code(), Some(2));
    let said = String::from_utf8(none.stderr).unwrap();
    assert!(["--protect", "--vault", "--journal"].iter().all(|option| said.contains(option)), "{said}");
    let dir = tempfile::tempdir().unwrap();
    let vault = dir.path().join("v");
    let absent = run(&["--protect", "/nowhere/at/all", "--vault", vault.to_str().unwrap(), "--journal", "/dev/null"]);
    assert_eq!(absent.status.code(), Some(1));
    let said = String::from_utf8(absent.stderr).unwrap();
    assert!(said.contains("/nowhere/at/all") && said.contains("give a folder that exists"), "{said}");
}

/// Bytes of memory that are the guard's own, from the kernel.
fn own_memory(guard: &Guard) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", guard.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1_024
}

/// Files that come, change, move and go, as a day of work brings them: `count` of them, each with a name of its own. Then
/// waits until the guard has seen the last.
fn churn(root: &Path, guard: &Guard, from: u32, count: u32) {
    let line = "i=$2; while [ $i -lt $3 ]; do f=\"$1/Tributi/lavoro $i.csv\"; echo \"Rossi;$i\" > \"$f\"; echo altro >> \"$f\"; \
                mv \"$f\" \"$f.fatto\"; rm \"$f.fatto\"; i=$((i+1)); done";
    let (from, until) = (from.to_string(), (from + count).to_string());
    let done = Command::new("sh").args(["-c", line, "sh"]).arg(root.join("docs")).args([from, until]).status().unwrap();
    assert!(done.success() && guard.events("stopped").is_empty(), "honest work goes on");
}

#[test]
fn files_that_come_and_go_leave_nothing_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    documents(&root);
    let guard = Guard::over(&root);
    // The first rounds fill what is bounded: what is remembered of processes, of acts and of verdicts.
    churn(&root, &guard, 0, 2_500);
    let before = own_memory(&guard);
    churn(&root, &guard, 2_500, 2_500);
    // What the last acts left on their way is gone when the quiet comes.
    let grown = || own_memory(&guard).saturating_sub(before);
    until("the memory is what it was", || grown() < 8 * 1_024 * 1_024);
    assert_eq!(guard.end(), Some(0));
}

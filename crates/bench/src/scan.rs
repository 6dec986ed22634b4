//! Speed of the file scanner beside Debian's yara: the same rules, the same files, one thread each, files in the cache.

use crate::figures::Figures;
use anyhow::{Context as _, ensure};
use baluardo_detect::scan::Scanner;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Longest scan of one file.
const BUDGET: Duration = Duration::from_secs(60);

/// Larger files are left out, as an agent's policy does.
const LARGEST: u64 = 64 * 1024 * 1024;

/// How to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folders to scan.
    #[arg(default_values = ["/usr/bin", "/usr/lib"])]
    folders: Vec<PathBuf>,
    /// The rule files that the scanner has built in, for yara.
    #[arg(long, default_value = "data/rules")]
    rules: PathBuf,
    /// Scan at most so many megabytes.
    #[arg(long, default_value_t = 600)]
    megabytes: u64,
    /// How often everything is measured.
    #[arg(long, default_value_t = 5)]
    runs: usize,
}

/// Measures and prints.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let files = files(&args.folders, args.megabytes * 1_000_000);
    ensure!(!files.is_empty(), "there is no file to scan in {:?}", args.folders);
    let mut list = tempfile::NamedTempFile::new()?;
    for file in &files {
        writeln!(list, "{}", file.display())?;
    }
    // Reading all once brings them into the cache, for both.
    let megabytes =
        files.iter().filter_map(|file| std::fs::read(file).ok()).map(|b| b.len()).sum::<usize>() as f64 / 1e6;
    println!("{} files, {megabytes:.0} MB", files.len());
    let scanner = Scanner::new(&[])?;
    let rules = rule_files(&args.rules)?;
    let with_yara = yara_is_here();
    if !with_yara {
        println!("yara is not installed (apt-get install yara): no peer to compare with");
    }
    let mut figures = Figures::of("scan");
    for _ in 0..args.runs {
        let ours = spent(UsageWho::RUSAGE_SELF, || ours(&scanner, &files))?;
        note(&mut figures, "ours, with SHA-256 and EICAR", megabytes, ours);
        if !with_yara {
            continue;
        }
        let theirs = spent(UsageWho::RUSAGE_CHILDREN, || theirs(&rules, list.path()))?;
        note(&mut figures, "yara", megabytes, theirs);
        figures.note("core time of ours / of yara", "times", ours.0.as_secs_f64() / theirs.0.as_secs_f64());
    }
    figures.print();
    Ok(())
}

/// Processor time and wall time of one pass.
type Spent = (Duration, Duration);

fn note(figures: &mut Figures, name: &str, megabytes: f64, (cpu, wall): Spent) {
    figures.note(format!("{name}: per core-second"), "MB", megabytes / cpu.as_secs_f64());
    figures.note(format!("{name}: per second"), "MB", megabytes / wall.as_secs_f64());
}

/// Regular files below the folders, names sorted, until `most` bytes are together.
fn files(folders: &[PathBuf], most: u64) -> Vec<PathBuf> {
    let (mut waiting, mut found) = (folders.to_vec(), Vec::new());
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            match path.symlink_metadata() {
                Ok(meta) if meta.is_dir() => waiting.push(path),
                Ok(meta) if meta.is_file() && meta.len() <= LARGEST => found.push((path, meta.len())),
                _ => {}
            }
        }
    }
    found.sort();
    let mut left = most;
    let fits = |(path, size): (PathBuf, u64)| {
        left = left.checked_sub(size)?;
        // A list for yara has one name in each line.
        (!path.to_string_lossy().contains('\n')).then_some(path)
    };
    found.into_iter().map_while(fits).collect()
}

fn rule_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("{} has no rules", folder.display()))?;
    let mut rules: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    rules.retain(|path| path.extension().is_some_and(|end| end == "yar"));
    rules.sort();
    Ok(rules)
}

/// What one pass of a scanner cost.
fn spent(who: UsageWho, pass: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Spent> {
    let (before, began) = (cpu(who)?, Instant::now());
    pass()?;
    Ok((cpu(who)?.saturating_sub(before), began.elapsed()))
}

fn ours(scanner: &Scanner, files: &[PathBuf]) -> anyhow::Result<()> {
    for file in files {
        let Ok(bytes) = std::fs::read(file) else { continue };
        let verdict = scanner.scan(&bytes, BUDGET);
        ensure!(verdict.complete, "{} was not scanned to its end", file.display());
    }
    Ok(())
}

fn yara_is_here() -> bool {
    Command::new("yara").arg("--version").stdout(Stdio::null()).status().is_ok()
}

fn theirs(rules: &[PathBuf], list: &Path) -> anyhow::Result<()> {
    let mut command = Command::new("yara");
    // Like ours, it need not look for every place of a string once a rule has enough.
    command.args(["--threads=1", "--fast-scan", "--no-warnings", "--scan-list"]);
    // A namespace for each file, as in our scanner: two files may name a rule alike.
    for (number, rule) in rules.iter().enumerate() {
        command.arg(format!("file{number}:{}", rule.display()));
    }
    let ran = command.arg(list).stdin(Stdio::null()).output()?;
    ensure!(ran.status.success(), "yara could not use the rules: {}", String::from_utf8_lossy(&ran.stderr));
    Ok(())
}

fn cpu(who: UsageWho) -> anyhow::Result<Duration> {
    let usage = getrusage(who)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(micros)?))
}

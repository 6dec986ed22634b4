//! `baluardo scan` beside Debian's yara and clamscan: the same rules, the same folder, files in the cache, each as a program
//! of its own that starts, compiles its rules, scans and ends. And what five million indicators weigh.

use crate::figures::Figures;
use anyhow::{Context as _, ensure};
use baluardo_detect::indicators::{IndicatorsBuilder, parse_line};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Longer files are looked at in part by ours and passed over by the others.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Time between two looks at a program's memory, which keeps its own high mark.
const TICK: Duration = Duration::from_millis(20);

/// Indicators to weigh.
const INDICATORS: u64 = 5_000_000;

/// Variables that public rules want defined.
const VARIABLES: [&str; 5] = ["filename", "filepath", "extension", "filetype", "owner"];

/// How to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder to scan.
    #[arg(default_value = "/usr/bin")]
    folder: PathBuf,
    /// Rule files, for all alike: public packs, brought by whoever measures.
    #[arg(long, default_value = "data/rules")]
    rules: PathBuf,
    /// How often everything is measured.
    #[arg(long, default_value_t = 3)]
    runs: usize,
}

/// What one program cost.
struct Cost {
    cpu: Duration,
    wall: Duration,
    peak_kib: u64,
}

/// Measures and prints.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let rules = files(&args.rules, &|path| path.extension().is_some_and(|end| end == "yar" || end == "yara"));
    ensure!(!rules.is_empty(), "{} has no rules", args.rules.display());
    let scanned = files(&args.folder, &|_| true);
    let (ours, theirs) = lengths(&scanned);
    println!(
        "{} files, {:.0} MB looked at by ours, {:.0} MB by the others; {} rule files",
        scanned.len(),
        ours,
        theirs,
        rules.len()
    );
    let mut figures = Figures::of("endpoint");
    weigh_indicators(&mut figures)?;
    for _ in 0..args.runs {
        for threads in [1, 2] {
            let cache = tempfile::tempdir()?;
            let first = cost(&mut baluardo(args, threads, cache.path())?)?;
            let name = format!("ours, {threads} thread(s)");
            note(&mut figures, &name, ours, &first);
            let second = cost(&mut baluardo(args, threads, cache.path())?)?;
            let times = first.wall.as_secs_f64() / second.wall.as_secs_f64();
            figures.note(format!("{name}: second scan, so many times faster"), "times", times);
            if here("yara") {
                let yara = cost(&mut yara(&rules, args, threads))?;
                note(&mut figures, &format!("yara, {threads} thread(s)"), theirs, &yara);
                let per = |megabytes: f64, cost: &Cost| megabytes / cost.cpu.as_secs_f64();
                figures.note(
                    format!("{name}: MB per core-second, ours / yara"),
                    "times",
                    per(ours, &first) / per(theirs, &yara),
                );
            }
        }
        if here("clamscan") {
            let database = clam_database(&rules)?;
            note(&mut figures, "clamscan, 1 thread", theirs, &cost(&mut clamscan(args, database.path()))?);
        }
    }
    for peer in ["yara", "clamscan"] {
        if !here(peer) {
            println!("{peer} is not installed: it is not compared with");
        }
    }
    figures.print();
    Ok(())
}

fn note(figures: &mut Figures, name: &str, megabytes: f64, cost: &Cost) {
    figures.note(format!("{name}: per core-second"), "MB", megabytes / cost.cpu.as_secs_f64());
    figures.note(format!("{name}: wall time"), "s", cost.wall.as_secs_f64());
    figures.note(format!("{name}: peak memory"), "MiB", cost.peak_kib as f64 / 1024.0);
}

fn weigh_indicators(figures: &mut Figures) -> anyhow::Result<()> {
    let mut builder = IndicatorsBuilder::default();
    for number in 0..INDICATORS {
        // Digests are evenly spread; so is this.
        let spread = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let entry = parse_line(&format!("{spread:016x}{number:048x}"))?;
        builder.add(&entry.context("a digest is no comment")?);
    }
    let index = builder.finish();
    ensure!(index.len() as u64 == INDICATORS, "an indicator was lost");
    figures.note("five million SHA-256 in memory", "MB", index.bytes() as f64 / 1e6);
    Ok(())
}

fn baluardo(args: &Args, threads: u32, cache: &Path) -> anyhow::Result<Command> {
    let own = std::env::current_exe()?;
    let mut command = Command::new(own.with_file_name("baluardo"));
    command.args(["scan", "--json", "--rules"]).arg(&args.rules);
    command.arg("--cache").arg(cache.join("cache")).arg(format!("--jobs={threads}")).arg(&args.folder);
    Ok(command)
}

fn yara(rules: &[PathBuf], args: &Args, threads: u32) -> Command {
    let mut command = Command::new("yara");
    command.args(["--fast-scan", "--no-warnings", "--recursive", &format!("--threads={threads}")]);
    command.arg(format!("--skip-larger={LARGEST}"));
    for name in VARIABLES {
        command.arg("--define").arg(format!("{name}="));
    }
    // A namespace for each file: two files may name a rule alike.
    for (number, rule) in rules.iter().enumerate() {
        command.arg(format!("file{number}:{}", rule.display()));
    }
    command.arg(&args.folder);
    command
}

fn clamscan(args: &Args, database: &Path) -> Command {
    let mut command = Command::new("clamscan");
    command.args(["--recursive", "--no-summary", "--infected"]).arg(format!("--database={}", database.display()));
    command.arg(format!("--max-filesize={LARGEST}")).arg(&args.folder);
    command
}

/// The rules under names of their own in one folder, as clamscan wants them.
fn clam_database(rules: &[PathBuf]) -> anyhow::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    for (number, rule) in rules.iter().enumerate() {
        std::fs::copy(rule, folder.path().join(format!("{number}.yar")))?;
    }
    Ok(folder)
}

fn here(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Runs a program to its end. That it found something is no failure; that it could not be started is.
fn cost(command: &mut Command) -> anyhow::Result<Cost> {
    let (before, began) = (cpu()?, Instant::now());
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut peak_kib = 0;
    let status = loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let mark =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak_kib = peak_kib.max(mark.unwrap_or(0));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(TICK);
    };
    ensure!(status.code().is_some_and(|code| code <= 2), "{:?} ended with {status}", command.get_program());
    Ok(Cost { cpu: cpu()?.saturating_sub(before), wall: began.elapsed(), peak_kib })
}

fn cpu() -> anyhow::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(micros)?))
}

/// Megabytes that ours looks at, and that the others do. Reading brings them into the cache, for all.
fn lengths(files: &[PathBuf]) -> (f64, f64) {
    let lengths: Vec<u64> = files.iter().filter_map(|file| Some(std::fs::read(file).ok()?.len() as u64)).collect();
    let ours: u64 = lengths.iter().map(|length| (*length).min(LARGEST)).sum();
    let theirs: u64 = lengths.iter().filter(|length| **length <= LARGEST).sum();
    (ours as f64 / 1e6, theirs as f64 / 1e6)
}

/// Regular files below a folder, names sorted.
fn files(folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    let (mut waiting, mut found) = (vec![folder.to_path_buf()], Vec::new());
    while let Some(folder) = waiting.pop() {
        for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            match path.symlink_metadata() {
                Ok(meta) if meta.is_dir() => waiting.push(path),
                Ok(meta) if meta.is_file() && wanted(&path) => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

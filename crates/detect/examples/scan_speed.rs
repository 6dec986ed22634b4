//! Measures the scanner on the files below a folder: `cargo run --release -p baluardo-detect --example scan_speed DIR
//! [RULES]`, where RULES is a folder with more rule files.
//!
//! Prints the files and bytes read, megabytes a second of scanning alone (reading is not counted), the median and the
//! 99th percentile of one file's scan, the slowest files, and the files that were found.

use baluardo_detect::scan::{RuleSource, Scanner};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Longest scan of one file.
const BUDGET: Duration = Duration::from_secs(10);

/// Larger files are left out, as an agent's policy does.
const LARGEST: u64 = 64 * 1024 * 1024;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: scan_speed DIR")?;
    let more = std::env::args_os().nth(2).map(|folder| sources(Path::new(&folder))).unwrap_or_default();
    let start = Instant::now();
    let (scanner, report) = Scanner::with_rules(&[], more)?;
    println!("{} rule files, {} rules left out", report.files, report.skipped.len());
    println!("rules compiled in {:.1} ms: {}", start.elapsed().as_secs_f64() * 1e3, scanner.rules().count());
    let (mut folders, mut bytes, mut spent) = (vec![PathBuf::from(folder)], 0_usize, Vec::new());
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            match path.symlink_metadata() {
                Ok(meta) if meta.is_dir() => folders.push(path),
                Ok(meta) if meta.is_file() && meta.len() <= LARGEST => {
                    let Ok(content) = std::fs::read(&path) else { continue };
                    let start = Instant::now();
                    let verdict = scanner.scan(&content, BUDGET);
                    spent.push((start.elapsed(), path.clone()));
                    bytes += content.len();
                    if !verdict.reasons.is_empty() || !verdict.complete {
                        println!("{}: {:?}, complete: {}", path.display(), verdict.reasons, verdict.complete);
                    }
                }
                _ => {}
            }
        }
    }
    spent.sort();
    let total: Duration = spent.iter().map(|(spent, _)| *spent).sum();
    let megabytes = bytes as f64 / 1e6;
    let at = |share: usize| spent.get(spent.len() * share / 100).map_or(0.0, |(spent, _)| spent.as_secs_f64() * 1e3);
    println!("{} files, {megabytes:.1} MB, {:.1} MB/s", spent.len(), megabytes / total.as_secs_f64().max(1e-9));
    println!("one file: p50 {:.3} ms, p99 {:.3} ms; the slowest:", at(50), at(99));
    for (spent, path) in spent.iter().rev().take(5) {
        println!("{:9.3} ms {}", spent.as_secs_f64() * 1e3, path.display());
    }
    Ok(())
}

/// The rule files below a folder.
fn sources(folder: &Path) -> Vec<RuleSource> {
    let (mut folders, mut found) = (vec![folder.to_path_buf()], Vec::new());
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "yar" || end == "yara")
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                found.push(RuleSource { name: path.display().to_string(), text });
            }
        }
    }
    found
}

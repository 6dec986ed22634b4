//! Measures the scanner on the files below a folder: `cargo run --release -p baluardo-detect --example scan_speed DIR`.
//!
//! Prints the files and bytes read, megabytes a second of scanning alone (reading is not counted), the median and the
//! 99th percentile of one file's scan, the slowest files, and the files that were found.

use baluardo_detect::scan::Scanner;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Longest scan of one file.
const BUDGET: Duration = Duration::from_secs(10);

/// Larger files are left out, as an agent's policy does.
const LARGEST: u64 = 64 * 1024 * 1024;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: scan_speed DIR")?;
    let start = Instant::now();
    let scanner = Scanner::new(&[])?;
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

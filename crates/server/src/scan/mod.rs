//! `baluardo scan` and `baluardo rules check`: the engines for anyone with a shell, without a server or an agent.

mod cache;
mod check;
pub(crate) mod escape;
mod gather;
mod look;
mod progress;
pub(crate) mod read;
mod report;
mod stamp;
pub(crate) mod walk;
pub(crate) mod words;

pub use check::check_rules;

use crate::cli::ScanArgs;
use anyhow::{Context as _, bail};
use baluardo_detect::inspect::Judgement;
use cache::Cache;
use gather::Engines;
pub(crate) use gather::{OF_A_PACK, gather_pack};
use progress::Progress;
use report::{Report, Tally};
use std::num::NonZero;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};
use walk::Item;
use words::Words;

/// Paths that wait for a free worker: enough to keep all busy, few enough that a tree of any size takes no memory.
const WAITING: usize = 1024;

/// The exit codes, as `baluardo scan --help` tells them.
const FOUND: u8 = 1;
const FAILED: u8 = 2;

/// Scans and tells. Exits 0 when all is clean, 1 when something was found, 2 when something could not be scanned.
#[must_use]
pub fn run(args: &ScanArgs) -> ExitCode {
    match scan(args) {
        Ok(tally) if tally.malicious + tally.suspicious > 0 => ExitCode::from(FOUND),
        Ok(tally) if tally.errors > 0 => ExitCode::from(FAILED),
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("baluardo: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

fn scan(args: &ScanArgs) -> anyhow::Result<Tally> {
    let words = Words::of_session();
    let began = Instant::now();
    if !args.seconds.is_finite() || args.seconds <= 0.0 {
        bail!("--seconds must be more than 0");
    }
    let engines = Engines::gather(args, words)?;
    let cache = args.cache.as_deref().map(|path| Cache::open(path, engines.digest())).transpose()?;
    if cache.as_ref().is_none_or(Cache::is_empty) {
        engines.ready().map_err(|reason| anyhow::anyhow!("{reason}"))?;
    }
    let jobs = args.jobs.map_or_else(cores, NonZero::get);
    let report = Report::new(args.json, words);
    let progress = Progress::start(words);
    let look = look::Look::new(&engines, cache.as_ref(), args);
    let (to_workers, from_walk) = sync_channel(WAITING);
    let from_walk = Mutex::new(from_walk);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| work(&from_walk, &look, &report, &progress));
        }
        let skipped = walk::walk(&args.paths, &mut |item| {
            progress.met();
            to_workers.send(item).is_ok() && !report.is_broken()
        });
        report.skipped(skipped);
        progress.all_met();
        drop(to_workers);
    });
    progress.stop();
    if let Some(cache) = cache {
        cache.save().context("the scan is done, but its cache could not be written")?;
    }
    Ok(report.end(began.elapsed()))
}

/// One worker: takes paths until there are no more.
fn work(from_walk: &Mutex<Receiver<Item>>, look: &look::Look<'_>, report: &Report, progress: &Progress) {
    loop {
        let next = from_walk.lock().map(|from_walk| from_walk.recv());
        let Ok(Ok(item)) = next else { return };
        progress.at(&item.path);
        let inspection = look.at(&item);
        let judgement = inspection.judgement();
        if matches!(judgement, Judgement::Malicious | Judgement::Suspicious) {
            progress.found();
        }
        progress.clear_line();
        report.tell(&item.path, judgement, &inspection.findings);
        progress.done();
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// The time for one file.
fn budget(args: &ScanArgs) -> Duration {
    Duration::try_from_secs_f64(args.seconds).unwrap_or(Duration::MAX)
}

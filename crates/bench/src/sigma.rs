//! Sigma rules: how many load, which of SigmaHQ's own regression cases they find in the event logs themselves, how many
//! events one core holds against them, and what memory the rules of one platform take.

use crate::figures::Figures;
use crate::process::Process;
use anyhow::{Context as _, bail, ensure};
use baluardo_detect::evtx;
use baluardo_detect::sigma::{Detector, Event, Rules, RulesBuilder, RulesReport, Source, logs};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Sigma rules: folders, such as `rules`, `rules-emerging-threats` and `rules-threat-hunting` of SigmaHQ.
    #[arg(long, required = true, num_args = 1..)]
    rules: Vec<PathBuf>,
    /// Event logs, each named by the id of a rule that it fulfils: `regression_data` of SigmaHQ.
    #[arg(long)]
    regression: Option<PathBuf>,
    /// How often speed and memory are measured.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// How long each run holds events against rules, in seconds.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Only load the rules of this platform and say what memory they take.
    #[arg(long, hide = true)]
    hold: Option<String>,
}

/// Measures and prints.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let files = files(&args.rules, "yml")?;
    if let Some(product) = &args.hold {
        return hold(product, &files);
    }
    let mut figures = Figures::of("sigma");
    let mut loaded = None;
    for _ in 0..args.runs {
        let began = Instant::now();
        loaded = Some(load(None, &files)?);
        figures.note("all rules: read and compiled", "s", began.elapsed().as_secs_f64());
    }
    let (rules, report) = loaded.context("--runs must be 1 or more")?;
    println!(
        "{} files: {} rules and {} correlations, {} left out",
        report.files,
        report.compiled,
        report.correlations,
        report.skipped.len()
    );
    for skipped in &report.skipped {
        println!("  left out: {}: {}: {}", skipped.file, skipped.rule.as_deref().unwrap_or("*"), skipped.reason);
    }
    for product in ["linux", "windows"] {
        for _ in 0..args.runs {
            figures.note(format!("rules of {product}: resident"), "MB", held(product, args)?);
        }
    }
    if let Some(regression) = &args.regression {
        let logs = files_of_one(regression, "evtx")?;
        let events = cases(&logs, Detector::new(Arc::new(rules)))?;
        let windows = Arc::new(load(Some("windows"), &files)?.0);
        for _ in 0..args.runs {
            speed(&mut figures, &windows, &events, Duration::from_secs_f64(args.seconds));
        }
    }
    figures.print();
    Ok(())
}

/// Rules of one platform, or all.
fn load(product: Option<&str>, files: &[PathBuf]) -> anyhow::Result<(Rules, RulesReport)> {
    let mut builder = product.map_or_else(RulesBuilder::default, RulesBuilder::only_for);
    for file in files {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        builder.add(&file.display().to_string(), &text);
    }
    Ok(builder.finish())
}

/// In a process of its own: what it takes to have the rules in force, and to have met an event.
fn hold(product: &str, files: &[PathBuf]) -> anyhow::Result<()> {
    let process = Process::of([std::process::id()]);
    let before = process.memory()?.rss;
    let (rules, report) = load(Some(product), files)?;
    let mut detector = Detector::new(Arc::new(rules));
    let found = detector.observe(&Event::default()).len();
    let after = process.memory()?.rss;
    eprintln!("{product}: {} rules, {found} fulfilled by nothing at all", report.compiled);
    println!("{}", after.saturating_sub(before));
    Ok(())
}

/// What [`hold`] says, in megabytes.
fn held(product: &str, args: &Args) -> anyhow::Result<f64> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["sigma", "--hold", product, "--rules"]).args(&args.rules);
    let output = command.output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let bytes: f64 = String::from_utf8_lossy(&output.stdout).trim().parse()?;
    Ok(bytes / 1e6)
}

/// Holds each log against all rules and says which do not fulfil the rule that they are named by. Gives their events.
fn cases(logs: &[PathBuf], mut detector: Detector) -> anyhow::Result<Vec<Value>> {
    let (mut all, mut found, mut matches) = (Vec::new(), 0, 0);
    for log in logs {
        let wanted = log.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let mut fulfilled = false;
        for value in events(log)? {
            let event = logs::of_json(&value, &Source::default());
            for one in detector.observe(&event) {
                matches += 1;
                fulfilled |= *one.rule.id == *wanted;
            }
            all.push(value);
        }
        found += usize::from(fulfilled);
        if !fulfilled {
            println!("  not found: {}", log.display());
        }
    }
    println!("{found} of {} regression cases found, {matches} matches on {} events", logs.len(), all.len());
    Ok(all)
}

/// The events of a log.
fn events(log: &Path) -> anyhow::Result<Vec<Value>> {
    let bytes = std::fs::read(log)?;
    let (header, chunks) = bytes.split_at_checked(evtx::HEADER).context("the log is too short")?;
    evtx::check_header(header)?;
    let records = chunks.chunks(evtx::CHUNK).flat_map(evtx::records);
    records.collect::<Result<_, _>>().with_context(|| log.display().to_string())
}

/// How many events one core holds against the rules: as they come out of a sensor, and as text that is read first.
fn speed(figures: &mut Figures, rules: &Arc<Rules>, values: &[Value], lasting: Duration) {
    let source = Source::default();
    let events: Vec<Event> = values.iter().map(|value| logs::of_json(value, &source)).collect();
    let texts: Vec<String> = values.iter().map(Value::to_string).collect();
    let mut detector = Detector::new(Arc::clone(rules));
    let mut rate = |one: &mut dyn FnMut(&mut Detector, usize)| {
        let (began, before, mut done) = (Instant::now(), core_time(), 0_u64);
        while began.elapsed() < lasting {
            (0..values.len()).for_each(|number| one(&mut detector, number));
            done += values.len() as u64;
        }
        done as f64 / core_time().saturating_sub(before).as_secs_f64()
    };
    let ready = rate(&mut |detector, number| {
        if let Some(event) = events.get(number) {
            std::hint::black_box(detector.observe(event));
        }
    });
    figures.note("windows rules: events held against them", "a core-second", ready);
    let read = rate(&mut |detector, number| {
        let value = texts.get(number).and_then(|text| serde_json::from_str(text).ok());
        if let Some(value) = value {
            std::hint::black_box(detector.observe(&logs::of_json(&value, &source)));
        }
    });
    figures.note("the same, each read from JSON first", "a core-second", read);
}

/// Processor time of this process so far: others that share the cores do not count.
fn core_time() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_SELF).map(|usage| usage.user_time() + usage.system_time());
    usage.map_or(Duration::ZERO, |time| Duration::from_micros(time.num_microseconds().try_into().unwrap_or(0)))
}

fn files(folders: &[PathBuf], end: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for folder in folders {
        all.extend(files_of_one(folder, end)?);
    }
    Ok(all)
}

/// Files with this ending below a folder, names sorted.
fn files_of_one(folder: &Path, end: &str) -> anyhow::Result<Vec<PathBuf>> {
    let (mut waiting, mut found) = (vec![folder.to_path_buf()], Vec::new());
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|known| known == end) {
                found.push(path);
            }
        }
    }
    if found.is_empty() {
        bail!("{} has no file that ends in .{end}", folder.display());
    }
    found.sort();
    Ok(found)
}

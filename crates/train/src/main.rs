//! The binary `baluardo-train`: reads collections of mail, adds messages written by its own generator, trains the mail
//! model, and prints how it does on what it has not seen. Not shipped.

mod collections;
mod fold;
mod learner;
mod report;
mod scale;
mod verdicts;
mod writer;

use anyhow::Context as _;
use clap::Parser;
use std::path::PathBuf;

/// Trains the mail model.
#[derive(Debug, Parser)]
struct Args {
    /// Folder of unpacked collections, one folder of `.eml` files each (see data/mail/README.md).
    #[arg(long, required_unless_present_any = ["show", "judge"])]
    data: Option<PathBuf>,
    /// Where to write the model; nothing is written without it.
    #[arg(long)]
    model: Option<PathBuf>,
    /// Learn from collections, too, that are not free for every use (`phishing_pot`: CC BY-NC). Such a model must not be shipped.
    #[arg(long)]
    with_restricted: bool,
    /// Print in what share of each source each fact stands.
    #[arg(long)]
    facts: bool,
    /// Write a line for each message into this file: what words say that did not see its source, its facts, its subject.
    #[arg(long)]
    list: Option<PathBuf>,
    /// Write a line for each message of a collection into this file: what a model said that did not see its group.
    #[arg(long)]
    verdicts: Option<PathBuf>,
    /// Judge the messages whose paths stand in this file, one a line, with the model that ships, and stop: for measuring.
    #[arg(long)]
    judge: Option<PathBuf>,
    /// Write messages of the generator into this folder and stop: to read them.
    #[arg(long)]
    show: Option<PathBuf>,
}

/// Messages that the generator writes to learn from.
const WRITTEN: usize = 16_000;

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if let Some(folder) = &args.show {
        return writer::show(folder);
    }
    if let Some(list) = &args.judge {
        return verdicts::judge_all(list);
    }
    let data = args.data.context("say where the collections are: --data FOLDER")?;
    let mut read = collections::read(&data, args.with_restricted)?;
    read.learned.extend(writer::examples(WRITTEN));
    if args.facts {
        report::facts(&read);
    }
    let folds = fold::learn(&read.learned);
    let mut said = Vec::new();
    for fold in &folds.folds {
        said.extend(report::left_out(fold, &read.learned));
    }
    let scale = folds.scale();
    let words = learner::train(&read.learned.iter().collect::<Vec<_>>());
    let bytes = words.to_model(&scale);
    if let Some(path) = &args.list {
        report::list(path, &folds, &words, &read.judging)?;
    }
    said.extend(report::never_seen(&bytes, &scale, &folds, &read.judging));
    if let Some(path) = &args.verdicts {
        verdicts::write(path, &said)?;
    }
    report::weights(&scale);
    if let Some(path) = &args.model {
        std::fs::write(path, &bytes).with_context(|| format!("writing {}", path.display()))?;
        println!("model: {} bytes in {}", bytes.len(), path.display());
    }
    Ok(())
}

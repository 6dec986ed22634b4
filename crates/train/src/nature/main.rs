//! The binary `baluardo-train-nature`: reads collections of malware and of honest files, trains the models of
//! `detect::nature`, prints how they do on what they have not seen, and writes the model if it is no worse than the one
//! before. Not shipped.
//!
//! Malware is read out of git's own packs into memory and is turned into numbers there. It is never written and never run.

mod clamp;
mod example;
mod forest;
mod frozen;
mod gather;
mod git;
mod locked_zip;
mod measure;
mod report;
mod scale;
mod sources;
mod words;
mod writer;

use anyhow::{Context as _, bail};
use baluardo_detect::nature::{Forest, Kind, Model};
use clap::Parser;
use std::path::PathBuf;

/// Trains the models that know malware by its nature.
#[derive(Debug, Parser)]
struct Args {
    /// Folder of bare git repositories, each as OWNER+NAME/repo (see data/nature/README.md).
    #[arg(long)]
    data: PathBuf,
    /// Folders of honest files to learn from, as many as you like: /usr, installed packages, a system's mirror.
    #[arg(long)]
    benign: Vec<PathBuf>,
    /// The model to replace. Nothing is written without it.
    #[arg(long)]
    model: Option<PathBuf>,
    /// Take no more than so many files of one source.
    #[arg(long, default_value_t = 2_500)]
    most: usize,
    /// Print, for each language, in what share of honest and of hostile scripts each fact holds.
    #[arg(long)]
    facts: bool,
    /// Print the honest files that come nearest to being suspicious.
    #[arg(long)]
    near: bool,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let mut all = gather::gather(&args)?;
    all.extend(writer::examples());
    let all = example::without_doubles(all);
    let (frozen, learned): (Vec<_>, Vec<_>) = all.into_iter().partition(example::Example::is_frozen);
    report::counts(&learned, &frozen);
    if args.facts {
        report::facts(&learned);
    }
    let scripts: Vec<_> = learned.iter().filter(|example| example.seen.kind.is_script()).collect();
    let folds = scale::folds(&scripts);
    let words = words::train(&scripts);
    let (linear, offsets) = words.to_linear();
    let mut model = Model { scripts: Vec::new(), words: linear, pe: Forest::default(), elf: Forest::default() };
    model.scripts = scale::train(&scripts, &folds, &offsets);
    scale::set_bars(&mut model, &scripts, &folds, &frozen);
    for kind in [Kind::Pe, Kind::Elf] {
        let of: Vec<_> = learned.iter().filter(|example| example.seen.kind == kind).collect();
        let trained = forest::of_kind(kind, &of, &frozen, &args.data)?;
        if kind == Kind::Pe { model.pe = trained } else { model.elf = trained }
    }
    clamp::judge(&args.data)?;
    report::left_out(&scripts, &folds, &model);
    report::shipped(&model, &learned, &frozen);
    if args.near {
        report::near(&model, &learned);
    }
    let Some(path) = &args.model else { return Ok(()) };
    let bytes = model.write();
    let old = std::fs::read(path).unwrap_or_default();
    match frozen::compare(&old, &model, &frozen) {
        frozen::Outcome::Better(why) => println!("the new model takes the old one's place: {why}"),
        frozen::Outcome::Worse(why) => bail!("{} stays as it is: the new model is worse: {why}", path.display()),
    }
    std::fs::write(path, &bytes).with_context(|| format!("writing {}", path.display()))?;
    println!("model: {} bytes in {}", bytes.len(), path.display());
    Ok(())
}

//! The binary `baluardo-train`: reads collections of mail, adds messages written by its own generator, trains the mail
//! model, and prints how it does on what it has not seen. Not shipped.

mod collections;
mod learner;
mod report;
mod writer;

use anyhow::Context as _;
use clap::Parser;
use std::path::PathBuf;

/// Trains the mail model.
#[derive(Debug, Parser)]
struct Args {
    /// Folder of unpacked collections, one folder of `.eml` files each (see data/mail/README.md).
    #[arg(long)]
    data: PathBuf,
    /// Where to write the model.
    #[arg(long)]
    model: PathBuf,
    /// Also train once for each collection without it, and print how the rest judges it.
    #[arg(long)]
    leave_out: bool,
    /// Write messages of the generator into this folder and stop: to read them.
    #[arg(long)]
    show: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if let Some(folder) = &args.show {
        return writer::show(folder);
    }
    let mut examples = collections::read(&args.data)?;
    examples.extend(writer::examples(9_000, false));
    let judged = writer::examples(2_000, true);
    if args.leave_out {
        report::leave_out(&examples, &judged);
    }
    report::halves(&examples, &judged);
    // What ships learns from everything: how well it does was printed above, by models that saw less.
    let all: Vec<_> = examples.iter().chain(&judged).collect();
    let weights = learner::train(&all);
    let bytes = weights.to_model();
    std::fs::write(&args.model, &bytes).with_context(|| format!("writing {}", args.model.display()))?;
    println!("model: {} bytes in {}", bytes.len(), args.model.display());
    Ok(())
}

//! Gathers Sigma rules from files and folders.

use crate::scan::{escape, read, walk};
use anyhow::{Context as _, bail};
use baluardo_detect::sigma::{Rules, RulesBuilder, RulesReport, Skipped};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Longest rule file, in bytes: longer ones are none.
const LONGEST: u64 = 4 * 1024 * 1024;

/// Reads everything that the paths name: files as they are, and in folders all that end in `.yml` or `.yaml`.
///
/// # Errors
/// When a path is not there, or a folder has no rules.
pub(super) fn gather(paths: &[PathBuf], product: Option<&str>) -> anyhow::Result<(Rules, RulesReport)> {
    let product = product.map(str::to_ascii_lowercase);
    let mut builder = product.as_deref().map_or_else(RulesBuilder::default, RulesBuilder::only_for);
    let mut unread = Vec::new();
    for path in paths {
        let meta = std::fs::metadata(path).with_context(|| format!("{} cannot be reached", escape::shown(path)))?;
        let files = if meta.is_dir() { below(path, &mut unread) } else { vec![path.clone()] };
        if files.is_empty() {
            bail!("{} has no file that ends in .yml or .yaml", escape::shown(path));
        }
        for file in files {
            match text_of(&file) {
                Ok(text) => builder.add(&escape::lossless(&file), &text),
                Err(error) => unread.push(skipped(&file, format!("{error:#}"))),
            }
        }
    }
    let (rules, mut report) = builder.finish();
    report.files += unread.len();
    report.skipped.extend(unread);
    Ok((rules, report))
}

fn skipped(file: &Path, reason: String) -> Skipped {
    Skipped { file: escape::lossless(file), rule: None, reason }
}

fn text_of(path: &Path) -> anyhow::Result<String> {
    let (file, _) = read::open(path)?;
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == LONGEST {
        bail!("a rule file of more than {LONGEST} bytes is none");
    }
    String::from_utf8(bytes).context("it is not UTF-8")
}

fn below(folder: &Path, unread: &mut Vec<Skipped>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk::walk(&[folder.to_path_buf()], &mut |item| {
        let end = item.path.extension().and_then(|end| end.to_str()).unwrap_or_default();
        match item.trouble {
            Some(trouble) => unread.push(skipped(&item.path, trouble)),
            None if ["yml", "yaml"].iter().any(|known| end.eq_ignore_ascii_case(known)) => found.push(item.path),
            None => {}
        }
        true
    });
    found.sort();
    found
}

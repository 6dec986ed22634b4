//! Gathers rules and indicators from files and folders, and puts the engines together when the first file needs them.

use super::escape;
use super::words::Words;
use crate::cli::ScanArgs;
use anyhow::{Context as _, bail};
use baluardo_detect::indicators::{Indicators, IndicatorsBuilder, parse_line};
use baluardo_detect::inspect::Inspector;
use baluardo_detect::packs::{Gathered, Warninglist, rule_text};
use baluardo_detect::scan::{RuleSource, RulesReport, Scanner};
use baluardo_detect::unpack::Limits;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Bad lines that are shown of one list.
const SHOWN: usize = 5;

/// Longest rule file and longest line of a list, in bytes: larger ones are none.
const LONGEST: u64 = 64 * 1024 * 1024;

/// Longest file of a pack, in bytes: five million digests with names.
const LONGEST_LIST: u64 = 1024 * 1024 * 1024;

/// What the engines are made from, and the engines.
#[derive(Debug)]
pub(super) struct Engines {
    digest: [u8; 32],
    raw: Mutex<Option<(Vec<RuleSource>, Indicators)>>,
    made: OnceLock<Result<Inspector, String>>,
    words: Words,
}

impl Engines {
    /// Reads everything that the arguments name. Compiling waits for [`Engines::ready`].
    pub(super) fn gather(args: &ScanArgs, words: Words) -> anyhow::Result<Self> {
        let mut hasher = Sha256::new();
        hasher.update(concat!(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")));
        hasher.update(args.megabytes.get().to_le_bytes());
        hasher.update(baluardo_detect::nature::SHIPPED_BYTES);
        let (sources, troubles) = rule_sources(&args.rules)?;
        for trouble in troubles {
            eprintln!("baluardo: {trouble}");
        }
        for source in &sources {
            for text in [&source.name, &source.text] {
                hasher.update(text.len().to_le_bytes());
                hasher.update(text);
            }
        }
        let mut builder = IndicatorsBuilder::default();
        for path in &args.indicators {
            list(path, &mut builder, &mut hasher).with_context(|| format!("{} cannot be used", escape::shown(path)))?;
        }
        let raw = Mutex::new(Some((sources, builder.finish())));
        Ok(Self { digest: hasher.finalize().into(), raw, made: OnceLock::new(), words })
    }

    /// What tells these engines from others: the program, the rules, the indicators and the limits.
    pub(super) const fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The engines, compiled now if they were not yet.
    pub(super) fn ready(&self) -> Result<&Inspector, String> {
        self.made.get_or_init(|| self.make()).as_ref().map_err(Clone::clone)
    }

    fn make(&self) -> Result<Inspector, String> {
        let raw = self.raw.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (sources, indicators) = raw.ok_or("the rules were taken already")?;
        let given = sources.len();
        let (scanner, report) = Scanner::with_rules(&[], sources).map_err(|error| error.to_string())?;
        for skipped in &report.skipped {
            let rule = skipped.rule.as_deref().unwrap_or("*");
            let line = self.words.fill("rule_skipped", &[&skipped.file, rule, &skipped.reason]);
            eprintln!("baluardo: {}", escape::shown_text(&line));
        }
        if given > 0 && report.compiled == 0 {
            return Err(String::from("none of the rules given with --rules can be used"));
        }
        Ok(Inspector::new(scanner, indicators, Limits::default()).speaking(self.words.language()))
    }
}

/// The rule files that the paths name: files as they are, and in folders all that end in `.yar` or `.yara`. Also what
/// could not be read, as sentences.
///
/// # Errors
/// When a path is not there, or a folder has no rules.
pub(super) fn rule_sources(paths: &[PathBuf]) -> anyhow::Result<(Vec<RuleSource>, Vec<String>)> {
    let (mut sources, mut troubles) = (Vec::new(), Vec::new());
    for path in paths {
        let meta = std::fs::metadata(path).with_context(|| format!("{} cannot be reached", escape::shown(path)))?;
        let files = if meta.is_dir() { files_below(path, &["yar", "yara"]) } else { vec![path.clone()] };
        if files.is_empty() {
            bail!("{} has no file that ends in .yar or .yara", escape::shown(path));
        }
        for file in files {
            match text_of(&file) {
                Ok(text) => sources.push(RuleSource { name: escape::lossless(&file), text }),
                Err(error) => troubles.push(format!("{}: {error}", escape::shown(&file))),
            }
        }
    }
    Ok((sources, troubles))
}

/// A rule file's text.
fn text_of(path: &Path) -> anyhow::Result<String> {
    let (file, _) = super::read::open(path)?;
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == LONGEST {
        bail!("a rule file of more than {LONGEST} bytes is none");
    }
    Ok(rule_text(&bytes))
}

fn files_below(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    super::walk::walk(&[folder.to_path_buf()], &mut |item| {
        let end = item.path.extension().and_then(|end| end.to_str()).unwrap_or_default();
        if item.trouble.is_none() && endings.iter().any(|known| end.eq_ignore_ascii_case(known)) {
            found.push(item.path);
        }
        true
    });
    found.sort();
    found
}

/// Endings of the files that are taken from a folder for a pack.
pub(crate) const OF_A_PACK: [&str; 7] = ["yar", "yara", "hdb", "hsb", "txt", "csv", "json"];

/// Reads the files of a pack.
///
/// # Errors
/// When a path is not there, a file cannot be read, or a folder has none.
pub(crate) fn gather_pack(paths: &[PathBuf]) -> anyhow::Result<Gathered> {
    let mut gathered = Gathered::default();
    for path in paths {
        let meta = std::fs::metadata(path).with_context(|| format!("{} cannot be reached", escape::shown(path)))?;
        let files = if meta.is_dir() { files_below(path, &OF_A_PACK) } else { vec![path.clone()] };
        if files.is_empty() {
            bail!("{} has no file that ends in one of: {}", escape::shown(path), OF_A_PACK.join(", "));
        }
        for file in files {
            let mut bytes = Vec::new();
            let (open, _) =
                super::read::open(&file).with_context(|| format!("{} cannot be read", escape::shown(&file)))?;
            open.take(LONGEST_LIST).read_to_end(&mut bytes)?;
            if bytes.len() as u64 == LONGEST_LIST {
                bail!("{} has more than {LONGEST_LIST} bytes: make several of it", escape::shown(&file));
            }
            gathered.add(&escape::lossless(&file), &bytes);
        }
    }
    Ok(gathered)
}

/// Reads one list: a MISP warninglist (JSON) as files that are good, anything else line by line as files that are bad.
fn list(path: &Path, builder: &mut IndicatorsBuilder, hasher: &mut Sha256) -> anyhow::Result<()> {
    let (file, _) = super::read::open(path)?;
    let mut file = BufReader::with_capacity(1 << 20, file);
    if file.fill_buf()?.trim_ascii_start().starts_with(b"{") {
        return warninglist(file, builder, hasher).context("it begins like a MISP warninglist, but is none");
    }
    let (mut line, mut good, mut bad) = (Vec::new(), 0_u64, Vec::new());
    let mut refused = 0_u64;
    loop {
        line.clear();
        if file.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        hasher.update(&line);
        match parse_line(&String::from_utf8_lossy(&line)) {
            Ok(Some(entry)) => {
                builder.add(&entry);
                good += 1;
            }
            Ok(None) => {}
            Err(error) => {
                refused += 1;
                if bad.len() < SHOWN {
                    bad.push(error.to_string());
                }
            }
        }
    }
    if good == 0 && refused > 0 {
        bail!("it lists no MD5, SHA-1 or SHA-256: {}", bad.join("; "));
    }
    if refused > 0 {
        eprintln!("baluardo: {}: {refused} lines are passed over: {}", escape::shown(path), bad.join("; "));
    }
    Ok(())
}

fn warninglist(file: BufReader<File>, builder: &mut IndicatorsBuilder, hasher: &mut Sha256) -> anyhow::Result<()> {
    let list: Warninglist = serde_json::from_reader(file)?;
    for value in &list.list {
        hasher.update(value.len().to_le_bytes());
        hasher.update(value);
    }
    list.digests().for_each(|entry| builder.add_exclusion(&entry));
    Ok(())
}

/// Compiles rules only to see what becomes of them.
///
/// # Errors
/// As [`rule_sources`].
pub(super) fn try_rules(paths: &[PathBuf]) -> anyhow::Result<(RulesReport, Vec<String>)> {
    let (sources, troubles) = rule_sources(paths)?;
    let (_, report) = Scanner::with_rules(&[], sources)?;
    Ok((report, troubles))
}

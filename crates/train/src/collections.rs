//! Reads the collections, and takes out of them what tells where they come from.

use anyhow::{Context as _, ensure};
use baluardo_mail::learn::{Features, features};
use baluardo_mail::{Facts, Letter};
use std::path::{Path, PathBuf};

/// One message to learn from, or to judge.
#[derive(Debug)]
pub(crate) struct Example {
    /// Collection, or side of the generator, that it comes from.
    pub(crate) source: String,
    /// Its file; empty for what the generator wrote.
    pub(crate) path: PathBuf,
    /// What is left out together: collections of the same people and time.
    pub(crate) group: String,
    /// Year in its date, where it says one.
    pub(crate) year: u16,
    /// Whether it is hostile.
    pub(crate) hostile: bool,
    /// How much it counts when words are learned.
    pub(crate) weight: f32,
    /// Its words.
    pub(crate) features: Features,
    /// What is true of it.
    pub(crate) facts: Facts,
    /// The letter itself.
    pub(crate) letter: Letter,
}

/// A collection.
#[derive(Clone, Copy)]
pub(crate) struct Collection {
    name: &'static str,
    group: &'static str,
    hostile: bool,
    /// How much each message counts: small kinds that matter count more.
    weight: f32,
    /// Whether its licence lets everybody use a model that learned from it. Others only judge, unless asked for.
    free: bool,
}

const fn collection(name: &'static str, group: &'static str, hostile: bool, weight: f32, free: bool) -> Collection {
    Collection { name, group, hostile, weight, free }
}

const COLLECTIONS: &[Collection] = &[
    collection("nazario_raw", "nazario", true, 1.0, true),
    collection("sa_easy_ham_1", "lists of 2002", false, 0.7, true),
    collection("sa_easy_ham_2", "lists of 2002", false, 0.7, true),
    collection("sa_hard_ham_1", "newsletters of 2002", false, 4.0, true),
    collection("sa_spam_1", "spam of 2002", true, 0.6, true),
    collection("sa_spam_2", "spam of 2002", true, 0.6, true),
    collection("usrp_ham_2019_24", "list of 2019 to 2024", false, 0.6, true),
    collection("csdmc2010_spam", "spam of 2010", true, 0.8, true),
    collection("phishing_pot", "phishing_pot", true, 1.0, false),
];

/// Messages to learn from, and messages that only judge.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) learned: Vec<Example>,
    pub(crate) judging: Vec<Example>,
}

/// Reads every collection under `folder`; with `all` those are learned from, too, whose licence does not let everybody use
/// what came of it.
pub(crate) fn read(folder: &Path, all: bool) -> anyhow::Result<Read> {
    let mut read = Read::default();
    for collection in COLLECTIONS {
        let mut files = Vec::new();
        let name = collection.name;
        gather(&folder.join(name), &mut files)
            .with_context(|| format!("the collection {name} cannot be read: unpack it under {}", folder.display()))?;
        ensure!(!files.is_empty(), "the collection {name} under {} is empty", folder.display());
        files.sort();
        println!("{name}: {} messages", files.len());
        let into = if collection.free || all { &mut read.learned } else { &mut read.judging };
        for file in files {
            let bytes = std::fs::read(&file)?;
            let year = year(&bytes);
            // Newer messages of this collection belong to whoever judges the product.
            if name == "phishing_pot" && year >= 2025 {
                continue;
            }
            let letter = cleaned(Letter::read(&bytes));
            let mut one = example(name, collection.group, collection.hostile, letter);
            (one.year, one.weight, one.path) = (year, collection.weight, file);
            into.push(one);
        }
    }
    Ok(read)
}

/// Makes an example of a letter.
pub(crate) fn example(source: &str, group: &str, hostile: bool, letter: Letter) -> Example {
    let (facts, features) = (Facts::of(&letter), features(&letter));
    Example {
        source: source.to_owned(),
        group: group.to_owned(),
        path: PathBuf::new(),
        year: 0,
        hostile,
        weight: 1.0,
        features,
        facts,
        letter,
    }
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(&path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "eml") {
            files.push(path);
        }
    }
    Ok(())
}

/// The lists' names and footers, which only one collection has. The recipients' stand-ins are taken out by the product itself,
/// as any recipient's name is.
const TRACES: &[&str] = &[
    "USRP-users",
    "usrp-users",
    "lists.ettus.com",
    "Irish Linux Users' Group",
    "ilug@linux.ie",
    "Spamassassin-talk",
    "Razor-users",
    "SpamAssassin",
    "spamassassin",
    "mailing list",
    "zzzz",
    "X-Truncated",
];

/// A letter without what tells its collection.
fn cleaned(mut letter: Letter) -> Letter {
    for trace in TRACES {
        for text in [&mut letter.subject, &mut letter.text, &mut letter.from_name] {
            if text.contains(trace) {
                *text = text.replace(trace, "");
            }
        }
    }
    letter.links.retain(|link| {
        !["lists.ettus.com", "linux.ie", "sourceforge.net", "xent.com"].iter().any(|host| link.target.contains(host))
    });
    letter
}

/// The year in the Date header.
fn year(bytes: &[u8]) -> u16 {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(20_000)).unwrap_or_default()).into_owned();
    let date = head.lines().find(|line| line.to_ascii_lowercase().starts_with("date:")).unwrap_or_default().to_owned();
    date.split(|letter: char| !letter.is_ascii_digit())
        .filter_map(|word| word.parse().ok())
        .find(|year| (1990..2040).contains(year))
        .unwrap_or(0)
}

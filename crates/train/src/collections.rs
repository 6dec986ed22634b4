//! Reads the collections, and takes out of them what tells where they come from.

use anyhow::{Context as _, ensure};
use baluardo_mail::learn::{Features, features};
use baluardo_mail::{Facts, Letter};
use std::path::Path;

/// One message to learn from.
#[derive(Debug)]
pub(crate) struct Example {
    /// Collection, or part of the generator, that it comes from.
    pub(crate) source: String,
    /// Year in its date, where it says one.
    pub(crate) year: u16,
    /// Whether it is hostile.
    pub(crate) hostile: bool,
    /// How much it counts.
    pub(crate) weight: f32,
    /// Its numbers.
    pub(crate) features: Features,
    /// The letter's facts as a floor under the learned score would need the letter again; its verdict's score is made from here.
    pub(crate) letter: Letter,
}

/// Collections, whether they are hostile, and how much each message counts: small kinds that matter count more.
const COLLECTIONS: &[(&str, bool, f32)] = &[
    ("phishing_pot", true, 2.0),
    ("nazario_raw", true, 0.5),
    ("sa_easy_ham_1", false, 0.8),
    ("sa_easy_ham_2", false, 0.8),
    ("sa_hard_ham_1", false, 6.0),
    ("sa_spam_1", true, 0.6),
    ("sa_spam_2", true, 0.6),
    ("usrp_ham_2019_24", false, 0.6),
    ("csdmc2010_spam", true, 0.6),
];

/// Reads every collection under `folder`.
pub(crate) fn read(folder: &Path) -> anyhow::Result<Vec<Example>> {
    let mut examples = Vec::new();
    for (name, hostile, weight) in COLLECTIONS {
        let mut files = Vec::new();
        gather(&folder.join(name), &mut files)
            .with_context(|| format!("the collection {name} cannot be read: unpack it under {}", folder.display()))?;
        ensure!(!files.is_empty(), "the collection {name} under {} is empty", folder.display());
        files.sort();
        let before = examples.len();
        for file in files {
            let bytes = std::fs::read(&file)?;
            let year = year(&bytes);
            if *name == "phishing_pot" && year >= 2025 {
                continue;
            }
            let letter = cleaned(Letter::read(&bytes));
            examples.push(example(name, *hostile, *weight, year, letter));
        }
        println!("{name}: {} messages", examples.len() - before);
    }
    Ok(examples)
}

/// Makes an example of a letter.
pub(crate) fn example(source: &str, hostile: bool, weight: f32, year: u16, letter: Letter) -> Example {
    let facts = Facts::of(&letter);
    Example { source: source.to_owned(), year, hostile, weight, features: features(&letter, &facts), letter }
}

fn gather(folder: &Path, files: &mut Vec<std::path::PathBuf>) -> std::io::Result<()> {
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

/// The recipient's stand-ins and the lists' names and footers, which only one collection has.
const TRACES: &[&str] = &[
    "destinatario@comune.invalid",
    "comune.invalid",
    "Destinatario",
    "destinatario",
    "phishing@pot",
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
        !["lists.ettus.com", "linux.ie", "sourceforge.net", "xent.com", "comune.invalid"]
            .iter()
            .any(|host| link.target.contains(host))
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

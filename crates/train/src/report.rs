//! How well messages are judged that were not learned from.

use crate::collections::{Example, Read};
use crate::fold::{Fold, Folds};
use crate::learner::Words;
use crate::scale::above;
use baluardo_mail::learn::{Model, Scale};
use baluardo_mail::{Action, Fact, Language, Verdict, judge_with};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

/// How the group that a fold left out is judged.
pub(crate) fn left_out<'a>(fold: &Fold, examples: &'a [Example]) -> Judged<'a> {
    let bytes = fold.words.to_model(&fold.scale);
    let Ok(model) = Model::read(&bytes) else { return Vec::new() };
    println!("\n== without {}", fold.group);
    let verdicts = judged(&model, examples.iter().filter(|one| one.group == fold.group));
    table(&verdicts, |one| one.source.clone());
    verdicts
}

/// How collections are judged that no model saw, and how many of them are above given shares of honest mail left out.
pub(crate) fn never_seen<'a>(bytes: &[u8], scale: &Scale, folds: &Folds<'_>, judging: &'a [Example]) -> Judged<'a> {
    let Ok(model) = Model::read(bytes) else { return Vec::new() };
    println!("\n== never learned from (hold {:.2}, mark {:.2})", scale.hold, scale.mark);
    let verdicts = judged(&model, judging.iter());
    table(&verdicts, |one| format!("{} {}", one.source, one.year));
    let honest = folds.honest(scale);
    for share in [0.001, 0.002, 0.005, 0.01, 0.02] {
        let limit = model.score(above(&honest, share));
        let over = verdicts.iter().filter(|(_, verdict)| verdict.score > limit).count();
        println!(
            "at {:.1} % of {} honest messages left out: {:.1} %",
            share * 100.0,
            honest.len(),
            percent(over, verdicts.len())
        );
    }
    verdicts
}

/// Messages and what was said of them.
pub(crate) type Judged<'a> = Vec<(&'a Example, Verdict)>;

fn judged<'a>(model: &Model<'_>, examples: impl Iterator<Item = &'a Example>) -> Judged<'a> {
    examples.map(|one| (one, judge_with(model, &one.letter, Language::English))).collect()
}

/// A line for each source.
fn table(verdicts: &Judged<'_>, name: impl Fn(&Example) -> String) {
    let mut by: BTreeMap<(bool, String), Vec<&Verdict>> = BTreeMap::new();
    for (one, verdict) in verdicts {
        by.entry((one.hostile, name(one))).or_default().push(verdict);
    }
    for ((hostile, source), verdicts) in by {
        let share = |action: fn(Action) -> bool| {
            percent(verdicts.iter().filter(|one| action(one.action)).count(), verdicts.len())
        };
        println!(
            "{:8} {source:26} {:5}  stopped {:6.2} %  tagged {:6.2} %  delivered {:6.2} %",
            if hostile { "hostile" } else { "honest" },
            verdicts.len(),
            share(Action::stops),
            share(|action| action == Action::Tag),
            share(|action| action == Action::Deliver),
        );
    }
}

/// How many messages a source has, and in how many of them each fact stands.
type Counts = (usize, BTreeMap<Fact, usize>);

/// In what share of each source each fact stands.
pub(crate) fn facts(read: &Read) {
    let mut by: BTreeMap<(bool, &str), Counts> = BTreeMap::new();
    for one in read.learned.iter().chain(&read.judging) {
        let (all, facts) = by.entry((one.hostile, one.source.as_str())).or_default();
        *all += 1;
        for found in one.facts.iter() {
            *facts.entry(found.fact).or_default() += 1;
        }
    }
    println!(
        "{:24} {}",
        "",
        by.keys().map(|(_, source)| format!("{:>9.9}", source.trim_start_matches("sa_"))).collect::<String>()
    );
    for fact in Fact::ALL {
        let share = |(all, facts): &Counts| percent(facts.get(fact).copied().unwrap_or(0), *all);
        println!(
            "{:24} {}",
            fact.code(),
            by.values().map(|counts| format!("{:9.2}", share(counts))).collect::<String>()
        );
    }
}

/// A line for each message, for whoever wants to look further.
pub(crate) fn list(path: &Path, folds: &Folds<'_>, words: &Words, judging: &[Example]) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
    let seen = folds.seen.iter().map(|one| (one.example, one.words));
    for (one, words) in seen.chain(judging.iter().map(|one| (one, words.sum(&one.features)))) {
        let facts: Vec<String> = one
            .facts
            .iter()
            .map(|found| format!("{}={}", found.fact.code(), found.detail.replace([' ', '\t'], "_")))
            .collect();
        let subject: String = one.letter.subject.chars().filter(|letter| !letter.is_control()).take(80).collect();
        let side = if one.hostile { "hostile" } else { "honest" };
        let facts = facts.join(" ");
        writeln!(out, "{side}\t{}\t{}\t{words:.3}\t{facts}\t{}\t{subject}", one.source, one.year, one.letter.from)?;
    }
    out.flush()
}

/// What was learned of words and facts together.
pub(crate) fn weights(scale: &Scale) {
    println!("\nbias {:.2}, words {:.2}", scale.bias, scale.words);
    for (fact, weight) in Fact::ALL.iter().zip(&scale.facts) {
        println!("{:24} {:?} {weight:.2}", fact.code(), fact.strength());
    }
}

fn percent(part: usize, all: usize) -> f64 {
    100.0 * part as f64 / all.max(1) as f64
}

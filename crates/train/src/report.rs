//! How well messages are judged that were not learned from.

use crate::collections::Example;
use crate::learner::{Weights, train};
use baluardo_mail::learn::Model;
use baluardo_mail::{Action, Language, judge_with};
use std::collections::BTreeMap;

/// Trains without each part in turn, and prints how that part is judged, beside the ham left out with it.
pub(crate) fn leave_out(examples: &[Example], judged: &[Example]) {
    // Each split leaves out whole collections of both kinds, so that no threshold is read off a collection that was seen.
    type Out = fn(&Example) -> bool;
    let splits: [(&str, Out); 5] = [
        ("without phishing_pot and hard ham", |one| one.source == "phishing_pot" || one.source == "sa_hard_ham_1"),
        ("without phishing of 2024 and the list of 2019 to 2024", |one| {
            (one.source == "phishing_pot" && one.year >= 2024) || one.source == "usrp_ham_2019_24"
        }),
        ("without phishing of 2024 and all SpamAssassin ham", |one| {
            (one.source == "phishing_pot" && one.year >= 2024) || (one.source.starts_with("sa_") && !one.hostile)
        }),
        ("without spam of 2010 and easy ham 2", |one| one.source == "csdmc2010_spam" || one.source == "sa_easy_ham_2"),
        ("without SpamAssassin's spam and Nazario", |one| {
            (one.source.starts_with("sa_") && one.hostile) || one.source == "nazario_raw"
        }),
    ];
    for (name, out) in splits {
        let kept: Vec<_> = examples.iter().filter(|one| !out(one)).collect();
        let weights = train(&kept);
        let mut held: Vec<_> = examples.iter().filter(|one| out(one)).collect();
        held.extend(judged);
        table(name, &weights, &held);
    }
}

/// Trains on a half of every collection and judges the other half: what mail of known kinds meets.
pub(crate) fn halves(examples: &[Example], judged: &[Example]) {
    let kept: Vec<_> = examples.iter().step_by(2).collect();
    let mut held: Vec<_> = examples.iter().skip(1).step_by(2).collect();
    held.extend(judged);
    table("the other half of every collection", &train(&kept), &held);
}

/// Scores by source, what the shipped thresholds would do, and detection at fixed shares of false alarms.
pub(crate) fn table(name: &str, weights: &Weights, held: &[&Example]) {
    let bytes = weights.to_model();
    let Ok(model) = Model::read(&bytes) else { return };
    println!("\n== {name}");
    let mut ham: Vec<f32> = Vec::new();
    let mut by: BTreeMap<(bool, &str), Vec<(f32, Action)>> = BTreeMap::new();
    for one in held {
        let verdict = judge_with(&model, &one.letter, Language::English);
        by.entry((one.hostile, one.source.as_str())).or_default().push((verdict.score, verdict.action));
        if !one.hostile {
            ham.push(verdict.score);
        }
    }
    ham.sort_by(|a, b| b.total_cmp(a));
    let at = |share: f64| ham.get((ham.len() as f64 * share) as usize).copied().unwrap_or(1.0);
    let (tenth, one) = (at(0.001), at(0.01));
    println!("ham left out: {}; score at 0.1 % {tenth:.3}, at 1 % {one:.3}", ham.len());
    for ((hostile, source), scores) in &by {
        let share = |count: usize| 100.0 * count as f64 / scores.len() as f64;
        let held = share(scores.iter().filter(|(_, action)| action.stops()).count());
        let marked = share(scores.iter().filter(|(_, action)| *action == Action::Tag).count());
        let kind = if *hostile { "hostile" } else { "ham" };
        print!("{kind:8} {source:34} {:5}  stopped {held:6.2} %  tagged {marked:6.2} %", scores.len());
        if *hostile {
            let above = |limit: f32| share(scores.iter().filter(|(score, _)| *score > limit).count());
            print!("  at 0.1 % {:6.2}  at 1 % {:6.2}", above(tenth), above(one));
        }
        print!("  above");
        for limit in [0.60_f32, 0.65, 0.70, 0.75, 0.80, 0.85, 0.90] {
            print!(" {limit:.2}:{:.2}", share(scores.iter().filter(|(score, _)| *score >= limit).count()));
        }
        println!();
    }
}

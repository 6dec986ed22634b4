//! Prints what was read and how the models do.

use crate::example::Example;
use crate::measure::auc;
use crate::scale::{self, FOLDS, Folds};
use baluardo_detect::nature::{FACTS, Kind, Model};
use std::collections::BTreeMap;

/// How many files of each kind there are.
pub(crate) fn counts(learned: &[Example], frozen: &[Example]) {
    println!("without doubles            honest  hostile   honest frozen  hostile frozen");
    for kind in Kind::ALL {
        let of = |all: &[Example], hostile: bool| {
            all.iter().filter(|example| example.seen.kind == kind && example.hostile == hostile).count()
        };
        println!(
            "{:<24} {:>8} {:>8} {:>15} {:>15}",
            kind.code(),
            of(learned, false),
            of(learned, true),
            of(frozen, false),
            of(frozen, true)
        );
    }
}

/// In what share of honest and of hostile scripts each fact holds.
pub(crate) fn facts(examples: &[Example]) {
    for kind in Kind::SCRIPTS {
        let of: Vec<_> = examples.iter().filter(|example| example.seen.kind == kind).collect();
        println!("{}", kind.code());
        for (number, fact) in FACTS.iter().enumerate() {
            let share = |hostile: bool| {
                let side: Vec<_> = of.iter().filter(|example| example.hostile == hostile).collect();
                let holds = |example: &&&&Example| example.seen.facts.iter().any(|each| usize::from(*each) == number);
                side.iter().filter(holds).count() as f64 * 100.0 / side.len().max(1) as f64
            };
            let (honest, hostile) = (share(false), share(true));
            if honest + hostile > 0.0 {
                println!("    {:<40} honest {honest:>6.2} %  hostile {hostile:>6.2} %", fact.code);
            }
        }
    }
}

/// How scripts are judged by models that had not seen their group.
pub(crate) fn left_out(examples: &[&Example], folds: &Folds, model: &Model) {
    let mut heights = vec![0.0_f32; examples.len()];
    for fold in 0..FOLDS {
        for (at, height) in scale::left_out(model, examples, folds, fold) {
            heights[at] = height;
        }
    }
    println!("groups left out:");
    for kind in Kind::SCRIPTS {
        let of = examples.iter().zip(&heights).filter(|(example, _)| example.seen.kind == kind);
        let points: Vec<(f32, bool)> = of.map(|(example, height)| (*height, example.hostile)).collect();
        let (bad, caught) = count(&points, true);
        let (good, alarms) = count(&points, false);
        println!(
            "{:<24} caught {caught:>5} of {bad:>5} ({:>5.1} %), false alarms {alarms:>3} of {good:>6}, AUC {:.4}",
            kind.code(),
            caught as f64 * 100.0 / bad.max(1) as f64,
            auc(&points)
        );
    }
    let mut groups: BTreeMap<(&str, &str, bool), (usize, usize)> = BTreeMap::new();
    for (example, height) in examples.iter().zip(&heights) {
        let group = if example.is_installed() { "installed on machines" } else { &example.group };
        let all = groups.entry((example.seen.kind.code(), group, example.hostile)).or_default();
        all.0 += 1;
        all.1 += usize::from(*height >= 0.0);
    }
    for ((kind, group, hostile), (all, high)) in groups {
        if all >= 12 || !hostile && high > 0 {
            let word = if hostile { "caught" } else { "alarms" };
            println!("    {kind:<12} {word} {high:>5} of {all:>5}  {group}");
        }
    }
    let mut wrong: Vec<_> =
        examples.iter().zip(&heights).filter(|(each, height)| !each.hostile && **height >= 0.0).collect();
    wrong.sort_by(|left, right| right.1.total_cmp(left.1));
    for (example, height) in wrong.iter().take(12) {
        println!("    alarm {height:.2} {} {:?}", example.name, codes(example));
    }
}

fn count(points: &[(f32, bool)], hostile: bool) -> (usize, usize) {
    let side = points.iter().filter(|point| point.1 == hostile);
    side.fold((0, 0), |(all, high), point| (all + 1, high + usize::from(point.0 >= 0.0)))
}

/// How the model that ships judges what it learned from, and what was kept out.
pub(crate) fn shipped(model: &Model, learned: &[Example], frozen: &[Example]) {
    println!("the model that ships: bar, then caught and false alarms of what it learned from and of the frozen set");
    for kind in Kind::ALL {
        let bar = model.part(kind).map_or_else(|| model.forest(kind).map_or(0.0, |forest| forest.bar), |part| part.bar);
        let of = |all: &[Example], hostile: bool| {
            let side = all.iter().filter(|example| example.seen.kind == kind && example.hostile == hostile);
            let heights = side.map(|example| model.height(&example.seen).unwrap_or(-1.0));
            heights.fold((0, 0), |(all, high), height| (all + 1, high + usize::from(height >= 0.0)))
        };
        let [caught, alarms] = [of(learned, true), of(learned, false)];
        let [frozen_caught, frozen_alarms] = [of(frozen, true), of(frozen, false)];
        println!(
            "{:<18} bar {bar:>6.2}  {:>5}/{:<5} {}/{:<6}  frozen {:>4}/{:<4} {}/{}",
            kind.code(),
            caught.1,
            caught.0,
            alarms.1,
            alarms.0,
            frozen_caught.1,
            frozen_caught.0,
            frozen_alarms.1,
            frozen_alarms.0
        );
    }
}

/// The honest files that come nearest to being suspicious.
pub(crate) fn near(model: &Model, examples: &[Example]) {
    for kind in Kind::ALL {
        let of = examples.iter().filter(|example| example.seen.kind == kind && !example.hostile);
        let mut heights: Vec<(f32, &Example)> =
            of.map(|example| (model.height(&example.seen).unwrap_or(-1.0), example)).collect();
        heights.sort_by(|left, right| right.0.total_cmp(&left.0));
        println!("{}", kind.code());
        for (height, example) in heights.iter().take(10) {
            println!("    {height:>6.2} {} {:?}", example.name, codes(example));
        }
    }
}

fn codes(example: &Example) -> Vec<&'static str> {
    example.seen.facts.iter().filter_map(|fact| FACTS.get(usize::from(*fact))).map(|fact| fact.code).collect()
}

//! Learns how much words and facts say together. How much words say is learned from models that had not seen the group of
//! files in question, so that words which only mark a source count for little.

use crate::example::Example;
use crate::words::{self, Words, number};
use baluardo_detect::nature::{FACTS, Kind, Model, Part, Strength};
use std::collections::{BTreeMap, HashMap};

/// Parts of the groups, of which each is left out once.
pub(crate) const FOLDS: usize = 5;

/// Steps of the descent.
const ROUNDS: usize = 600;
/// Length of a step.
const STEP: f32 = 0.4;
/// Pull of what all languages share towards what a fact says before anything is learned.
const PULL: f32 = 0.004;
/// Pull of what a language says apart towards what all share.
const PULL_APART: f32 = 0.01;
/// How far above the highest honest file the bar stands.
const MARGIN: f32 = 0.4;
/// A collection among whose honest scripts are attack tools, as their facts show: it sets no bar.
const MISFILED: &str = "das-lab/mpsd";
/// Of so many honest scripts of collections one may stand above the bar.
const ONE_IN_COLLECTED: usize = 250;
/// Of so many scripts installed on machines one may stand above it, had it not been seen.
const ONE_IN_UNSEEN: usize = 2_000;

/// What was said of each example by words that did not see its group.
pub(crate) struct Folds {
    /// The number of the part in which an example is left out.
    pub(crate) of: Vec<usize>,
    /// The sum of its words.
    pub(crate) sums: Vec<f32>,
}

/// Puts groups into parts: of each language and side in turn, largest first.
pub(crate) fn folds(examples: &[&Example]) -> Folds {
    let mut counts: BTreeMap<(bool, Kind, &str), usize> = BTreeMap::new();
    for example in examples {
        *counts.entry((example.hostile, example.seen.kind, &example.group)).or_default() += 1;
    }
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by(|left, right| (left.0.0, left.0.1, right.1).cmp(&(right.0.0, right.0.1, left.1)));
    let mut fold_of: HashMap<&str, usize> = HashMap::new();
    let mut filled: HashMap<(bool, Kind), [usize; FOLDS]> = HashMap::new();
    for ((hostile, kind, group), count) in sorted {
        let filled = filled.entry((hostile, kind)).or_default();
        let least = (0..FOLDS).min_by_key(|fold| filled[*fold]).unwrap_or_default();
        let fold = *fold_of.entry(group).or_insert(least);
        filled[fold] += count;
    }
    let of: Vec<usize> = examples.iter().map(|example| fold_of[example.group.as_str()]).collect();
    let mut sums = vec![0.0; examples.len()];
    for fold in 0..FOLDS {
        let known: Vec<&Example> =
            examples.iter().zip(&of).filter(|(_, each)| **each != fold).map(|(example, _)| *example).collect();
        let words: Words = words::train(&known);
        for (at, example) in examples.iter().enumerate().filter(|(at, _)| of[*at] == fold) {
            sums[at] = words.sum(example);
        }
    }
    Folds { of, sums }
}

/// What a fact says before anything is learned, in natural logarithms of the odds.
const fn before(strength: Strength) -> f32 {
    match strength {
        Strength::Good => -0.4,
        Strength::Weak => 0.2,
        Strength::Support => 0.8,
        Strength::Strong => 1.8,
    }
}

/// Learns the weights: shared ones, and for each language what differs.
pub(crate) fn train(examples: &[&Example], folds: &Folds, offsets: &[f32; 7]) -> Vec<Part> {
    let all: Vec<usize> = (0..examples.len()).collect();
    parts(&learn(examples, folds, &all), offsets)
}

/// Weights: for each language a bias, then words, then facts; the last row is shared.
struct Weights {
    shared: Vec<f32>,
    apart: Vec<Vec<f32>>,
    bias: Vec<f32>,
}

fn learn(examples: &[&Example], folds: &Folds, chosen: &[usize]) -> Weights {
    let priors: Vec<f32> = std::iter::once(0.6).chain(FACTS.iter().map(|fact| before(fact.strength))).collect();
    let mut weights = Weights { shared: priors.clone(), apart: vec![vec![0.0; priors.len()]; 7], bias: vec![-2.0; 7] };
    let of: Vec<&Example> = chosen.iter().map(|at| examples[*at]).collect();
    let counts = words::weights(&of);
    let total: f32 = counts.iter().sum();
    for round in 0..ROUNDS {
        let step = STEP / (1.0 + round as f32 / 150.0);
        let mut shared = vec![0.0; priors.len()];
        let mut apart = vec![vec![0.0; priors.len()]; 7];
        let mut bias = [0.0; 7];
        for (at, count) in chosen.iter().zip(&counts) {
            let example = examples[*at];
            let language = number(example.seen.kind);
            let level = level(&weights, language, folds.sums[*at], &example.seen.facts);
            let guess = 1.0 / (1.0 + (-level).exp());
            let error = (guess - f32::from(u8::from(example.hostile))) * count / total;
            bias[language] += error;
            let mut add = |place: usize, value: f32| {
                shared[place] += error * value;
                apart[language][place] += error * value;
            };
            add(0, folds.sums[*at]);
            for fact in &example.seen.facts {
                add(usize::from(*fact) + 1, 1.0);
            }
        }
        for (place, prior) in priors.iter().enumerate() {
            weights.shared[place] -= step * 20.0 * (shared[place] + PULL / 20.0 * (weights.shared[place] - prior));
            for (own, slope) in weights.apart.iter_mut().zip(&apart) {
                let own = &mut own[place];
                *own -= step * 20.0 * (slope[place] + PULL_APART / 20.0 * *own);
            }
        }
        for (own, slope) in weights.bias.iter_mut().zip(&bias) {
            *own -= step * 20.0 * slope;
        }
    }
    weights
}

/// What a fact says: never the opposite of what it means.
fn bounded(place: usize, value: f32) -> f32 {
    match place.checked_sub(1).and_then(|fact| FACTS.get(fact)).map(|fact| fact.strength) {
        Some(Strength::Good) => value.clamp(-1.2, 0.0),
        Some(Strength::Weak) => value.clamp(0.0, 1.5),
        Some(_) => value.clamp(0.05, 6.0),
        None => value.clamp(0.1, 1.5),
    }
}

fn level(weights: &Weights, language: usize, words: f32, facts: &[u16]) -> f32 {
    let of = |place: usize| bounded(place, weights.shared[place] + weights.apart[language][place]);
    weights.bias[language] + of(0) * words + facts.iter().map(|fact| of(usize::from(*fact) + 1)).sum::<f32>()
}

fn parts(weights: &Weights, offsets: &[f32; 7]) -> Vec<Part> {
    let of = |language: usize| Part {
        bias: weights.bias[language],
        offset: offsets[language],
        words: bounded(0, weights.shared[0] + weights.apart[language][0]),
        bar: 0.0,
        facts: (1..=FACTS.len())
            .map(|place| bounded(place, weights.shared[place] + weights.apart[language][place]))
            .collect(),
    };
    (0..7).map(of).collect()
}

/// The level from which a script is suspicious, by honest ones and their levels as seen and as left out: above every one
/// that is installed on a machine, above all but one in [`ONE_IN_COLLECTED`] of collections ([`MISFILED`] left out), and above all but one in [`ONE_IN_UNSEEN`] of those installed, had they not been seen.
fn bar(kind: Kind, honest: &[(&Example, f32, f32)]) -> f32 {
    let of = |installed: bool, level: fn(&(&Example, f32, f32)) -> f32, one_in: usize| {
        let counts = |example: &Example| {
            example.seen.kind == kind && example.is_installed() == installed && example.group != MISFILED
        };
        let side = honest.iter().filter(|(example, _, _)| counts(example));
        let mut levels: Vec<f32> = side.map(level).collect();
        levels.sort_by(|left, right| right.total_cmp(left));
        levels.get(levels.len() / one_in).copied().unwrap_or(f32::NEG_INFINITY)
    };
    let unseen = of(true, |each| each.2, ONE_IN_UNSEEN).max(of(false, |each| each.1.max(each.2), ONE_IN_COLLECTED));
    (of(true, |each| each.1, usize::MAX).max(unseen) + MARGIN).max(0.0)
}

/// Sets all bars, by honest scripts whose group was seen and as if it had been left out; `frozen` ones count as they are.
pub(crate) fn set_bars(model: &mut Model, examples: &[&Example], folds: &Folds, frozen: &[Example]) {
    let level = |example: &Example, words| model.height_by(&example.seen, words).unwrap_or(f32::NEG_INFINITY);
    let known = examples.iter().zip(&folds.sums);
    let known = known.map(|(example, sum)| (*example, level(example, None), level(example, Some(*sum))));
    let frozen = frozen.iter().map(|example| (example, level(example, None), level(example, None)));
    let honest: Vec<_> = known.chain(frozen).filter(|(example, _, _)| !example.hostile).collect();
    for (kind, part) in Kind::SCRIPTS.into_iter().zip(&mut model.scripts) {
        part.bar = bar(kind, &honest);
    }
}

/// What a model says that knew nothing of a part of the groups: how high each of their examples stands.
pub(crate) fn left_out(model: &Model, examples: &[&Example], folds: &Folds, fold: usize) -> Vec<(usize, f32)> {
    let (out, known): (Vec<usize>, Vec<usize>) = (0..examples.len()).partition(|at| folds.of[*at] == fold);
    let scripts = parts(&learn(examples, folds, &known), &[0.0; 7]);
    let mut blind = Model { scripts, ..model.clone() };
    blind.words.hashed.fill(0);
    let honest: Vec<_> = known
        .iter()
        .filter(|at| !examples[**at].hostile)
        .map(|at| (examples[*at], blind.height_by(&examples[*at].seen, Some(folds.sums[*at])).unwrap_or(-9.0)))
        .map(|(example, level)| (example, level, level))
        .collect();
    for (kind, part) in Kind::SCRIPTS.into_iter().zip(&mut blind.scripts) {
        part.bar = bar(kind, &honest);
    }
    let height = |at: usize| blind.height_by(&examples[at].seen, Some(folds.sums[at])).unwrap_or(f32::NEG_INFINITY);
    out.into_iter().map(|at| (at, height(at))).collect()
}

//! Boosts decision trees over the numbers of programs: logistic loss, second-order steps, borders from quantiles, and a way
//! of its own for what is not known.

use crate::clamp;
use crate::example::{Example, mix};
use crate::measure::auc;
use baluardo_detect::nature::{Forest, Kind, Node, Tree};
use std::collections::HashMap;
use std::path::Path;

/// Borders tried for each feature.
const BORDERS: usize = 48;
/// Trees.
const TREES: usize = 140;
/// Questions one after the other.
const DEPTH: usize = 5;
/// How far each tree goes.
const RATE: f32 = 0.12;
/// Pull of leaves towards zero.
const PULL: f32 = 2.0;
/// Least weight of a leaf.
const LEAST: f32 = 3.0;
/// Parts of the groups, of which each is left out once.
const FOLDS: u64 = 5;
/// How far above the highest honest file the bar stands.
const MARGIN: f32 = 0.5;
/// Of so many honest files one may stand above it, had it not been seen.
const ONE_IN_UNSEEN: usize = 500;

/// One file: its values, whether it is malware, and how much it counts.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) values: Vec<f32>,
    pub(crate) hostile: bool,
    pub(crate) weight: f32,
}

/// Rows as numbers of borders, and the borders: 0 is what is not known.
struct Table {
    borders: Vec<Vec<f32>>,
    bins: Vec<Vec<u8>>,
}

impl Table {
    fn new(rows: &[Row]) -> Self {
        let features = rows.first().map_or(0, |row| row.values.len());
        let (mut borders, mut bins) = (Vec::new(), Vec::new());
        for feature in 0..features {
            let mut known: Vec<f32> =
                rows.iter().map(|row| row.values[feature]).filter(|value| !value.is_nan()).collect();
            known.sort_by(f32::total_cmp);
            let mut cuts: Vec<f32> = (1..=BORDERS)
                .filter_map(|number| {
                    known.get((known.len() * number / (BORDERS + 1)).min(known.len().saturating_sub(1)))
                })
                .copied()
                .collect();
            let distinct = {
                let mut each = known.clone();
                each.dedup();
                each
            };
            if distinct.len() <= BORDERS {
                cuts = distinct;
            }
            cuts.dedup();
            cuts.pop();
            let bin = |value: f32| {
                if value.is_nan() { 0 } else { 1 + cuts.partition_point(|cut| *cut < value) as u8 }
            };
            bins.push(rows.iter().map(|row| bin(row.values[feature])).collect());
            borders.push(cuts);
        }
        Self { borders, bins }
    }
}

/// The best question for some rows.
struct Split {
    gain: f32,
    feature: usize,
    cut: usize,
    unknown_left: bool,
}

/// Trains a forest.
pub(crate) fn train(rows: &[Row], bar: f32) -> Forest {
    let table = Table::new(rows);
    let (bad, all): (f32, f32) = rows
        .iter()
        .fold((0.0, 0.0), |(bad, all), row| (bad + if row.hostile { row.weight } else { 0.0 }, all + row.weight));
    let bias = (bad.max(1.0) / (all - bad).max(1.0)).ln();
    let mut sums = vec![bias; rows.len()];
    let mut forest = Forest { bias, bar, trees: Vec::new() };
    for _ in 0..TREES {
        let slopes: Vec<(f32, f32)> = rows
            .iter()
            .zip(&sums)
            .map(|(row, sum)| {
                let guess = 1.0 / (1.0 + (-sum).exp());
                let wanted = f32::from(u8::from(row.hostile));
                ((guess - wanted) * row.weight, (guess * (1.0 - guess)).max(1e-4) * row.weight)
            })
            .collect();
        let mut tree = Tree::default();
        grow(&table, &slopes, (0..rows.len()).collect(), 0, &mut tree);
        for (row, sum) in rows.iter().zip(&mut sums) {
            *sum += tree.ask(&row.values, &mut |_, _| {});
        }
        forest.trees.push(tree);
    }
    forest
}

fn total(slopes: &[(f32, f32)], rows: &[usize]) -> (f32, f32) {
    rows.iter().fold((0.0, 0.0), |(slope, bend), at| (slope + slopes[*at].0, bend + slopes[*at].1))
}

/// Grows a node and all below it; gives its number.
fn grow(table: &Table, slopes: &[(f32, f32)], rows: Vec<usize>, depth: usize, tree: &mut Tree) -> u16 {
    let (slope, bend) = total(slopes, &rows);
    let value = -RATE * slope / (bend + PULL);
    let number = tree.nodes.len() as u16;
    tree.nodes.push(Node { feature: 0, unknown_left: false, border: 0.0, left: 0, right: 0, value });
    if depth >= DEPTH {
        return number;
    }
    let Some(split) = best(table, slopes, &rows, (slope, bend)).filter(|split| split.gain > 0.5) else { return number };
    let goes_left = |at: &usize| match table.bins[split.feature][*at] {
        0 => split.unknown_left,
        bin => usize::from(bin) <= split.cut + 1,
    };
    let (left, right): (Vec<usize>, Vec<usize>) = rows.into_iter().partition(goes_left);
    let left = grow(table, slopes, left, depth + 1, tree);
    let right = grow(table, slopes, right, depth + 1, tree);
    tree.nodes[usize::from(number)] = Node {
        feature: split.feature as u8,
        unknown_left: split.unknown_left,
        border: table.borders[split.feature][split.cut],
        left,
        right,
        value,
    };
    number
}

fn best(table: &Table, slopes: &[(f32, f32)], rows: &[usize], whole: (f32, f32)) -> Option<Split> {
    let score = |(slope, bend): (f32, f32)| slope * slope / (bend + PULL);
    let mut found: Option<Split> = None;
    for (feature, cuts) in table.borders.iter().enumerate() {
        let mut sums = vec![(0.0_f32, 0.0_f32); cuts.len() + 2];
        for at in rows {
            let sum = &mut sums[usize::from(table.bins[feature][*at])];
            sum.0 += slopes[*at].0;
            sum.1 += slopes[*at].1;
        }
        let unknown = sums[0];
        let mut left = (0.0, 0.0);
        for cut in 0..cuts.len() {
            left = (left.0 + sums[cut + 1].0, left.1 + sums[cut + 1].1);
            for unknown_left in [false, true] {
                let left = if unknown_left { (left.0 + unknown.0, left.1 + unknown.1) } else { left };
                let right = (whole.0 - left.0, whole.1 - left.1);
                let gain = score(left) + score(right) - score(whole);
                if left.1 >= LEAST * 0.1 && right.1 >= LEAST * 0.1 && found.as_ref().is_none_or(|best| gain > best.gain)
                {
                    found = Some(Split { gain, feature, cut, unknown_left });
                }
            }
        }
    }
    found
}

/// Rows of a kind: both sides count alike, and a group by the root of its size.
fn rows(examples: &[&Example]) -> Vec<Row> {
    let mut groups: HashMap<(bool, &str), f32> = HashMap::new();
    for example in examples {
        *groups.entry((example.hostile, &example.group)).or_default() += 1.0;
    }
    let side = |hostile: bool| {
        groups.iter().filter(|((each, _), _)| *each == hostile).map(|(_, count)| count.sqrt()).sum::<f32>()
    };
    let sides = [side(false), side(true)];
    let weight = |example: &Example| {
        let count = groups[&(example.hostile, example.group.as_str())];
        examples.len() as f32 / 2.0 / (count.sqrt() * sides[usize::from(example.hostile)].max(1.0))
    };
    let row = |example: &&Example| Row {
        values: example.seen.values.clone(),
        hostile: example.hostile,
        weight: weight(example).clamp(0.05, 10.0),
    };
    examples.iter().map(row).collect()
}

/// Trains the forest of a format; prints how it does on groups that were left out, and sets the bar above every honest file.
pub(crate) fn of_kind(kind: Kind, examples: &[&Example], frozen: &[Example], data: &Path) -> anyhow::Result<Forest> {
    let extra = if kind == Kind::Pe { clamp::rows(data)? } else { Vec::new() };
    let fold = |example: &Example| mix(example.group.bytes().fold(3, |sum, byte| mix(sum ^ u64::from(byte)))) % FOLDS;
    // Honest groups are few and large: their files are left out one by one.
    let fold = |example: &Example| if example.hostile { fold(example) } else { mix(example.likeness[0]) % FOLDS };
    let mut heights = vec![0.0_f32; examples.len()];
    for out in 0..FOLDS {
        let known: Vec<&Example> = examples.iter().filter(|example| fold(example) != out).copied().collect();
        let mut known = rows(&known);
        known.extend(extra.iter().cloned());
        let forest = train(&known, 0.0);
        for (at, example) in examples.iter().enumerate().filter(|(_, example)| fold(example) == out) {
            heights[at] = forest.ask(&example.seen.values, &mut |_, _| {});
        }
    }
    let mut all = rows(examples);
    all.extend(extra);
    let mut forest = train(&all, 0.0);
    let honest = |heights: &[f32], one_in: usize| -> f32 {
        let each = examples.iter().zip(heights).filter(|(example, _)| !example.hostile);
        let mut levels: Vec<f32> = each.map(|(_, height)| *height).collect();
        levels.sort_by(|left, right| right.total_cmp(left));
        levels.get(levels.len() / one_in).copied().unwrap_or_default()
    };
    let seen: Vec<f32> = examples.iter().map(|example| forest.ask(&example.seen.values, &mut |_, _| {})).collect();
    let kept_out = frozen.iter().filter(|example| example.seen.kind == kind && !example.hostile);
    let kept_out = kept_out.map(|example| forest.ask(&example.seen.values, &mut |_, _| {})).fold(0.0, f32::max);
    forest.bar = honest(&heights, ONE_IN_UNSEEN).max(honest(&seen, usize::MAX)).max(kept_out) + MARGIN;
    let caught =
        examples.iter().zip(&heights).filter(|(example, height)| example.hostile && **height >= forest.bar).count();
    let hostile = examples.iter().filter(|example| example.hostile).count();
    let points: Vec<(f32, bool)> =
        examples.iter().zip(&heights).map(|(example, height)| (*height, example.hostile)).collect();
    let alarms =
        examples.iter().zip(&heights).filter(|(example, height)| !example.hostile && **height >= forest.bar).count();
    println!(
        "{}: families left out: {caught} of {hostile} caught, {alarms} false alarms of {} honest files left out; AUC {:.4}",
        kind.code(),
        examples.len() - hostile,
        auc(&points)
    );
    let mut most: Vec<(f32, &str)> = examples
        .iter()
        .zip(&heights)
        .filter(|(example, _)| !example.hostile)
        .map(|(example, height)| (*height, example.name.as_str()))
        .collect();
    most.sort_by(|left, right| right.0.total_cmp(&left.0));
    for (height, name) in most.iter().take(8) {
        println!("    nearest honest file, left out: {height:.2} {name}");
    }
    Ok(forest)
}

//! The frozen set: files that no training sees. A new model takes the old one's place only if it is no worse on them.

use crate::example::Example;
use baluardo_detect::nature::{Kind, Model, ModelError};

/// What the comparison says.
pub(crate) enum Outcome {
    /// The new model may take the old one's place; why.
    Better(String),
    /// It may not; why.
    Worse(String),
}

/// Compares a model that was just trained with the bytes of the one before (nothing when there was none).
pub(crate) fn compare(old: &[u8], new: &Model, frozen: &[Example]) -> Outcome {
    let before = match Model::read(old) {
        Ok(model) => model,
        Err(ModelError::NoModel) => return Outcome::Better("there was none before".to_owned()),
        Err(ModelError::OtherFacts) => {
            return Outcome::Better("the one before knows other facts and cannot be used any more".to_owned());
        }
    };
    let (old, new) = (Score::of(&before, frozen), Score::of(new, frozen));
    let told = format!(
        "false alarms {} before and {} now, caught {:.1} % before and {:.1} % now, as the mean of {} kinds",
        old.alarms,
        new.alarms,
        old.caught * 100.0,
        new.caught * 100.0,
        new.kinds
    );
    if new.alarms <= old.alarms && new.caught >= old.caught { Outcome::Better(told) } else { Outcome::Worse(told) }
}

struct Score {
    alarms: usize,
    caught: f64,
    kinds: usize,
}

impl Score {
    /// False alarms, and the mean over all kinds of the share that is caught.
    fn of(model: &Model, frozen: &[Example]) -> Self {
        let high = |example: &&Example| model.height(&example.seen).is_some_and(|height| height >= 0.0);
        let alarms = frozen.iter().filter(|example| !example.hostile).filter(high).count();
        let mut shares = Vec::new();
        for kind in Kind::ALL {
            let of: Vec<&Example> =
                frozen.iter().filter(|example| example.hostile && example.seen.kind == kind).collect();
            if !of.is_empty() {
                shares.push(of.iter().copied().filter(|example| high(example)).count() as f64 / of.len() as f64);
            }
        }
        Self { alarms, caught: shares.iter().sum::<f64>() / shares.len().max(1) as f64, kinds: shares.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use baluardo_detect::nature::{BUCKETS, FACTS, Forest, Linear, Part, Seen};

    fn model(bar: f32) -> Model {
        let part = Part { bias: 0.0, bar, facts: vec![1.0; FACTS.len()], ..Part::default() };
        let (pe, elf) = (Forest::default(), Forest::default());
        let words = Linear { step: 0.0, hashed: vec![0; BUCKETS] };
        Model { scripts: vec![part; 7], words, pe, elf }
    }

    fn example(hostile: bool, facts: usize) -> Example {
        let facts = (0..u16::try_from(facts).unwrap()).collect();
        let seen = Seen { kind: Kind::Shell, facts, words: Vec::new(), values: Vec::new() };
        Example::new("a group", hostile, "a name", seen)
    }

    #[test]
    fn a_model_that_catches_less_or_alarms_more_is_refused() {
        let frozen = [example(true, 8), example(true, 6), example(false, 4)];
        let refused =
            |old: f32, new: f32| matches!(compare(&model(old).write(), &model(new), &frozen), Outcome::Worse(_));
        assert!(!refused(7.0, 5.0), "more is caught, nothing more is alarmed about");
        assert!(!refused(5.0, 5.0), "the same is no worse");
        assert!(refused(5.0, 7.0), "less is caught");
        assert!(refused(5.0, 3.0), "an honest file is alarmed about");
    }

    #[test]
    fn the_first_model_is_taken() {
        assert!(matches!(compare(b"", &model(5.0), &[]), Outcome::Better(_)));
    }
}

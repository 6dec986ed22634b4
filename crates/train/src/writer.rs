//! Writes Italian office mail, good and bad, from phrases of our own in `phrases/`.
//!
//! Each message takes one of many forms for every sentence, fills in names and figures, and wears one of several shells
//! (plain, simple HTML, office HTML, newsletter) that both sides share, so that neither shell nor slot gives it away.
//! Every template has a writer, `a` or `b`; with `held` only templates marked as kept for judging are used.

mod dress;
mod phrases;

use crate::collections::{Example, example};
use crate::learner::Dice;
use baluardo_mail::Letter;
use phrases::{Slots, Template};
use std::path::Path;

/// Every n-th template is kept for judging.
const KEPT_FOR_JUDGING: usize = 4;

/// Messages by the templates that are learned from, or by those `held` for judging.
pub(crate) fn examples(count: usize, held: bool) -> Vec<Example> {
    let slots = Slots::read();
    let templates = Template::all();
    let mut dice = Dice(if held { 0xBEEF_0001 } else { 0xC0FF_EE01 });
    let pick = |hostile: bool| -> Vec<&Template> {
        let of_kind: Vec<&Template> = templates.iter().filter(|one| one.hostile == hostile).collect();
        of_kind
            .into_iter()
            .enumerate()
            .filter(|(at, _)| (at % KEPT_FOR_JUDGING == 1) == held)
            .map(|(_, one)| one)
            .collect()
    };
    let (good, bad) = (pick(false), pick(true));
    (0..count)
        .map(|at| {
            let hostile = at % 5 < 2;
            let template = *dice.pick(if hostile { &bad } else { &good });
            let letter = Letter::read(dress::message(template, &slots, &mut dice).as_bytes());
            let source = format!(
                "written{}{}",
                if hostile { " hostile" } else { "" },
                if held { ", kept for judging" } else { "" }
            );
            example(&source, hostile, 1.0, 0, letter)
        })
        .collect()
}

/// Writes two messages of each template into a folder, to be read.
pub(crate) fn show(folder: &Path) -> anyhow::Result<()> {
    let slots = Slots::read();
    let mut dice = Dice(7);
    std::fs::create_dir_all(folder)?;
    for template in Template::all() {
        for number in 1..=2 {
            let side = if template.hostile { "hostile" } else { "ham" };
            let name = format!("{side}-{}-{number}.eml", template.name);
            std::fs::write(folder.join(name), dress::message(&template, &slots, &mut dice))?;
        }
    }
    Ok(())
}

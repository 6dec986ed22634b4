//! Writes Italian office mail, good and bad, from phrases of our own in `phrases/`.
//!
//! Each message takes one of many forms for every sentence, fills in names and figures, and wears one of several shells
//! (plain, simple HTML, office HTML, newsletter) that both sides share, so that neither shell nor slot gives it away.
//! Templates are left out in groups, so that a message is judged by models that never met its template.

mod dress;
mod phrases;

use crate::collections::{Example, example};
use crate::learner::Dice;
use baluardo_mail::Letter;
use phrases::{Slots, Template};
use std::path::Path;

/// Templates are left out in so many groups, each with hostile and honest ones.
const GROUPS: usize = 4;

/// Messages by every template.
pub(crate) fn examples(count: usize) -> Vec<Example> {
    let slots = Slots::read();
    let templates = Template::all();
    let mut dice = Dice(0xC0FF_EE01);
    let of_side = |hostile: bool| -> Vec<(usize, &Template)> {
        templates.iter().filter(|one| one.hostile == hostile).enumerate().collect()
    };
    let (good, bad) = (of_side(false), of_side(true));
    (0..count)
        .map(|at| {
            let hostile = at % 5 < 2;
            let (number, template) = *dice.pick(if hostile { &bad } else { &good });
            let letter = Letter::read(dress::message(template, &slots, &mut dice).as_bytes());
            let side = if hostile { "written, hostile" } else { "written, honest" };
            example(side, &format!("written {}", number % GROUPS), hostile, letter)
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

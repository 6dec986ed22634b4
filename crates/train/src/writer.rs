//! Writes Italian office mail, good and bad, from phrases of our own in `phrases/`.
//!
//! Each message takes one of many forms for every sentence, fills in names and figures, and wears one of several shells
//! (plain, simple HTML, office HTML, newsletter) that both sides share, so that neither shell nor slot gives it away.
//! Templates are left out in groups, so that a message is judged by models that never met its template.

mod dress;
mod phrases;
mod shell;

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

#[cfg(test)]
mod tests {
    use super::phrases::{Slots, Template};
    use super::{dress, show};
    use crate::learner::Dice;
    use baluardo_mail::Letter;

    /// Something that a message wears, by its name.
    type Trait = (&'static str, fn(&Letter) -> bool);

    /// Letters of one template as each side would write them.
    fn of_side(template: &Template, hostile: bool) -> Vec<Letter> {
        let template = Template { name: template.name.clone(), hostile, lines: template.lines.clone() };
        let (slots, mut dice) = (Slots::read(), Dice(0xD1CE));
        (0..1_500).map(|_| Letter::read(dress::message(&template, &slots, &mut dice).as_bytes())).collect()
    }

    #[test]
    fn what_a_message_wears_does_not_tell_its_side() {
        let templates = Template::all();
        let template = templates.iter().find(|one| one.name == "account-it").unwrap();
        let (honest, hostile) = (of_side(template, false), of_side(template, true));
        let traits: [Trait; 7] = [
            ("html", |one| one.html),
            ("page only", |one| one.page_only),
            ("coded", |one| one.coded_needlessly),
            ("pictures", |one| one.pictures > 0),
            ("hidden", |one| one.hidden > 0),
            ("envelope", |one| one.return_path.is_empty()),
            ("recipients", |one| one.to.is_empty()),
        ];
        for (name, has) in traits {
            let share =
                |letters: &[Letter]| letters.iter().filter(|one| has(one)).count() as f64 / letters.len() as f64;
            let (here, there) = (share(&honest), share(&hostile));
            assert!((here - there).abs() < 0.05, "{name} tells the side: honest {here:.3}, hostile {there:.3}");
        }
    }

    #[test]
    fn every_template_has_sender_subject_and_text_and_every_slot_is_known() {
        let folder = std::env::temp_dir().join(format!("baluardo-written-{}", std::process::id()));
        show(&folder).unwrap();
        let names: Vec<(bool, String)> = Template::all().into_iter().map(|one| (one.hostile, one.name)).collect();
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let letter = Letter::read(&std::fs::read(&path).unwrap());
            assert!(!letter.from.is_empty() && !letter.subject.is_empty(), "{}", path.display());
            let open =
                ["(nome)", "{", "}"].iter().any(|mark| letter.text.contains(mark) || letter.subject.contains(mark));
            assert!(!open, "{}: a slot was not filled: {}", path.display(), letter.text);
        }
        std::fs::remove_dir_all(&folder).unwrap();
        let slots = Slots::read();
        for template in Template::all() {
            for phrase in template.lines.iter().flat_map(|(_, alternatives)| alternatives) {
                for slot in phrase.split('{').skip(1).filter_map(|rest| rest.split_once('}')) {
                    assert!(slots.knows(slot.0), "{}: no slot is called {}", template.name, slot.0);
                }
            }
        }
        let mut unique = names.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), names.len(), "two templates have one name");
    }
}

//! Writes hostile and honest scripts of our own, for languages of which collections have few: they lead nowhere
//! (`example.invalid`) and are turned into numbers at once.

use crate::example::{Example, mix};
use baluardo_detect::nature::look;

/// Scripts of each family.
const EACH: u64 = 40;

/// A family: its name, the ending of its files, and its text, in which `{0}` to `{9}` stand for made-up names, `{H}` for a
/// host, `{F}` for a file, `{S:text}` for a text cut into pieces as the language does it, and `{!}` for what makes a file a
/// script of Unix, so that the template is none.
struct Family {
    name: &'static str,
    end: &'static str,
    hostile: bool,
    text: &'static str,
}

const FAMILIES: &[Family] = &[
    Family { name: "vba downloader", end: "vba", hostile: true, text: include_str!("written/vba_downloader.txt") },
    Family { name: "vba stream", end: "vba", hostile: true, text: include_str!("written/vba_stream.txt") },
    Family { name: "vba powershell", end: "vba", hostile: true, text: include_str!("written/vba_powershell.txt") },
    Family { name: "vbs dropper", end: "vbs", hostile: true, text: include_str!("written/vbs_dropper.txt") },
    Family { name: "vbs runner", end: "vbs", hostile: true, text: include_str!("written/vbs_runner.txt") },
    Family { name: "hta", end: "hta", hostile: true, text: include_str!("written/hta.txt") },
    Family { name: "shell miner", end: "sh", hostile: true, text: include_str!("written/shell_miner.txt") },
    Family { name: "shell line", end: "sh", hostile: true, text: include_str!("written/shell_line.txt") },
    Family { name: "shell encoded", end: "sh", hostile: true, text: include_str!("written/shell_encoded.txt") },
    Family { name: "python line", end: "py", hostile: true, text: include_str!("written/python_line.txt") },
    Family { name: "python stager", end: "py", hostile: true, text: include_str!("written/python_stager.txt") },
    Family { name: "honest macro", end: "vba", hostile: false, text: include_str!("written/honest_macro.txt") },
    Family {
        name: "honest macro of an office",
        end: "vba",
        hostile: false,
        text: include_str!("written/honest_office.txt"),
    },
    Family { name: "honest logon script", end: "vbs", hostile: false, text: include_str!("written/honest_logon.txt") },
    Family { name: "honest backup script", end: "sh", hostile: false, text: include_str!("written/honest_backup.txt") },
];

/// Dice that always fall alike.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = mix(self.0);
        usize::try_from(self.0 % most.max(1) as u64).unwrap_or_default()
    }

    fn name(&mut self) -> String {
        let words = ["doc", "tmp", "data", "obj", "file", "str", "val", "app", "web", "proc", "item", "conn"];
        if self.below(2) == 0 {
            return format!("{}{}", words[self.below(words.len())], self.below(90));
        }
        let length = 5 + self.below(9);
        (0..length).map(|_| char::from(b'a' + u8::try_from(self.below(26)).unwrap_or_default())).collect()
    }
}

/// All that is written, as numbers.
pub(crate) fn examples() -> Vec<Example> {
    let mut all = Vec::new();
    for (number, family) in FAMILIES.iter().enumerate() {
        for each in 0..EACH {
            let mut dice = Dice(mix((number as u64) << 32 | each));
            let text = fill(family, &mut dice);
            let name = format!("written {} {each}.{}", family.name, family.end);
            if let Some(seen) = look(text.as_bytes(), &name) {
                all.push(Example::new(&format!("written: {}", family.name), family.hostile, &name, seen));
            }
        }
    }
    all
}

/// A family's text with everything put in: the same name for the same number within one script. Some lines are left out by
/// chance where the text offers it (`?` at their beginning).
fn fill(family: &Family, dice: &mut Dice) -> String {
    let names: Vec<String> = (0..10).map(|_| dice.name()).collect();
    let host = ["cdn.example.invalid", "203.0.113.7", "update.example.invalid:8080", "198.51.100.23"][dice.below(4)];
    let file = format!("{}.{}", dice.name(), ["exe", "dll", "bin", "scr"][dice.below(4)]);
    let cut = dice.below(3);
    let mut out = String::new();
    for line in family.text.lines() {
        let line = match line.strip_prefix('?') {
            Some(_) if dice.below(2) == 0 => continue,
            Some(rest) => rest,
            None => line,
        };
        let mut line = line.replace("{!}", "#!").replace("{H}", host).replace("{F}", &file);
        for (at, name) in names.iter().enumerate() {
            line = line.replace(&format!("{{{at}}}"), name);
        }
        out.push_str(&spelled(&line, family.end, cut, dice));
        out.push('\n');
    }
    out
}

/// Puts in what stands in `{S:…}`: whole, cut into pieces, or spelled by numbers.
fn spelled(line: &str, end: &str, how: usize, dice: &mut Dice) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("{S:") {
        let Some((text, after)) = after.split_once('}') else { break };
        out.push_str(before);
        let joiner = if end == "py" { " + " } else { " & " };
        let piece = |text: &str| format!("\"{text}\"");
        out.push_str(&match (how, end) {
            (0, _) | (_, "sh") => piece(text),
            (1, _) => {
                let letters: Vec<char> = text.chars().collect();
                let size = 2 + dice.below(4);
                let pieces: Vec<String> =
                    letters.chunks(size).map(|chunk| piece(&chunk.iter().collect::<String>())).collect();
                pieces.join(joiner)
            }
            _ => {
                let call = if end == "py" { "chr" } else { "Chr" };
                text.bytes().map(|byte| format!("{call}({byte})")).collect::<Vec<_>>().join(joiner)
            }
        });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_known_as_a_script_and_leads_nowhere() {
        for (number, family) in FAMILIES.iter().enumerate() {
            let text = fill(family, &mut Dice(number as u64));
            assert!(look(text.as_bytes(), &format!("a.{}", family.end)).is_some(), "{}", family.name);
            for (at, _) in text.match_indices("://") {
                let host: String = text[at + 3..].chars().take(12).collect();
                let known = ["cdn.example", "203.0.113.7", "update.examp", "198.51.100.2", "www.example"];
                assert!(known.iter().any(|known| host.starts_with(&known[..known.len().min(host.len())])), "{host}");
            }
        }
    }
}

//! Makes a pack out of files as their makers publish them: YARA rules, lists of digests, ClamAV's `.hdb` and `.hsb`, MISP
//! warninglists. What a file is, its text tells.

use crate::indicators::{Entry, IndicatorsBuilder, parse_line};
use crate::scan::RuleSource;
use serde::Deserialize;

/// Lines of one list that are named as left out.
const NAMED: usize = 20;

/// What files held.
#[derive(Debug, Default)]
pub struct Gathered {
    /// YARA files.
    pub rules: Vec<RuleSource>,
    /// Digests of bad and of good files.
    pub indicators: IndicatorsBuilder,
    /// Lines that list nothing: the file, and why.
    pub left_out: Vec<(String, String)>,
    /// How many such lines there were.
    pub lines_left_out: u64,
}

/// A MISP warninglist, as far as we need it.
#[derive(Debug, Deserialize)]
pub struct Warninglist {
    /// Its values, which may be of any kind.
    pub list: Vec<String>,
}

impl Warninglist {
    /// The digests among its values. Warninglists are of many things; only digests of files matter to a scan of files.
    pub fn digests(&self) -> impl Iterator<Item = Entry> {
        self.list.iter().filter_map(|value| parse_line(value).ok()?)
    }
}

/// The text of a rule file: UTF-8, or else Latin 1, in which old rules have their authors' names.
#[must_use]
pub fn rule_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

impl Gathered {
    /// Takes in one file. Whatever is no list is taken for YARA rules: the compiler says best what is wrong with it.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        let text = rule_text(bytes);
        let start = text.trim_start_matches('\u{FEFF}').trim_start();
        if start.starts_with('{')
            && let Ok(list) = serde_json::from_str::<Warninglist>(start)
        {
            list.digests().for_each(|entry| self.indicators.add_exclusion(&entry));
        } else if is_list(start) {
            self.lines(name, start);
        } else {
            self.rules.push(RuleSource { name: name.to_owned(), text });
        }
    }

    fn lines(&mut self, name: &str, text: &str) {
        for line in text.lines() {
            match parse_line(line) {
                Ok(Some(entry)) => self.indicators.add(&entry),
                Ok(None) => {}
                Err(error) => {
                    self.lines_left_out += 1;
                    if self.left_out.len() < NAMED {
                        self.left_out.push((name.to_owned(), error.to_string()));
                    }
                }
            }
        }
    }
}

/// Whether the first line that says something begins with a digest.
fn is_list(text: &str) -> bool {
    let first = text.lines().map(parse_line).find(|line| !matches!(line, Ok(None)));
    matches!(first, Some(Ok(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_their_text() {
        let mut gathered = Gathered::default();
        gathered.add("a.yar", b"// 900150983cd24fb0d6963f7d28e17f72\nrule a { condition: true }");
        gathered.add("latin.yar", b"/* Jos\xe9 */ rule b { condition: true }");
        gathered.add("x.hdb", b"# names\n44d88612fea8a8f36de82e1278abb02f:68:Eicar\nnonsense\n");
        gathered.add(
            "warn.json",
            format!("{{\"name\":\"x\",\"list\":[\"{}\",\"example.org\"]}}", "ab".repeat(32)).as_bytes(),
        );
        let names: Vec<&str> = gathered.rules.iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(names, ["a.yar", "latin.yar"]);
        assert!(gathered.rules[1].text.contains("Jos\u{e9}"));
        assert_eq!((gathered.indicators.len(), gathered.indicators.exclusions()), (1, 1));
        assert_eq!((gathered.lines_left_out, gathered.left_out[0].0.as_str()), (1, "x.hdb"));
    }
}

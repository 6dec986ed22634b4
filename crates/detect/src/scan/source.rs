//! Takes a YARA file apart into its imports and its rules, so that one bad rule does not take its neighbours with it.

use boreal_parser::file::{YaraFile, YaraFileComponent};
use boreal_parser::rule::Rule;
use std::collections::BTreeSet;

/// The text of one rule file, with the name under which its rules and its faults are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSource {
    /// Where it comes from, for people; also the namespace of its rules.
    pub name: String,
    /// YARA.
    pub text: String,
}

/// One rule of a file: what the parser made of it, and its text.
#[derive(Debug)]
pub(super) struct RulePiece<'a> {
    /// As parsed.
    pub(super) rule: Box<Rule>,
    /// The text, which compiles alone after the file's imports.
    pub(super) text: &'a str,
}

/// A file taken apart.
#[derive(Debug)]
pub(super) struct Pieces<'a> {
    /// Names of modules.
    pub(super) imports: Vec<String>,
    /// Files that it wants included.
    pub(super) includes: Vec<String>,
    /// The rules, in order.
    pub(super) rules: Vec<RulePiece<'a>>,
    /// Rules of this file may speak of each other (or one is global), so that they must stay together.
    pub(super) entangled: bool,
}

/// Parses a file; the error is a sentence.
pub(super) fn take_apart(text: &str) -> Result<Pieces<'_>, String> {
    let YaraFile { components } = boreal_parser::parse(text).map_err(|error| sentence(&error, text))?;
    let mut pieces = Pieces { imports: Vec::new(), includes: Vec::new(), rules: Vec::new(), entangled: false };
    // Where a component begins; a rule's text ends where the next component begins.
    let mut begins = Vec::new();
    let mut rules = Vec::new();
    for component in components {
        match component {
            YaraFileComponent::Import(import) => {
                begins.push(import.span.start);
                pieces.imports.push(import.name);
            }
            YaraFileComponent::Include(include) => {
                begins.push(include.span.start);
                pieces.includes.push(include.path);
            }
            YaraFileComponent::Rule(rule) => {
                let start = rule_start(text, rule.name_span.start);
                begins.push(start);
                rules.push((start, rule));
            }
        }
    }
    for (start, rule) in rules {
        let end = begins.iter().copied().filter(|next| *next > start).min().unwrap_or(text.len());
        pieces.rules.push(RulePiece { rule, text: text.get(start..end).unwrap_or_default() });
    }
    pieces.entangled = entangled(&pieces.rules);
    Ok(pieces)
}

/// Where the words `private`, `global` and `rule` before a rule's name begin.
fn rule_start(text: &str, name: usize) -> usize {
    let mut start = name;
    while let Some(before) = text.get(..start) {
        let before = before.trim_end();
        let Some(word) = ["rule", "private", "global"].into_iter().find(|word| before.ends_with(word)) else { break };
        start = before.len() - word.len();
    }
    start
}

/// Whether rules name one another. Words in comments and texts count too: that costs speed, never a finding.
fn entangled(rules: &[RulePiece<'_>]) -> bool {
    let names: BTreeSet<&str> = rules.iter().map(|piece| piece.rule.name.as_str()).collect();
    rules.iter().any(|piece| {
        let own = piece.rule.name.as_str();
        piece.rule.is_global
            || names_a_set(piece.text)
            || words(piece.text).any(|word| word != own && names.contains(word))
    })
}

/// Whether the text has `of (name`, which speaks of a set of rules and not of strings.
fn names_a_set(text: &str) -> bool {
    text.split("of").skip(1).any(|after| {
        let inside = after.trim_start().strip_prefix('(').map(str::trim_start);
        inside.is_some_and(|inside| inside.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_'))
    })
}

/// Words as YARA spells identifiers.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// A parser's complaint as one line.
fn sentence(error: &boreal_parser::error::Error, text: &str) -> String {
    one_line(&boreal::compiler::generate_description(&error.to_diagnostic(), "line", text))
}

/// Compilers speak in several lines; a report has one for each fault.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_falls_into_imports_and_rules_that_stand_alone() {
        let text =
            "import \"pe\"\n// one\nrule a { condition: true }\nprivate\nrule b : tag { condition: filesize > 3 }\n";
        let pieces = take_apart(text).unwrap();
        assert_eq!(pieces.imports, ["pe"]);
        assert_eq!(pieces.rules.len(), 2);
        assert!(pieces.rules[0].text.trim_end().ends_with("condition: true }"));
        assert!(pieces.rules[1].text.starts_with("private\nrule b"));
        assert!(!pieces.entangled);
    }

    #[test]
    fn rules_that_speak_of_each_other_stay_together() {
        for text in [
            "rule a { condition: true } rule b { condition: a and filesize > 3 }",
            "rule a1 { condition: true } rule b { condition: any of (a*) }",
            "global rule a { condition: filesize > 3 } rule b { condition: true }",
        ] {
            assert!(take_apart(text).unwrap().entangled, "{text}");
        }
    }

    #[test]
    fn a_file_that_is_no_yara_says_where() {
        let error = take_apart("rule a { condition: }").unwrap_err();
        assert!(error.contains("line:1:"), "{error}");
    }
}

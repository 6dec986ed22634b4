//! Rules that somebody wrote for one hunt: compiled alone, without those that ship.

use super::pack::{Making, Pack};
use super::source::RuleSource;
use super::subject::Subject;
use super::verdict::Hit;
use baluardo_model::hunt::MAX_RULE_BYTES;
use std::time::Duration;

/// Compiled rules of a hunt.
#[derive(Debug)]
pub struct HuntRules {
    pack: Pack,
}

impl HuntRules {
    /// Compiles YARA rules.
    ///
    /// # Errors
    /// What the compiler says of the first rule that it cannot take, on one line.
    pub fn compile(text: &str) -> Result<Self, String> {
        if text.len() > MAX_RULE_BYTES {
            return Err(format!("the rule has {} bytes, at most {MAX_RULE_BYTES} are taken", text.len()));
        }
        let mut making = Making::empty();
        making.add(&RuleSource { name: "hunt".to_owned(), text: text.to_owned() });
        let (pack, report) = making.finish();
        match report.skipped.into_iter().next() {
            Some(bad) => Err(bad.reason),
            None if report.compiled == 0 => Err("there is no rule in it: begin with `rule name { … }`".to_owned()),
            None => Ok(Self { pack }),
        }
    }

    /// The names of the rules that match `bytes`, which are the file at `path`; `left` is the time that remains.
    #[must_use]
    pub fn matching(&self, path: &str, bytes: &[u8], left: &dyn Fn() -> Duration) -> Vec<String> {
        let mut hits: Vec<Hit> = Vec::new();
        let head = bytes.get(..bytes.len().min(4_096)).unwrap_or_default();
        let _ = self.pack.judge(bytes, &Subject::new(path, "", head), left, &mut hits);
        hits.into_iter().map(|hit| hit.reason.rule).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_of_a_hunt_matches_alone() {
        let rules = HuntRules::compile("rule lure { strings: $a = \"zanzibar\" condition: $a }").unwrap();
        let left = || Duration::from_secs(10);
        assert_eq!(rules.matching("/srv/a.txt", b"from zanzibar with love", &left).len(), 1);
        let shipped = super::super::eicar_test_file();
        assert!(rules.matching("/srv/a.txt", &shipped, &left).is_empty(), "the rules that ship are not asked");
    }

    #[test]
    fn a_rule_that_cannot_be_compiled_is_refused_with_the_compiler_s_words() {
        let bad = HuntRules::compile("rule a { condition: $missing }").unwrap_err();
        assert!(bad.contains("missing"), "{bad}");
        assert!(HuntRules::compile("").unwrap_err().contains("no rule"));
        assert!(HuntRules::compile(&" ".repeat(MAX_RULE_BYTES + 1)).unwrap_err().contains("at most"));
    }
}

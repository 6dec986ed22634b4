//! The YARA rules that ship with the product, compiled by boreal.

use super::{ScanError, Verdict};
use baluardo_model::protection::{Reason, Severity};
use boreal::Metadata;
use boreal::compiler::CompilerBuilder;
use boreal::scanner::{EvaluatedRule, ScanParams, Scanner};
use std::time::Duration;

/// The rule files, by name and text. Their home is `data/rules`, with a README that tells how to add one.
const FILES: &[(&str, &str)] = &[
    ("test.yar", include_str!("../../../../data/rules/test.yar")),
    ("webshell.yar", include_str!("../../../../data/rules/webshell.yar")),
    ("reverse_shell.yar", include_str!("../../../../data/rules/reverse_shell.yar")),
    ("windows_loader.yar", include_str!("../../../../data/rules/windows_loader.yar")),
    ("html_lure.yar", include_str!("../../../../data/rules/html_lure.yar")),
    ("linux_dropper.yar", include_str!("../../../../data/rules/linux_dropper.yar")),
    ("impact.yar", include_str!("../../../../data/rules/impact.yar")),
];

/// What a rule is about, for the console and the documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Name, as it stands in a finding's reasons.
    pub name: String,
    /// The rule file it comes from.
    pub file: String,
    /// One sentence in Italian.
    pub description_it: String,
    /// One sentence in English.
    pub description_en: String,
    /// How bad a match is.
    pub severity: Severity,
    /// ATT&CK technique id; empty where none fits.
    pub technique: String,
}

/// The compiled rules and what they say about themselves.
#[derive(Debug)]
pub(super) struct Pack {
    engine: Scanner,
    rules: Vec<RuleInfo>,
}

impl Pack {
    /// Compiles every file. One namespace for each file, so that a rule is told by file and name.
    pub(super) fn compile() -> Result<Self, ScanError> {
        let mut compiler = CompilerBuilder::new().build();
        for (file, text) in FILES {
            compiler
                .add_rules_str_in_namespace(text, file)
                .map_err(|error| ScanError::BadRules { file: (*file).to_owned(), reason: error.to_string() })?;
        }
        let engine = compiler.finalize();
        let rules = engine
            .rules()
            .map(|rule| {
                let meta = |name: &str| text_of(&engine, rule.metadatas, name);
                RuleInfo {
                    name: rule.name.to_owned(),
                    file: rule.namespace.to_owned(),
                    description_it: meta("description_it"),
                    description_en: meta("description_en"),
                    severity: severity_of(&meta("severity")),
                    technique: meta("technique"),
                }
            })
            .collect();
        Ok(Self { engine, rules })
    }

    /// The rules, in the order of the files.
    pub(super) fn rules(&self) -> impl Iterator<Item = &RuleInfo> {
        self.rules.iter()
    }

    /// Asks every rule about the bytes, for no longer than `budget`.
    pub(super) fn judge(&self, bytes: &[u8], budget: Duration, verdict: &mut Verdict) {
        if budget.is_zero() {
            verdict.complete = false;
            return;
        }
        // A clone shares the compiled rules; only the parameters are its own.
        let mut engine = self.engine.clone();
        engine.set_scan_params(ScanParams::default().timeout_duration(Some(budget)));
        let found = match engine.scan_mem(bytes) {
            Ok(result) => result.rules,
            Err((_, partial)) => {
                verdict.complete = false;
                partial.rules
            }
        };
        for rule in &found {
            self.tell(rule, verdict);
        }
    }

    /// Adds one match to the verdict.
    fn tell(&self, rule: &EvaluatedRule<'_>, verdict: &mut Verdict) {
        let Some(info) = self.rules.iter().find(|info| info.name == rule.name) else {
            return;
        };
        let first = rule.matches.iter().filter_map(|string| Some((string.name, string.matches.first()?.offset))).next();
        let detail = match first {
            Some((name, offset)) if !name.is_empty() => {
                format!("{} (${name} at byte {offset})", info.description_en)
            }
            _ => info.description_en.clone(),
        };
        let technique = (!info.technique.is_empty()).then_some(info.technique.as_str());
        verdict.add(Reason { engine: "yara".to_owned(), rule: info.name.clone(), detail }, info.severity, technique);
    }
}

/// The text of a rule's metadata entry; empty where it has none.
fn text_of(engine: &Scanner, metadatas: &[Metadata], name: &str) -> String {
    metadatas
        .iter()
        .find(|entry| engine.get_string_symbol(entry.name) == name)
        .map(|entry| match entry.value {
            boreal::MetadataValue::Bytes(text) => String::from_utf8_lossy(engine.get_bytes_symbol(text)).into_owned(),
            boreal::MetadataValue::Integer(number) => number.to_string(),
            boreal::MetadataValue::Boolean(flag) => flag.to_string(),
        })
        .unwrap_or_default()
}

/// A severity word; a rule without one counts as medium, and a test asks that every rule has one.
fn severity_of(word: &str) -> Severity {
    Severity::from_code(word).unwrap_or(Severity::Medium)
}

//! YARA rules, compiled by boreal: those that ship with the product, and those that somebody brings.

use super::ScanError;
use super::gate::{Gate, Head, Size};
use super::source::{RulePiece, RuleSource, one_line, take_apart};
use super::subject::Subject;
use super::verdict::Hit;
use baluardo_model::protection::{Reason, Severity};
use boreal::Metadata;
use boreal::compiler::{Compiler, CompilerBuilder, CompilerParams};
use boreal::scanner::{EvaluatedRule, ScanParams, Scanner};
use std::collections::BTreeMap;
use std::time::Duration;

/// The rule files that ship, by name and text. Their home is `data/rules`, with a README that tells how to add one.
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
    /// One sentence in Italian; empty where an imported rule has none.
    pub description_it: String,
    /// One sentence in English.
    pub description_en: String,
    /// How bad a match is.
    pub severity: Severity,
    /// ATT&CK technique id; empty where none fits.
    pub technique: String,
    /// How sure a match is, from 0 to 100: a rule's own `score` (as signature-base has it), else by its severity.
    pub score: u8,
}

/// A file or a rule that is not in force, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedRule {
    /// The rule file.
    pub file: String,
    /// The rule; nothing when the whole file is left out.
    pub rule: Option<String>,
    /// One line.
    pub reason: String,
}

/// What became of rule files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RulesReport {
    /// Files read.
    pub files: usize,
    /// Rules in force, those that ship not counted.
    pub compiled: usize,
    /// What is not in force.
    pub skipped: Vec<SkippedRule>,
}

/// Compilers by gate, while files are added.
pub(super) struct Making {
    compilers: BTreeMap<Gate, Compiler>,
    report: RulesReport,
}

/// The compiled rules and what they say about themselves.
#[derive(Debug)]
pub(super) struct Pack {
    engines: Vec<(Gate, Scanner)>,
    rules: Vec<RuleInfo>,
}

impl Making {
    /// No rules yet.
    pub(super) fn empty() -> Self {
        Self { compilers: BTreeMap::new(), report: RulesReport::default() }
    }

    /// The rules that ship. One namespace for each file, so that a rule is told by file and name.
    pub(super) fn shipped() -> Result<Self, ScanError> {
        let mut making = Self::empty();
        for (file, text) in FILES {
            making.add(&RuleSource { name: (*file).to_owned(), text: (*text).to_owned() });
        }
        match making.report.skipped.pop() {
            Some(bad) => Err(ScanError::BadRules { file: bad.file, reason: bad.reason }),
            None => Ok(Self { report: RulesReport::default(), ..making }),
        }
    }

    /// Adds a file: what cannot be compiled is named in the report, the rest is in force.
    pub(super) fn add(&mut self, source: &RuleSource) {
        self.report.files += 1;
        let pieces = match take_apart(&source.text) {
            Ok(pieces) => pieces,
            Err(reason) => return self.skip(source, None, reason),
        };
        for include in pieces.includes {
            self.skip(source, None, format!("`include \"{include}\"` is not followed: give that file too"));
        }
        for piece in pieces.rules {
            let gate = if pieces.entangled { Gate::OPEN } else { Gate::of(&piece.rule) };
            match self.compile(source, &pieces.imports, gate, &piece) {
                Ok(()) => self.report.compiled += 1,
                Err(reason) => self.skip(source, Some(piece.rule.name), reason),
            }
        }
    }

    fn compile(
        &mut self,
        source: &RuleSource,
        imports: &[String],
        gate: Gate,
        piece: &RulePiece<'_>,
    ) -> Result<(), String> {
        let compiler = self.compilers.entry(gate).or_insert_with(new_compiler);
        for import in imports {
            // A module that we lack is only missed by the rules that use it, and they say so.
            let _ = compiler.add_rules_str_in_namespace(format!("import \"{import}\""), &source.name);
        }
        compiler
            .add_rules_str_in_namespace(piece.text, &source.name)
            .map(|_| ())
            .map_err(|error| one_line(error.to_string().trim_start_matches("mem:")))
    }

    fn skip(&mut self, source: &RuleSource, rule: Option<String>, reason: String) {
        self.report.skipped.push(SkippedRule { file: source.name.clone(), rule, reason });
    }

    /// Puts everything in force.
    pub(super) fn finish(self) -> (Pack, RulesReport) {
        let engines: Vec<(Gate, Scanner)> =
            self.compilers.into_iter().map(|(gate, compiler)| (gate, compiler.finalize())).collect();
        let mut rules: Vec<RuleInfo> =
            engines.iter().flat_map(|(_, engine)| engine.rules().map(move |rule| info(engine, &rule))).collect();
        rules.sort_by(|a, b| (&a.file, &a.name).cmp(&(&b.file, &b.name)));
        (Pack { engines, rules }, self.report)
    }
}

/// A compiler that knows the variables which public rules expect, and opens no file by itself.
fn new_compiler() -> Compiler {
    let mut compiler = CompilerBuilder::new().build();
    compiler.set_params(CompilerParams::default().disable_includes(true));
    for name in Subject::VARIABLES {
        compiler.define_symbol(name, "");
    }
    compiler
}

impl Pack {
    /// The rules, by file and name.
    pub(super) fn rules(&self) -> impl Iterator<Item = &RuleInfo> {
        self.rules.iter()
    }

    /// Asks every rule that could match about the bytes, while there is time `left`. False when it ran out.
    pub(super) fn judge(
        &self,
        bytes: &[u8],
        subject: &Subject,
        left: &dyn Fn() -> Duration,
        hits: &mut Vec<Hit>,
    ) -> bool {
        let (head, size) = (Head::of(bytes), Size::of(bytes.len()));
        let mut complete = true;
        for (_, engine) in self.engines.iter().filter(|(gate, _)| gate.lets(head, size)) {
            let budget = left();
            if budget.is_zero() {
                return false;
            }
            // A clone shares the compiled rules; only the parameters are its own.
            let mut engine = engine.clone();
            engine.set_scan_params(ScanParams::default().timeout_duration(Some(budget)));
            for (name, value) in subject.variables() {
                // Each was defined when the rules were compiled.
                let _ = engine.define_symbol(name, value);
            }
            let found = match engine.scan_mem(bytes) {
                Ok(result) => result.rules,
                Err((_, partial)) => {
                    complete = false;
                    partial.rules
                }
            };
            hits.extend(found.iter().filter_map(|rule| self.tell(rule)));
        }
        complete
    }

    /// One match.
    fn tell(&self, rule: &EvaluatedRule<'_>) -> Option<Hit> {
        let key = (rule.namespace, rule.name);
        let at = self.rules.binary_search_by(|info| (info.file.as_str(), info.name.as_str()).cmp(&key)).ok()?;
        let info = self.rules.get(at)?;
        let first = rule.matches.iter().filter_map(|string| Some((string.name, string.matches.first()?.offset))).next();
        let detail = match first {
            Some((name, offset)) if !name.is_empty() => {
                format!("{} (${name} at byte {offset})", info.description_en)
            }
            _ => info.description_en.clone(),
        };
        let reason = Reason { engine: "yara".to_owned(), rule: info.name.clone(), detail };
        let technique = (!info.technique.is_empty()).then(|| info.technique.clone());
        Some(Hit { reason, severity: info.severity, score: info.score, technique })
    }
}

/// What a rule says about itself. Imported rules have no severity; some have a score, and all others are as sure as
/// whoever gave them to us.
fn info(engine: &Scanner, rule: &boreal::scanner::RuleDetails<'_>) -> RuleInfo {
    let meta = |name: &str| text_of(engine, rule.metadatas, name);
    let own = Severity::from_code(&meta("severity").to_ascii_lowercase());
    let score = meta("score").parse::<u8>().ok().map(|score| score.min(100));
    let severity = own.unwrap_or(match score {
        Some(75..) | None => Severity::High,
        Some(40..) => Severity::Medium,
        Some(_) => Severity::Low,
    });
    let described = [meta("description_en"), meta("description"), rule.name.to_owned()];
    RuleInfo {
        name: rule.name.to_owned(),
        file: rule.namespace.to_owned(),
        description_it: meta("description_it"),
        description_en: described.into_iter().find(|text| !text.is_empty()).unwrap_or_default(),
        severity,
        technique: meta("technique"),
        score: own.map_or(score.unwrap_or(80), Hit::score_of),
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

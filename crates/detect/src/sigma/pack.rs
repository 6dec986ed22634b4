//! Reads rule files and says what became of each rule.

use super::assemble::{Rules, assemble};
use super::correlation::{self, Correlation};
use super::route::LogSource;
use super::rule::{self, Rule, RuleInfo};
use super::table::Table;
use super::yaml::{self, Node};
use std::sync::Arc;

/// What became of the rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RulesReport {
    /// Files read.
    pub files: usize,
    /// Rules on single events that are in force.
    pub compiled: usize,
    /// Correlations in force.
    pub correlations: usize,
    /// What is left out, and why.
    pub skipped: Vec<Skipped>,
}

/// A rule or file that is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The file.
    pub file: String,
    /// The rule, by title or id; nothing where the file itself is at fault.
    pub rule: Option<String>,
    /// Why, as a sentence.
    pub reason: String,
}

/// Reads rules one file after the other.
#[derive(Debug)]
pub struct RulesBuilder {
    table: Table,
    rules: Vec<Rule>,
    correlations: Vec<Correlation>,
    product: Option<Box<str>>,
    report: RulesReport,
}

impl Default for RulesBuilder {
    fn default() -> Self {
        Self {
            table: Table::new(),
            rules: Vec::new(),
            correlations: Vec::new(),
            product: None,
            report: RulesReport::default(),
        }
    }
}

impl RulesBuilder {
    /// Keeps only rules that concern this product (`linux`, `windows`), with those that name none. Rules of others are
    /// neither compiled nor counted.
    #[must_use]
    pub fn only_for(product: &str) -> Self {
        Self { product: Some(product.into()), ..Self::default() }
    }

    /// Reads a file of one or more rules.
    pub fn add(&mut self, file: &str, text: &str) {
        self.report.files += 1;
        let name: Arc<str> = file.into();
        let (documents, fault) = yaml::documents(text);
        if let Some(reason) = fault {
            self.skip(file, None, reason);
        }
        for document in &documents {
            self.document(&name, document);
        }
    }

    fn document(&mut self, file: &Arc<str>, node: &Node) {
        if *node == Node::Null {
            return;
        }
        let info = RuleInfo::of(node, file);
        let label = (!info.label().is_empty()).then(|| info.label().to_owned());
        let result = if node.get("correlation").is_some() {
            correlation::compile(node, info).map(|correlation| self.correlations.push(correlation))
        } else if node.get("detection").is_some() {
            if self.is_elsewhere(node) {
                return;
            }
            rule::compile(&mut self.table, node, info).map(|rule| self.rules.push(rule))
        } else {
            Err(String::from("this is no Sigma rule: it has neither `detection` nor `correlation`"))
        };
        if let Err(reason) = result {
            self.skip(file, label, reason);
        }
    }

    fn is_elsewhere(&self, node: &Node) -> bool {
        let source = node.get("logsource").and_then(|node| LogSource::of(node).ok());
        self.product.as_deref().zip(source).is_some_and(|(product, source)| !source.is_for(product))
    }

    fn skip(&mut self, file: &str, rule: Option<String>, reason: String) {
        self.report.skipped.push(Skipped { file: file.to_owned(), rule, reason });
    }

    /// Puts everything in force, and says what became of each rule.
    #[must_use]
    pub fn finish(mut self) -> (Rules, RulesReport) {
        let (correlations, skipped) = correlation::link(self.correlations, &self.rules);
        self.report.skipped.extend(skipped);
        self.report.correlations = correlations.len();
        self.report.compiled = self.rules.len();
        let (rules, faults) = assemble(self.table, self.rules, correlations);
        let fault = |reason| Skipped { file: String::from("*"), rule: None, reason };
        self.report.skipped.extend(faults.into_iter().map(fault));
        (rules, self.report)
    }
}

//! What a rule says about itself, and its detection as a condition over the shared table.

use super::condition::{self, Condition, Names, Quantity};
use super::expr::Expr;
use super::item;
use super::route::LogSource;
use super::table::Table;
use super::yaml::Node;
use baluardo_model::protection::Severity;
use std::sync::Arc;

/// What a rule says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Its id, most often a UUID; empty where it has none.
    pub id: Box<str>,
    /// The name by which correlations call it; empty where it has none.
    pub name: Box<str>,
    /// What it finds, in the words of its author.
    pub title: Box<str>,
    /// The same in Italian; empty where nobody translated it.
    pub title_it: Box<str>,
    /// How grave a match is.
    pub level: Severity,
    /// Tags, such as `attack.t1110.001`.
    pub tags: Box<[Box<str>]>,
    /// The file that it came from.
    pub file: Arc<str>,
}

impl RuleInfo {
    pub(super) fn of(node: &Node, file: &Arc<str>) -> Self {
        let level = match node.text("level") {
            "informational" => Severity::Info,
            other => Severity::from_code(other).unwrap_or(Severity::Medium),
        };
        let tags = node.get("tags").map_or(&[][..], Node::items);
        Self {
            id: node.text("id").into(),
            name: node.text("name").into(),
            title: node.text("title").into(),
            title_it: node.text("title_it").into(),
            level,
            tags: tags.iter().filter_map(Node::scalar).map(Into::into).collect(),
            file: Arc::clone(file),
        }
    }

    /// The first ATT&CK technique among the tags, as `T1110.001`.
    #[must_use]
    pub fn technique(&self) -> Option<String> {
        self.techniques().next()
    }

    /// Every ATT&CK technique among the tags.
    pub fn techniques(&self) -> impl Iterator<Item = String> {
        self.tags.iter().filter_map(|tag| {
            let id = tag.strip_prefix("attack.")?;
            let number = id.strip_prefix(['t', 'T'])?;
            number.starts_with(|c: char| c.is_ascii_digit()).then(|| id.to_ascii_uppercase())
        })
    }

    /// How a person finds the rule again: its title, or else its id.
    #[must_use]
    pub fn label(&self) -> &str {
        if self.title.is_empty() { &self.id } else { &self.title }
    }
}

/// A rule on single events.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) info: RuleInfo,
    pub(super) source: LogSource,
    pub(super) expr: Expr,
}

/// Compiles a rule on single events.
///
/// # Errors
/// A sentence that says what is wrong.
pub(super) fn compile(table: &mut Table, node: &Node, info: RuleInfo) -> Result<Rule, String> {
    let source = LogSource::of(node.get("logsource").unwrap_or(&Node::Null))?;
    let Some(Node::Map(parts)) = node.get("detection") else {
        return Err(String::from("it has no `detection`"));
    };
    let conditions = parts.iter().find(|(key, _)| key == "condition").map_or(&[][..], |(_, value)| value.items());
    if conditions.is_empty() {
        return Err(String::from("its detection has no `condition`"));
    }
    let mut detection = Detection { table, parts, waits: Vec::new() };
    let mut ways = Vec::with_capacity(conditions.len());
    for text in conditions {
        let text = text.scalar().ok_or("its `condition` is no text")?;
        ways.push(detection.resolve(&condition::parse(text)?)?);
    }
    let expr = Expr::any(ways);
    match (&expr, detection.waits.first()) {
        (Expr::Known(_), Some(name)) => Err(format!("it waits for the values of the placeholder `{name}`")),
        (Expr::Known(false), None) => Err(String::from("its condition can never hold")),
        _ => Ok(Rule { info, source, expr: expr.ordered() }),
    }
}

struct Detection<'a> {
    table: &'a mut Table,
    parts: &'a [(String, Node)],
    waits: Vec<String>,
}

impl Detection<'_> {
    fn resolve(&mut self, condition: &Condition) -> Result<Expr, String> {
        match condition {
            Condition::Part(name) => {
                let part = self.parts.iter().find(|(key, _)| key == name && key != "condition");
                let (_, node) = part.ok_or_else(|| format!("its condition names `{name}`, which is not there"))?;
                item::part(self.table, node, &mut self.waits)
            }
            Condition::Of(quantity, names) => self.several(*quantity, names),
            Condition::Not(inner) => Ok(self.resolve(inner)?.not()),
            Condition::All(inner) => Ok(Expr::all(self.resolve_each(inner)?)),
            Condition::Any(inner) => Ok(Expr::any(self.resolve_each(inner)?)),
        }
    }

    fn resolve_each(&mut self, conditions: &[Condition]) -> Result<Vec<Expr>, String> {
        conditions.iter().map(|condition| self.resolve(condition)).collect()
    }

    fn several(&mut self, quantity: Quantity, names: &Names) -> Result<Expr, String> {
        let mut meant = Vec::new();
        for (key, node) in self.parts {
            if !matches!(key.as_str(), "condition" | "timeframe") && names.mean(key) {
                meant.push(item::part(self.table, node, &mut self.waits)?);
            }
        }
        if meant.is_empty() {
            return Err(match names {
                Names::Them => String::from("its condition says `of them`, and there is nothing else"),
                Names::Like(pattern) => format!("its condition says `of {pattern}`, and nothing is named so"),
            });
        }
        Ok(match quantity {
            Quantity::One => Expr::any(meant),
            Quantity::All => Expr::all(meant),
        })
    }
}

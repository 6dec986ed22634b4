//! Correlation rules, as Sigma's correlation specification 2.0 has them: what several matches mean together.

use super::pack::Skipped;
use super::rule::{Rule, RuleInfo};
use super::yaml::Node;
use std::time::Duration;

/// Most matches that a condition may ask for: they are remembered for each group.
const MOST_ASKED: u64 = 10_000;

/// Most rules of one correlation.
const MOST_RULES: usize = 64;

/// A correlation.
#[derive(Clone, Debug)]
pub(super) struct Correlation {
    pub(super) info: RuleInfo,
    pub(super) kind: Kind,
    /// The rules that it joins, as the text has them.
    names: Vec<String>,
    /// The same, found.
    pub(super) members: Vec<Member>,
    /// The fields that its matches share.
    pub(super) group_by: Vec<String>,
    pub(super) span: Duration,
    /// Whether its members tell of their own matches, too.
    pub(super) generate: bool,
    /// For a field of `group_by`, its name in the events of some rule: (field, rule, name there).
    aliases: Vec<(String, String, String)>,
}

/// What counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// So many matches.
    Events(u64),
    /// So many different values of a field.
    Values(String, u64),
    /// Matches of so many of the rules.
    Together(usize),
    /// Matches of all the rules, in their order.
    Ordered,
}

/// Something that a correlation joins.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) of: Origin,
    /// What the fields of `group_by` are called there.
    pub(super) group_by: Vec<String>,
    /// What the counted field is called there.
    pub(super) counted: Option<String>,
}

/// Where a match comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A rule on single events, by its number.
    Rule(u32),
    /// Another correlation, by its number.
    Correlation(u32),
}

/// Reads a correlation.
///
/// # Errors
/// A sentence that says what is wrong.
pub(super) fn compile(node: &Node, info: RuleInfo) -> Result<Correlation, String> {
    let body = node.get("correlation").unwrap_or(&Node::Null);
    let list = |key: &str| -> Vec<String> {
        let items = body.get(key).map_or(&[][..], Node::items);
        items.iter().filter_map(Node::scalar).map(str::to_owned).collect()
    };
    let names = list("rules");
    if names.is_empty() || names.len() > MOST_RULES {
        return Err(format!("a correlation joins 1 to {MOST_RULES} `rules`"));
    }
    let span = span(body.text("timespan"))
        .ok_or_else(|| format!("`timespan: {}` is no time, such as 5m or 1h", body.text("timespan")))?;
    let condition = body.get("condition").unwrap_or(&Node::Null);
    let asked = asked(condition)?;
    let field = condition.text("field");
    let kind = match body.text("type") {
        "event_count" => Kind::Events(asked.ok_or("it counts, and its `condition` says no number (`gte: 10`)")?),
        "value_count" if field.is_empty() => {
            return Err(String::from("`value_count` needs the name of a field in its `condition`"));
        }
        "value_count" => {
            Kind::Values(field.to_owned(), asked.ok_or("it counts, and its `condition` says no number (`gte: 10`)")?)
        }
        "temporal" => {
            let all = names.len();
            Kind::Together(asked.map_or(all, |asked| usize::try_from(asked).unwrap_or(all).min(all)))
        }
        "temporal_ordered" => Kind::Ordered,
        other => return Err(format!("the correlation type `{other}` is not known")),
    };
    let aliases = body.get("aliases").map_or_else(Vec::new, aliases);
    let generate = body.get("generate") == Some(&Node::Bool(true));
    Ok(Correlation { info, kind, names, members: Vec::new(), group_by: list("group-by"), span, generate, aliases })
}

/// The number that must be reached.
fn asked(condition: &Node) -> Result<Option<u64>, String> {
    let Node::Map(entries) = condition else { return Ok(None) };
    let mut asked = None;
    for (key, value) in entries.iter().filter(|(key, _)| key != "field") {
        let number = value.scalar().and_then(|text| text.parse::<u64>().ok());
        let number = number.ok_or_else(|| format!("`{key}` in its `condition` is no whole number"))?;
        asked = Some(match key.as_str() {
            "gte" | "eq" => number,
            "gt" => number.saturating_add(1),
            "lt" | "lte" | "neq" => {
                return Err(format!("`{key}` in its `condition` could only be told when the time is over"));
            }
            other => return Err(format!("`{other}` in its `condition` is not known")),
        });
    }
    match asked {
        Some(0) => Err(String::from("its `condition` is reached by nothing at all")),
        Some(number) if number > MOST_ASKED => Err(format!("its `condition` asks for more than {MOST_ASKED}")),
        other => Ok(other),
    }
}

fn aliases(node: &Node) -> Vec<(String, String, String)> {
    let Node::Map(aliases) = node else { return Vec::new() };
    let of = |(alias, rules): &(String, Node)| {
        let Node::Map(rules) = rules else { return Vec::new() };
        let named = rules.iter().filter_map(|(rule, field)| Some((rule, field.scalar()?)));
        named.map(|(rule, field)| (alias.clone(), rule.clone(), field.to_owned())).collect()
    };
    aliases.iter().flat_map(of).collect()
}

/// A length of time: a whole number and a unit (`s`, `m`, `h`, `d`, `w`, `M` for 30 days, `y` for 365).
fn span(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let number: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        'M' => 2_592_000,
        'y' => 31_536_000,
        _ => return None,
    };
    number.checked_mul(seconds).filter(|seconds| *seconds > 0).map(Duration::from_secs)
}

/// Finds the rules that correlations name, by id or name. What names something that is not there is left out.
pub(super) fn link(mut open: Vec<Correlation>, rules: &[Rule]) -> (Vec<Correlation>, Vec<Skipped>) {
    let mut linked: Vec<Correlation> = Vec::new();
    loop {
        let before = open.len();
        let mut left = Vec::new();
        for mut correlation in open {
            let members: Vec<Option<Member>> =
                correlation.names.iter().map(|name| member(&correlation, name, rules, &linked)).collect();
            if let Some(members) = members.into_iter().collect() {
                correlation.members = members;
                linked.push(correlation);
            } else {
                left.push(correlation);
            }
        }
        open = left;
        if open.len() == before {
            break;
        }
    }
    let skipped = open.into_iter().map(|correlation| {
        let unknown = |name: &&String| member(&correlation, name, rules, &linked).is_none();
        let name = correlation.names.iter().find(unknown).cloned().unwrap_or_default();
        let reason = format!("it names the rule `{name}`, which is not there, is left out, or names it in turn");
        let label = correlation.info.label().to_owned();
        Skipped { file: correlation.info.file.to_string(), rule: Some(label), reason }
    });
    let skipped = skipped.collect();
    (linked, skipped)
}

fn member(correlation: &Correlation, name: &str, rules: &[Rule], linked: &[Correlation]) -> Option<Member> {
    let is = |info: &RuleInfo| *info.name == *name || *info.id == *name;
    let number = |at: usize| u32::try_from(at).ok();
    let rule = rules.iter().position(|rule| is(&rule.info)).and_then(number).map(Origin::Rule);
    let other = || linked.iter().position(|other| is(&other.info)).and_then(number).map(Origin::Correlation);
    let of = rule.or_else(other)?;
    let there = |field: &String| {
        let alias = correlation.aliases.iter().find(|(alias, rule, _)| alias == field && rule == name);
        alias.map_or_else(|| field.clone(), |(_, _, there)| there.clone())
    };
    let counted = match &correlation.kind {
        Kind::Values(field, _) => Some(there(field)),
        _ => None,
    };
    Some(Member { of, group_by: correlation.group_by.iter().map(there).collect(), counted })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_units() {
        let seconds = |text: &str| span(text).map(|span| span.as_secs());
        assert_eq!([seconds("30s"), seconds("5m"), seconds("2h")], [Some(30), Some(300), Some(7_200)]);
        assert_eq!([seconds("1d"), seconds("1w"), seconds("1M")], [Some(86_400), Some(604_800), Some(2_592_000)]);
        assert_eq!([seconds("5"), seconds("m"), seconds(""), seconds("0m"), seconds("5è")], [None; 5]);
        assert_eq!(seconds("99999999999999999y"), None);
    }
}

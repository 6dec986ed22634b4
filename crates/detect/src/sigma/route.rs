//! Which events a rule is about: its log source, held against where an event comes from.

use super::event::Source;
use super::yaml::Node;

/// The log source of a rule. What is empty is not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LogSource {
    /// The product: `windows`, `linux`, `aws`.
    pub product: Option<Box<str>>,
    /// The sort of event: `process_creation`.
    pub category: Option<Box<str>>,
    /// The log: `security`, `sshd`.
    pub service: Option<Box<str>>,
}

impl LogSource {
    pub(super) fn of(node: &Node) -> Result<Self, String> {
        let part = |key| {
            let text = node.text(key).trim().to_ascii_lowercase();
            (!text.is_empty()).then(|| text.into_boxed_str())
        };
        let source = Self { product: part("product"), category: part("category"), service: part("service") };
        if source == Self::default() {
            return Err(String::from("its `logsource` names no product, category or service"));
        }
        Ok(source)
    }

    /// Whether an event from there is one of this source. An event of which nothing is known is one of every source.
    #[must_use]
    pub fn takes(&self, source: &Source) -> bool {
        if source.is_unknown() {
            return true;
        }
        let product = self.product.as_deref().is_none_or(|asked| source.product.as_deref() == Some(asked));
        let among = |asked: &Option<Box<str>>, known: &[std::borrow::Cow<'static, str>]| {
            asked.as_deref().is_none_or(|asked| known.iter().any(|one| one == asked))
        };
        product && among(&self.category, &source.categories) && among(&self.service, &source.services)
    }

    /// Whether a device of this product could have such events. A rule without a product is for all.
    #[must_use]
    pub fn is_for(&self, product: &str) -> bool {
        self.product.as_deref().is_none_or(|own| own == product)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(product: &'static str, category: &'static str, service: &'static str) -> Source {
        Source { product: Some(product.into()), categories: vec![category.into()], services: vec![service.into()] }
    }

    fn rule(product: &str, category: &str, service: &str) -> LogSource {
        let part = |text: &str| (!text.is_empty()).then(|| text.into());
        LogSource { product: part(product), category: part(category), service: part(service) }
    }

    #[test]
    fn a_rule_meets_only_the_events_that_it_is_about() {
        let start = source("windows", "process_creation", "sysmon");
        for asked in [("windows", "process_creation", ""), ("", "process_creation", ""), ("windows", "", "sysmon")] {
            assert!(rule(asked.0, asked.1, asked.2).takes(&start), "{asked:?}");
        }
        for asked in [("linux", "process_creation", ""), ("windows", "file_event", ""), ("windows", "", "security")] {
            assert!(!rule(asked.0, asked.1, asked.2).takes(&start), "{asked:?}");
        }
        assert!(rule("aws", "", "cloudtrail").takes(&Source::default()), "nothing is known of that event");
    }

    #[test]
    fn a_platform_keeps_its_rules_and_those_of_no_product() {
        assert!(rule("linux", "", "sshd").is_for("linux"));
        assert!(rule("", "webserver", "").is_for("linux"));
        assert!(!rule("windows", "", "security").is_for("linux"));
    }
}

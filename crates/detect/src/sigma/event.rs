//! One event: where it comes from, when it was, and its fields.

use baluardo_model::Timestamp;
use std::borrow::Cow;

/// Longest part of a value that is looked at, in bytes. Windows cuts a script block at half of it.
const LONGEST: usize = 64 * 1024;

/// Most fields of one event; Windows' largest have some 60.
const MOST_FIELDS: usize = 512;

/// Where an event comes from, in Sigma's words. What is empty is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Source {
    /// The product: `windows`, `linux`.
    pub product: Option<Cow<'static, str>>,
    /// What sort of event it is: `process_creation`. One event may be of several sorts.
    pub categories: Vec<Cow<'static, str>>,
    /// The log in which it stands: `security`, `sshd`. Often a log is part of a wider one.
    pub services: Vec<Cow<'static, str>>,
}

impl Source {
    /// Whether nothing is known of where the event comes from. Such an event meets every rule.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        self.product.is_none() && self.categories.is_empty() && self.services.is_empty()
    }
}

/// An event.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// Where it comes from.
    pub source: Source,
    /// When it was, where the event tells.
    pub at: Option<Timestamp>,
    fields: Vec<Field>,
}

/// One field; a name may stand several times, and then any of its values counts.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: Cow<'static, str>,
    /// Nothing for a field that is there without a value.
    pub(super) value: Option<String>,
}

impl Event {
    /// An event without fields.
    #[must_use]
    pub fn new(source: Source, at: Option<Timestamp>) -> Self {
        Self { source, at, fields: Vec::new() }
    }

    /// Adds a field. Values beyond 64 KiB are cut; fields beyond 512 are left out.
    pub fn put(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        let mut value = value.into();
        if value.len() > LONGEST {
            value.truncate(value.floor_char_boundary(LONGEST));
        }
        self.push(name.into(), Some(value));
    }

    /// Adds a field that has no value.
    pub fn put_null(&mut self, name: impl Into<Cow<'static, str>>) {
        self.push(name.into(), None);
    }

    fn push(&mut self, name: Cow<'static, str>, value: Option<String>) {
        if self.fields.len() < MOST_FIELDS {
            self.fields.push(Field { name, value });
        }
    }

    /// The first value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().filter(|field| field.name == name).find_map(|field| field.value.as_deref())
    }

    /// Whether a field of this name is there, with or without a value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    /// Names and values, in the order of the event; a field without a value has none.
    pub fn fields(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.fields.iter().map(|field| (field.name.as_ref(), field.value.as_deref()))
    }

    pub(super) fn raw_fields(&self) -> &[Field] {
        &self.fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_its_bounds() {
        let mut event = Event::default();
        event.put("a", "è".repeat(LONGEST));
        event.put_null("b");
        for _ in 0..2 * MOST_FIELDS {
            event.put("c", "x");
        }
        assert_eq!(event.get("a").unwrap().len(), LONGEST);
        assert!(event.has("b") && event.get("b").is_none() && !event.has("z"));
        assert_eq!(event.fields().count(), MOST_FIELDS);
    }
}

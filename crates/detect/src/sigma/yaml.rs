//! YAML as far as Sigma needs it: documents of maps, lists and scalars, within bounds.

use saphyr_parser::{Event, Parser, ScalarStyle};

/// Deepest nesting; rules have five or six levels.
const DEEPEST: usize = 32;

/// Most nodes in one file: the largest public rule has some 2,000.
const MOST_NODES: usize = 200_000;

/// A piece of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// Nothing: empty, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as decimal text.
    Number(String),
    /// Any other scalar.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// A map, in the order of the file.
    Map(Vec<(String, Self)>),
}

impl Node {
    /// The value of a map's key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// A scalar as text; `None` for null, lists and maps.
    pub(super) fn scalar(&self) -> Option<&str> {
        match self {
            Self::Bool(flag) => Some(if *flag { "true" } else { "false" }),
            Self::Number(text) | Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a map's key, empty where it has none.
    pub(super) fn text(&self, key: &str) -> &str {
        self.get(key).and_then(Self::scalar).unwrap_or_default()
    }

    /// A list's items; a scalar or map is a list of itself, null is an empty one.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            Self::Null => &[],
            other => std::slice::from_ref(other),
        }
    }
}

/// The documents of a text up to its end or its first fault, and that fault as a sentence.
pub(super) fn documents(text: &str) -> (Vec<Node>, Option<String>) {
    let (mut done, mut open) = (Vec::new(), Open::default());
    let mut parser = Parser::new_from_str(text);
    let mut nodes = 0_usize;
    while let Some(next) = parser.next_event() {
        let (event, span) = match next {
            Ok(next) => next,
            Err(error) => return (done, Some(format!("this is not YAML: {error}"))),
        };
        nodes += 1;
        let fault = if nodes > MOST_NODES {
            Some(format!("a rule file with more than {MOST_NODES} values is none"))
        } else {
            open.take(event).err()
        };
        if let Some(fault) = fault {
            return (done, Some(format!("line {}: {fault}", span.start.line())));
        }
        done.extend(open.root.take());
    }
    (done, None)
}

/// What has begun and not ended.
#[derive(Default)]
struct Open {
    stack: Vec<Begun>,
    root: Option<Node>,
}

enum Begun {
    List(Vec<Node>),
    Map(Vec<(String, Node)>, Option<String>),
}

impl Open {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, _, tag) => {
                self.put(scalar(text.into_owned(), style == ScalarStyle::Plain && tag.is_none()))
            }
            Event::SequenceStart(..) => self.begin(Begun::List(Vec::new())),
            Event::MappingStart(..) => self.begin(Begun::Map(Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => match self.stack.pop() {
                Some(Begun::List(items)) => self.put(Node::List(items)),
                Some(Begun::Map(entries, _)) => self.put(Node::Map(entries)),
                None => Ok(()),
            },
            Event::Alias(_) => Err(String::from("aliases (`*name`) are not read: write the values out")),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, begun: Begun) -> Result<(), String> {
        if self.stack.len() >= DEEPEST {
            return Err(format!("it is nested more than {DEEPEST} deep"));
        }
        self.stack.push(begun);
        Ok(())
    }

    /// Puts a finished node where it belongs.
    fn put(&mut self, node: Node) -> Result<(), String> {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Begun::List(items)) => items.push(node),
            Some(Begun::Map(entries, key)) => match key.take() {
                Some(key) if entries.iter().any(|(known, _)| *known == key) => {
                    return Err(format!("`{key}` stands there twice"));
                }
                Some(key) => entries.push((key, node)),
                None => {
                    let named = node.scalar().map(str::to_owned);
                    let empty = matches!(node, Node::Null).then(String::new);
                    *key = Some(named.or(empty).ok_or("a key must be one word, not a list or a map")?);
                }
            },
        }
        Ok(())
    }
}

/// What a scalar means by YAML's core schema.
fn scalar(text: String, plain: bool) -> Node {
    if !plain {
        return Node::Text(text);
    }
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => Node::Null,
        "true" | "True" | "TRUE" => Node::Bool(true),
        "false" | "False" | "FALSE" => Node::Bool(false),
        other => match other.strip_prefix("0x").map(|digits| i64::from_str_radix(digits, 16)) {
            Some(Ok(number)) => Node::Number(number.to_string()),
            _ if is_decimal(other) => Node::Number(text),
            _ => Node::Text(text),
        },
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_what_they_look_like_unless_quoted() {
        let (docs, fault) = documents("a: 4624\nb: '4624'\nc: ~\nd: true\ne: 0x1F\nf: 2026-01-02\ng: ''\nh:\n");
        assert_eq!(fault, None);
        let doc = docs.first().unwrap();
        let of = |key| doc.get(key).unwrap().clone();
        assert_eq!(of("a"), Node::Number("4624".into()));
        assert_eq!(of("b"), Node::Text("4624".into()));
        assert_eq!([of("c"), of("h")], [Node::Null, Node::Null]);
        assert_eq!([of("d"), of("e")], [Node::Bool(true), Node::Number("31".into())]);
        assert_eq!([of("f"), of("g")], [Node::Text("2026-01-02".into()), Node::Text(String::new())]);
    }

    #[test]
    fn what_stands_before_a_fault_is_kept_and_the_fault_named() {
        let (docs, fault) = documents("a: 1\n---\nb: [1, 2\n---\nc: 3\n");
        assert_eq!(docs.len(), 1);
        assert!(fault.unwrap().contains("not YAML"));
        let (_, twice) = documents("a: 1\na: 2\n");
        assert!(twice.unwrap().contains("`a` stands there twice"));
        let (_, alias) = documents("a: &x 1\nb: *x\n");
        assert!(alias.unwrap().contains("aliases"));
    }

    #[test]
    fn nesting_has_an_end() {
        let (docs, fault) = documents(&"[".repeat(40));
        assert!(docs.is_empty() && fault.clone().unwrap().contains("nested more than 32 deep"), "{fault:?}");
        let (docs, fault) = documents(&"[".repeat(100_000));
        assert!(docs.is_empty() && fault.is_some());
    }
}

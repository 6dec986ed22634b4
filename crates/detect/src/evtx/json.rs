//! A record's XML as JSON: elements are keys, attributes stand under `#attributes`, and `<Data Name="X">` is the key `X`.

use super::binary_xml::{Element, Node};
use serde_json::{Map, Value};

/// A whole record.
pub(super) fn document(nodes: &[Node]) -> Value {
    let mut document = Map::new();
    put_all(&mut document, nodes);
    Value::Object(document)
}

/// Several values after one another as one: texts are joined, a single value keeps its type, none at all is nothing.
pub(super) fn scalar(nodes: &[Node]) -> Option<Value> {
    let values = || {
        nodes.iter().filter_map(|node| match node {
            Node::Value(value) if !value.is_null() => Some(value),
            _ => None,
        })
    };
    match values().count() {
        0 => None,
        1 => values().next().cloned(),
        _ => Some(Value::String(values().map(text).collect())),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn put_all(into: &mut Map<String, Value>, nodes: &[Node]) {
    for node in nodes {
        if let Node::Element(element) = node {
            let own_name = element.attributes.iter().find(|(name, _)| element.name == "Data" && name == "Name");
            let name = own_name.map_or_else(|| element.name.clone(), |(_, value)| text(value));
            put(into, name, of_element(element, own_name.is_some()));
        }
    }
}

/// Puts a value; several of one name become a list.
fn put(into: &mut Map<String, Value>, name: String, value: Value) {
    match into.get_mut(&name) {
        Some(Value::Array(list)) => list.push(value),
        Some(known) => *known = Value::Array(vec![known.take(), value]),
        None => {
            into.insert(name, value);
        }
    }
}

fn of_element(element: &Element, named: bool) -> Value {
    let own_text = scalar(&element.inside);
    let has_children = element.inside.iter().any(|node| matches!(node, Node::Element(_)));
    if !has_children && (named || element.attributes.is_empty()) {
        return own_text.unwrap_or_default();
    }
    let mut object = Map::new();
    if !element.attributes.is_empty() {
        let attributes = element.attributes.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        object.insert(String::from("#attributes"), Value::Object(attributes));
    }
    if let Some(text) = own_text {
        object.insert(String::from("#text"), text);
    }
    put_all(&mut object, &element.inside);
    Value::Object(object)
}

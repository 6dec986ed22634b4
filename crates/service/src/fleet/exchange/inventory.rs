//! What a device tells of itself: unpacked within bounds, kept, and its packages beside it to be searched.

use crate::error::Error;
use crate::fleet::foreign_text::name;
use baluardo_model::inventory::Inventory;
use baluardo_model::package::Package;
use baluardo_model::vulnerability::release_of;
use baluardo_model::{DeviceId, Timestamp};
use baluardo_store::TenantTx;
use baluardo_store::fleet::inventory::InventoryRow;
use baluardo_wire::packed::unpack;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Keeps an inventory; false when it cannot be read.
pub(super) async fn keep(
    rows: &mut TenantTx<'_>,
    device: DeviceId,
    (taken_at, received_at): (Timestamp, Timestamp),
    packed: &str,
) -> Result<bool, Error> {
    let Some(mut inventory) = read(packed) else { return Ok(false) };
    let packages = named(std::mem::take(&mut inventory.packages));
    let (gone, new) = difference(&rows.packages_of_device(device).await?, &packages);
    rows.change_packages(device, &gone, &new).await?;
    let release = release_of(&inventory.system);
    rows.keep_inventory(device, &InventoryRow { taken_at, received_at, release, inventory }).await?;
    Ok(true)
}

/// Every text on one line and bounded, every list cut.
fn read(packed: &str) -> Option<Inventory> {
    let mut value: Value = unpack(packed).ok()?;
    bound_texts(&mut value);
    let mut inventory: Inventory = serde_json::from_value(value).ok()?;
    inventory.bound();
    Some(inventory)
}

fn bound_texts(value: &mut Value) {
    match value {
        Value::String(text) => *text = name(text),
        Value::Array(list) => list.iter_mut().for_each(bound_texts),
        Value::Object(object) => object.values_mut().for_each(bound_texts),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Each package once, with its source named.
fn named(packages: Vec<Package>) -> BTreeMap<(String, String, String), Package> {
    let full = |one: Package| {
        let (source, source_version) = (one.source().to_owned(), one.source_version().to_owned());
        ((one.name.clone(), one.arch.clone(), one.version.clone()), Package { source, source_version, ..one })
    };
    packages.into_iter().filter(|one| !one.name.is_empty()).map(full).collect()
}

/// What is gone, and what is new: few rows change from day to day.
fn difference(before: &[Package], now: &BTreeMap<(String, String, String), Package>) -> (Vec<Package>, Vec<Package>) {
    let known: BTreeSet<&Package> = before.iter().collect();
    let stays: BTreeSet<&Package> = now.values().collect();
    let gone = known.difference(&stays).map(|one| (*one).clone()).collect();
    let new = stays.difference(&known).map(|one| (*one).clone()).collect();
    (gone, new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use baluardo_model::inventory::System;
    use baluardo_wire::packed::pack;

    fn package(name: &str, version: &str) -> Package {
        let text = str::to_owned;
        let (arch, source, source_version) = (text("amd64"), String::new(), String::new());
        Package { name: text(name), version: text(version), arch, source, source_version }
    }

    #[test]
    fn only_what_changed_is_written() {
        let before: Vec<_> = named(vec![package("a", "1"), package("b", "1")]).into_values().collect();
        let (gone, new) = difference(&before, &named(vec![package("b", "2"), package("a", "1"), package("a", "1")]));
        let names = |list: &[Package]| list.iter().map(|it| format!("{} {}", it.name, it.version)).collect::<Vec<_>>();
        assert_eq!((names(&gone), names(&new)), (vec!["b 1".to_owned()], vec!["b 2".to_owned()]));
        assert_eq!((new[0].source.as_str(), new[0].source_version.as_str()), ("b", "2"));
    }

    #[test]
    fn foreign_texts_are_made_short_and_whole() {
        let system = System { name: format!("a\0b\n{}", "x".repeat(500)), ..System::default() };
        let packed = pack(&Inventory { system, ..Inventory::default() }).unwrap();
        let read = read(&packed).unwrap();
        assert!(read.system.name.len() <= 255 && !read.system.name.contains(['\0', '\n']), "{}", read.system.name);
        assert!(super::read("nonsense").is_none());
    }
}

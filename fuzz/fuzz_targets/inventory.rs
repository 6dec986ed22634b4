//! What a system writes of itself, and what is known of vulnerabilities: any bytes give nouns or words, never a panic.
#![no_main]

use baluardo_detect::advisories::{Reading, read_json, read_lines};
use baluardo_detect::inventory::updates::{Waiting, is_not_automatic, is_security_list};
use baluardo_detect::inventory::{accounts, backups, dpkg, machine, mounts, sockets};
use baluardo_model::hunt::fits;
use baluardo_model::inventory::Inventory;
use baluardo_model::package::compare_versions;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let packages = dpkg::installed(bytes).unwrap();
    let mut waiting = Waiting::of(&packages);
    waiting.read(bytes, true).unwrap();
    let _ = waiting.updates();
    let _ = is_not_automatic(bytes).unwrap();
    let text = String::from_utf8_lossy(bytes);
    let (one, other) = text.split_at(text.floor_char_boundary(text.len() / 2));
    assert_eq!(compare_versions(one, other), compare_versions(other, one).reverse());
    let _ = accounts::accounts(one, other, &[text.to_string()]);
    let _ = (mounts::mounts(&text), sockets::sockets(&text, true), sockets::sockets(&text, false));
    let _ = (machine::system(&text), machine::processor(&text), machine::memory(&text), machine::booted_at(&text));
    let _ = (backups::of_duplicity(&text), backups::of_timeshift(&text), backups::of_borg(&text));
    let _ = (backups::folder_of_rsnapshot(&text), is_security_list(&text));
    if one.len() < 64 && other.len() < 4_096 {
        let _ = fits(one, other);
    }
    let mut reading = Reading::default();
    let _ = read_json(bytes, &mut reading);
    let _ = read_lines(bytes, &mut reading);
    let _ = baluardo_wire::packed::unpack::<Inventory>(&text);
});

//! Installed packages, from dpkg's `status` file.

use super::clean;
use super::control::Stanzas;
use baluardo_model::inventory::MAX_PACKAGES;
use baluardo_model::package::Package;
use std::io::{self, BufRead};

/// The fields that are read.
const FIELDS: [&str; 5] = ["Package", "Status", "Architecture", "Version", "Source"];

/// The packages that are installed, by name. One more than is kept is read at most, so that a cut is seen.
///
/// # Errors
/// What the reader says.
pub fn installed(reader: impl BufRead) -> io::Result<Vec<Package>> {
    let mut stanzas = Stanzas::new(reader, &FIELDS);
    let mut found = Vec::new();
    while let Some(stanza) = stanzas.next_stanza()? {
        let [name, status, arch, version, source] = stanza.as_slice() else { continue };
        // The third word is the state: what was removed may still have its configuration here.
        if !status.ends_with(" installed") || name.is_empty() || version.is_empty() {
            continue;
        }
        let (source, source_version) = named_source(source);
        found.push(Package {
            name: clean(name),
            version: clean(version),
            arch: clean(arch),
            source: clean(if source == name.as_str() { "" } else { source }),
            source_version: clean(if source_version == version.as_str() { "" } else { source_version }),
        });
        if found.len() > MAX_PACKAGES {
            break;
        }
    }
    found.sort();
    Ok(found)
}

/// `openssl (3.0.9-1)` as name and version; either may be empty.
fn named_source(text: &str) -> (&str, &str) {
    match text.split_once('(') {
        Some((name, version)) => (name.trim(), version.trim_end().trim_end_matches(')').trim()),
        None => (text.trim(), ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "\
Package: libssl3
Status: install ok installed
Priority: optional
Architecture: amd64
Multi-Arch: same
Source: openssl
Version: 3.0.9-1
Description: Secure Sockets Layer toolkit
 Package: not-a-package
 .
 More words.

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1.0-1

Package: bash
Status: install ok installed
Architecture: amd64
Source: bash (5.2.15-2)
Version: 5.2.15-2+b2

Package: half
Status: install reinstreq half-installed
Version: 1
";

    #[test]
    fn only_what_is_installed_is_told_with_its_source() {
        let found = installed(STATUS.as_bytes()).unwrap();
        let names: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.source(), one.source_version())).collect();
        assert_eq!(names, [("bash", "bash", "5.2.15-2"), ("libssl3", "openssl", "3.0.9-1")]);
        assert_eq!(found[1].arch, "amd64");
        assert!(found[0].source.is_empty() && found[1].source_version.is_empty(), "what is the same is not said twice");
    }

    #[test]
    fn bytes_that_are_no_list_give_no_packages() {
        assert!(installed(&[0xff, 0, b'\n', b':', b'\n', b'\n'][..]).unwrap().is_empty());
    }
}

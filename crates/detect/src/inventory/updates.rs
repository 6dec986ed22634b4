//! Updates that wait: what is installed, held against the lists of packages that apt fetched.

use super::clean;
use super::control::Stanzas;
use baluardo_model::inventory::Update;
use baluardo_model::package::{Package, compare_versions};
use std::collections::HashMap;
use std::io::{self, BufRead};

/// Gathers the newest version of each installed package over several lists.
#[derive(Debug)]
pub struct Waiting<'p> {
    /// By name and architecture.
    installed: HashMap<(&'p str, &'p str), &'p Package>,
    newest: HashMap<(&'p str, &'p str), Newest>,
}

#[derive(Debug)]
struct Newest {
    version: String,
    security: bool,
}

impl<'p> Waiting<'p> {
    /// Updates of these packages.
    #[must_use]
    pub fn of(installed: &'p [Package]) -> Self {
        let installed = installed.iter().map(|one| ((one.name.as_str(), one.arch.as_str()), one)).collect();
        Self { installed, newest: HashMap::new() }
    }

    /// Reads one list; `security` when its archive holds security updates.
    ///
    /// # Errors
    /// What the reader says; what was read before stays.
    pub fn read(&mut self, list: impl BufRead, security: bool) -> io::Result<()> {
        let mut stanzas = Stanzas::new(list, &["Package", "Architecture", "Version"]);
        while let Some(stanza) = stanzas.next_stanza()? {
            let [name, arch, version] = stanza.as_slice() else { continue };
            let Some(package) = self.installed.get(&(name.as_str(), arch.as_str())).copied() else { continue };
            if compare_versions(version, &package.version).is_le() {
                continue;
            }
            let newest = self
                .newest
                .entry((package.name.as_str(), package.arch.as_str()))
                .or_insert_with(|| Newest { version: String::new(), security: false });
            // A security update counts as one also where another archive has an even newer version.
            newest.security |= security;
            if newest.version.is_empty() || compare_versions(version, &newest.version).is_gt() {
                newest.version.clone_from(version);
            }
        }
        Ok(())
    }

    /// What waits, security first, then by name.
    #[must_use]
    pub fn updates(&self) -> Vec<Update> {
        let mut updates: Vec<Update> = self
            .newest
            .iter()
            .filter_map(|(key, newest)| {
                let package = self.installed.get(key)?;
                Some(Update {
                    name: package.name.clone(),
                    installed: package.version.clone(),
                    available: clean(&newest.version),
                    security: newest.security,
                })
            })
            .collect();
        updates.sort_by(|a, b| b.security.cmp(&a.security).then_with(|| a.name.cmp(&b.name)));
        updates
    }
}

/// Whether a list in `/var/lib/apt/lists` is of an archive of security updates, by its file name: Debian's
/// `…debian-security_dists_…` and `…_dists_bookworm-security_…`, Ubuntu's `…_dists_noble-security_…`.
#[must_use]
pub fn is_security_list(name: &str) -> bool {
    name.split_once("_dists_").is_some_and(|(host, suite)| {
        let suite = suite.split("_main_").next().unwrap_or(suite);
        host.ends_with("debian-security") || host.ends_with("_security") || suite.contains("-security")
    })
}

/// Whether nothing is installed from an archive unless a person asks for it, by the head of its `Release` file; such are
/// backports.
///
/// # Errors
/// What the reader says.
pub fn is_not_automatic(release: impl BufRead) -> io::Result<bool> {
    let mut stanzas = Stanzas::new(release, &["NotAutomatic"]);
    // A signed file begins with a stanza of the signature.
    for _ in 0..3 {
        match stanzas.next_stanza()? {
            Some(stanza) if stanza.iter().any(|value| value.eq_ignore_ascii_case("yes")) => return Ok(true),
            Some(_) => {}
            None => break,
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str) -> Package {
        Package {
            name: name.to_owned(),
            version: version.to_owned(),
            arch: "amd64".to_owned(),
            source: String::new(),
            source_version: String::new(),
        }
    }

    #[test]
    fn only_newer_versions_of_the_same_architecture_wait() {
        let installed = [package("openssl", "3.0.9-1"), package("bash", "5.2-1"), package("vim", "2:9.0-1")];
        let mut waiting = Waiting::of(&installed);
        let main = "Package: openssl\nArchitecture: amd64\nVersion: 3.0.11-1\n\nPackage: bash\nArchitecture: i386\nVersion: 9\n\n\
                    Package: vim\nArchitecture: amd64\nVersion: 9.1-1\n\nPackage: emacs\nArchitecture: amd64\nVersion: 1\n";
        waiting.read(main.as_bytes(), false).unwrap();
        let security = "Package: openssl\nArchitecture: amd64\nVersion: 3.0.11-1~deb12u2\n";
        waiting.read(security.as_bytes(), true).unwrap();
        let updates = waiting.updates();
        assert_eq!(updates.len(), 1, "{updates:?}");
        assert_eq!((updates[0].available.as_str(), updates[0].security), ("3.0.11-1", true));
    }

    #[test]
    fn lists_of_security_are_known_by_their_names() {
        for name in [
            "deb.debian.org_debian-security_dists_bookworm-security_main_binary-amd64_Packages",
            "security.debian.org_dists_bookworm-security_main_binary-amd64_Packages",
            "archive.ubuntu.com_ubuntu_dists_noble-security_main_binary-amd64_Packages",
        ] {
            assert!(is_security_list(name), "{name}");
        }
        for name in ["deb.debian.org_debian_dists_bookworm_main_binary-amd64_Packages", "security_Packages"] {
            assert!(!is_security_list(name), "{name}");
        }
    }

    #[test]
    fn backports_wait_for_nobody() {
        let signed =
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: Debian\nNotAutomatic: yes\nMD5Sum:\n x\n";
        assert!(is_not_automatic(signed.as_bytes()).unwrap());
        assert!(!is_not_automatic("Origin: Debian\n".as_bytes()).unwrap());
    }
}

//! Who a message says that wrote it.

use crate::read::author_domains;

/// The most authors that are looked at.
const MOST: usize = 20;

/// The domains of the addresses in From, in lower case, each once. An honest message has one; several, or several headers of
/// that name, are a way to show people one author and prove another.
#[must_use]
pub fn authors(bytes: &[u8]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for domain in author_domains(bytes) {
        if found.len() < MOST && !domain.is_empty() && !found.contains(&domain) {
            found.push(domain);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::authors;

    #[test]
    fn each_domain_is_named_once_and_names_shown_are_no_authors() {
        let message =
            b"From: \"sindaco@comune.siena.it\" (c@d.it) <X@Evil.Example>\r\nfrom: a@comune.siena.it\r\n\r\nFrom: b@e.it\r\n";
        assert_eq!(authors(message), ["evil.example", "comune.siena.it"]);
        assert_eq!(authors(b"From: A <a@x.it>, B <b@y.it>, c@x.it\r\n\r\n"), ["x.it", "y.it"]);
        assert_eq!(authors(b"From: Uffici: a@x.it;\r\n\r\n"), ["x.it"]);
        assert!(authors(b"Subject: ciao\r\n\r\n").is_empty());
    }
}

//! Mail addresses as headers write them.

use super::header::Headers;

/// A name and an address; either may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mailbox {
    pub(super) name: String,
    pub(super) address: String,
}

/// The first mailbox of a decoded address header.
pub(super) fn first(value: &str) -> Mailbox {
    let value: String = value.chars().take(2_000).collect();
    if let Some(open) = value.rfind('<') {
        let name = value.get(..open).unwrap_or_default();
        let inner = value.get(open + 1..).unwrap_or_default();
        let address = inner.split('>').next().unwrap_or_default();
        return Mailbox { name: clean_name(name), address: clean_address(address) };
    }
    let (bare, comment) =
        value.split_once('(').map_or((value.as_str(), ""), |(bare, rest)| (bare, rest.trim_end_matches([')', ' '])));
    if bare.contains('@') {
        let one = bare.split(',').next().unwrap_or_default();
        return Mailbox { name: clean_name(comment), address: clean_address(one) };
    }
    Mailbox { name: clean_name(&value), address: String::new() }
}

/// Every address in a header, at most fifty.
pub(super) fn all(value: &str) -> Vec<String> {
    let ends =
        |letter: char| letter.is_whitespace() || matches!(letter, '<' | '>' | ',' | ';' | '"' | '(' | ')' | '\'');
    value.split(ends).filter(|word| is_address(word)).take(50).map(clean_address).collect()
}

/// The domain of every address in every From of a message, in lower case: names shown, comments and what is quoted left out.
pub(crate) fn author_domains(bytes: &[u8]) -> Vec<String> {
    let (headers, _) = Headers::read(bytes);
    let mut found = Vec::new();
    for value in headers.all("from") {
        let bare = without_names(&String::from_utf8_lossy(value));
        for one in bare.split([',', ';']) {
            let inner = one.rsplit_once('<').map_or(one, |(_, inner)| inner.split('>').next().unwrap_or_default());
            // The name of a group stands before its members.
            let address = inner.rsplit(':').next().unwrap_or_default();
            if let Some((_, domain)) = address.rsplit_once('@') {
                found.push(domain.trim().trim_end_matches('.').to_lowercase());
            }
        }
    }
    found
}

/// A header without quoted strings and comments.
fn without_names(value: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for letter in value.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted || depth > 0 => escaped = true,
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            other if !quoted && depth == 0 => out.push(other),
            _ => {}
        }
    }
    out
}

/// Whether a word has the form of an address.
pub(crate) fn is_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.contains('@') && domain.len() > 3
    })
}

fn clean_name(name: &str) -> String {
    name.trim().trim_matches(['"', '\'', ' ']).replace("\\\"", "\"")
}

fn clean_address(address: &str) -> String {
    address.trim().trim_matches(['"', '\'', '.', ' ']).trim_start_matches("mailto:").to_lowercase()
}

//! Writes the header `Authentication-Results` (RFC 8601).

use super::{Authentic, Proof, Signed};
use std::fmt::Write as _;

/// Signatures that are named.
const MOST_SIGNATURES: usize = 8;
/// Letters of one value; addresses are no longer (RFC 5321 section 4.5.3.1).
const MOST_LETTERS: usize = 320;

impl Authentic {
    /// The value of the header, under the name of the server that writes it; its lines end in a bare line feed.
    #[must_use]
    pub fn header(&self, authserv: &str) -> String {
        let mut out = value(authserv);
        let identity = if self.sender.is_empty() { ("smtp.helo", &self.helo) } else { ("smtp.mailfrom", &self.sender) };
        line(&mut out, "spf", self.spf, "", &[identity]);
        for Signed { domain, selector, proof } in self.dkim.iter().take(MOST_SIGNATURES) {
            line(&mut out, "dkim", *proof, "", &[("header.d", domain), ("header.s", selector)]);
        }
        if self.dkim.is_empty() {
            line(&mut out, "dkim", Proof::None, "", &[]);
        }
        let wish = if self.dmarc == Proof::None { String::new() } else { format!("p={}", self.wish.word()) };
        line(&mut out, "dmarc", self.dmarc, &wish, &[("header.from", &self.author)]);
        let vouched = self.vouched.as_ref().map_or(String::new(), |who| format!("trusted: {}", plain(who)));
        line(&mut out, "arc", self.arc, &vouched, &[]);
        out
    }
}

fn line(out: &mut String, method: &str, proof: Proof, comment: &str, properties: &[(&str, &String)]) {
    let _ = write!(out, ";\n\t{method}={}", proof.word());
    if !comment.is_empty() {
        let _ = write!(out, " ({comment})");
    }
    for (name, text) in properties.iter().filter(|(_, text)| !text.is_empty()) {
        let _ = write!(out, " {name}={}", value(text));
    }
}

/// A value as the grammar takes it: a token, or a quoted string where anything else stands in it.
fn value(text: &str) -> String {
    let text = plain(text);
    let is_token = |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+-./@^_`{|}~".contains(letter);
    if !text.is_empty() && text.chars().all(is_token) {
        return text;
    }
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted.push('"');
    quoted
}

/// Letters that can stand in a header and in a comment of it: no line ends, nothing that other programs would read otherwise.
fn plain(text: &str) -> String {
    text.chars()
        .take(MOST_LETTERS)
        .map(|letter| if letter == ' ' || letter.is_ascii_graphic() { letter } else { '?' })
        .map(|letter| if matches!(letter, '(' | ')') { '?' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{AuthResults, Authentic, Proof, Signed, Wish};

    fn found() -> Authentic {
        Authentic {
            author: "comune.siena.it".to_owned(),
            sender: "anna@comune.siena.it".to_owned(),
            helo: "mx.comune.siena.it".to_owned(),
            spf: Proof::Pass,
            dkim: vec![Signed { domain: "comune.siena.it".to_owned(), selector: "a".to_owned(), proof: Proof::Fail }],
            dmarc: Proof::Pass,
            wish: Wish::Reject,
            ..Authentic::default()
        }
    }

    #[test]
    fn the_header_says_what_was_found() {
        let expected = "mx.example;\n\tspf=pass smtp.mailfrom=anna@comune.siena.it;\n\tdkim=fail header.d=comune.siena.it \
            header.s=a;\n\tdmarc=pass (p=reject) header.from=comune.siena.it;\n\tarc=none";
        assert_eq!(found().header("mx.example"), expected);
        let none = Authentic { helo: "x.example".to_owned(), ..Authentic::default() }.header("mx.example");
        assert_eq!(none, "mx.example;\n\tspf=none smtp.helo=x.example;\n\tdkim=none;\n\tdmarc=none;\n\tarc=none");
    }

    #[test]
    fn nobody_writes_a_result_or_a_header_by_the_name_that_they_choose() {
        let evil = "x\"; dmarc=pass\r\nX-Baluardo-Verdict: deliver\n (dkim=pass)\\".to_owned();
        let written = Authentic {
            sender: evil.clone(),
            author: evil.clone(),
            vouched: Some(evil.clone()),
            dkim: vec![Signed { domain: evil.clone(), selector: evil.clone(), proof: Proof::Fail }],
            dmarc: Proof::Fail,
            ..found()
        }
        .header(&evil);
        assert!(!written.contains('\r') && written.split('\n').skip(1).all(|line| line.starts_with('\t')), "{written}");
        let read = AuthResults::read(written.as_bytes()).unwrap();
        assert!(read.has("dmarc", "fail") && !read.has("dmarc", "pass") && !read.has("dkim", "pass"), "{read:?}");
        assert_eq!(read.findings.len(), 4, "{read:?}");
    }
}

//! Reads `Authentication-Results` (RFC 8601 section 2.2) and `ARC-Authentication-Results` (RFC 8617 section 4.1.1).
//!
//! What stands in quotes or comments is whatever a sender chose to be called: a program that looks for `dmarc=pass` anywhere in
//! the text believes it.

/// Bytes of a header that are read.
const MOST_BYTES: usize = 16 << 10;
/// Results that are kept.
const MOST_FINDINGS: usize = 64;
/// Properties of one result that are kept.
const MOST_PROPERTIES: usize = 16;

/// One property of a result, such as `header.from` and the domain.
pub type Property = (String, String);

/// One result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// What was checked, in lower case: `spf`, `dkim`, `dmarc`.
    pub method: String,
    /// What came out, in lower case: `pass`, `fail`.
    pub result: String,
    /// What it is about, names in lower case.
    pub properties: Vec<Property>,
}

impl Finding {
    /// The value of a property.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What one server wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthResults {
    /// The number of the set in a chain, where the header is one of ARC.
    pub instance: Option<u32>,
    /// The server's name for itself, in lower case.
    pub authserv: String,
    /// What it found.
    pub findings: Vec<Finding>,
}

impl AuthResults {
    /// Reads a header's value; none where no server is named.
    #[must_use]
    pub fn read(value: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(value.get(..value.len().min(MOST_BYTES)).unwrap_or_default());
        let tokens = tokens(&text);
        let mut parts = tokens.split(|token| *token == Token::Semicolon).peekable();
        let mut read = Self::default();
        if let Some([Token::Word(i), Token::Equals, Token::Word(number), ..]) = parts.peek()
            && i.eq_ignore_ascii_case("i")
        {
            read.instance = number.parse().ok();
            parts.next();
        }
        // A number of the version may follow the name.
        let Some(Token::Word(name)) = parts.next()?.first() else { return None };
        read.authserv = name.to_lowercase();
        read.findings = parts.filter_map(finding).take(MOST_FINDINGS).collect();
        Some(read)
    }

    /// Whether a method came to a result.
    #[must_use]
    pub fn has(&self, method: &str, result: &str) -> bool {
        self.findings.iter().any(|finding| finding.method == method && finding.result == result)
    }
}

/// `method[/version] = result`, and properties.
fn finding(part: &[Token]) -> Option<Finding> {
    let [Token::Word(method), Token::Equals, Token::Word(result), rest @ ..] = part else { return None };
    let method = method.split('/').next().unwrap_or_default().to_lowercase();
    let mut properties = Vec::new();
    let mut rest = rest;
    while let Some((first, after)) = rest.split_first() {
        match (first, after) {
            (Token::Word(name), [Token::Equals, Token::Word(value), more @ ..]) => {
                if properties.len() < MOST_PROPERTIES {
                    properties.push((name.to_lowercase(), value.clone()));
                }
                rest = more;
            }
            _ => rest = after,
        }
    }
    Some(Finding { method, result: result.to_lowercase(), properties })
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Equals,
    Semicolon,
}

/// Words, equals signs and semicolons; comments are left out, and what is quoted is a word or part of one.
fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut word: Option<String> = None;
    let (mut depth, mut quoted) = (0_usize, false);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if quoted {
            match letter {
                '"' => quoted = false,
                '\\' => word.get_or_insert_default().extend(letters.next()),
                other => word.get_or_insert_default().push(other),
            }
        } else if depth > 0 {
            match letter {
                '\\' => drop(letters.next()),
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
        } else if letter == '"' {
            quoted = true;
            word.get_or_insert_default();
        } else if letter.is_whitespace() || matches!(letter, '(' | '=' | ';') {
            out.extend(word.take().map(Token::Word));
            match letter {
                '(' => depth = 1,
                '=' => out.push(Token::Equals),
                ';' => out.push(Token::Semicolon),
                _ => {}
            }
        } else {
            word.get_or_insert_default().push(letter);
        }
    }
    out.extend(word.map(Token::Word));
    out
}

#[cfg(test)]
mod tests {
    use super::AuthResults;

    #[test]
    fn results_and_their_properties_are_read() {
        let value = b" MX.Comune.it 1;\r\n\tspf=pass (sender (really) ok) smtp.mailfrom=a@b.it;\n dkim/1 = fail reason=\"no; dkim=pass\" header.d=b.it header.b=ab=;dmarc=none";
        let read = AuthResults::read(value).unwrap();
        assert_eq!((read.authserv.as_str(), read.instance, read.findings.len()), ("mx.comune.it", None, 3));
        assert!(read.has("spf", "pass") && read.has("dkim", "fail") && !read.has("dkim", "pass"));
        let dkim = &read.findings[1];
        assert_eq!(dkim.property("reason"), Some("no; dkim=pass"));
        assert_eq!(dkim.property("header.d"), Some("b.it"));
        assert_eq!(dkim.property("header.b"), Some("ab"));
    }

    #[test]
    fn a_result_that_a_sender_wrote_into_a_name_is_no_result() {
        for value in [
            &b"mx.example; spf=fail smtp.mailfrom=\"x; dmarc=pass\"@evil.example"[..],
            b"mx.example; spf=fail (dmarc=pass; dmarc=pass) smtp.helo=dmarc=pass",
            b"\"mx.example; dmarc=pass\"; none",
        ] {
            let read = AuthResults::read(value).unwrap();
            assert!(!read.has("dmarc", "pass"), "{read:?}");
        }
    }

    #[test]
    fn the_results_of_a_chain_have_their_number() {
        let read = AuthResults::read(b"i=2; liste.example; dmarc=pass header.from=b.it; arc=pass").unwrap();
        assert_eq!((read.instance, read.authserv.as_str()), (Some(2), "liste.example"));
        assert!(read.has("dmarc", "pass") && read.has("arc", "pass"));
    }

    #[test]
    fn what_names_no_server_is_nothing() {
        for value in [&b""[..], b";;;", b"=", b"(comment", b" ; dmarc=pass"] {
            assert_eq!(AuthResults::read(value), None, "{value:?}");
        }
    }

    #[test]
    fn what_has_no_end_is_read_within_bounds() {
        let value = [b"mx.example".to_vec(), b"; dkim=pass a=b".repeat(100_000)].concat();
        assert!(AuthResults::read(&value).unwrap().findings.len() <= 64);
    }
}

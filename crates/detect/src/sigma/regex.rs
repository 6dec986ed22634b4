//! Regular expressions of rules: compiled with bounds, and searched for words that a value must have before they are tried.

use super::pattern::folded;
use regex_automata::meta;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Largest compiled form, in bytes.
const LARGEST: usize = 1 << 20;

/// Shortest word worth looking for, in bytes.
const SHORTEST: usize = 2;

/// Most words that one expression may wait for.
const MOST_WORDS: usize = 64;

/// An expression in force, and words, in the form in which values are compared, of which every text that it finds has one
/// at least.
pub(super) type Compiled = (meta::Regex, Option<Vec<String>>);

/// Compiles an expression. Classes such as `\w` and `\d` are of ASCII, as in the languages for which rules are written.
///
/// # Errors
/// A sentence that says what is wrong.
pub(super) fn compile(text: &str) -> Result<Compiled, String> {
    let fault = |reason: String| {
        let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        format!("the regular expression `{text}` cannot be used: {reason}")
    };
    // Bytes are enough for nearly all expressions; a class with other than ASCII letters needs characters.
    let hir =
        parse(text, false).or_else(|error| parse(&ascii_classes(text), true).map_err(|_| error)).map_err(fault)?;
    // The automaton that is built while it searches is fast and takes 2 MB for each expression; few values get this far.
    let config = meta::Config::new().utf8_empty(false).hybrid(false).onepass(false).nfa_size_limit(Some(LARGEST));
    let regex =
        meta::Regex::builder().configure(config).build_from_hir(&hir).map_err(|error| fault(error.to_string()))?;
    Ok((regex, required(&hir).filter(|words| words.len() <= MOST_WORDS)))
}

fn parse(text: &str, unicode: bool) -> Result<Hir, String> {
    let mut parser = regex_syntax::ParserBuilder::new().unicode(unicode).utf8(false).build();
    parser.parse(text).map_err(|error| error.to_string())
}

/// The same expression with its classes of ASCII marked as such, where they stand outside of brackets.
fn ascii_classes(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    let (mut chars, mut inside) = (text.chars(), false);
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(class @ ('s' | 'S' | 'd' | 'D' | 'w' | 'W' | 'b' | 'B')) if !inside => {
                    marked.push_str("(?-u:\\");
                    marked.extend([class, ')']);
                }
                next => marked.extend([Some('\\'), next].into_iter().flatten()),
            },
            other => {
                inside = (inside || other == '[') && other != ']';
                marked.push(other);
            }
        }
    }
    marked
}

fn required(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(_) | HirKind::Class(_) => word(fixed(hir)?),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Concat(parts) => best_of(parts),
        HirKind::Alternation(ways) => {
            let mut all = Vec::new();
            for way in ways {
                all.extend(required(way)?);
            }
            Some(all)
        }
        _ => None,
    }
}

/// Of what follows one another, the longest run of fixed text or else the part that asks for most.
fn best_of(parts: &[Hir]) -> Option<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut run = Vec::new();
    for part in parts {
        if let Some(bytes) = fixed(part) {
            run.extend(bytes);
        } else {
            found.extend(word(std::mem::take(&mut run)));
            found.extend(required(part));
        }
    }
    found.extend(word(run));
    found.into_iter().max_by_key(|words| (words.iter().map(String::len).min(), std::cmp::Reverse(words.len())))
}

fn word(bytes: Vec<u8>) -> Option<Vec<String>> {
    let text = String::from_utf8(bytes).ok()?;
    (text.len() >= SHORTEST).then(|| vec![folded(&text)])
}

/// The text that a part is, where it can be only one but for its case.
fn fixed(hir: &Hir) -> Option<Vec<u8>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(literal.0.to_vec()),
        HirKind::Class(Class::Bytes(class)) => {
            let mut letters = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            let first = letters.next()?.to_ascii_lowercase();
            let mut others = 0;
            let same = letters.all(|letter| {
                others += 1;
                letter.to_ascii_lowercase() == first
            });
            (same && others <= 1).then(|| vec![first])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(text: &str) -> Vec<String> {
        compile(text).unwrap().1.unwrap_or_default()
    }

    #[test]
    fn an_expression_waits_for_the_words_that_it_must_find() {
        assert_eq!(words_of(r"netsh\s+interface show interface"), ["interface show interface"]);
        assert_eq!(words_of(r"(?i)\$\{Env:"), ["${env:"]);
        assert_eq!(words_of(r"APT\d|UNC\d"), ["apt", "unc"]);
        assert_eq!(words_of(r"(?:abc|de)+x?"), ["abc", "de"]);
        assert_eq!(words_of(r"[ab]cd"), ["cd"]);
        assert!(words_of(r"\w+|abc").is_empty());
        assert!(words_of(r"(.){200,}").is_empty());
    }

    #[test]
    fn flags_and_ascii_classes_work() {
        let finds = |text: &str, value: &str| compile(text).unwrap().0.is_match(value);
        assert!(finds(r"^\d{2}$", "42") && !finds(r"^\d{2}$", "\u{661}\u{662}"));
        assert!(finds(r"(?i)ABC", "xabcx") && !finds("ABC", "abc"));
        assert!(finds("è", "caffè"));
        assert!(finds(r"[-/–]e\s\d", "x –e 1") && !finds(r"[-/–]e\s\d", "x –e1"), "a class with more than ASCII");
        assert!(!finds("(?-s:a.b)", "a\nb") && finds("(?s:a.b)", "a\nb"));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let fault = |text: &str| compile(text).unwrap_err();
        assert_eq!(ascii_classes(r"[\s–]\d\\s"), r"[\s–](?-u:\d)\\s");
        assert!(fault("a(?=b)").contains("look-around"), "{}", fault("a(?=b)"));
        assert!(fault("(a{1000}){1000}").contains("cannot be used"));
    }
}

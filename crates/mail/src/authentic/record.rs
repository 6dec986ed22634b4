//! Whether a record of SPF is written as its grammar has it (RFC 7208 sections 4.6.1 and 12). An error anywhere in a record makes
//! all of it an error, so that its owner hears of it; the library passes over what it does not understand.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Bytes of a record that are looked at; what the DNS can carry is longer than any that is meant.
const MOST_BYTES: usize = 8 << 10;

/// Whether a text from the DNS is a record of SPF, however it goes on.
#[must_use]
pub fn is_spf(text: &[u8]) -> bool {
    text.split_at_checked(6).is_some_and(|(version, rest)| {
        version.eq_ignore_ascii_case(b"v=spf1") && matches!(rest.first(), None | Some(b' '))
    })
}

/// Whether a record of SPF is without errors.
#[must_use]
pub fn is_sound_spf(text: &[u8]) -> bool {
    let Some(text) = str::from_utf8(text).ok().filter(|text| text.is_ascii() && text.len() <= MOST_BYTES) else {
        return false;
    };
    let mut once: Vec<String> = Vec::new();
    is_spf(text.as_bytes())
        && text.split(' ').skip(1).filter(|term| !term.is_empty()).all(|term| is_term(term, &mut once))
}

/// A modifier or a directive; `once` holds the modifiers that stood there before and may not come again.
fn is_term(term: &str, once: &mut Vec<String>) -> bool {
    let at = term.find(['=', ':', '/']).unwrap_or(term.len());
    let (name, rest) = term.split_at(at);
    if let Some(value) = rest.strip_prefix('=') {
        let lower = name.to_ascii_lowercase();
        let named = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
        if !matches!(lower.as_str(), "redirect" | "exp") {
            return named && is_macro_string(value);
        }
        let again = once.contains(&lower);
        once.push(lower);
        return !again && is_domain(value);
    }
    let name = name.strip_prefix(['+', '-', '?', '~']).unwrap_or(name);
    is_mechanism(&name.to_ascii_lowercase(), rest)
}

fn is_mechanism(name: &str, rest: &str) -> bool {
    let domain = rest.strip_prefix(':');
    match name {
        "all" => rest.is_empty(),
        "include" | "exists" => domain.is_some_and(is_domain),
        "ptr" => rest.is_empty() || domain.is_some_and(is_domain),
        "ip4" => domain.is_some_and(|network| is_network(network, 32, |text| text.parse::<Ipv4Addr>().is_ok())),
        "ip6" => domain.is_some_and(|network| is_network(network, 128, |text| text.parse::<Ipv6Addr>().is_ok())),
        "a" | "mx" => {
            // A slash may stand within a macro; lengths stand at the end.
            let (spec, six) = rest.rsplit_once("//").map_or((rest, None), |(spec, bits)| (spec, Some(bits)));
            let outside = spec.rfind('/').filter(|at| !spec.get(*at..).unwrap_or_default().contains('}'));
            let (spec, four) =
                outside.map_or((spec, None), |at| (spec.get(..at).unwrap_or_default(), spec.get(at + 1..)));
            four.is_none_or(|bits| is_length(bits, 32))
                && six.is_none_or(|bits| is_length(bits, 128))
                && (spec.is_empty() || spec.strip_prefix(':').is_some_and(is_domain))
        }
        _ => false,
    }
}

fn is_network(text: &str, most: u8, is_address: impl Fn(&str) -> bool) -> bool {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    is_address(address) && bits.is_none_or(|bits| is_length(bits, most))
}

/// A number of bits, without a needless nought.
fn is_length(text: &str, most: u8) -> bool {
    let plain = text == "0" || !text.starts_with(['0', '+']);
    plain && text.parse::<u8>().is_ok_and(|bits| bits <= most)
}

fn is_domain(text: &str) -> bool {
    !text.is_empty() && is_macro_string(text)
}

/// Visible letters and macros: `%{d2r-}`, `%%`, `%_`, `%-`.
fn is_macro_string(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let Some(after) = rest.get(at + 1..) else { return false };
        rest = match after.strip_prefix('{') {
            Some(inner) => {
                let Some((inner, more)) = inner.split_once('}') else { return false };
                if !is_macro(inner) {
                    return false;
                }
                more
            }
            None => match after.strip_prefix(['%', '_', '-']) {
                Some(more) => more,
                None => return false,
            },
        };
    }
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A letter, how many parts of what it stands for, whether turned around, and what parts them.
fn is_macro(inner: &str) -> bool {
    let Some(after) = inner.strip_prefix(|letter: char| "slodiphcrtvSLODIPHCRTV".contains(letter)) else {
        return false;
    };
    let parts = after.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let count = after.get(..after.len() - parts.len()).unwrap_or_default();
    let none = !count.is_empty() && count.bytes().all(|digit| digit == b'0');
    let delimiters = parts.strip_prefix(['r', 'R']).unwrap_or(parts);
    !none && delimiters.chars().all(|letter| ".-+,/_=".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::{is_sound_spf, is_spf};

    #[test]
    fn what_the_grammar_allows_is_sound() {
        for record in [
            "v=spf1",
            "V=SPF1  +A -ALL ",
            "v=spf1 a:example.com/24//64 mx/30 mx//128 a/0 ptr ptr:example.com -all",
            "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ip6:::1 ~all",
            "v=spf1 exists:%{ir}.%{v}.%{l1r-}.lp._spf.%{d2} include:%{d}.%%.%_.%-.example exp=a.%{D2} redirect=b",
            "v=spf1 a:%{d1r/}.example/24 moo.cow-far_out=man:dog/cat ?all",
        ] {
            assert!(is_sound_spf(record.as_bytes()), "{record}");
        }
    }

    #[test]
    fn an_error_anywhere_is_seen() {
        for term in [
            "foo",
            "foo:bar",
            "all:x",
            "all/8",
            "-",
            "ip4",
            "ip4:",
            "ip4:192.0.2",
            "ip4:192.0.2.300",
            "ip4:192.0.2.1/33",
            "ip4:192.0.2.1/08",
            "ip6:1.2.3.4",
            "ip6:::1/129",
            "include",
            "include:",
            "exists",
            "exists:%{x}",
            "a:",
            "a/33",
            "a//129",
            "a:b/",
            "mx:%{d",
            "mx:%",
            "a:%{d0}",
            "ptr:",
            "redirect=",
            "exp=",
            "redirect=a redirect=b",
            "=x",
            "1x=y",
            "a:b%{d!}",
            "x=%(d)",
        ] {
            let record = format!("v=spf1 {term} -all");
            assert!(!is_sound_spf(record.as_bytes()), "{record}");
        }
        assert!(!is_sound_spf("v=spf1 a:comun\u{e8}.it -all".as_bytes()));
    }

    #[test]
    fn other_texts_are_no_records() {
        for text in ["v=spf10 -all", "v=spf1-all", "v=spf", "", "spf2.0/pra -all", " v=spf1"] {
            assert!(!is_spf(text.as_bytes()), "{text}");
        }
    }
}

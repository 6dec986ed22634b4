//! Puts together what was cut into pieces: `'Down' + "load"`, `"WScr" & _ "ipt"`, lines that append to one variable, and
//! characters that a shell passes over (`DoWn``load`, `po^wer^shell`).

/// The text with its seams removed, and how many there were. The text's comments on lines of their own are blanked first,
/// because manuals within scripts quote what they warn of.
pub(super) fn join(text: &[u8]) -> (Vec<u8>, usize) {
    let mut out = Vec::with_capacity(text.len());
    let mut seams = 0;
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        match byte {
            b'"' | b'\'' => {
                if let Some(next) = seam(after).or_else(|| appended(after, &out)) {
                    seams += 1;
                    rest = next;
                    continue;
                }
                out.push(*byte);
            }
            b'`' | b'^' if stands_in_word(&out, after) => seams += 1,
            _ => out.push(*byte),
        }
        rest = after;
    }
    (out, seams)
}

/// After a closing quote: what follows the next opening one, if only an operator of concatenation stands between.
fn seam(after: &[u8]) -> Option<&[u8]> {
    let rest = blank(after);
    let (operator, rest) = rest.split_first()?;
    if !matches!(operator, b'+' | b'&' | b'.') {
        return None;
    }
    let rest = blank(rest);
    // VBA goes on in the next line after an underscore.
    let rest = rest.strip_prefix(b"_").map_or(rest, |rest| blank_lines(rest));
    let rest = if rest.first().is_some_and(|byte| *byte == b'\n' || *byte == b'\r') { blank_lines(rest) } else { rest };
    match rest.split_first()? {
        (b'"' | b'\'', inside) => Some(inside),
        _ => None,
    }
}

/// After a closing quote at the end of a line: what follows the opening quote of `name = name & "` or `name += "`, where the
/// line that ends here gave a value to the same name.
fn appended<'a>(after: &'a [u8], before: &[u8]) -> Option<&'a [u8]> {
    let rest = blank(after);
    let rest = rest.strip_prefix(b";").map_or(rest, blank);
    if !matches!(rest.first()?, b'\r' | b'\n') {
        return None;
    }
    let rest = blank_lines(rest);
    let (name, rest) = word(rest)?;
    let line = before.rsplit(|byte| *byte == b'\n').next()?;
    let (known, _) = word(blank(line))?;
    if !known.eq_ignore_ascii_case(name) {
        return None;
    }
    let rest = blank(rest);
    let rest = match rest {
        [b'+' | b'.', b'=', rest @ ..] => blank(rest),
        [b'=', rest @ ..] => {
            let (again, rest) = word(blank(rest))?;
            let (operator, rest) = blank(rest).split_first()?;
            if !again.eq_ignore_ascii_case(name) || !matches!(operator, b'&' | b'+' | b'.') {
                return None;
            }
            blank(rest)
        }
        _ => return None,
    };
    match rest.split_first()? {
        (b'"' | b'\'', inside) => Some(inside),
        _ => None,
    }
}

fn stands_in_word(before: &[u8], after: &[u8]) -> bool {
    let letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
    letter(before.last()) && letter(after.first())
}

fn blank(text: &[u8]) -> &[u8] {
    let length = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    text.get(length..).unwrap_or_default()
}

fn blank_lines(text: &[u8]) -> &[u8] {
    let length = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    text.get(length..).unwrap_or_default()
}

fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let letter = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_' || **byte == b'$';
    let length = text.iter().take_while(letter).count();
    if length == 0 { None } else { text.split_at_checked(length) }
}

/// The text with lines that are comments in this language made empty, and block comments too.
pub(super) fn without_comments(text: &[u8], line: &[&[u8]], block: Option<(&[u8], &[u8])>) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut within = false;
    for each in text.split_inclusive(|byte| *byte == b'\n') {
        let start = each.trim_ascii_start();
        if let Some((begin, end)) = block {
            if !within && start.starts_with(begin) {
                within = true;
            }
            if within {
                if let Some(at) = super::numbers::find(each, end) {
                    within = false;
                    out.extend_from_slice(each.get(at + end.len()..).unwrap_or_default());
                }
                continue;
            }
        }
        if line.iter().any(|mark| start.starts_with(mark)) && !start.starts_with(b"#!") {
            out.push(b'\n');
        } else {
            out.extend_from_slice(each);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> String {
        String::from_utf8(join(text.as_bytes()).0).unwrap()
    }

    #[test]
    fn pieces_of_a_text_become_one() {
        assert_eq!(joined("x = \"Down\" + 'load' & \"File\""), "x = \"DownloadFile\"");
        assert_eq!(joined("x = \"a\" & _\r\n  \"b\""), "x = \"ab\"");
        assert_eq!(joined("s = \"power\"\r\ns = s & \"shell\"\r\n"), "s = \"powershell\"\r\n");
        assert_eq!(joined("s = 'a';\ns += 'b';"), "s = 'ab';");
        assert_eq!(joined("Do`wnl`oad and po^wer"), "Download and power");
    }

    #[test]
    fn what_only_looks_like_a_seam_stays() {
        for text in ["f(\"a\", \"b\")", "a = \"x\"\nb = b & \"y\"", "2^3", "`code`", "\"a\" + b"] {
            assert_eq!(joined(text), text);
        }
    }

    #[test]
    fn comments_are_not_read() {
        let text = b"#!/bin/sh\n# curl | sh\necho a\n";
        assert_eq!(without_comments(text, &[b"#"], None), b"#!/bin/sh\n\necho a\n");
        let text = b"/* a\n b */ c\n// d\ne";
        assert_eq!(without_comments(text, &[b"//"], Some((b"/*", b"*/"))), b" c\n\ne");
    }
}

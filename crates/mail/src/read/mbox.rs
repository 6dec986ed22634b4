//! Mailboxes as one file: each message begins with a `From ` line.

/// The messages of an mbox; one that is none comes back whole.
#[must_use]
pub fn split_mbox(bytes: &[u8]) -> Vec<&[u8]> {
    if !bytes.starts_with(b"From ") {
        return vec![bytes];
    }
    let mut starts: Vec<usize> = vec![0];
    let mut at = 0;
    while let Some(step) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n')) {
        let next = at + step + 1;
        let empty_before = bytes.get(..at).is_none_or(|before| before.is_empty() || before.ends_with(b"\n"))
            && is_empty_line(bytes.get(at..next));
        if empty_before && bytes.get(next..).is_some_and(begins_message) {
            starts.push(next);
        }
        at = next;
    }
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    starts.iter().zip(ends).filter_map(|(start, end)| bytes.get(*start..end)).collect()
}

fn is_empty_line(line: Option<&[u8]>) -> bool {
    matches!(line, Some(b"\n" | b"\r\n"))
}

/// A `From ` line that holds an address or a year: sentences that begin so do not.
fn begins_message(rest: &[u8]) -> bool {
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.starts_with(b"From ") && line.len() < 200 && (line.contains(&b'@') || line.contains(&b':'))
}

#[cfg(test)]
mod tests {
    use super::split_mbox;

    #[test]
    fn a_mailbox_is_split_where_messages_begin_and_nowhere_else() {
        let text = b"From a@b.it Mon Jan  1 00:00:00 2024\nSubject: x\n\nFrom here on we wait.\n\nFrom c@d.it Mon Jan  1 00:00:00 2024\nSubject: y\n\nz\n";
        assert_eq!(split_mbox(text).len(), 2);
        assert_eq!(split_mbox(b"Subject: a\n\nFrom b@c.it 10:00\n").len(), 1);
    }
}

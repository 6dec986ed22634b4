//! Records of the Linux audit system: `type=EXECVE msg=audit(…): argc=2 a0="cat" a1=2F6574632F…`.

use crate::sigma::event::Event;

/// Fields whose value the kernel writes as hexadecimal digits when it has odd characters.
const CODED: [&str; 10] = ["comm", "exe", "name", "cwd", "proctitle", "cmd", "acct", "dir", "path", "data"];

/// Adds the fields of a record.
pub(super) fn put(event: &mut Event, text: &str) {
    let mut rest = text.trim_start();
    // The journal has the type as the first word, with a process's number in front of some.
    if let Some((first, after)) = rest.split_once(' ')
        && !first.is_empty()
        && first.bytes().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'0'..=b'9'))
    {
        event.put("type", first);
        rest = after;
    }
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.rsplit([' ', '\'', '(', ',']).next().unwrap_or_default();
        let (value, quoted, left) = value(after);
        if name == "msg" && value.starts_with("audit(") {
            rest = left;
            continue;
        }
        // Records of programs have their own fields inside `msg='…'`.
        if name == "msg" && after.starts_with('\'') {
            rest = after.get(1..).unwrap_or_default();
            continue;
        }
        if !name.is_empty() {
            let coded = !quoted && (CODED.contains(&name) || is_argument(name));
            let plain = if coded { decoded(value) } else { None };
            event.put(name.to_owned(), plain.unwrap_or_else(|| value.to_owned()));
        }
        rest = left;
    }
}

/// A value, whether it stood in quotes, and what follows it.
fn value(text: &str) -> (&str, bool, &str) {
    if let Some(inside) = text.strip_prefix('"') {
        let (value, left) = inside.split_once('"').unwrap_or((inside, ""));
        return (value, true, left);
    }
    let end = text.find([' ', '\'', '\u{1d}']).unwrap_or(text.len());
    let (value, left) = text.split_at(end);
    (value, false, left)
}

fn is_argument(name: &str) -> bool {
    name.strip_prefix('a').is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The text behind hexadecimal digits.
fn decoded(value: &str) -> Option<String> {
    if value.len() < 2 || value.len() % 2 == 1 || !value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F')) {
        return None;
    }
    let byte = |at: usize| value.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    let bytes: Option<Vec<u8>> = (0..value.len()).step_by(2).map(byte).collect();
    // A few digits may as well be a number; what they would spell is then no text.
    let text = String::from_utf8(bytes?).ok()?.replace('\0', " ");
    text.chars().all(|c| !c.is_control() || c.is_whitespace()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Event {
        let mut event = Event::default();
        put(&mut event, text);
        event
    }

    #[test]
    fn fields_are_read_with_quotes_and_digits() {
        let event = read("EXECVE argc=3 a0=\"cat\" a1=2F6574632F736861646F77 a2=\"-n x\"");
        let got = ["type", "argc", "a0", "a1", "a2"].map(|name| event.get(name).unwrap_or_default());
        assert_eq!(got, ["EXECVE", "3", "cat", "/etc/shadow", "-n x"]);
    }

    #[test]
    fn lines_of_the_log_file_and_records_of_programs_are_read_too() {
        let event = read(
            "type=USER_LOGIN msg=audit(1700000000.123:42): pid=7 uid=0 msg='op=login acct=\"root\" exe=\"/usr/sbin/sshd\" addr=203.0.113.9 res=failed'",
        );
        let got = ["type", "pid", "op", "acct", "exe", "addr", "res"].map(|name| event.get(name).unwrap_or_default());
        assert_eq!(got, ["USER_LOGIN", "7", "login", "root", "/usr/sbin/sshd", "203.0.113.9", "failed"]);
    }

    #[test]
    fn a_number_stays_one() {
        assert_eq!(read("SYSCALL a0=3 a1=7F00 syscall=59").get("a1"), Some("7F00"));
    }
}

//! A message while it comes in, piece by piece, within bounds.

use super::route::Route;
use baluardo_mail::AuthResults;
use baluardo_mail::milter::Header;
use baluardo_service::mail::RELEASE_HEADER;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Every header of ours begins so; those that come from outside are somebody else's writing.
pub(super) const OURS: &str = "x-baluardo-";

/// Where servers write what they found of a sender's proof (RFC 8601).
pub(super) const RESULTS: &str = "Authentication-Results";

/// The most headers of that name that a message may bring.
const MOST_FORGED: usize = 200;

/// Memory is taken in portions of this many bytes.
const PORTION: usize = 64 << 10;

/// Memory for all messages on their way, in portions.
#[derive(Clone, Debug)]
pub(super) struct Room {
    free: Arc<Semaphore>,
    /// Bytes of one message.
    most: usize,
}

impl Room {
    pub(super) fn new(megabytes: u32, most_megabytes: u32) -> Self {
        let portions = (megabytes as usize) << 20;
        Self { free: Arc::new(Semaphore::new(portions / PORTION)), most: (most_megabytes as usize) << 20 }
    }
}

/// A message as far as it has come.
#[derive(Debug)]
pub(super) struct Gathered {
    /// The sender of the envelope, as it came.
    pub(super) sender: Vec<u8>,
    /// The recipients of the envelope, as they came.
    pub(super) recipients: Vec<Vec<u8>>,
    /// The message without headers of our own.
    pub(super) bytes: Vec<u8>,
    /// Whether the message is larger than what is kept of it.
    pub(super) cut: bool,
    /// Whether there was no memory for it.
    pub(super) no_room: bool,
    /// By which way it came.
    pub(super) route: Route,
    /// The name under which what is found of its sender's proof will be written into it; none where nobody looks.
    pub(super) authserv: Option<String>,
    /// The names of headers that look like ours, each with its number among those of the same name.
    pub(super) forged: Vec<(String, u32)>,
    /// Whether there are too many of them.
    pub(super) too_forged: bool,
    /// The value of the first subject.
    pub(super) subject: Option<Vec<u8>>,
    /// The mark of a message that was released.
    pub(super) mark: Option<String>,
    /// What a trusted filter before this one found of the sender's proof.
    pub(super) results: Option<String>,
    /// Headers with such results so far, whoever wrote them.
    results_seen: u32,
    /// The name with which its sender logged in to the mail server.
    pub(super) login: Option<String>,
    room: Room,
    taken: Option<OwnedSemaphorePermit>,
}

impl Gathered {
    pub(super) fn new(sender: &[u8], room: &Room) -> Self {
        Self {
            sender: sender.to_vec(),
            recipients: Vec::new(),
            bytes: Vec::new(),
            cut: false,
            no_room: false,
            route: Route::default(),
            authserv: None,
            forged: Vec::new(),
            too_forged: false,
            subject: None,
            mark: None,
            results: None,
            results_seen: 0,
            login: None,
            room: room.clone(),
            taken: None,
        }
    }

    /// Takes a header in, exactly as it stands in the message. `spaced` says that the value brings its own space.
    pub(super) fn header(&mut self, name: &[u8], value: &[u8], spaced: bool) {
        let shown = String::from_utf8_lossy(name).into_owned();
        if shown.to_ascii_lowercase().starts_with(OURS) {
            self.ours(shown, value);
            return;
        }
        if shown.eq_ignore_ascii_case(RESULTS) {
            self.results_seen += 1;
            // Under our name nobody else may have written (RFC 8601 section 5).
            let written = self.authserv.as_ref().zip(AuthResults::read(value));
            if written.is_some_and(|(ours, written)| written.authserv.eq_ignore_ascii_case(ours)) {
                self.forged(shown, self.results_seen);
                return;
            }
        }
        if self.subject.is_none() && name.eq_ignore_ascii_case(b"subject") {
            self.subject = Some(value.trim_ascii_start().to_vec());
        }
        let mut line = [name, if spaced { b":" } else { b": " }].concat();
        let mut last = 0;
        for byte in value {
            if *byte == b'\n' && last != b'\r' {
                line.push(b'\r');
            }
            line.push(*byte);
            last = *byte;
        }
        line.extend(b"\r\n");
        self.add(&line);
    }

    /// Remembers what a filter before this one found, from the header that it put above all others (RFC 8601). `trusted` is its
    /// name; the same header under another name is anybody's writing. That filter removes those that carry its own.
    pub(super) fn results(&mut self, name: &[u8], value: &[u8], trusted: &str) {
        if !name.eq_ignore_ascii_case(RESULTS.as_bytes()) {
            return;
        }
        let text = String::from_utf8_lossy(value).replace(['\r', '\n', '\t'], " ");
        let Some((who, found)) = text.split_once(';') else { return };
        // A number of the version may follow the name.
        if who.split_whitespace().next().is_some_and(|who| who.eq_ignore_ascii_case(trusted)) {
            let results = self.results.get_or_insert_default();
            results.push_str(found);
            results.push(';');
        }
    }

    /// A header under a name of ours.
    fn ours(&mut self, name: String, value: &[u8]) {
        if self.mark.is_none() && name.eq_ignore_ascii_case(RELEASE_HEADER) {
            self.mark = Some(String::from_utf8_lossy(value).trim().to_owned());
        }
        let before = self.forged.iter().filter(|(known, _)| known.eq_ignore_ascii_case(&name)).count();
        self.forged(name, u32::try_from(before + 1).unwrap_or(u32::MAX));
    }

    fn forged(&mut self, name: String, at: u32) {
        if self.forged.len() >= MOST_FORGED {
            self.too_forged = true;
            return;
        }
        self.forged.push((name, at));
    }

    /// Takes a piece in; what goes beyond the bounds is left out and said.
    pub(super) fn add(&mut self, piece: &[u8]) {
        if self.no_room {
            return;
        }
        let free = self.room.most.saturating_sub(self.bytes.len());
        let kept = piece.get(..piece.len().min(free)).unwrap_or_default();
        self.cut |= kept.len() < piece.len();
        let wanted = (self.bytes.len() + kept.len()).div_ceil(PORTION);
        let held = self.taken.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        if wanted > held {
            let more = u32::try_from(wanted - held).unwrap_or(u32::MAX);
            match Arc::clone(&self.room.free).try_acquire_many_owned(more) {
                Ok(permit) => match &mut self.taken {
                    Some(taken) => taken.merge(permit),
                    None => self.taken = Some(permit),
                },
                Err(_) => {
                    self.no_room = true;
                    self.bytes = Vec::new();
                    self.taken = None;
                    return;
                }
            }
        }
        self.bytes.extend_from_slice(kept);
    }

    /// Whether more of the body would change nothing.
    pub(super) fn is_full(&self) -> bool {
        self.cut || self.no_room
    }

    /// The sender of the envelope without its brackets.
    pub(super) fn bare_sender(&self) -> String {
        bare(&self.sender)
    }

    /// The recipients of the envelope without their brackets.
    pub(super) fn bare_recipients(&self) -> Vec<String> {
        self.recipients.iter().map(|recipient| bare(recipient)).collect()
    }

    /// What removes the headers that look like ours: from the bottom up, so that the numbers of those above stay true.
    pub(super) fn removals(&self) -> impl Iterator<Item = (u32, Header)> {
        self.forged.iter().rev().map(|(name, at)| (*at, Header { name: name.clone(), value: Vec::new() }))
    }
}

fn bare(address: &[u8]) -> String {
    let text = String::from_utf8_lossy(address);
    let text = text.trim();
    text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_put_together_as_it_came_but_for_headers_of_ours() {
        let mut letter = Gathered::new(b"<a@b.it>", &Room::new(1, 1));
        letter.header(b"Subject", b" una\n\tdue", true);
        letter.header(b"X-BALUARDO-Verdict", b" deliver", true);
        letter.header(b"x-baluardo-verdict", b" deliver", true);
        letter.header(b"To", b"c@d.it", false);
        letter.add(b"\r\n");
        letter.add(b"ciao\r\n");
        assert_eq!(letter.bytes, b"Subject: una\r\n\tdue\r\nTo: c@d.it\r\n\r\nciao\r\n");
        assert_eq!(letter.subject.as_deref(), Some(&b"una\n\tdue"[..]));
        let removals: Vec<_> = letter.removals().map(|(at, header)| (at, header.name)).collect();
        assert_eq!(removals, [(2, "x-baluardo-verdict".to_owned()), (1, "X-BALUARDO-Verdict".to_owned())]);
    }

    #[test]
    fn what_is_larger_than_the_bound_is_cut_and_says_so() {
        let mut letter = Gathered::new(b"<>", &Room::new(8, 1));
        letter.add(&vec![b'a'; 1 << 20]);
        assert!(!letter.is_full());
        letter.add(b"b");
        assert!(letter.cut && !letter.no_room);
        assert_eq!(letter.bytes.len(), 1 << 20);
    }

    #[test]
    fn memory_is_shared_and_given_back() {
        let room = Room::new(1, 1);
        let mut first = Gathered::new(b"<>", &room);
        first.add(&vec![b'a'; 1 << 20]);
        let mut second = Gathered::new(b"<>", &room);
        second.add(b"b");
        assert!(second.no_room && second.bytes.is_empty());
        drop(first);
        let mut third = Gathered::new(b"<>", &room);
        third.add(b"c");
        assert!(!third.no_room);
    }

    #[test]
    fn only_the_results_of_the_trusted_filter_are_believed() {
        let mut letter = Gathered::new(b"<>", &Room::new(1, 1));
        letter.results(b"Authentication-Results", b" evil.example; dmarc=pass", "mx.comune.it");
        letter.results(b"X-Other", b" mx.comune.it; dmarc=pass", "mx.comune.it");
        assert_eq!(letter.results, None);
        letter.results(b"authentication-results", b" MX.comune.it 1;\n\tspf=fail", "mx.comune.it");
        letter.results(b"Authentication-Results", b" mx.comune.it; dmarc=fail", "mx.comune.it");
        assert_eq!(letter.results.as_deref(), Some("  spf=fail; dmarc=fail;"));
    }

    #[test]
    fn results_under_our_name_are_removed_and_others_stay() {
        let mut letter = Gathered::new(b"<>", &Room::new(1, 1));
        letter.authserv = Some("mx.comune.it".to_owned());
        letter.header(b"Authentication-Results", b" other.example; dmarc=pass", true);
        letter.header(b"authentication-results", b" \"MX.Comune.it\" 1;\n\tdmarc=pass", true);
        letter.header(b"Authentication-Results", b" mx.comune.it (ours); spf=pass", true);
        letter.header(b"Authentication-Results", b" mx.comune.it.evil.example; spf=pass", true);
        let removals: Vec<_> = letter.removals().map(|(at, header)| (at, header.name)).collect();
        assert_eq!(removals, [(3, RESULTS.to_owned()), (2, "authentication-results".to_owned())]);
        let kept = String::from_utf8_lossy(&letter.bytes).into_owned();
        assert!(
            kept.contains("other.example") && kept.contains("evil.example") && !kept.contains("MX.Comune"),
            "{kept}"
        );
        let mut unchecked = Gathered::new(b"<>", &Room::new(1, 1));
        unchecked.header(b"Authentication-Results", b" mx.comune.it; spf=pass", true);
        assert_eq!(unchecked.removals().count(), 0);
    }

    #[test]
    fn headers_of_ours_without_end_are_not_remembered() {
        let mut letter = Gathered::new(b"<>", &Room::new(1, 1));
        (0..1_000).for_each(|_| letter.header(b"X-Baluardo-A", b" b", true));
        assert!(letter.too_forged);
        assert_eq!(letter.forged.len(), MOST_FORGED);
    }
}

//! What stands in a mailbox, with the way it came: which queues it went through, and when.

use std::time::{Duration, SystemTime};

/// Digits of the numbers in Postfix's long queue ids (postconf(5), `enable_long_queue_ids`): no vowels.
const DIGITS: &[u8; 52] = b"0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";

/// A message in a mailbox, once for each time that it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) subject: String,
    /// The number that the filter gave it.
    pub(crate) id: String,
    /// The gateway's number for it, another one for each time that it was taken.
    pub(crate) gateway: String,
    /// The provider's.
    pub(crate) provider: String,
    /// When the provider began to take it.
    pub(crate) taken: SystemTime,
    /// When it was put into the mailbox.
    pub(crate) put: SystemTime,
}

/// The messages of a mailbox that came through a gateway to a provider.
pub(crate) fn of(stored: &[(SystemTime, Vec<u8>)], provider: &str, gateway: &str) -> Vec<Arrived> {
    let read = |(put, message): &(SystemTime, Vec<u8>)| {
        let text = String::from_utf8_lossy(message).replace("\n\t", " ");
        let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
        let queue = |by: &str| {
            let hop = text.lines().find(|line| line.starts_with("Received:") && line.contains(&format!("by {by} (")));
            let id = hop.and_then(|hop| hop.split(" id ").nth(1)).and_then(|rest| rest.split([' ', ';']).next());
            id.unwrap_or_else(|| panic!("{by} left no trace in: {text}")).to_owned()
        };
        let provider = queue(provider);
        let taken = moment(&provider);
        let (subject, id) = (line("Subject: "), line("X-Baluardo-Id: "));
        Arrived { subject, id, gateway: queue(gateway), provider, taken, put: *put }
    };
    stored.iter().map(read).collect()
}

/// When a queue id was made: seconds in six digits or more, then microseconds in four, then `z` and what makes it unique.
pub(crate) fn moment(queue: &str) -> SystemTime {
    let (time, _) = queue.rsplit_once('z').unwrap_or_else(|| panic!("{queue} is no long queue id"));
    let digit = |byte: u8| DIGITS.iter().position(|known| *known == byte).expect("a digit") as u64;
    let number = |text: &str| text.bytes().fold(0, |number, byte| number * 52 + digit(byte));
    let (seconds, micros) = time.split_at(time.len() - 4);
    SystemTime::UNIX_EPOCH + Duration::from_secs(number(seconds)) + Duration::from_micros(number(micros))
}

#[test]
fn the_moment_of_a_queue_id_is_read_as_postfix_writes_it() {
    // 1 * 52^5 = 380,204,032 seconds, and 52 microseconds.
    let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(380_204_032) + Duration::from_micros(52);
    assert_eq!(moment("1000000010z3KJ"), expected);
}

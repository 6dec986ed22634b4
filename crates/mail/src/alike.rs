//! Whether two messages are alike: the same campaign, with another name, number or link in it.
//!
//! Texts are compared by a digest of 64 bits in which each word and each pair of neighbours has its say (M. Charikar, Similarity
//! estimation techniques from rounding algorithms, STOC 2002): texts that share most of them differ in few bits. Sender and
//! hosts of links are digests, which whoever keeps them can turn into keyed ones.

use crate::learn::plain;
use crate::look::{Url, is_free, organisation};
use crate::read::Letter;
use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

/// Words of a text that are looked at.
const MOST_WORDS: usize = 1_500;
/// Hosts that are remembered.
const MOST_HOSTS: usize = 6;
/// Different words from which a text speaks for itself, and from which it says anything.
const TELLING: u32 = 30;
const LEAST: u32 = 8;
/// Bits in which texts may differ that are the same letter, and that are so if sender or link agree.
const SAME: u32 = 9;
const NEAR: u32 = 12;

/// By what messages that are alike are known. Nothing of their text can be read from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// Digest of the sender's organisation, or of their address where everybody can have a mailbox; 0 for none.
    author: u64,
    /// Digests of the organisations that the links lead to, in order.
    hosts: Vec<u64>,
    /// Digest of the subject.
    subject: u64,
    /// Digest of words and pairs of words.
    words: u64,
    /// How many different words there are.
    size: u32,
}

impl Fingerprint {
    /// Of a letter.
    #[must_use]
    pub fn of(letter: &Letter) -> Self {
        let plain = plain(letter);
        let domain = letter.from_domain();
        let author = if is_free(domain) { letter.from.as_str() } else { organisation(domain) };
        let hosts = letter.links.iter().filter_map(|link| Url::read(&link.target));
        let mut hosts: Vec<u64> = hosts.map(|url| digest(organisation(&url.host))).collect();
        hosts.sort_unstable();
        hosts.dedup();
        hosts.truncate(MOST_HOSTS);
        let (subject, _) = similar(&plain.subject);
        let (words, size) = similar(&plain.text);
        Self { author: digest(author), hosts, subject, words, size }
    }

    /// The same with the digests of sender and hosts replaced by keyed ones, so that nobody finds the name by trying names.
    #[must_use]
    pub fn keyed(mut self, key: impl Fn(u64) -> u64) -> Self {
        if self.author != 0 {
            self.author = key(self.author);
        }
        self.hosts = self.hosts.into_iter().map(key).collect();
        self.hosts.sort_unstable();
        self
    }

    /// Whether the two messages are of one campaign.
    #[must_use]
    pub fn is_alike(&self, other: &Self) -> bool {
        let author = self.author != 0 && self.author == other.author;
        let hosts = self.hosts.iter().any(|host| other.hosts.contains(host));
        let far = (self.words ^ other.words).count_ones();
        let least = self.size.min(other.size);
        if least < LEAST {
            // So few words are alike in many honest messages: all else must agree.
            return author
                && self.hosts == other.hosts
                && self.subject == other.subject
                && self.size == other.size
                && far == 0;
        }
        (far <= SAME && least >= TELLING) || (far <= NEAR && (author || hosts))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1 {:x} {:x} {:x} {:x}", self.author, self.subject, self.words, self.size)?;
        self.hosts.iter().try_for_each(|host| write!(f, " {host:x}"))
    }
}

/// Why a text is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is no fingerprint of version 1")
    }
}

impl FromStr for Fingerprint {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let mut numbers = text.split(' ').map(|number| u64::from_str_radix(number, 16).map_err(|_| Unreadable));
        let mut next = || numbers.next().unwrap_or(Err(Unreadable));
        if next()? != 1 {
            return Err(Unreadable);
        }
        let (author, subject, words) = (next()?, next()?, next()?);
        let size = u32::try_from(next()?).map_err(|_| Unreadable)?;
        Ok(Self { author, hosts: numbers.collect::<Result<_, _>>()?, subject, words, size })
    }
}

/// The digest of a text's words and pairs, and how many different words it has.
fn similar(text: &str) -> (u64, u32) {
    let mut seen = HashSet::new();
    let mut votes = [0_i32; 64];
    let mut vote = |hash: u64| {
        for (bit, sum) in votes.iter_mut().enumerate() {
            *sum += if hash >> bit & 1 == 1 { 1 } else { -1 };
        }
    };
    let mut different = 0;
    let mut before = 0;
    for word in text.split_whitespace().take(MOST_WORDS) {
        let word = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        // Numbers, amounts, dates and codes are what differs from one message to the next.
        if word.chars().count() < 2 || word.contains('0') {
            continue;
        }
        let one = digest(word);
        if seen.insert(one) {
            different += 1;
            vote(one);
        }
        let pair = one.rotate_left(21) ^ before;
        if before != 0 && seen.insert(pair) {
            vote(mixed(pair));
        }
        before = one;
    }
    let bits = votes.iter().enumerate().filter(|(_, sum)| **sum > 0);
    (bits.fold(0, |all, (bit, _)| all | 1 << bit), different)
}

/// FNV-1a of 64 bits, mixed; 0 for nothing.
fn digest(text: &str) -> u64 {
    if text.is_empty() {
        return 0;
    }
    mixed(
        text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)),
    )
}

/// Spreads every bit over all (the finaliser of `MurmurHash3`).
fn mixed(mut hash: u64) -> u64 {
    hash = (hash ^ hash >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ hash >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ hash >> 33
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "Gentile cliente NOME, il suo conto e' stato sospeso perche' mancano i dati che la normativa europea \
        chiede a tutti i titolari. Per riattivarlo apra la pagina qui sotto, inserisca il codice utente e la password e \
        confermi il numero di telefono entro NUMERO ore. Trascorso il termine il conto sara' chiuso e il saldo trattenuto.";

    fn letter(from: &str, subject: &str, body: &str, link: &str) -> Fingerprint {
        let message =
            format!("From: {from}\r\nTo: anna@comune.siena.it\r\nSubject: {subject}\r\n\r\n{body}\r\n{link}\r\n");
        Fingerprint::of(&Letter::read(message.as_bytes()))
    }

    fn filled(name: &str, number: &str) -> String {
        BODY.replace("NOME", name).replace("NUMERO", number)
    }

    #[test]
    fn one_campaign_is_known_under_other_names_numbers_and_links() {
        let first = letter("a@b1.top", "Conto 4711", &filled("Anna Bianchi", "24"), "https://x1.top/a");
        for other in [
            letter("z@b1.top", "Conto 815", &filled("Luca Verdi", "48"), "https://x2.top/b"),
            letter("a@c.example", "Avviso", &filled("Mario", "12"), "https://x1.top/zz"),
            letter("q@other.example", "Urgente", &filled("utente", "6"), "https://elsewhere.example/1"),
        ] {
            assert!(first.is_alike(&other), "{first} {other}");
        }
    }

    #[test]
    fn other_letters_are_not_alike_even_from_the_same_sender() {
        let first = letter("a@b1.top", "Conto", &filled("Anna", "24"), "https://x1.top/a");
        let others = [
            "Buongiorno, in allegato il verbale della riunione di ieri con le osservazioni degli uffici tecnici e la data del prossimo incontro, che proponiamo per giovedì mattina nella sala grande del municipio.",
            "Vi ricordiamo che lo sportello tributi resta chiuso per la festa patronale e riapre il giorno dopo con il consueto orario. Per le pratiche urgenti telefonare al centralino.",
            "Ciao",
        ];
        for body in others {
            assert!(!first.is_alike(&letter("a@b1.top", "Conto", body, "https://x1.top/a")), "{body}");
        }
    }

    #[test]
    fn a_few_words_are_alike_only_where_everything_agrees() {
        let first = letter("a@b.top", "Fattura", "In allegato la fattura.", "https://x.top/1");
        assert!(first.is_alike(&letter("c@b.top", "Fattura", "In allegato la fattura.", "https://x.top/2")));
        assert!(!first.is_alike(&letter("c@altro.it", "Fattura", "In allegato la fattura.", "https://x.top/2")));
        assert!(!first.is_alike(&letter("c@b.top", "Fattura", "In allegato la fattura.", "")));
        let empty = letter("", "", "", "");
        assert!(!empty.is_alike(&empty), "nothing is alike to nothing");
    }

    #[test]
    fn at_a_free_mailbox_the_address_counts_and_not_the_provider() {
        let body = "In allegato la fattura che avete chiesto ieri per telefono alla nostra sede centrale.";
        let one = letter("rossi@gmail.com", "Fattura", body, "");
        assert!(one.is_alike(&letter("rossi@gmail.com", "Fattura", body, "")));
        assert!(!one.is_alike(&letter("verdi@gmail.com", "Fattura", body, "")));
    }

    #[test]
    fn a_fingerprint_is_read_back_and_nonsense_is_not() {
        let mut first = letter("a@b1.top", "Conto", &filled("Anna", "24"), "https://x1.top/a https://y.top");
        first = first.keyed(|digest| digest ^ 0x5555);
        assert_eq!(first.to_string().parse(), Ok(first.clone()));
        assert!(first.is_alike(&first.clone()));
        for bad in ["", "2 0 0 0 0", "1 0 0 0", "1 x 0 0 0", "1 0 0 0 fffffffff", "1 0 0 0 0 \u{0}"] {
            assert_eq!(bad.parse::<Fingerprint>(), Err(Unreadable), "{bad}");
        }
    }
}

//! The language of a letter against the countries that its sender and its links come from.

use super::fact::{Fact, Facts};
use super::{Url, brand, host};
use crate::read::Letter;

/// A language by its most frequent words, and the countries whose domains go with it.
struct Tongue {
    words: &'static [&'static str],
    countries: &'static [&'static str],
}

const TONGUES: &[Tongue] = &[
    Tongue {
        words: &[
            "di", "che", "il", "per", "la", "del", "della", "non", "una", "con", "sono", "alla", "gli", "nel", "dal",
            "al", "ai", "delle", "suo", "tuo", "questo", "entro", "è", "le",
        ],
        countries: &["it", "sm", "va", "ch"],
    },
    Tongue {
        words: &[
            "der", "die", "und", "das", "nicht", "ist", "sie", "ihr", "ihre", "wir", "mit", "für", "auf", "ein",
            "eine", "den", "von", "zu", "bitte", "werden", "wurde", "haben", "um", "dem",
        ],
        countries: &["de", "at", "ch", "li", "lu", "it"],
    },
    Tongue {
        words: &[
            "le", "les", "des", "est", "vous", "votre", "pour", "une", "dans", "nous", "vos", "sur", "pas", "avec",
            "et", "du", "être", "avez", "notre", "cette", "au", "aux",
        ],
        countries: &["fr", "be", "ch", "ca", "lu", "mc", "it"],
    },
    Tongue {
        words: &[
            "el", "los", "las", "una", "para", "por", "con", "su", "que", "del", "más", "está", "usted", "sus", "ha",
            "y", "como", "este", "esta", "no", "se", "al",
        ],
        countries: &["es", "mx", "ar", "cl", "pe", "uy", "ec", "ve", "bo", "cr"],
    },
    Tongue {
        words: &[
            "o", "os", "as", "uma", "para", "por", "com", "seu", "sua", "que", "não", "você", "está", "dos", "das",
            "e", "em", "foi", "ao", "na", "no", "da", "do",
        ],
        countries: &["br", "pt", "ao", "mz"],
    },
    Tongue {
        words: &[
            "de", "het", "een", "en", "van", "uw", "niet", "voor", "met", "op", "wij", "zijn", "aan", "dat", "te",
            "om", "wordt", "bij", "hebben", "deze", "kunt",
        ],
        countries: &["nl", "be"],
    },
];

/// Endings of countries that people everywhere use.
const EVERYWHERE: &[&str] =
    &["eu", "io", "co", "me", "tv", "ai", "cc", "fm", "to", "ly", "gl", "be", "uk", "us", "gg", "im", "is", "sh", "it"];
/// Words that are read, and how many of them must be of a language.
const READ: usize = 160;
const LEAST: usize = 5;

pub(super) fn look(letter: &Letter, facts: &mut Facts) {
    if letter.answers || facts.any(&[Fact::SenderOfficial, Fact::BulkProper]) {
        return;
    }
    let Some(tongue) = tongue_of(&format!("{} {}", letter.subject, letter.text)) else { return };
    let foreign = |host: &str| {
        let ending = host.rsplit('.').next().unwrap_or_default();
        let here = tongue.countries.contains(&ending) || EVERYWHERE.contains(&ending);
        ending.len() == 2 && ending.is_ascii() && !here && brand::owner(host).is_none()
    };
    let domain = letter.from_domain();
    facts.add_if(foreign(domain), Fact::SenderAbroad, domain);
    let urls = letter.links.iter().take(30).filter_map(|link| Url::read(&link.target));
    let mut hosts = urls.map(|url| url.host).filter(|place| host::organisation(place) != host::organisation(domain));
    if let Some(host) = hosts.find(|host| foreign(host)) {
        facts.add_if(!facts.any(&[Fact::LinksOwn, Fact::ManyLinks]), Fact::LinkAbroad, &host);
    }
}

/// The language of a text, where one is clearly ahead. English has no list: it is written everywhere.
fn tongue_of(text: &str) -> Option<&'static Tongue> {
    let mut counts = [0_usize; 6];
    let lower = text.chars().take(1_500).collect::<String>().to_lowercase();
    for word in lower.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty()).take(READ) {
        for (count, tongue) in counts.iter_mut().zip(TONGUES) {
            *count += usize::from(tongue.words.contains(&word));
        }
    }
    let most = counts.iter().max().copied().filter(|most| *most >= LEAST)?;
    let near = counts.iter().filter(|count| **count * 4 > most * 3).count();
    let at = counts.iter().position(|count| *count == most).filter(|_| near == 1)?;
    TONGUES.get(at)
}

#[cfg(test)]
mod tests {
    use super::super::fact::{Fact, Facts};
    use super::{TONGUES, tongue_of};
    use crate::read::Letter;

    #[test]
    fn languages_are_told_by_their_small_words() {
        for (at, text) in [
            "la informiamo che il pagamento della multa non è stato effettuato e la pratica",
            "wir haben Ihr Konto gesperrt, bitte bestätigen Sie die Daten und das Passwort für den Zugang",
            "nous avons constaté que votre compte est bloqué, vous devez confirmer les données pour la suite",
            "hemos detectado que su cuenta está bloqueada, para el acceso debe confirmar los datos por su parte",
            "a sua conta foi bloqueada, para não perder o acesso você deve confirmar os dados em seu nome",
            "uw rekening is geblokkeerd, om het te voorkomen kunt u de gegevens van uw pas met een klik aan ons",
        ]
        .iter()
        .enumerate()
        {
            let found = tongue_of(text).map(|tongue| tongue.countries[0]);
            assert_eq!(found, Some(TONGUES[at].countries[0]), "{text}");
        }
        assert!(tongue_of("your account has been suspended, please confirm the details").is_none());
    }

    #[test]
    fn an_italian_letter_from_a_far_country_is_known_and_one_from_home_is_not() {
        let facts = |from: &str, link: &str| {
            let text =
                "la informiamo che il pagamento della multa non è stato effettuato e la pratica passa alla riscossione";
            Facts::of(&Letter::read(format!("From: {from}\nTo: b@c.it\nSubject: x\n\n{text} {link}\n").as_bytes()))
        };
        let far = facts("a@greenfarm.co.za", "https://kursy.pl/x");
        assert!(far.has(Fact::SenderAbroad) && far.has(Fact::LinkAbroad));
        let home = facts("a@ditta.it", "https://www.ditta.eu/x");
        assert!(!home.any(&[Fact::SenderAbroad, Fact::LinkAbroad]));
    }
}

//! Names that Italian offices meet, and the domains that are truly theirs.

use super::host::{has_cheap_ending, organisation, squash};
use std::sync::LazyLock;

/// A name, how it is written, and whose domains are its own.
#[derive(Debug)]
pub(super) struct Brand {
    /// As people know it.
    pub(super) name: &'static str,
    /// Words that name it in a sender's name or subject, lower case, whole words.
    pub(super) words: Vec<&'static str>,
    /// Part of host names that imitate it; empty where the name is a common word.
    pub(super) marks: Vec<&'static str>,
    /// Organisations that may speak for it.
    pub(super) domains: Vec<&'static str>,
}

/// The table.
pub(super) static BRANDS: LazyLock<Vec<Brand>> = LazyLock::new(|| read(include_str!("../../brands.txt")));

fn read(text: &'static str) -> Vec<Brand> {
    let line = |line: &'static str| {
        let mut cells = line.split('|').map(str::trim);
        let name = cells.next()?;
        let mut list = || {
            let words = cells.next()?.split(',').map(str::trim);
            Some(words.filter(|word| !word.is_empty()).collect::<Vec<_>>())
        };
        Some(Brand { name, words: list()?, marks: list()?, domains: list()? })
    };
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).filter_map(line).collect()
}

impl Brand {
    /// Whether a host speaks for the brand.
    pub(super) fn owns(&self, host: &str) -> bool {
        self.domains
            .iter()
            .any(|domain| host == *domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
    }

    /// Whether people sign in there, so that its logo is worth borrowing. Buttons of social networks stand in every footer.
    pub(super) fn is_after_access(&self) -> bool {
        const EVERYWHERE: &[&str] = &["Meta", "LinkedIn", "Google", "Amazon", "Apple", "Spotify", "Microsoft"];
        !EVERYWHERE.contains(&self.name)
    }

    /// Whether it is known by a name under `.com`: such firms hold their name in many countries.
    fn is_worldwide(&self) -> bool {
        self.domains.iter().any(|domain| domain.ends_with(".com"))
    }

    /// Whether a (lower-case) text names it as a whole word.
    pub(super) fn is_named(&self, text: &str) -> bool {
        self.words.iter().any(|word| holds_word(text, word))
    }
}

/// The brand that a text names, if any.
pub(super) fn named(text: &str) -> Option<&'static Brand> {
    BRANDS.iter().find(|brand| brand.is_named(text))
}

/// The brand whose own domain a host is.
pub(super) fn owner(host: &str) -> Option<&'static Brand> {
    BRANDS.iter().find(|brand| brand.owns(host))
}

/// The brand that a host imitates: its name within a foreign domain, or a domain one stroke away from its own.
pub(super) fn imitated(host: &str) -> Option<&'static Brand> {
    if owner(host).is_some() || is_office(host) {
        return None;
    }
    let labels = host.rsplit_once('.').map_or(host, |(labels, _)| labels);
    let own = organisation(host).split('.').next().unwrap_or_default();
    // `amazon.ca`: large firms hold their name under the endings of all countries; `cloud` is a word.
    const WORDS: &[&str] = &["cloud", "pcloud", "clouds", "outlooks", "apples"];
    let abroad =
        organisation(host).rsplit('.').next().is_some_and(|ending| ending.len() == 2 && !has_cheap_ending(host));
    if abroad
        && BRANDS.iter().any(|brand| brand.marks.contains(&own) && brand.is_worldwide())
        && labels.matches(own).count() == 1
    {
        return None;
    }
    let (flat, seen) = (labels.replace(['-', '.'], " "), squash(own));
    BRANDS.iter().find(|brand| {
        brand.marks.iter().any(|mark| {
            let mark = mark.trim_end_matches('-');
            let whole = flat.split(' ').any(|word| word == mark) || (mark.len() >= 6 && labels.contains(mark));
            let form = squash(mark);
            let squashed = own != mark && (seen == form && mark.len() >= 4 || mark.len() >= 6 && seen.contains(&form));
            let near = own.split('-').any(|word| {
                word != mark
                    && !WORDS.contains(&word)
                    && (mark.len() >= 6 || (mark.len() == 5 && word.len() == 6))
                    && one_edit(word, mark)
            });
            whole || squashed || near
        })
    })
}

/// Whether a host is that of an Italian public body, by the form of its name: such names are not given to others.
pub(super) fn is_office(host: &str) -> bool {
    let body = ["comune.", "provincia.", "regione.", "unione.", "cittametropolitana."]
        .iter()
        .any(|body| host.starts_with(body) || host.contains(&format!(".{body}")));
    host.ends_with(".gov.it") || (body && host.ends_with(".it"))
}

/// Whether two ASCII words differ by one insertion, deletion, exchange or swap of neighbours.
pub(super) fn one_edit(one: &str, other: &str) -> bool {
    let (a, b) = (one.as_bytes(), other.as_bytes());
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default());
    match (a, b) {
        ([], rest) | (rest, []) => rest.len() <= 1,
        ([x, after_a @ ..], [y, after_b @ ..]) => {
            let swapped = matches!((after_a, after_b), ([p, rest_a @ ..], [q, rest_b @ ..]) if p == y && q == x && rest_a == rest_b);
            after_a == after_b || after_a == b || a == after_b || swapped
        }
    }
}

/// Whether `word` stands in `text` with no letter or digit at its sides.
pub(super) fn holds_word(text: &str, word: &str) -> bool {
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(word)).map(|at| at + from) {
        let before = text.get(..at).and_then(|rest| rest.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|rest| rest.chars().next());
        if !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric) {
            return true;
        }
        from = at + word.len();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{BRANDS, imitated, named, one_edit, owner};

    #[test]
    fn every_line_of_the_table_is_a_brand_with_words_and_domains() {
        let lines =
            include_str!("../../brands.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
        assert_eq!(BRANDS.len(), lines);
        assert!(BRANDS.iter().all(|brand| !brand.words.is_empty() && !brand.domains.is_empty()));
    }

    #[test]
    fn a_brand_owns_its_domains_and_those_below_only() {
        assert_eq!(owner("www.postepay.it").map(|brand| brand.name), Some("Poste Italiane"));
        assert!(owner("poste.it.verifica.top").is_none());
        assert!(owner("malposte.it").is_none());
    }

    #[test]
    fn look_alikes_are_found_and_others_left_alone() {
        for host in [
            "pagopa-pagamenti.com",
            "poste-it.info",
            "login.posteitaliane.top",
            "arubaa-pec.com",
            "unlcredit.com",
            "intesasanpaolo.clienti.net",
            "inps-rimborsi.it",
        ] {
            assert!(imitated(host).is_some(), "{host}");
        }
        for host in
            ["comune.parma.it", "www.inps.it", "snapple-drinks.it", "repubblica.it", "cartografia.it", "bandhlaw.com"]
        {
            assert!(imitated(host).is_none(), "{host}: {:?}", imitated(host).map(|brand| brand.name));
        }
    }

    #[test]
    fn brands_are_named_by_whole_words() {
        assert_eq!(named("servizio clienti poste italiane").map(|brand| brand.name), Some("Poste Italiane"));
        assert!(named("principesca").is_none());
        assert!(one_edit("unicredit", "unlcredit") && !one_edit("unicredit", "unlcredlt"));
    }
}

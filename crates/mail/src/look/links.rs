//! Where the links lead, and whether that is where they say.

use super::fact::{Fact, Facts};
use super::places::{self, Place};
use super::{Url, brand, host};
use crate::read::{Letter, Link};

const FORMS: &[&str] = &[
    "docs.google.com/forms",
    "forms.gle",
    "forms.office.com",
    "jotform.com",
    "typeform.com",
    "formstack.com",
    "cognitoforms.com",
    "123formbuilder.com",
    "forms.zohopublic",
    "surveymonkey.com",
];

/// Doors of well-known sites that lead anywhere.
const BORROWED: &[&str] = &[
    "bing.com/ck/a",
    "google.com/url?",
    "google.it/url?",
    "google.com/amp/",
    "google.it/amp/",
    "linkedin.com/slink",
    "linkedin.com/redir",
    "youtube.com/redirect",
    "googleadservices.com/pagead",
    "doubleclick.net/",
    "translate.goog",
    "t.co/",
    "sng.link/",
    "page.link/",
    "adjust.com/",
    "baidu.com/link",
    "yandex.ru/redir",
    "googlesyndication.com",
    "lm.facebook.com/l.php",
    "l.instagram.com/",
];

/// Endings of files that a link should not bring.
const PROGRAMS: &[&str] = &[
    ".exe", ".scr", ".js", ".vbs", ".hta", ".iso", ".img", ".msi", ".bat", ".cmd", ".lnk", ".apk", ".jar", ".zip",
    ".rar", ".7z", ".ps1", ".wsf", ".xll", ".dll",
];

pub(super) fn look(letter: &Letter, facts: &mut Facts) {
    let sender = host::organisation(letter.from_domain());
    let urls: Vec<(&Link, Url)> =
        letter.links.iter().filter_map(|link| Url::read(&link.target).map(|url| (link, url))).collect();
    facts.add_if(letter.links.iter().any(|link| is_script(&link.target)), Fact::LinkScript, "");
    let mut places: Vec<&str> = Vec::new();
    let (mut own, mut all) = (0_usize, 0_usize);
    for (_, url) in &urls {
        let place = host::organisation(&url.host);
        if places::is(place, Place::Neutral) && place != sender {
            continue;
        }
        all += 1;
        own += usize::from(place == sender || same_brand(&url.host, letter.from_domain()));
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let first = places.first().copied().unwrap_or_default();
    facts.add_if(all > 0 && own == 0, Fact::LinkAllElsewhere, first);
    facts.add_if(places.len() == 1 && own == 0, Fact::LinkSingleElsewhere, first);
    let office = brand::owner(letter.from_domain()).is_some() || brand::is_office(letter.from_domain());
    facts.add_if(office && all > 0 && own == all, Fact::AllOfficial, sender);
    facts.add_if(own >= 2 && own * 2 > all, Fact::LinksOwn, sender);
    let short = letter.page_only && letter.text.trim().chars().count() < 400;
    facts.add_if(short && all > 0 && own == 0 && places.len() <= 2, Fact::ShortPull, first);
    facts.add_if(distinct(&letter.links) >= 12, Fact::ManyLinks, "");
    // Newsletters carry the advertisements of others; what those links are like does not speak against the sender, as long as
    // the sender is who it says.
    let newsletter = facts.has(Fact::LinksOwn) || facts.has(Fact::ManyLinks) && facts.has(Fact::BulkProper);
    let excused = newsletter && !facts.any(&[Fact::SpfFail, Fact::DmarcFail, Fact::SenderBrand, Fact::SenderLookalike]);
    for (link, url) in &urls {
        if !excused || host::organisation(&url.host) == sender {
            one(letter, link, url, facts);
        }
    }
    brand_in_words(letter, &urls, facts);
}

/// Links that are a page or a command by themselves.
fn is_script(target: &str) -> bool {
    const SCHEMES: &[&str] = &["data:", "javascript:", "vbscript:", "search-ms:", "file:"];
    let lower = target.trim().to_ascii_lowercase();
    SCHEMES.iter().any(|scheme| lower.starts_with(scheme))
}

/// How many different places and paths are linked.
fn distinct(links: &[Link]) -> usize {
    let mut targets: Vec<&str> = links.iter().filter_map(|link| link.target.split(['?', '#']).next()).collect();
    targets.sort_unstable();
    targets.dedup();
    targets.len()
}

fn same_brand(one: &str, other: &str) -> bool {
    brand::BRANDS.iter().any(|brand| brand.owns(one) && brand.owns(other))
}

/// Facts of one link.
fn one(letter: &Letter, link: &Link, url: &Url, facts: &mut Facts) {
    let (host, place) = (url.host.as_str(), host::organisation(&url.host));
    let under = |place: Place| places::is(host, place);
    facts.add_if(url.is_address(), Fact::LinkAddress, host);
    facts.add_if(under(Place::Short), Fact::LinkShort, host);
    facts.add_if(under(Place::Free), Fact::LinkFreeHost, host);
    facts.add_if(under(Place::Storage), Fact::LinkStorage, host);
    facts.add_if(
        host.split('.').any(|label| label.starts_with("xn--")) || !host.is_ascii(),
        Fact::LinkConfusable,
        host,
    );
    facts.add_if(url.user, Fact::LinkUser, host);
    facts.add_if(host::has_cheap_ending(host), Fact::LinkEnding, host);
    facts.add_if(url.scheme == "http", Fact::LinkPlain, host);
    facts.add_if(url.port.as_deref().is_some_and(|port| !matches!(port, "80" | "443" | "")), Fact::LinkPort, host);
    facts.add_if(host.split('.').any(host::looks_random), Fact::LinkRandom, host);
    let own = place == host::organisation(letter.from_domain());
    if let Some(like) = brand::imitated(host).filter(|_| !own || brand::imitated(letter.from_domain()).is_some()) {
        facts.add(Fact::LinkBrand, &format!("{} ({host})", like.name));
    }
    let path = url.path.to_ascii_lowercase();
    let bare = path.split(['?', '#']).next().unwrap_or_default();
    facts.add_if(PROGRAMS.iter().any(|ending| bare.ends_with(ending)), Fact::LinkProgram, host);
    let whole = format!("{host}{path}");
    facts.add_if(FORMS.iter().any(|form| whole.contains(form)), Fact::LinkForm, host);
    let leads_on = path.contains("=http")
        || path.contains("=//")
        || path.contains("%3a%2f%2f")
        || (host.contains("bing.com") && path.starts_with("/ck/"));
    facts.add_if(leads_on, Fact::LinkRedirect, host);
    let named = |to: &String| {
        let coded = coded(to);
        to.len() > 6
            && (whole.contains(to.as_str()) || whole.contains(&to.replace('@', "%40")) || url.path.contains(&coded))
    };
    facts.add_if(!own && !letter.list && letter.to.iter().any(named), Fact::LinkRecipient, place);
    facts.add_if(BORROWED.iter().any(|door| whole.contains(door)), Fact::LinkBorrowed, host);
    if let Some(shown) = shown_host(&link.shown) {
        let differs = host::organisation(&shown) != place && !same_brand(&shown, host);
        // Bulk senders count clicks through a host of their own, and gateways lead every link through themselves.
        let counted = own
            || places::is(place, Place::Gateway)
            || (host::organisation(&shown) == host::organisation(letter.from_domain()) && letter.list);
        let lies = differs && (!counted || (own && brand::owner(&shown).is_some()));
        facts.add_if(lies, Fact::LinkShownDiffers, &format!("{shown} → {host}"));
    }
}

/// An address in base64 as links carry it, without the last letters, which depend on what follows.
fn coded(address: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in address.as_bytes().chunks_exact(3) {
        let number = three.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
        for shift in [18, 12, 6, 0] {
            out.extend(LETTERS.get(number >> shift & 63).map(|letter| char::from(*letter)));
        }
    }
    out
}

/// The host that the words on a link name, if they are an address.
fn shown_host(shown: &str) -> Option<String> {
    let shown = shown.trim().to_lowercase();
    if shown.contains(' ') || shown.contains('@') || shown.len() > 200 {
        return None;
    }
    if let Some(url) = Url::read(&shown) {
        return Some(url.host);
    }
    let host = shown.split(['/', '?', '#', ':']).next()?;
    const ENDINGS: &[&str] = &[".it", ".com", ".org", ".net", ".eu", ".de", ".fr", ".gov", ".io", ".co.uk"];
    let reads = host.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '-'))
        && ENDINGS.iter().any(|ending| host.ends_with(ending));
    (reads && host.len() > 5).then(|| host.to_owned())
}

/// A brand that subject or first words name, while the links lead elsewhere.
fn brand_in_words(letter: &Letter, urls: &[(&Link, Url)], facts: &mut Facts) {
    let head: String = letter.text.chars().take(500).collect::<String>().to_lowercase();
    let subject = letter.subject.to_lowercase();
    // Newsletters and long letters speak of brands all the time; who writes in their name is short and says so at once.
    let brief = letter.text.len() < 4_000 && !letter.list;
    let Some(meant) = brand::named(&subject).or_else(|| brand::named(&head).filter(|_| brief)) else { return };
    let foreign = !meant.owns(letter.from_domain());
    let none_own = !urls.is_empty() && !urls.iter().any(|(_, url)| meant.owns(&url.host));
    facts.add_if(foreign && none_own, Fact::BrandLinksElsewhere, meant.name);
}

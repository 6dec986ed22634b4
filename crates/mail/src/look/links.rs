//! Where the links lead, and whether that is where they say.

use super::fact::{Fact, Facts};
use super::places::{self, Place};
use super::{Url, brand, host, sender};
use crate::read::{Letter, Link, domain_of};

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

/// Folders of web sites in which no pages for people stand; pages of phishers do.
const TECHNICAL: &[&str] = &[
    "/wp-content/",
    "/wp-includes/",
    "/wp-admin/",
    "/.well-known/",
    "/cgi-bin/",
    "/cgi-sys/",
    "/vendor/",
    "/node_modules/",
    "/components/com_",
    "/modules/mod_",
    "/plugins/",
    "/administrator/",
];

/// Words with which a link promises a way in.
const BAIT: &[&str] = &[
    "login",
    "signin",
    "sign-in",
    "logon",
    "verify",
    "verifica",
    "webmail",
    "secure",
    "account",
    "accesso",
    "accedi",
    "conferma",
    "confirm",
    "update",
    "wallet",
    "password",
    "recovery",
    "unlock",
    "sblocco",
    "konto",
    "anmeld",
    "banking",
    "authenticate",
    "validate",
    "paypal",
    "office365",
    "onedrive",
    "sharepoint",
    "docusign",
];

pub(super) fn look(letter: &Letter, facts: &mut Facts) {
    // A free mailbox does not make its provider's pages the sender's own.
    let sender = if sender::is_free(letter.from_domain()) { "" } else { host::organisation(letter.from_domain()) };
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
        own +=
            usize::from(!sender.is_empty() && (kindred(place, sender) || same_brand(&url.host, letter.from_domain())));
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let first = places.first().copied().unwrap_or_default();
    facts.add_if(all > 0 && own == 0, Fact::LinkAllElsewhere, first);
    facts.add_if(places.len() == 1 && own == 0, Fact::LinkSingleElsewhere, first);
    let office = brand::owner(letter.from_domain()).is_some() || brand::is_office(letter.from_domain());
    let office = office && !sender.is_empty();
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
    together(&urls, sender, facts);
    pictures(letter, sender, facts);
    answer_by_mail(letter, facts);
    brand_in_words(letter, &urls, facts);
}

/// What all links together say.
fn together(urls: &[(&Link, Url)], sender: &str, facts: &mut Facts) {
    let web: Vec<&Url> = urls.iter().map(|(_, url)| url).collect();
    let known = |url: &&Url| {
        let host = url.host.as_str();
        // Everybody can link their own pages: that says something of known senders only.
        let own = host::organisation(host) == sender && (brand::owner(host).is_some() || brand::is_office(host));
        let kinds = [Place::Short, Place::Free, Place::Storage, Place::Tenant];
        let abused = kinds.iter().any(|kind| places::is(host, *kind));
        let form = FORMS.iter().any(|form| format!("{host}{}", url.path).contains(form));
        let leads_on =
            url.path.contains("=http") || BORROWED.iter().any(|door| format!("{host}{}", url.path).contains(door));
        own || (!abused && !form && !leads_on && (brand::owner(host).is_some() || brand::is_office(host)))
    };
    facts.add_if(!web.is_empty() && web.iter().all(known), Fact::LinksKnown, "");
    let foreign: Vec<&&Url> = web.iter().filter(|url| host::organisation(&url.host) != sender).collect();
    let Some(first) = foreign.first() else { return };
    let same = foreign.iter().all(|url| url.host == first.host && same_page(&url.path, &first.path));
    facts.add_if(same && foreign.len() >= 3 && foreign.len() == web.len(), Fact::LinksAllSame, &first.host);
}

/// Whether two paths are one page: the same up to what is asked of it.
fn same_page(one: &str, other: &str) -> bool {
    let page = |path: &'_ str| path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').to_owned();
    page(one) == page(other)
}

/// Pictures from where anybody leaves them, or a brand's own in the mail of others.
fn pictures(letter: &Letter, sender: &str, facts: &mut Facts) {
    for source in &letter.picture_sources {
        let Some(url) = Url::read(source) else { continue };
        let host = url.host.as_str();
        let left = places::is(host, Place::Picture);
        // Buttons of social networks stand in everybody's footers.
        let logo = brand::owner(host).filter(|brand| !brand.owns(letter.from_domain()) && brand.is_after_access());
        facts.add_if(host::organisation(host) != sender && (left || logo.is_some()), Fact::PictureBorrowed, host);
    }
}

/// Buttons that write to a free mailbox which is not the sender's.
fn answer_by_mail(letter: &Letter, facts: &mut Facts) {
    let written = letter.links.iter().filter_map(|link| {
        let target = link.target.trim().to_ascii_lowercase();
        let address = target.strip_prefix("mailto:")?.split(['?', ',', ';']).next().map(str::to_owned)?;
        // An address that is shown as it is leads where it says.
        (!link.shown.to_lowercase().contains(&address) && address.contains('@')).then_some(address)
    });
    let free = |address: &String| sender::is_free(domain_of(address)) && *address != letter.from;
    if let Some(address) = written.take(20).find(free) {
        facts.add(Fact::AnswerByMail, &address);
    }
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

/// Whether two organisations are one by their names: the same, or the one within the other (`motleyfool.com`, `fool.com`).
fn kindred(place: &str, sender: &str) -> bool {
    let label = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let (one, other) = (label(place), label(sender));
    let short = one.len().min(other.len());
    // `biblioteca.fano.pu.it` is of the same town as `comune.fano.pu.it`.
    let town = sender.split_once('.').filter(|(body, town)| *body == "comune" && place.ends_with(town)).is_some();
    place == sender
        || town
        || (short >= 4 && !places::is(place, Place::Free) && (one.contains(&other) || other.contains(&one)))
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
    let foreign =
        place != host::organisation(letter.from_domain()) && brand::owner(host).is_none() && !brand::is_office(host);
    facts.add_if(foreign && TECHNICAL.iter().any(|folder| bare.contains(folder)), Fact::LinkHacked, host);
    let few = !letter.list && !facts.any(&[Fact::ManyLinks, Fact::LinksOwn]);
    facts.add_if(
        foreign && few && BAIT.iter().any(|word| host.contains(word) || bare.contains(word)),
        Fact::LinkBait,
        host,
    );
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

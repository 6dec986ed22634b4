//! Where the links lead, and whether that is where they say.

use super::fact::{Fact, Facts};
use super::{Url, brand, host};
use crate::read::{Letter, Link};

const SHORT: &[&str] = &[
    "bit.ly",
    "tinyurl.com",
    "t.co",
    "goo.gl",
    "ow.ly",
    "is.gd",
    "cutt.ly",
    "rebrand.ly",
    "t.ly",
    "rb.gy",
    "shorturl.at",
    "buff.ly",
    "tiny.cc",
    "s.id",
    "bl.ink",
    "lnkd.in",
    "qrco.de",
    "urlz.fr",
    "dub.sh",
    "short.gy",
    "l.ead.me",
    "v.gd",
    "u.to",
    "t.me",
    "acesse.one",
    "encurtador.com.br",
    "shorturl.asia",
    "n9.cl",
    "qr.link",
    "linktr.ee",
    "me-qr.com",
];

const FREE_HOSTS: &[&str] = &[
    "weebly.com",
    "webflow.io",
    "wixsite.com",
    "wixstudio.com",
    "godaddysites.com",
    "firebaseapp.com",
    "web.app",
    "pages.dev",
    "workers.dev",
    "vercel.app",
    "netlify.app",
    "github.io",
    "gitlab.io",
    "blogspot.com",
    "sites.google.com",
    "glitch.me",
    "repl.co",
    "replit.app",
    "onrender.com",
    "herokuapp.com",
    "azurewebsites.net",
    "000webhostapp.com",
    "square.site",
    "carrd.co",
    "notion.site",
    "framer.app",
    "canva.site",
    "mystrikingly.com",
    "site123.me",
    "wordpress.com",
    "duckdns.org",
    "ngrok.io",
    "ngrok-free.app",
    "trycloudflare.com",
    "jimdosite.com",
    "webador.com",
    "yolasite.com",
    "ukit.me",
    "surge.sh",
    "fly.dev",
    "lovable.app",
    "gitbook.io",
    "webwave.dev",
    "hostingersite.com",
    "altervista.org",
    "ddns.net",
    "hopto.org",
    "myftp.org",
    "azurefd.net",
    "azureedge.net",
    "cloudfront.net",
    "translate.goog",
    "framer.website",
    "my.canva.site",
    "strikingly.com",
    "tumblr.com",
    "w3spaces.com",
    "serveo.net",
    "typedream.app",
    "plesk.page",
    "cprapid.com",
    "temporary.site",
];

const STORAGE: &[&str] = &[
    "storage.googleapis.com",
    "blob.core.windows.net",
    "web.core.windows.net",
    "s3.amazonaws.com",
    "r2.dev",
    "ipfs.io",
    "dweb.link",
    "backblazeb2.com",
    "digitaloceanspaces.com",
    "linodeobjects.com",
    "amazonaws.com",
    "cloudflare-ipfs.com",
    "myqcloud.com",
    "storage.yandexcloud.net",
    "contabostorage.com",
    "wasabisys.com",
    "mediafire.com",
    "mega.nz",
    "4sync.com",
    "transfer.sh",
    "gofile.io",
    "discordapp.com",
    "sendspace.com",
    "anonfiles.com",
];

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

/// Endings of files that a link should not bring.
const PROGRAMS: &[&str] = &[
    ".exe", ".scr", ".js", ".vbs", ".hta", ".iso", ".img", ".msi", ".bat", ".cmd", ".lnk", ".apk", ".jar", ".zip",
    ".rar", ".7z", ".ps1", ".wsf", ".xll", ".dll",
];

/// Links whose words or number say nothing are not weighed against the sender.
const NEUTRAL: &[&str] = &[
    "w3.org",
    "schemas.microsoft.com",
    "aka.ms",
    "google.com",
    "apple.com",
    "facebook.com",
    "twitter.com",
    "x.com",
    "instagram.com",
    "linkedin.com",
    "youtube.com",
    "t.me",
];

pub(super) fn look(letter: &Letter, facts: &mut Facts) {
    let sender = host::organisation(letter.from_domain());
    let mut places: Vec<String> = Vec::new();
    let (mut own, mut all) = (0_usize, 0_usize);
    for link in &letter.links {
        let lower = link.target.trim().to_ascii_lowercase();
        facts.add_if(
            lower.starts_with("data:")
                || lower.starts_with("javascript:")
                || lower.starts_with("vbscript:")
                || lower.starts_with("search-ms:")
                || lower.starts_with("file:"),
            Fact::LinkScript,
            "",
        );
        let Some(url) = Url::read(&link.target) else { continue };
        one(letter, link, &url, facts);
        let place = host::organisation(&url.host);
        if NEUTRAL.contains(&place) && place != sender {
            continue;
        }
        all += 1;
        own += usize::from(place == sender || same_brand(&url.host, letter.from_domain()));
        if !places.iter().any(|known| known == place) {
            places.push(place.to_owned());
        }
    }
    facts.add_if(all > 0 && own == 0, Fact::LinkAllElsewhere, places.first().map_or("", String::as_str));
    facts.add_if(places.len() == 1 && own == 0, Fact::LinkSingleElsewhere, places.first().map_or("", String::as_str));
    let office = brand::owner(letter.from_domain()).is_some() || brand::is_office(letter.from_domain());
    facts.add_if(office && all > 0 && own == all, Fact::AllOfficial, sender);
    brand_in_words(letter, facts);
}

fn same_brand(one: &str, other: &str) -> bool {
    brand::BRANDS.iter().any(|brand| brand.owns(one) && brand.owns(other))
}

/// Facts of one link.
fn one(letter: &Letter, link: &Link, url: &Url, facts: &mut Facts) {
    let (host, place) = (url.host.as_str(), host::organisation(&url.host));
    let under = |list: &[&str]| {
        list.iter().any(|known| host == *known || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.')))
    };
    facts.add_if(url.is_address(), Fact::LinkAddress, host);
    facts.add_if(under(SHORT), Fact::LinkShort, host);
    facts.add_if(under(FREE_HOSTS), Fact::LinkFreeHost, host);
    facts.add_if(under(STORAGE), Fact::LinkStorage, host);
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
    if let Some(like) = brand::imitated(host) {
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
    facts.add_if(
        letter
            .to
            .iter()
            .any(|to| to.len() > 6 && (whole.contains(to.as_str()) || whole.contains(&to.replace('@', "%40")))),
        Fact::LinkRecipient,
        place,
    );
    if let Some(shown) = shown_host(&link.shown) {
        let differs = host::organisation(&shown) != place && !same_brand(&shown, host);
        // Bulk senders count clicks through a host of their own: shown and real differ, and both are the sender's.
        let counted = host::organisation(&shown) == host::organisation(letter.from_domain()) && letter.list;
        facts.add_if(differs && !counted, Fact::LinkShownDiffers, &format!("{shown} → {host}"));
    }
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
fn brand_in_words(letter: &Letter, facts: &mut Facts) {
    let head: String = letter.text.chars().take(1_500).collect::<String>().to_lowercase();
    let subject = letter.subject.to_lowercase();
    let Some(meant) = brand::named(&subject).or_else(|| brand::named(&head)) else { return };
    let foreign = !meant.owns(letter.from_domain());
    let hosts: Vec<Url> = letter.links.iter().filter_map(|link| Url::read(&link.target)).collect();
    let none_own = !hosts.is_empty() && !hosts.iter().any(|url| meant.owns(&url.host));
    facts.add_if(foreign && none_own, Fact::BrandLinksElsewhere, meant.name);
}

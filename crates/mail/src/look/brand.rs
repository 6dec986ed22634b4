//! Names that Italian offices meet, and the domains that are truly theirs.

use super::host::{organisation, squash};

/// A name, how it is written, and whose domains are its own.
#[derive(Debug)]
pub(super) struct Brand {
    /// As people know it.
    pub(super) name: &'static str,
    /// Words that name it in a sender's name or subject, lower case, whole words.
    pub(super) words: &'static [&'static str],
    /// Part of host names that imitate it; empty where the name is a common word.
    pub(super) marks: &'static [&'static str],
    /// Organisations that may speak for it.
    pub(super) domains: &'static [&'static str],
}

macro_rules! brand {
    ($name:literal, [$($word:literal),*], [$($mark:literal),*], [$($domain:literal),*]) => {
        Brand { name: $name, words: &[$($word),*], marks: &[$($mark),*], domains: &[$($domain),*] }
    };
}

/// The table.
pub(super) const BRANDS: &[Brand] = &[
    brand!(
        "PagoPA",
        ["pagopa", "pago pa", "app io", "piattaforma send"],
        ["pagopa"],
        ["pagopa.it", "pagopa.gov.it", "gov.it", "io.italia.it", "italia.it"]
    ),
    brand!("INPS", ["inps", "istituto nazionale previdenza"], ["inps"], ["inps.it", "gov.it"]),
    brand!("INAIL", ["inail"], ["inail"], ["inail.it"]),
    brand!(
        "SPID",
        ["spid", "poste id", "posteid", "identità digitale"],
        ["spid", "posteid"],
        [
            "spid.gov.it",
            "gov.it",
            "poste.it",
            "posteitaliane.it",
            "aruba.it",
            "namirial.com",
            "infocert.it",
            "sielte.it",
            "lepida.it",
            "teamsystem.com"
        ]
    ),
    brand!(
        "Poste Italiane",
        ["poste italiane", "posteitaliane", "bancoposta", "postepay", "poste.it", "postepay evolution"],
        ["posteitaliane", "postepay", "bancoposta", "poste-it", "posteitaliana"],
        ["poste.it", "posteitaliane.it", "postepay.it", "postel.it", "sda.it"]
    ),
    brand!(
        "Agenzia delle Entrate",
        ["agenzia delle entrate", "agenzia entrate", "agenziaentrate", "agenzia riscossione", "cassetto fiscale"],
        ["agenziaentrate", "agenziadelleentrate", "agenzia-entrate"],
        [
            "agenziaentrate.it",
            "agenziaentrate.gov.it",
            "agenziaentrateriscossione.gov.it",
            "agenziariscossione.gov.it",
            "gov.it",
            "sogei.it"
        ]
    ),
    brand!(
        "Aruba",
        ["aruba", "aruba pec", "arubapec", "staff aruba", "aruba.it"],
        ["aruba", "arubapec"],
        ["aruba.it", "arubapec.it", "pec.it", "aruba.com", "arubabusiness.it", "technorail.com", "arubacloud.com"]
    ),
    brand!("Register.it", ["register.it"], ["register-it"], ["register.it", "registerpec.it", "team.blue"]),
    brand!("Namirial", ["namirial"], ["namirial"], ["namirial.com", "namirial.it", "sicurezzapostale.it"]),
    brand!(
        "InfoCert",
        ["infocert", "legalmail"],
        ["infocert", "legalmail"],
        ["infocert.it", "legalmail.it", "tinexta.com"]
    ),
    brand!(
        "Intesa Sanpaolo",
        ["intesa sanpaolo", "intesasanpaolo", "intesa san paolo", "isybank"],
        ["intesasanpaolo", "intesasan", "intesa-san", "isybank"],
        ["intesasanpaolo.com", "intesasanpaolo.it", "isybank.com", "fideuram.it"]
    ),
    brand!("UniCredit", ["unicredit"], ["unicredit"], ["unicredit.it", "unicredit.eu", "unicreditgroup.eu"]),
    brand!("Banco BPM", ["banco bpm", "bancobpm"], ["bancobpm"], ["bancobpm.it", "bpm.it"]),
    brand!("BPER", ["bper banca", "bper"], ["bper"], ["bper.it", "bpergroup.it"]),
    brand!(
        "Monte dei Paschi",
        ["monte dei paschi", "mps", "gruppo mps"],
        ["gruppomps", "montepaschi"],
        ["mps.it", "gruppomps.it"]
    ),
    brand!("Nexi", ["nexi", "cartasi"], ["nexi", "cartasi"], ["nexi.it", "nexigroup.com", "nexipayments.it"]),
    brand!("BNL", ["bnl"], ["bnl-"], ["bnl.it", "bnpparibas.com"]),
    brand!("Fineco", ["fineco", "finecobank"], ["fineco"], ["fineco.it", "finecobank.com"]),
    brand!(
        "Crédit Agricole",
        ["credit agricole", "crédit agricole"],
        ["credit-agricole", "creditagricole"],
        ["credit-agricole.it", "credit-agricole.fr", "ca-cib.com"]
    ),
    brand!("SumUp", ["sumup"], ["sumup"], ["sumup.com"]),
    brand!(
        "Enel",
        ["enel", "enel energia"],
        ["enel-", "enelenergia"],
        ["enel.it", "enel.com", "enelenergia.it", "e-distribuzione.it"]
    ),
    brand!(
        "TIM",
        ["telecom italia", "tim business", "tim.it"],
        ["timbusiness"],
        ["tim.it", "telecomitalia.it", "gruppotim.it", "timbusiness.it"]
    ),
    brand!("Vodafone", ["vodafone"], ["vodafone"], ["vodafone.it", "vodafone.com"]),
    brand!(
        "Ministero della Salute",
        ["ministero della salute", "tessera sanitaria", "sistema tessera sanitaria"],
        ["tesserasanitaria", "tessera-sanitaria", "ministerosalute"],
        ["gov.it", "sistemats.it", "salute.gov.it", "sanita.it"]
    ),
    brand!(
        "Ministero dell'Interno",
        [
            "ministero dell'interno",
            "polizia di stato",
            "polizia postale",
            "carabinieri",
            "europol",
            "guardia di finanza"
        ],
        ["polizia-di-stato", "poliziapostale"],
        ["gov.it", "interno.it", "poliziadistato.it", "carabinieri.it", "gdf.it", "europa.eu", "commissariatodips.it"]
    ),
    brand!("ACI", ["bollo auto", "automobile club"], ["bolloauto"], ["aci.it", "gov.it"]),
    brand!("Telepass", ["telepass"], ["telepass"], ["telepass.com", "telepass.it"]),
    brand!("Autostrade", ["autostrade per l'italia"], ["autostrade"], ["autostrade.it"]),
    brand!("DHL", ["dhl", "dhl express"], ["dhl"], ["dhl.com", "dhl.it", "dhl.de"]),
    brand!("BRT", ["brt corriere", "bartolini"], ["brt-", "bartolini"], ["brt.it"]),
    brand!("GLS", ["gls italy", "gls corriere"], ["gls-"], ["gls-italy.com", "gls-group.com", "gls-group.eu"]),
    brand!("UPS", ["ups express", "united parcel service"], ["ups-"], ["ups.com"]),
    brand!("FedEx", ["fedex"], ["fedex"], ["fedex.com"]),
    brand!(
        "Microsoft",
        [
            "microsoft",
            "office 365",
            "office365",
            "microsoft 365",
            "onedrive",
            "sharepoint",
            "outlook team",
            "microsoft teams",
            "microsoft account"
        ],
        ["microsoft", "office365", "onedrive", "sharepoint", "outlook"],
        [
            "microsoft.com",
            "office.com",
            "outlook.com",
            "live.com",
            "sharepoint.com",
            "onedrive.com",
            "microsoftonline.com",
            "office365.com",
            "windows.com",
            "azure.com",
            "hotmail.com",
            "msn.com",
            "office.net",
            "skype.com"
        ]
    ),
    brand!(
        "Google",
        ["google", "gmail team", "google drive", "google workspace"],
        ["google", "gmail"],
        ["google.com", "gmail.com", "google.it", "youtube.com", "googlemail.com", "goo.gl", "google.dev"]
    ),
    brand!(
        "Apple",
        ["apple", "icloud", "apple id", "app store"],
        ["apple", "icloud"],
        ["apple.com", "icloud.com", "me.com"]
    ),
    brand!(
        "PayPal",
        ["paypal"],
        ["paypal", "paypai"],
        ["paypal.com", "paypal.it", "paypal.de", "paypal-communication.com"]
    ),
    brand!(
        "Amazon",
        ["amazon", "amazon prime", "aws"],
        ["amazon", "amzn"],
        [
            "amazon.com",
            "amazon.it",
            "amazon.de",
            "amazon.co.uk",
            "amazon.fr",
            "amazon.es",
            "amazonaws.com",
            "amazon.co.jp",
            "primevideo.com",
            "amazon.eu"
        ]
    ),
    brand!("Netflix", ["netflix"], ["netflix"], ["netflix.com"]),
    brand!("Spotify", ["spotify"], ["spotify"], ["spotify.com"]),
    brand!(
        "Meta",
        ["facebook", "instagram", "meta business", "whatsapp"],
        ["facebook", "instagram", "whatsapp"],
        ["facebook.com", "facebookmail.com", "instagram.com", "meta.com", "whatsapp.com", "metamail.com"]
    ),
    brand!("LinkedIn", ["linkedin"], ["linkedin"], ["linkedin.com"]),
    brand!("DocuSign", ["docusign"], ["docusign"], ["docusign.com", "docusign.net"]),
    brand!("Adobe", ["adobe", "adobe sign"], ["adobe"], ["adobe.com", "adobesign.com"]),
    brand!("Dropbox", ["dropbox"], ["dropbox"], ["dropbox.com", "dropboxmail.com"]),
    brand!("WeTransfer", ["wetransfer"], ["wetransfer"], ["wetransfer.com"]),
    brand!("MetaMask", ["metamask"], ["metamask"], ["metamask.io"]),
    brand!("Coinbase", ["coinbase"], ["coinbase"], ["coinbase.com"]),
    brand!("Binance", ["binance"], ["binance"], ["binance.com"]),
    brand!("Ledger", ["ledger support", "ledger live"], ["ledger-"], ["ledger.com"]),
    brand!("Trust Wallet", ["trust wallet", "trustwallet"], ["trustwallet"], ["trustwallet.com"]),
    brand!("eBay", ["ebay"], ["ebay"], ["ebay.com", "ebay.it", "ebay.de", "ebay.co.uk"]),
    brand!("Zimbra", ["zimbra", "webmail"], [], ["zimbra.com"]),
    brand!("cPanel", ["cpanel"], [], ["cpanel.net"]),
    brand!("Booking.com", ["booking.com"], ["booking-"], ["booking.com"]),
    brand!("Bank of America", ["bank of america"], ["bankofamerica"], ["bankofamerica.com", "bofa.com"]),
    brand!("Wells Fargo", ["wells fargo"], ["wellsfargo"], ["wellsfargo.com"]),
    brand!("Chase", ["chase bank", "jpmorgan"], ["chase-"], ["chase.com", "jpmorgan.com"]),
    brand!(
        "Santander",
        ["santander"],
        ["santander"],
        ["santander.com", "santander.es", "santander.co.uk", "santander.com.br"]
    ),
    brand!("ING", ["ing bank", "ing italia"], ["ing-"], ["ing.com", "ing.it", "ing.nl", "ing.de"]),
    brand!("Sparkasse", ["sparkasse"], ["sparkasse"], ["sparkasse.de", "sparkasse.it"]),
    brand!("McAfee", ["mcafee"], ["mcafee"], ["mcafee.com"]),
    brand!("Norton", ["norton", "nortonlifelock"], ["norton-"], ["norton.com", "nortonlifelock.com", "gen.com"]),
    brand!("Coinbase", ["kraken", "blockchain.com"], ["kraken-"], ["kraken.com", "blockchain.com"]),
];

impl Brand {
    /// Whether a host speaks for the brand.
    pub(super) fn owns(&self, host: &str) -> bool {
        self.domains
            .iter()
            .any(|domain| host == *domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
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
    let (flat, seen) = (labels.replace(['-', '.'], " "), squash(own));
    BRANDS.iter().find(|brand| {
        brand.marks.iter().any(|mark| {
            let mark = mark.trim_end_matches('-');
            let whole = flat.split(' ').any(|word| word == mark) || (mark.len() >= 6 && labels.contains(mark));
            let form = squash(mark);
            let squashed = own != mark && (seen == form && mark.len() >= 4 || mark.len() >= 6 && seen.contains(&form));
            let near = own.split('-').any(|word| {
                word != mark && (mark.len() >= 6 || (mark.len() == 5 && word.len() == 6)) && one_edit(word, mark)
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
fn one_edit(one: &str, other: &str) -> bool {
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
    use super::{imitated, named, one_edit, owner};

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

//! Who says that they write, and what of it holds.

use super::fact::{Fact, Facts};
use super::places::{self, Place};
use super::{brand, host, manner, ties};
use crate::read::{Letter, domain_of, is_address};

/// Offices and their holders, as names shown for senders.
const ROLES: &[&str] = &[
    "sindaco",
    "sindaca",
    "vicesindaco",
    "il sindaco",
    "segretario comunale",
    "segretario generale",
    "ufficio personale",
    "ragioneria",
    "ufficio tributi",
    "comune di",
    "responsabile finanziario",
    "dirigente",
    "assessore",
    "direttore generale",
    "ufficio protocollo",
    "assistenza tecnica",
    "help desk",
    "helpdesk",
    "servizio clienti",
    "supporto",
    "amministratore di sistema",
    "it support",
    "administrator",
    "customer service",
    "support team",
    "ceo",
    "director",
];

/// Whether a domain gives everybody a mailbox.
#[must_use]
pub fn is_free(domain: &str) -> bool {
    // What stands below a provider's name (`groups.msn.com`) is no mailbox of it.
    places::is(domain, Place::Mailbox) && host::organisation(domain) == domain
}

pub(super) fn look(letter: &Letter, facts: &mut Facts) {
    let domain = letter.from_domain();
    facts.add_if(domain.is_empty(), Fact::SenderMissing, &letter.from_name);
    name_shown(letter, domain, facts);
    facts.add_if(is_free(domain), Fact::SenderFree, domain);
    facts.add_if(host::has_cheap_ending(domain), Fact::SenderEnding, domain);
    let own = host::organisation(domain).split('.').next().unwrap_or_default();
    facts.add_if(host::looks_random(own), Fact::SenderRandom, &letter.from);
    facts.add_if(places::is(domain, Place::Tenant), Fact::SenderTenant, domain);
    facts.add_if(
        domain.split('.').any(|label| label.starts_with("xn--")) || !domain.is_ascii(),
        Fact::SenderConfusable,
        domain,
    );
    other_addresses(letter, domain, facts);
    checks(letter, domain, facts);
    let official = (brand::owner(domain).is_some() || brand::is_office(domain)) && !is_free(domain);
    facts.add_if(official && !facts.any(&[Fact::SpfFail, Fact::DmarcFail]), Fact::SenderOfficial, domain);
    let subject = letter.subject.trim().to_lowercase();
    let answer = subject.starts_with("re:")
        || subject.starts_with("r:")
        || subject.starts_with("i:")
        || subject.starts_with("fw");
    facts.add_if(
        answer && !letter.answers && !subject.starts_with("fw") && !subject.starts_with("i:"),
        Fact::FalseAnswer,
        &letter.subject,
    );
}

/// The name against the address.
fn name_shown(letter: &Letter, domain: &str, facts: &mut Facts) {
    let name = letter.from_name.to_lowercase();
    let inner = name
        .split(|letter: char| letter.is_whitespace() || matches!(letter, '<' | '>' | '(' | ')' | '"' | ','))
        .find(|word| is_address(word));
    // The provider of certified mail writes the real sender into the name, as the rules ask of it.
    let certified = name.starts_with("per conto di");
    if let Some(inner) = inner.filter(|_| !certified) {
        let other = host::organisation(domain_of(inner)) != host::organisation(domain);
        facts.add_if(other, Fact::SenderNameAddress, inner);
    }
    // Letters set apart and marks between them hide a name from filters, not from people.
    let single = name.split_whitespace().filter(|word| word.chars().count() == 1).count();
    let name = if single >= 4 { name.split_whitespace().collect() } else { name };
    let shown = host::squash(&name);
    let meant = brand::named(&name).or_else(|| {
        brand::BRANDS
            .iter()
            .find(|one| one.words.iter().any(|word| word.len() > 5 && shown.contains(&host::squash(word))))
    });
    // A newsletter about a firm names it among other words, and lets its readers leave by a door of its own.
    let about = letter.list
        && ties::way_is_fit(letter, host::organisation(domain))
        && meant.is_some_and(|meant| !meant.words.contains(&name.trim()));
    if let Some(meant) = meant.filter(|meant| !meant.owns(domain) && !certified && !about) {
        facts.add(Fact::SenderBrand, meant.name);
    }
    if let Some(like) = brand::imitated(domain) {
        facts.add(Fact::SenderLookalike, like.name);
    }
    let role = ROLES.iter().find(|role| brand::holds_word(&name, role));
    let role = role.copied().or_else(|| manner::desk_of(&name));
    facts.add_if(role.is_some() && is_free(domain), Fact::SenderRoleFree, role.unwrap_or_default());
}

/// Where answers and failures go.
fn other_addresses(letter: &Letter, domain: &str, facts: &mut Facts) {
    let ours = host::organisation(domain);
    let answers = domain_of(&letter.reply_to);
    if !answers.is_empty() && !letter.list {
        facts.add_if(host::organisation(answers) != ours, Fact::ReplyElsewhere, answers);
        facts.add_if(is_free(answers) && !is_free(domain), Fact::ReplyFree, answers);
    }
    let back = domain_of(&letter.return_path);
    facts.add_if(!back.is_empty() && !letter.list && host::organisation(back) != ours, Fact::ReturnElsewhere, back);
}

/// What the receiving server found, where it wrote it above the first hop.
fn checks(letter: &Letter, domain: &str, facts: &mut Facts) {
    let Some(results) = &letter.authentication else { return };
    let failed = |method: &str| {
        ["fail", "softfail", "permerror"].iter().any(|result| results.contains(&format!("{method}={result}")))
    };
    facts.add_if(failed("spf"), Fact::SpfFail, domain);
    facts.add_if(failed("dkim"), Fact::DkimFail, domain);
    facts.add_if(failed("dmarc"), Fact::DmarcFail, domain);
    let own = letter
        .to
        .iter()
        .any(|to| !domain.is_empty() && host::organisation(domain_of(to)) == host::organisation(domain));
    facts.add_if(own && !is_free(domain) && (failed("spf") || failed("dmarc")), Fact::SenderOwnDomain, domain);
}

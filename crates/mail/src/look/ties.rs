//! How the parts of a sender belong together: name, address, signature, recipients, way out.

use super::fact::{Fact, Facts};
use super::places::{self, Place};
use super::{brand, host, manner, sender};
use crate::read::{Letter, domain_of};

pub(super) fn look(letter: &Letter, facts: &mut Facts) {
    let domain = letter.from_domain();
    let ours = host::organisation(domain);
    house(letter, ours, facts);
    recipients(letter, facts);
    // Newsletters number their addresses, and bear names that no address has.
    if !facts.any(&[Fact::LinksOwn, Fact::BulkProper]) {
        name_and_address(letter, domain, facts);
        let local = letter.from.split('@').next().unwrap_or_default();
        let counted = letter.list || local.contains(['#', '=', '+']);
        facts.add_if(!counted && host::looks_random(local), Fact::SenderRandom, &letter.from);
    }
    let foreign = |signer: &String| host::organisation(signer) != ours;
    let signer = letter.signers.first().filter(|_| letter.signers.iter().all(foreign));
    facts.add_if(signer.is_some() && !letter.list, Fact::SignedElsewhere, signer.map_or("", String::as_str));
    facts.add_if(letter.by_script, Fact::ByScript, "");
    let way = letter.ways_out.first().filter(|_| letter.list && !way_is_fit(letter, ours));
    facts.add_if(way.is_some(), Fact::BulkOdd, way.map_or("", String::as_str));
}

/// Whether a way out leads to the sender, to the envelope's sender or to a service that sends for many.
pub(super) fn way_is_fit(letter: &Letter, ours: &str) -> bool {
    let back = host::organisation(domain_of(&letter.return_path));
    letter.ways_out.iter().any(|way| {
        let place = host::organisation(way);
        place == ours || place == back || places::is(place, Place::Bulk)
    })
}

/// The sender against the house that it writes to.
fn house(letter: &Letter, ours: &str, facts: &mut Facts) {
    let name = letter.from_name.to_lowercase();
    let mut own = false;
    for to in &letter.to {
        let theirs = host::organisation(domain_of(to));
        if theirs.is_empty() || places::is(theirs, Place::Mailbox) {
            continue;
        }
        own |= theirs == ours;
        if theirs == ours || letter.list {
            continue;
        }
        let shown = name.contains(theirs) || name.contains(domain_of(to));
        facts.add_if(shown && !name.starts_with("per conto di"), Fact::SenderPosesAsHouse, theirs);
        let near = brand::one_edit(ours, theirs) && ours.len() >= 8 && !brand::is_office(ours);
        facts.add_if(near, Fact::SenderNearHouse, ours);
    }
    let label = ours.split('.').next().unwrap_or_default();
    let poses = !brand::is_office(letter.from_domain())
        && label.split('-').any(|word| matches!(word, "comune" | "provincia" | "regione" | "municipio"))
        && label.contains('-');
    facts.add_if(poses, Fact::SenderNearHouse, ours);
    let passed = letter
        .authentication
        .as_ref()
        .is_some_and(|results| results.contains("dmarc=pass") || results.contains("dkim=pass"));
    let to_oneself = letter.to.contains(&letter.from);
    let true_house = own && passed && !to_oneself && !facts.any(&[Fact::SpfFail, Fact::DmarcFail]);
    facts.add_if(true_house, Fact::FromHouse, ours);
}

/// Whom it was sent to.
fn recipients(letter: &Letter, facts: &mut Facts) {
    facts.add_if(letter.to.is_empty() && !letter.list, Fact::RecipientHidden, "");
    let mut places: Vec<&str> = letter.to.iter().map(|to| host::organisation(domain_of(to))).collect();
    let free = places.iter().filter(|place| places::is(place, Place::Mailbox)).count();
    places.sort_unstable();
    places.dedup();
    let strangers = free >= 3 && places.len() >= 3 && !letter.answers && !letter.list;
    facts.add_if(strangers, Fact::ManyStrangers, "");
}

/// Whether any word of the name stands in the address.
fn name_and_address(letter: &Letter, domain: &str, facts: &mut Facts) {
    let name = host::squash(&letter.from_name);
    let words = name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.chars().count() >= 3);
    let words: Vec<String> = words.map(|word| word.chars().take(5).collect()).collect();
    if words.is_empty() || letter.from.is_empty() || name.contains('@') {
        return;
    }
    let free = sender::is_free(domain);
    // Of a free mailbox the domain says nothing about who writes.
    let own = if free { letter.from.split('@').next().unwrap_or_default() } else { letter.from.as_str() };
    let address = host::squash(own);
    let initials: String = words.iter().filter_map(|word| word.chars().next()).collect();
    let met =
        words.iter().any(|word| address.contains(word.as_str())) || address.contains(&initials) && initials.len() > 2;
    // Offices write from addresses named by their task.
    let office = !free && (brand::is_office(domain) || brand::owner(domain).is_some());
    if !met && !office {
        let fact = if free { Fact::SenderFreeApart } else { Fact::SenderNameApart };
        facts.add_if(free || manner::desk_of(&letter.from_name.to_lowercase()).is_none(), fact, &letter.from);
    }
}

#[cfg(test)]
mod tests {
    use super::super::fact::{Fact, Facts};
    use crate::read::Letter;

    fn facts(head: &str) -> Facts {
        Facts::of(&Letter::read(format!("{head}\nSubject: x\n\ntesto\n").as_bytes()))
    }

    #[test]
    fn who_shows_the_house_s_own_domain_from_elsewhere_is_known() {
        let poses = "From: \"Webmail comune.fano.pu.it\" <a@mailer.top>\nTo: urp@comune.fano.pu.it";
        assert!(facts(poses).has(Fact::SenderPosesAsHouse));
        let own = "From: \"CED comune.fano.pu.it\" <ced@comune.fano.pu.it>\nTo: urp@comune.fano.pu.it";
        assert!(!facts(own).has(Fact::SenderPosesAsHouse));
    }

    #[test]
    fn a_domain_that_looks_like_an_office_s_is_known_and_the_office_is_not_taken_for_one() {
        assert!(facts("From: a@comune-fano.com\nTo: b@c.it").has(Fact::SenderNearHouse));
        assert!(facts("From: a@edilnordd.it\nTo: b@edilnord.it").has(Fact::SenderNearHouse));
        let neighbours = "From: a@comune.fano.pu.it\nTo: b@comune.faro.pu.it";
        assert!(!facts(neighbours).has(Fact::SenderNearHouse));
        assert!(!facts("From: a@comune.fano.pu.it\nTo: b@c.it").has(Fact::SenderNearHouse));
    }

    #[test]
    fn a_free_mailbox_of_another_name_is_told_from_one_of_its_owner() {
        assert!(facts("From: Banco do Brasil <lindalhb686@gmail.com>\nTo: b@c.it").has(Fact::SenderFreeApart));
        for honest in ["Anna Rossi <arossi82@libero.it>", "Maria Grazia De Luca <mgdeluca@gmail.com>", "<x@gmail.com>"]
        {
            assert!(!facts(&format!("From: {honest}\nTo: b@c.it")).has(Fact::SenderFreeApart), "{honest}");
        }
    }

    #[test]
    fn letters_to_nobody_and_to_many_strangers_are_known() {
        assert!(facts("From: a@b.it\nTo: undisclosed-recipients:;").has(Fact::RecipientHidden));
        assert!(facts("From: a@b.it\nTo: a@gmail.com, b@libero.it, c@yahoo.it").has(Fact::ManyStrangers));
        assert!(!facts("From: a@b.it\nTo: a@comune.fano.pu.it, b@libero.it").has(Fact::ManyStrangers));
    }

    #[test]
    fn signatures_and_scripts_are_read_from_the_heads() {
        let head = "From: a@b.it\nTo: c@d.it\nDKIM-Signature: v=1; a=rsa-sha256; d=altrove.top; s=x\nX-PHP-Originating-Script: 1:mail.php";
        let found = facts(head);
        assert!(found.has(Fact::SignedElsewhere) && found.has(Fact::ByScript));
        let own = facts("From: a@b.it\nTo: c@d.it\nDKIM-Signature: d=mail.b.it");
        assert!(!own.any(&[Fact::SignedElsewhere, Fact::ByScript]));
    }

    #[test]
    fn a_way_out_that_leads_to_strangers_is_known() {
        assert!(facts("From: a@b.it\nTo: c@d.it\nList-Unsubscribe: <https://x.top/u>").has(Fact::BulkOdd));
        assert!(!facts("From: a@b.it\nTo: c@d.it\nList-Unsubscribe: <https://n.b.it/u>").has(Fact::BulkOdd));
        assert!(!facts("From: a@b.it\nTo: c@d.it\nList-Unsubscribe: <https://x.musvc.com/u>").has(Fact::BulkOdd));
    }
}

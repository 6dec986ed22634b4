//! What to publish instead of a record of SPF that does not do: the same one mended, or a first one.

use super::walk::Ending;

/// A first record for a domain whose mail these servers take. Whoever sends from elsewhere adds that before `~all`.
pub(super) fn first(hosts: &[String], null: bool) -> String {
    if null {
        return "v=spf1 -all".to_owned();
    }
    let ends = |endings: &[&str]| hosts.iter().any(|host| endings.iter().any(|ending| host.ends_with(ending)));
    // What the two providers ask of their customers in their own manuals.
    if ends(&[".google.com", ".googlemail.com"]) {
        "v=spf1 include:_spf.google.com ~all".to_owned()
    } else if ends(&[".mail.protection.outlook.com", ".mx.microsoft"]) {
        "v=spf1 include:spf.protection.outlook.com ~all".to_owned()
    } else {
        "v=spf1 mx ~all".to_owned()
    }
}

/// One record of several: every term once, in order, and the strictest end that any of them has.
pub(super) fn joined(records: &[String]) -> String {
    let mut terms: Vec<&str> = Vec::new();
    for term in records.iter().flat_map(|record| record.split(' ').skip(1)) {
        let known = terms.iter().any(|known| known.eq_ignore_ascii_case(term));
        if !term.is_empty() && !known && !is_end(term) && !is_redirect(term) {
            terms.push(term);
        }
    }
    let hard = records.iter().any(|record| record.split(' ').any(|term| term.eq_ignore_ascii_case("-all")));
    // What a redirect led to stays allowed.
    let led = records.iter().flat_map(|record| record.split(' ')).filter(|term| is_redirect(term));
    let led = led.filter_map(|term| term.split_once('=')).map(|(_, target)| format!("include:{target}"));
    let all = terms.into_iter().map(str::to_owned).chain(led);
    let all: Vec<String> = all.chain([if hard { "-all" } else { "~all" }.to_owned()]).collect();
    format!("v=spf1 {}", all.join(" "))
}

/// The record without `ptr`, and with an end that stops strangers.
pub(super) fn mended(record: &str, ending: Ending) -> String {
    let keep = |term: &&str| !term.is_empty() && !is_ptr(term) && (is_strict(term) || !is_end(term));
    let mut terms: Vec<&str> = record.split(' ').filter(keep).collect();
    let open = matches!(ending, Ending::Pass | Ending::Neutral | Ending::Missing);
    if open && !terms.iter().any(|term| is_end(term) || is_redirect(term)) {
        terms.push("~all");
    }
    terms.join(" ")
}

fn is_end(term: &str) -> bool {
    term.trim_start_matches(['+', '-', '~', '?']).eq_ignore_ascii_case("all")
}

fn is_strict(term: &str) -> bool {
    term.starts_with(['-', '~'])
}

fn is_redirect(term: &str) -> bool {
    term.split_at_checked(9).is_some_and(|(name, _)| name.eq_ignore_ascii_case("redirect="))
}

fn is_ptr(term: &str) -> bool {
    let bare = term.trim_start_matches(['+', '-', '~', '?']).to_ascii_lowercase();
    bare == "ptr" || bare.starts_with("ptr:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_record_is_that_of_who_takes_the_mail() {
        let of = |host: &str| first(&[host.to_owned()], false);
        assert_eq!(of("aspmx.l.google.com"), "v=spf1 include:_spf.google.com ~all");
        assert_eq!(of("siena-it.mail.protection.outlook.com"), "v=spf1 include:spf.protection.outlook.com ~all");
        assert_eq!(of("mail.comune.siena.it"), "v=spf1 mx ~all");
        assert_eq!(first(&[], true), "v=spf1 -all");
    }

    #[test]
    fn several_records_become_one() {
        let records = ["v=spf1 mx include:a.test ~all", "v=spf1 MX ip4:192.0.2.1 -all", "v=spf1 redirect=b.test"];
        let joined = joined(&records.map(str::to_owned));
        assert_eq!(joined, "v=spf1 mx include:a.test ip4:192.0.2.1 include:b.test -all");
    }

    #[test]
    fn a_record_is_mended_and_otherwise_stays_as_it_is() {
        assert_eq!(mended("v=spf1 mx  ptr +all", Ending::Pass), "v=spf1 mx ~all");
        assert_eq!(mended("v=spf1 a ?all", Ending::Neutral), "v=spf1 a ~all");
        assert_eq!(mended("v=spf1 a", Ending::Missing), "v=spf1 a ~all");
        assert_eq!(mended("v=spf1 ptr:x.test -all", Ending::Hard), "v=spf1 -all");
        assert_eq!(mended("v=spf1 a redirect=x.test", Ending::Missing), "v=spf1 a redirect=x.test");
    }
}

//! DMARC (RFC 7489, RFC 9989), and what becomes of mail that its author's domain disowns.

use super::{OUTSIDE, Outside, header, note, result, verdict};
use crate::stage::client::{inserted, last};
use crate::stage::signing::Key;
use mail_auth::dkim::Canonicalization::Relaxed;

const ALLOWED: &str = "TXT \"v=spf1 ip4:198.51.100.7 -all\"\n";

fn records() -> String {
    let policies = [
        ("strict.test", "p=reject; adkim=s; aspf=s"),
        ("relaxed.test", "p=reject"),
        ("set-aside.test", "p=quarantine"),
        ("watched.test", "p=none; rua=mailto:a@watched.test"),
        ("children.test", "p=reject; sp=none"),
        ("parent.test", "p=none; sp=reject; np=quarantine"),
        ("sampled.test", "p=reject; pct=0"),
        ("trying.test", "p=reject; t=y"),
        ("comune.siena.it", "p=none"),
    ];
    let mut all: String =
        policies.iter().map(|(domain, policy)| format!("_dmarc.{domain}. TXT \"v=DMARC1; {policy}\"\n")).collect();
    for name in ["strict.test", "mail.strict.test", "mail.relaxed.test", "evil.test", "watched.test", "x.parent.test"] {
        all.push_str(&format!("{name}. {ALLOWED}"));
    }
    all.push_str("x.parent.test. A 192.0.2.1\ncomune.siena.it. TXT \"v=spf1 ip4:192.0.2.25 -all\"\n");
    all
}

#[test]
fn the_authors_domain_stands_behind_a_message_or_says_what_is_to_be_done_with_it() {
    let Some(mut outside) = Outside::with(&records(), &[]) else { return };
    let mut wrong = Vec::new();
    for (author, sender, expected, wish, done) in [
        ("strict.test", "strict.test", "pass", "reject", "deliver"),
        ("strict.test", "mail.strict.test", "fail", "reject", "quarantine"),
        ("relaxed.test", "mail.relaxed.test", "pass", "reject", "deliver"),
        ("relaxed.test", "evil.test", "fail", "reject", "quarantine"),
        ("set-aside.test", "evil.test", "fail", "quarantine", "quarantine"),
        ("watched.test", "watched.test", "pass", "none", "deliver"),
        ("watched.test", "evil.test", "fail", "none", "deliver"),
        ("x.children.test", "evil.test", "fail", "none", "deliver"),
        ("x.parent.test", "evil.test", "fail", "reject", "quarantine"),
        ("nowhere.parent.test", "evil.test", "fail", "quarantine", "quarantine"),
        ("sampled.test", "evil.test", "fail", "quarantine", "quarantine"),
        ("trying.test", "evil.test", "fail", "quarantine", "quarantine"),
        ("silent.test", "evil.test", "none", "", "deliver"),
    ] {
        let said = outside.send(OUTSIDE, "client.test", &format!("a@{sender}"), &note(&format!("anna@{author}")));
        let told = header(&said);
        let as_wished = wish.is_empty() || told.contains(&format!("(p={wish})"));
        if result(&said, "dmarc") != expected || !as_wished || verdict(&said) != done {
            wrong.push(format!("{author} by {sender}, not {expected}, {wish}, {done}: {told} {}", verdict(&said)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_disowned_is_refused_or_marked_where_the_comune_wants_it() {
    for (choice, done) in [("--refuse", 'y'), ("--tag-only", 'c')] {
        let Some(mut outside) = Outside::with(&records(), &[choice]) else { return };
        let said = outside.send(OUTSIDE, "client.test", "a@evil.test", &note("anna@relaxed.test"));
        assert_eq!(last(&said), done, "{said:?}");
        if done == 'c' {
            assert_eq!(verdict(&said), "tag");
            assert!(inserted(&said, "X-Baluardo-Reasons").unwrap().starts_with("author_disowns"));
        }
    }
}

#[test]
fn who_poses_as_one_of_us_from_outside_is_held_and_who_is_one_of_us_is_not() {
    let key = Key::of("comune.siena.it");
    let Some(mut outside) = Outside::with(&format!("{}{}", records(), key.record()), &[]) else { return };
    let ours = note("sindaco@comune.siena.it");
    // Their own envelope passes; the domain in From has another opinion.
    let said = outside.send(OUTSIDE, "client.test", "a@evil.test", &ours);
    assert_eq!((result(&said, "spf").as_str(), verdict(&said).as_str()), ("pass", "quarantine"));
    assert!(inserted(&said, "X-Baluardo-Reasons").unwrap().starts_with("own_domain_spoofed"));
    let said = outside.send(OUTSIDE, "client.test", "sindaco@comune.siena.it", &ours);
    assert_eq!((result(&said, "spf").as_str(), verdict(&said).as_str()), ("fail", "quarantine"));
    // From where the domain allows it, signed by it, or from within.
    let said = outside.send("192.0.2.25", "client.test", "sindaco@comune.siena.it", &ours);
    assert_eq!((result(&said, "dmarc").as_str(), verdict(&said).as_str()), ("pass", "deliver"));
    let signed = key.sign(&ours, Relaxed);
    let said = outside.send(OUTSIDE, "client.test", "a@evil.test", &signed);
    assert_eq!((result(&said, "dkim").as_str(), verdict(&said).as_str()), ("pass", "deliver"));
    let said = outside.send("10.1.2.3", "client.test", "a@evil.test", &ours);
    assert_eq!((inserted(&said, "Authentication-Results"), verdict(&said).as_str()), (None, "deliver"));
    // A second author beside ours hides nothing.
    let two = [b"From: a@evil.test\r\n", &ours[..]].concat();
    assert_eq!(verdict(&outside.send(OUTSIDE, "client.test", "a@evil.test", &two)), "quarantine");
}

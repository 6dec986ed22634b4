//! Who may send: SPF and its limits, keys of DKIM.

use super::*;
use std::fmt::Write as _;

#[test]
fn records_of_spf_and_what_is_wrong_with_them() {
    for (record, expected, publish) in [
        ("v=spf1 mx ~all", &["spf_all_soft_covered"][..], None),
        ("v=spf1 mx ?all", &["spf_all_neutral"], Some("v=spf1 mx ~all")),
        ("v=spf1 mx", &["spf_no_all"], Some("v=spf1 mx ~all")),
        ("v=spf1 +all", &["spf_all_pass"], Some("v=spf1 ~all")),
        ("v=spf1 ip4:10.0.0.0/8 -all", &["spf_wide"], None),
        ("v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", &["spf_wide", "spf_wide"], None),
        ("v=spf1 ip6:2000::/3 -all", &["spf_wide"], None),
        ("v=spf1 mx/8 -all", &["spf_wide"], None),
        ("v=spf1 -ip4:10.0.0.0/8 ip4:192.0.2.0/24 -all", &[], None),
        ("v=spf1 ptr -all", &["spf_ptr"], Some("v=spf1 -all")),
        ("v=spf1 ip4:300.0.0.1 -all", &["spf_broken"], None),
        ("v=spf1 include:gone.test -all", &["spf_include"], None),
        ("v=spf1 include:_dmarc.comune.siena.it -all", &["spf_include"], None),
        ("v=spf1 redirect=_spf.riserva.test", &["spf_all_soft_covered"], None),
        ("v=spf1 redirect=gone.test", &["spf_include"], None),
        ("v=spf1 include:comune.siena.it -all", &["spf_loop"], None),
        ("v=spf1 a:1.test a:2.test exists:3.test -all", &["spf_void"], None),
        ("v=spf1 a:1.test exists:%{i}.test mx:comune.siena.it -all", &[], None),
    ] {
        let mut names = Names::well();
        names.spf(record);
        let health = names.look();
        let found: Vec<&str> = health.checks.iter().map(|check| check.code.code()).collect();
        let wrong = health.wrong();
        let good = expected.iter().all(|code| found.contains(code)) && wrong.iter().all(|code| expected.contains(code));
        assert!(good && wrong.len() <= expected.len(), "{record}: {found:?}");
        if let (Some(publish), [code]) = (publish, expected) {
            assert_eq!(health.publish(Code::from_code(code).unwrap()), (DOMAIN, publish), "{record}");
        }
    }
    let mut names = Names::well();
    names.txt("_dmarc.comune.siena.it", &["v=DMARC1; p=none; rua=mailto:a@comune.siena.it"]).spf("v=spf1 mx ~all");
    assert_eq!(names.wrong(), ["spf_all_soft", "dmarc_none"], "a doubt alone stops nobody");
}

#[test]
fn two_records_of_spf_are_none_and_are_joined() {
    let mut names = Names::well();
    names.txt(DOMAIN, &["v=spf1 mx ~all", "v=spf1 include:_spf.riserva.test -all", "v=spf10"]);
    let health = names.look();
    assert_eq!(health.wrong(), ["spf_many"]);
    assert_eq!(health.publish(Code::SpfMany).1, "v=spf1 mx include:_spf.riserva.test -all");
}

/// A record that includes `count` others, one after the other or one below the other.
fn included(names: &mut Names, count: usize, nested: bool) {
    let mut own = "v=spf1".to_owned();
    for number in 0..count {
        let next = if nested && number + 1 < count { format!("include:{}.test ", number + 1) } else { String::new() };
        names.txt(&format!("{number}.test"), &[&format!("v=spf1 {next}ip4:192.0.2.{number} -all")]);
        if !nested || number == 0 {
            write!(own, " include:{number}.test").unwrap();
        }
    }
    names.spf(&format!("{own} -all"));
}

#[test]
fn ten_questions_are_allowed_and_eleven_are_not_wherever_they_stand() {
    for nested in [false, true] {
        for (count, wrong) in [(10, &[][..]), (11, &["spf_too_many"])] {
            let mut names = Names::well();
            included(&mut names, count, nested);
            let health = names.look();
            assert_eq!(health.wrong(), wrong, "{nested} {count}");
            let code = if wrong.is_empty() { Code::SpfLookups } else { Code::SpfTooMany };
            assert!(health.check(code).found.starts_with(&format!("{count}: include:0.test (")), "{health:?}");
        }
    }
}

#[test]
fn records_that_lead_to_each_other_without_end_come_to_one() {
    let mut names = Names::well();
    // Each leads to all: without bounds these would be more ways than anybody can count.
    let all: String = (0..30).map(|number| format!(" include:{number}.test")).collect();
    for number in 0..30 {
        names.txt(&format!("{number}.test"), &[&format!("v=spf1{all} -all")]);
    }
    names.spf(&format!("v=spf1{all} -all"));
    let wrong = names.wrong();
    assert!(wrong.contains(&"spf_too_many") && wrong.contains(&"spf_loop"), "{wrong:?}");
    let mut names = Names::well();
    names.spf("v=spf1 redirect=a.test").txt("a.test", &["v=spf1 redirect=b.test"]);
    names.txt("b.test", &["v=spf1 redirect=a.test"]);
    assert_eq!(names.wrong(), ["spf_loop"]);
}

#[test]
fn keys_and_what_is_wrong_with_them() {
    let key = |bits| format!("v=DKIM1; p={}", rsa(bits, false));
    let edwards = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let testing = format!("v=DKIM1; k=rsa; t=y:s; p={}", rsa(2_048, true));
    let sha1 = format!("v=DKIM1; h=sha1; p={}", rsa(2_048, true));
    for (record, expected) in [
        (key(4_096).as_str(), &[][..]),
        (edwards, &[]),
        (&rsa(2_048, true).replace("MII", "p=MII"), &[]),
        (&key(1_024), &["dkim_short"]),
        (&key(1_023), &["dkim_weak"]),
        (&testing, &["dkim_testing"]),
        (&sha1, &["dkim_sha1"]),
        ("v=DKIM1; p=", &["dkim_revoked"]),
        ("v=DKIM1; p=AAAA", &["dkim_broken"]),
        ("v=DKIM1; k=rsa", &["dkim_broken"]),
        ("v=DKIM1; k=ed25519; p=AAAA", &["dkim_broken"]),
        ("v=DKIM1; p=MIIB*", &["dkim_broken"]),
        ("p=AAAA; v=DKIM1", &["dkim_broken"]),
        // A name that answers whatever it is asked.
        ("v=spf1 -all", &["dkim_unseen"]),
        ("v=DMARC1; p=none", &["dkim_unseen"]),
    ] {
        let mut names = Names::well();
        names.txt("default._domainkey.comune.siena.it", &[record]);
        assert_eq!(names.wrong(), expected, "{record}");
    }
    let mut names = Names::well();
    names.txt("default._domainkey.comune.siena.it", &[&testing]);
    let health = names.look();
    assert!(
        health.publish(Code::DkimTesting).1.contains("t=s") && !health.publish(Code::DkimTesting).1.contains("t=y")
    );
    names
        .txt("default._domainkey.comune.siena.it", &["v=DKIM1; p="])
        .txt("google._domainkey.comune.siena.it", &[edwards]);
    assert!(names.wrong().is_empty(), "a key that was withdrawn is nothing beside one that does");
}

#[test]
fn names_of_keys_that_somebody_gave_count_and_usual_ones_are_only_tried() {
    let names = Names::well();
    let with = |origin| Subject { selectors: vec![("anno2026".to_owned(), origin)], ..subject() };
    assert_eq!(names.examine(&with(Origin::Named)).wrong(), ["dkim_absent"]);
    assert!(names.examine(&with(Origin::Reported)).wrong().is_empty(), "another key does its work");
    let mut names = Names::well();
    names.no_txt("default._domainkey.comune.siena.it");
    assert_eq!(names.examine(&with(Origin::Reported)).wrong(), ["dkim_gone"]);
    assert_eq!(names.wrong(), ["dkim_unseen"]);
    assert_eq!(names.look().mark, Some(Mark::B));
    let key = format!("v=DKIM1; p={}", rsa(2_048, false));
    names.txt("anno2026._domainkey.comune.siena.it", &[&key]);
    assert!(names.examine(&with(Origin::Named)).wrong().is_empty());
}

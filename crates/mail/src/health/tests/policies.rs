//! What is to be done with false mail, and how mail travels: DMARC, MTA-STS, TLS-RPT.

use super::*;

#[test]
fn records_of_dmarc_and_what_is_wrong_with_them() {
    let own = "rua=mailto:a@comune.siena.it";
    for (records, expected, publish) in [
        (&[][..], &["dmarc_missing"][..], Some(format!("v=DMARC1; p=none; rua=mailto:dmarc@{DOMAIN}"))),
        (&["v=DMARC1; p=none", "v=DMARC1; p=reject"], &["dmarc_many"], None),
        (&["v=DMARC1; p"], &["dmarc_broken"], None),
        (
            &["v=DMARC1; p=rejct; rua=mailto:a@comune.siena.it"],
            &["dmarc_broken"],
            Some(format!("v=DMARC1; p=none; {own}")),
        ),
        (&["v=DMARC1; p=none; rua=mailto:a@comune.siena.it"], &["dmarc_none"], None),
        (&["v=DMARC1; rua=mailto:a@comune.siena.it"], &["dmarc_none"], None),
        (&["v=DMARC1; p=quarantine; rua=mailto:a@comune.siena.it"], &[], None),
        (
            &["v=DMARC1; p=reject; pct=20; rua=mailto:a@comune.siena.it"],
            &["dmarc_partial"],
            Some(format!("v=DMARC1; p=reject; {own}")),
        ),
        (&["v=DMARC1; p=reject; t=y; rua=mailto:a@comune.siena.it"], &["dmarc_partial"], None),
        (&["v=DMARC1; p=reject; sp=none; rua=mailto:a@comune.siena.it"], &["dmarc_children"], None),
        (
            &["v=DMARC1; p=reject"],
            &["dmarc_no_reports"],
            Some(format!("v=DMARC1; p=reject; rua=mailto:dmarc@{DOMAIN}")),
        ),
        (
            &["v=DMARC1; p=reject; rua=mailto:x@altrove.test!10m"],
            &["dmarc_reports_refused"],
            Some("v=DMARC1".to_owned()),
        ),
        (&["v=DMARC1; p=reject; rua=mailto:x@posta.comune.siena.it"], &[], None),
    ] {
        let mut names = Names::well();
        names.txt("_dmarc.comune.siena.it", records);
        let health = names.look();
        assert_eq!(health.wrong(), expected, "{records:?}");
        if let (Some(publish), [code]) = (publish, expected) {
            assert_eq!(health.publish(Code::from_code(code).unwrap()).1, publish, "{records:?}");
        }
    }
    let mut names = Names::well();
    names.txt("_dmarc.comune.siena.it", &["v=DMARC1; p=reject; rua=mailto:x@altrove.test"]);
    names.txt("comune.siena.it._report._dmarc.altrove.test", &["v=DMARC1"]);
    assert!(names.wrong().is_empty(), "who takes the reports said so");
}

#[test]
fn the_step_that_the_reports_advise_is_the_record_to_publish() {
    let at = |policy: &str, ready| {
        let mut names = Names::well();
        names.txt("_dmarc.comune.siena.it", &[&format!("v=DMARC1; p={policy}; rua=mailto:a@comune.siena.it")]);
        let health = names.examine(&Subject { ready, ..subject() });
        let check = health.checks.iter().find(|check| check.code.topic() == Topic::Dmarc).unwrap().clone();
        (check.code.code(), check.publish.first().map(|record| record.value.clone()))
    };
    let record = |policy: &str| Some(format!("v=DMARC1; p={policy}; rua=mailto:a@comune.siena.it"));
    assert_eq!(at("none", Disposition::None), ("dmarc_none", None));
    assert_eq!(at("none", Disposition::Quarantine), ("dmarc_none_ready", record("quarantine")));
    assert_eq!(at("none", Disposition::Reject), ("dmarc_none_ready", record("quarantine")), "one step at a time");
    assert_eq!(at("quarantine", Disposition::Reject), ("dmarc_quarantine_ready", record("reject")));
    assert_eq!(at("quarantine", Disposition::Quarantine), ("dmarc_quarantine", None));
    assert_eq!(at("reject", Disposition::None), ("dmarc_reject", None));
}

#[test]
fn a_name_below_inherits_what_the_domain_above_says_of_it() {
    let child = Subject { domain: "posta.comune.siena.it".to_owned(), ..Subject::default() };
    let of = |record: &str| {
        let mut names = Names::well();
        names.txt("_dmarc.comune.siena.it", &[record]);
        let health = names.examine(&child);
        let dmarc = health.checks.iter().filter(|check| check.code.topic() == Topic::Dmarc);
        dmarc.map(|check| check.code.code()).collect::<Vec<_>>()
    };
    let rua = "rua=mailto:a@comune.siena.it";
    assert_eq!(of(&format!("v=DMARC1; p=reject; {rua}")), ["dmarc_inherited", "dmarc_reject"]);
    assert_eq!(of(&format!("v=DMARC1; p=reject; sp=none; {rua}")), ["dmarc_inherited", "dmarc_none"]);
    assert_eq!(of(&format!("v=DMARC1; p=none; sp=quarantine; {rua}")), ["dmarc_inherited", "dmarc_quarantine"]);
}

#[test]
fn encrypted_ways_and_what_is_wrong_with_them() {
    let policy = |change: (&str, &str)| Answer::Policy(POLICY.replace(change.0, change.1).into_bytes());
    for (answer, expected) in [
        (policy(("", "")), &[][..]),
        (policy(("\r\n", "\n")), &[]),
        (policy(("mx: mail.comune.siena.it\r\n", "")), &["sts_uncovered"]),
        (policy(("*.riserva.test", "*.test")), &["sts_uncovered"]),
        (policy(("enforce", "testing")), &["sts_testing"]),
        (policy(("enforce", "none")), &["sts_off"]),
        (policy(("enforce", "strict")), &["sts_policy_broken"]),
        (policy(("604800", "3600")), &["sts_short"]),
        (policy(("604800", "999999999")), &["sts_policy_broken"]),
        (policy(("604800", "-1")), &["sts_policy_broken"]),
        (policy(("STSv1", "STSv2")), &["sts_policy_broken"]),
        (policy(("mode", "modo")), &["sts_policy_broken"]),
        (Answer::Policy(vec![0xff; 100]), &["sts_policy_broken"]),
        (Answer::Policy(vec![b'x'; 1 << 20]), &["sts_policy_broken"]),
        (Answer::Nothing, &["sts_no_policy"]),
        (Answer::Refused("404".to_owned()), &["sts_no_policy"]),
        (Answer::Unknown(String::new()), &["sts_policy_unknown"]),
    ] {
        let mut names = Names::well();
        names.set(Question::Policy(DOMAIN.to_owned()), answer.clone());
        assert_eq!(names.wrong(), expected, "{answer:?}");
    }
    for (records, expected) in [
        (&["v=STSv1; id=1", "v=STSv1; id=2"][..], &["sts_many"][..]),
        (&["v=STSv1"], &["sts_broken"]),
        (&["v=STSv1; id=with-hyphen"], &["sts_broken"]),
        (&["v=STSv2; id=1"], &["sts_missing"]),
    ] {
        let mut names = Names::well();
        names.txt("_mta-sts.comune.siena.it", records);
        assert_eq!(names.wrong(), expected, "{records:?}");
    }
    for (records, expected) in [
        (&["v=TLSRPTv1; rua=https://a.test/x,mailto:b@c.test"][..], &[][..]),
        (&["v=TLSRPTv1; rua=ftp://a.test"], &["rpt_broken"]),
        (&["v=TLSRPTv1"], &["rpt_broken"]),
        (&["v=TLSRPTv1; rua=mailto:a@b", "v=TLSRPTv1; rua=mailto:a@b"], &["rpt_many"]),
        (&["v=STSv1"], &["rpt_missing"]),
    ] {
        let mut names = Names::well();
        names.txt("_smtp._tls.comune.siena.it", records);
        assert_eq!(names.wrong(), expected, "{records:?}");
    }
}

#[test]
fn the_file_to_publish_is_one_that_this_reader_takes() {
    let mut names = Names::well();
    names.no_txt("_mta-sts.comune.siena.it");
    let health = names.look();
    let [file, record] = &health.check(Code::StsMissing).publish[..] else { panic!("{health:?}") };
    assert_eq!(file.name, "https://mta-sts.comune.siena.it/.well-known/mta-sts.txt");
    let policy = StsPolicy::read(file.value.as_bytes()).unwrap();
    assert!(
        policy.mode == StsMode::Testing && policy.covers("mail.comune.siena.it") && policy.covers("mx1.riserva.test")
    );
    assert_eq!((record.kind.as_str(), record.value.as_str()), ("TXT", "v=STSv1; id=1"));
}

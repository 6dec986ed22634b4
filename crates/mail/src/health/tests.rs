//! Domains as they are met: one where all is well, and each thing that can be wrong with it.

use super::key::tests::rsa;
use super::*;
use std::collections::HashMap;
use std::fmt::Write as _;

const DOMAIN: &str = "comune.siena.it";
const POLICY: &str =
    "version: STSv1\r\nmode: enforce\r\nmx: mail.comune.siena.it\r\nmx: *.riserva.test\r\nmax_age: 604800\r\n";

/// A DNS as a table; what is not in it is not there.
#[derive(Clone, Default)]
struct Names(HashMap<Question, Answer>);

impl Names {
    /// Where all is well.
    fn well() -> Self {
        let mut names = Self::default();
        names.mx(DOMAIN, &[(10, "mail.comune.siena.it"), (20, "mx1.riserva.test")]);
        names.host("mail.comune.siena.it").host("mx1.riserva.test");
        names.txt(DOMAIN, &["something else", "v=spf1 mx include:_spf.riserva.test ip4:192.0.2.7 -all"]);
        names.txt("_spf.riserva.test", &["v=spf1 ip4:198.51.100.0/24 ~all"]);
        names.txt("default._domainkey.comune.siena.it", &[&format!("v=DKIM1; k=rsa; p={}", rsa(2_048, false))]);
        names.txt("_dmarc.comune.siena.it", &["v=DMARC1; p=reject; rua=mailto:dmarc@comune.siena.it"]);
        names.txt("_mta-sts.comune.siena.it", &["v=STSv1; id=20261122"]);
        names.txt("_smtp._tls.comune.siena.it", &["v=TLSRPTv1; rua=mailto:tls@comune.siena.it"]);
        names.set(Question::Policy(DOMAIN.to_owned()), Answer::Policy(POLICY.as_bytes().to_vec()));
        names.set(Question::Signed(DOMAIN.to_owned()), Answer::Signed(Chain::Secure));
        names
    }

    fn set(&mut self, question: Question, answer: Answer) -> &mut Self {
        self.0.insert(question, answer);
        self
    }

    fn mx(&mut self, name: &str, servers: &[(u16, &str)]) -> &mut Self {
        let servers = servers.iter().map(|(order, host)| (*order, (*host).to_owned())).collect();
        self.set(Question::Mx(name.to_owned()), Answer::Mx(servers))
    }

    fn host(&mut self, name: &str) -> &mut Self {
        self.set(Question::Addresses(name.to_owned()), Answer::Addresses(vec!["192.0.2.25".parse().unwrap()]))
    }

    fn txt(&mut self, name: &str, texts: &[&str]) -> &mut Self {
        let texts = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
        self.set(Question::Txt(name.to_owned()), Answer::Txt(texts))
    }

    fn no_txt(&mut self, name: &str) -> &mut Self {
        self.set(Question::Txt(name.to_owned()), Answer::Nothing)
    }

    fn spf(&mut self, record: &str) -> &mut Self {
        self.txt(DOMAIN, &[record])
    }

    /// Looks again until nothing is missing, as the server does.
    fn examine(&self, subject: &Subject) -> Health {
        let mut book = Book::default();
        for _ in 0..100 {
            let health = examine(subject, &mut book);
            let missing = book.missing();
            if missing.is_empty() {
                return health;
            }
            for question in missing {
                let answer = self.0.get(&question).cloned().unwrap_or(Answer::Nothing);
                book.learn(question, answer);
            }
        }
        panic!("the look does not come to an end");
    }

    fn look(&self) -> Health {
        self.examine(&subject())
    }

    /// The codes that are not good, in order.
    fn wrong(&self) -> Vec<&'static str> {
        self.look().wrong()
    }
}

impl Health {
    fn wrong(&self) -> Vec<&'static str> {
        let wrong = self.checks.iter().filter(|check| check.code.grade() != Grade::Good);
        wrong.map(|check| check.code.code()).collect()
    }

    fn check(&self, code: Code) -> &Check {
        self.checks.iter().find(|check| check.code == code).unwrap_or_else(|| panic!("no {code:?}: {self:#?}"))
    }

    /// What is to be published for a code.
    fn publish(&self, code: Code) -> (&str, &str) {
        let [only] = &self.check(code).publish[..] else { panic!("{:?}", self.check(code)) };
        (&only.name, &only.value)
    }
}

fn subject() -> Subject {
    Subject { domain: DOMAIN.to_owned(), ..Subject::default() }
}

#[test]
fn a_domain_as_it_should_be_has_the_best_mark() {
    let health = Names::well().look();
    assert_eq!((health.mark, health.wrong()), (Some(Mark::A), vec![]));
    let codes: Vec<&str> = health.checks.iter().map(|check| check.code.code()).collect();
    assert_eq!(
        codes,
        ["mx_good", "spf_lookups", "spf_all_hard", "dkim_good", "dmarc_reject", "sts_good", "rpt_good", "signed_good"]
    );
    assert_eq!(health.check(Code::SpfLookups).found, "2: mx (1), include:_spf.riserva.test (1)");
    assert!(!health.has_defects());
}

#[test]
fn a_domain_without_anything_has_the_worst_and_is_told_what_to_publish() {
    let health = Names::default().look();
    assert_eq!(health.mark, Some(Mark::F));
    let wrong = ["mx_missing", "spf_missing", "dkim_unseen", "dmarc_missing", "sts_missing", "rpt_missing"];
    assert_eq!(health.wrong(), wrong.into_iter().chain(["signed_missing"]).collect::<Vec<_>>());
    assert_eq!(health.publish(Code::SpfMissing), (DOMAIN, "v=spf1 mx ~all"));
    let first = ("_dmarc.comune.siena.it", "v=DMARC1; p=none; rua=mailto:dmarc@comune.siena.it");
    assert_eq!(health.publish(Code::DmarcMissing), first);
    let report = ("_smtp._tls.comune.siena.it", "v=TLSRPTv1; rua=mailto:tlsrpt@comune.siena.it");
    assert_eq!(health.publish(Code::RptMissing), report);
}

#[test]
fn while_the_dns_is_away_everything_is_unknown_and_nothing_is_bad() {
    let mut book = Book::default();
    for _ in 0..10 {
        let health = examine(&Subject { blacklists: vec!["bl.test".to_owned()], ..subject() }, &mut book);
        assert_eq!(health.mark, None);
        assert!(health.checks.iter().all(|check| check.code.grade() == Grade::Unknown), "{health:#?}");
        for question in book.missing() {
            book.learn(question, Answer::Unknown("timed out".to_owned()));
        }
    }
}

#[test]
fn where_mail_goes() {
    type Change = fn(&mut Names) -> &mut Names;
    let cases: [(Change, &[&str]); 8] = [
        (|n| n.set(Question::Mx(DOMAIN.to_owned()), Answer::Nothing), &["mx_missing"]),
        (|n| n.set(Question::Mx(DOMAIN.to_owned()), Answer::Nothing).host(DOMAIN), &["mx_implicit", "sts_uncovered"]),
        (|n| n.mx(DOMAIN, &[(1, "gone.test")]), &["mx_unresolved", "sts_uncovered"]),
        (|n| n.mx(DOMAIN, &[(1, "gone.riserva.test"), (2, "mail.comune.siena.it")]), &["mx_partly"]),
        (|n| n.mx(DOMAIN, &[(1, "192.0.2.1")]), &["mx_number", "sts_uncovered"]),
        (|n| n.mx(DOMAIN, &[(0, ""), (2, "mail.comune.siena.it")]), &["mx_null_mixed"]),
        (|n| n.mx(DOMAIN, &[(0, "")]), &[]),
        (|n| n.set(Question::Mx(DOMAIN.to_owned()), Answer::Unknown(String::new())), &["mx_unknown", "spf_unknown"]),
    ];
    for (change, expected) in cases {
        let mut names = Names::well();
        change(&mut names);
        assert_eq!(names.wrong(), expected);
    }
    let mut names = Names::default();
    names.mx(DOMAIN, &[(0, "")]);
    assert_eq!(names.look().publish(Code::SpfMissing).1, "v=spf1 -all", "who takes no mail sends none");
}

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

#[test]
fn signatures_of_the_dns_and_blacklists() {
    for (chain, expected) in [(Chain::Insecure, "signed_missing"), (Chain::Broken, "signed_broken")] {
        let mut names = Names::well();
        names.set(Question::Signed(DOMAIN.to_owned()), Answer::Signed(chain));
        assert_eq!(names.wrong(), [expected]);
    }
    let subject = Subject { blacklists: vec!["bl.test".to_owned()], ..subject() };
    for (code, expected) in [
        (Some("127.0.0.2"), &["listed"][..]),
        (Some("127.255.255.254"), &["listed_unknown"]),
        (Some("192.0.2.1"), &["listed_unknown"]),
        (None, &[]),
    ] {
        let mut names = Names::well();
        if let Some(code) = code {
            let answer = Answer::Addresses(vec![code.parse().unwrap()]);
            // The machine that SPF names by its number.
            names.set(Question::Listed("7.2.0.192.bl.test".to_owned()), answer);
        }
        assert_eq!(names.examine(&subject).wrong(), expected, "{code:?}");
    }
    assert!(Names::well().look().worst(Topic::Blacklist).is_none(), "no list is asked unless somebody chose one");
}

#[test]
fn bytes_of_all_kinds_and_giant_texts_are_read_within_bounds() {
    let giants = [
        vec![0xff; 60_000],
        b"v=spf1 \xe8 -all".to_vec(),
        [b"v=spf1 ".to_vec(), b"include:a.test ".repeat(4_000), b"-all".to_vec()].concat(),
        [b"v=DMARC1; p=".to_vec(), vec![b'r'; 60_000]].concat(),
        b"v=DMARC1; p=reject\0\x1b[31m".to_vec(),
        [b"v=DKIM1; p=".to_vec(), vec![b'A'; 60_000]].concat(),
        b";".repeat(60_000),
    ];
    for name in [DOMAIN, "_dmarc.comune.siena.it", "default._domainkey.comune.siena.it", "_mta-sts.comune.siena.it"] {
        for giant in &giants {
            let mut names = Names::well();
            names.set(Question::Txt(name.to_owned()), Answer::Txt(vec![giant.clone()]));
            for check in names.look().checks {
                assert!(check.found.chars().count() <= MOST_SHOWN + 1 && !check.found.contains(char::is_control));
            }
        }
    }
}

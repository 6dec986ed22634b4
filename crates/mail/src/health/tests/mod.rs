//! Domains as they are met: one where all is well, and each thing that can be wrong with it.

mod policies;
mod senders;

use super::key::tests::rsa;
use super::*;
use std::collections::HashMap;

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

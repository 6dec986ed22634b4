//! SPF, against the rules and examples of RFC 7208: its appendix A, the macros of section 7.4, the errors of sections 4 to 6. The
//! names are those of the standard; the policies stand side by side below `example.com`, so that one zone holds them all.

use super::{OUTSIDE, Outside, note, result};
use std::fmt::Write as _;

/// The hosts of appendix A, and what the macros lead to.
const HOSTS: &str = "\
example.com. MX 10 mail-a.example.com.\nexample.com. MX 20 mail-b.example.com.
example.com. A 192.0.2.10\nexample.com. A 192.0.2.11
amy.example.com. A 192.0.2.65\nbob.example.com. A 192.0.2.66
mail-a.example.com. A 192.0.2.129\nmail-b.example.com. A 192.0.2.130
example.org. MX 10 mail-c.example.org.\nmail-c.example.org. A 192.0.2.140
10.2.0.192.in-addr.arpa. PTR example.com.\n65.2.0.192.in-addr.arpa. PTR amy.example.com.
140.2.0.192.in-addr.arpa. PTR mail-c.example.org.\n4.100.51.198.in-addr.arpa. PTR bob.example.com.
only6.example.com. AAAA 2001:db8::1
_spf.example.com. TXT \"v=spf1 mx:example.com -all\"
_fail.example.com. TXT \"v=spf1 -all\"
_pass.example.com. TXT \"v=spf1 +all\"
3.2.0.192.in-addr._spf.example.com. A 127.0.0.2
bad.strong.lp._spf.example.com. A 127.0.0.2
bad.strong.lp.3.2.0.192.in-addr._spf.example.com. A 127.0.0.2
3.2.0.192.in-addr.strong.lp._spf.example.com. A 127.0.0.2
example.com.trusted-domains.example.net. A 127.0.0.2
1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com. A 127.0.0.2
two.example.com. TXT \"v=spf1 +all\"\ntwo.example.com. TXT \"v=spf1 -all\"
split.example.com. TXT \"v=spf1 a:exam\" \"ple.com -all\"
";

/// A policy, and what it makes of senders from addresses. `SELF` is the name under which it stands.
const POLICIES: &[(&str, &[(&str, &str)])] = &[
    // Appendix A.1: simple examples.
    ("v=spf1 +all", &[("203.0.113.9", "pass")]),
    ("v=spf1 a:example.com -all", &[("192.0.2.10", "pass"), ("192.0.2.11", "pass"), ("192.0.2.12", "fail")]),
    ("v=spf1 a:example.org -all", &[("192.0.2.10", "fail")]),
    ("v=spf1 mx:example.com -all", &[("192.0.2.129", "pass"), ("192.0.2.130", "pass"), ("192.0.2.131", "fail")]),
    ("v=spf1 mx:example.org -all", &[("192.0.2.140", "pass"), ("192.0.2.129", "fail")]),
    ("v=spf1 mx:example.com mx:example.org -all", &[("192.0.2.140", "pass")]),
    (
        "v=spf1 mx:example.com/30 mx:example.org/30 -all",
        &[("192.0.2.131", "pass"), ("192.0.2.143", "pass"), ("192.0.2.144", "fail")],
    ),
    ("v=spf1 ptr:example.com -all", &[("192.0.2.65", "pass"), ("192.0.2.140", "fail"), ("198.51.100.4", "fail")]),
    ("v=spf1 ip4:192.0.2.128/28 -all", &[("192.0.2.129", "pass"), ("192.0.2.65", "fail")]),
    ("v=spf1 ip6:2001:db8::/32 -all", &[("2001:db8::cb01", "pass"), ("2001:db9::1", "fail"), ("192.0.2.1", "fail")]),
    // Sections 2.6 and 4.7: what comes out when nothing matches, and the signs before a mechanism.
    ("v=spf1", &[(OUTSIDE, "neutral")]),
    ("v=spf1 ?all", &[(OUTSIDE, "neutral")]),
    ("v=spf1 ~all", &[(OUTSIDE, "softfail")]),
    // Section 4.5: what is a record at all.
    ("v=spf10 -all", &[(OUTSIDE, "none")]),
    ("v=spf1-all", &[(OUTSIDE, "none")]),
    ("some other text", &[(OUTSIDE, "none")]),
    ("V=SPF1 A:example.com -ALL", &[("192.0.2.10", "pass"), (OUTSIDE, "fail")]),
    // Section 4.6: errors, and modifiers that nobody knows.
    ("v=spf1 foo:bar -all", &[(OUTSIDE, "permerror")]),
    ("v=spf1 ip4:192.0.2.300 -all", &[(OUTSIDE, "permerror")]),
    ("v=spf1 a:example.com/33 -all", &[(OUTSIDE, "permerror")]),
    ("v=spf1 unknown=%{d} a:example.com -all", &[("192.0.2.10", "pass")]),
    // Section 4.6.4: ten questions and no more.
    (
        "v=spf1 a:amy.example.com a:amy.example.com a:amy.example.com a:amy.example.com a:amy.example.com a:amy.example.com \
         a:amy.example.com a:amy.example.com a:amy.example.com a:amy.example.com -all",
        &[(OUTSIDE, "fail")],
    ),
    (
        "v=spf1 a:a.example.com a:amy.example.com a:amy.example.com a:amy.example.com a:amy.example.com a:amy.example.com \
         a:amy.example.com a:amy.example.com a:amy.example.com a:amy.example.com a:bob.example.com -all",
        &[(OUTSIDE, "permerror")],
    ),
    ("v=spf1 include:SELF -all", &[(OUTSIDE, "permerror")]),
    // Sections 5.2 and 6.1: what other domains say.
    ("v=spf1 include:_pass.example.com -all", &[(OUTSIDE, "pass")]),
    ("v=spf1 include:_fail.example.com ~all", &[(OUTSIDE, "softfail")]),
    ("v=spf1 ~include:_spf.example.com -all", &[("192.0.2.129", "softfail"), (OUTSIDE, "fail")]),
    ("v=spf1 include:nothing.example.com -all", &[(OUTSIDE, "permerror")]),
    ("v=spf1 redirect=_spf.example.com", &[("192.0.2.129", "pass"), (OUTSIDE, "fail")]),
    ("v=spf1 redirect=nothing.example.com", &[(OUTSIDE, "permerror")]),
    // Section 5.7: only an address of the old kind exists.
    ("v=spf1 exists:only6.example.com -all", &[(OUTSIDE, "fail")]),
    // Section 7.4: macros.
    (
        "v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all",
        &[("192.0.2.3", "pass"), ("2001:db8::cb01", "pass"), ("192.0.2.4", "fail")],
    ),
    ("v=spf1 exists:%{lr-}.lp._spf.%{d2} -all", &[(OUTSIDE, "pass")]),
    ("v=spf1 exists:%{lr-}.lp.%{ir}.%{v}._spf.%{d2} -all", &[("192.0.2.3", "pass"), ("192.0.2.4", "fail")]),
    ("v=spf1 exists:%{ir}.%{v}.%{l1r-}.lp._spf.%{d2} -all", &[("192.0.2.3", "pass"), ("192.0.2.4", "fail")]),
    ("v=spf1 exists:%{d2}.trusted-domains.example.net -all", &[(OUTSIDE, "pass")]),
];

#[test]
fn senders_are_judged_as_the_standard_of_spf_says() {
    let mut records = HOSTS.to_owned();
    for (at, (policy, _)) in POLICIES.iter().enumerate() {
        let name = format!("p{at}.example.com");
        writeln!(records, "{name}. TXT \"{}\"", policy.replace("SELF", &name)).unwrap();
    }
    let Some(mut outside) = Outside::with(&records, &[]) else { return };
    let message = note("anna@author.test");
    let mut wrong = Vec::new();
    for (at, (policy, senders)) in POLICIES.iter().enumerate() {
        for (address, expected) in *senders {
            let said = outside.send(address, "client.test", &format!("strong-bad@p{at}.example.com"), &message);
            let found = result(&said, "spf");
            if found != *expected {
                wrong.push(format!("{policy} from {address}: {found}, not {expected}"));
            }
        }
    }
    for (domain, expected) in
        [("two.example.com", "permerror"), ("split.example.com", "pass"), ("nobody.example.com", "none")]
    {
        let found = result(&outside.send("192.0.2.10", "client.test", &format!("a@{domain}"), &message), "spf");
        if found != expected {
            wrong.push(format!("{domain}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn of_a_notice_without_a_sender_the_machines_own_name_is_judged() {
    let Some(mut outside) = Outside::with(HOSTS, &[]) else { return };
    let message = note("anna@author.test");
    let said = outside.send("192.0.2.129", "_spf.example.com", "", &message);
    assert_eq!(result(&said, "spf"), "pass");
    assert!(super::header(&said).contains("smtp.helo=_spf.example.com"));
    assert_eq!(result(&outside.send(OUTSIDE, "_spf.example.com", "", &message), "spf"), "fail");
    assert_eq!(result(&outside.send(OUTSIDE, "[198.51.100.7]", "", &message), "spf"), "none");
}

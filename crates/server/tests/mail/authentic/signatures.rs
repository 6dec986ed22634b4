//! DKIM: the message of RFC 8463 appendix A with its two signatures, and messages that the test signs and spoils.

use super::{OUTSIDE, Outside, note, results};
use crate::stage::signing::Key;
use mail_auth::dkim::Canonicalization::{Relaxed, Simple};

/// The keys of RFC 8463 appendix A.2.
const KEYS: &str = "\
brisbane._domainkey.football.example.com. TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"
test._domainkey.football.example.com. TXT \"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC\" \"DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\"
";

/// The message of appendix A.3.
const GAME: &str = "\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
";

/// What came out for each signature, in the order in which they are told.
fn signatures(outside: &mut Outside, message: &[u8]) -> Vec<(String, String)> {
    let said = outside.send(OUTSIDE, "client.test", "joe@football.example.com", message);
    let told = results(&said).findings.into_iter().filter(|finding| finding.method == "dkim");
    told.map(|finding| (finding.property("header.s").unwrap_or_default().to_owned(), finding.result)).collect()
}

#[test]
fn the_signatures_of_the_standards_own_example_hold_until_something_is_changed() {
    let Some(mut outside) = Outside::with(KEYS, &[]) else { return };
    let game = GAME.replace('\n', "\r\n");
    let both = |result: &str| [("brisbane", result), ("test", result)].map(|(s, r)| (s.to_owned(), r.to_owned()));
    assert_eq!(signatures(&mut outside, game.as_bytes()), both("pass"));
    for (of, by) in [
        ("Are you hungry", "Are you angry"),
        ("Is dinner ready?", "Is supper ready?"),
        ("<joe@football.example.com>", "<jim@football.example.com>"),
        ("From: Joe", "From: Jim <jim@evil.test>\r\nFrom: Joe"),
    ] {
        let spoiled = game.replacen(of, by, 1);
        assert_eq!(signatures(&mut outside, spoiled.as_bytes()), both("fail"), "{by}");
    }
    // Under relaxed form white space may change on the way.
    let folded = game.replace("Is dinner ready?", "Is  dinner\r\n ready?  ").replace("Joe.\r\n", "Joe. \r\n\r\n\r\n");
    assert_eq!(signatures(&mut outside, folded.as_bytes()), both("pass"));
}

#[test]
fn a_signature_is_worth_what_its_key_is() {
    let key = Key::of("a.test");
    let records = format!("{}r._domainkey.b.test. TXT \"v=DKIM1; k=ed25519; p=\"\n", key.record());
    let Some(mut outside) = Outside::with(&records, &[]) else { return };
    let strict = key.sign(&note("anna@a.test"), Simple);
    let of = |outside: &mut Outside, message: &[u8]| {
        signatures(outside, message).into_iter().map(|(_, result)| result).collect::<Vec<_>>()
    };
    assert_eq!(of(&mut outside, &strict), ["pass"]);
    let text = String::from_utf8(strict).unwrap();
    assert_eq!(of(&mut outside, text.replacen("Verbale di", "Verbale  di", 1).as_bytes()), ["fail"]);
    assert_eq!(
        of(&mut outside, text.replacen("s=k", "s=r", 1).replacen("d=a.test", "d=b.test", 1).as_bytes()),
        ["permerror"]
    );
    assert_eq!(of(&mut outside, text.replacen("s=k", "s=gone", 1).as_bytes()), ["permerror"]);
    let other = Key::of("a.test").sign(&note("anna@a.test"), Relaxed);
    assert_eq!(of(&mut outside, &other), ["fail"]);
    assert_eq!(of(&mut outside, &note("anna@a.test")), ["none"]);
    // However many there are, a few are looked at.
    let many = (0..40).fold(note("anna@a.test"), |message, _| key.sign(&message, Relaxed));
    assert_eq!(of(&mut outside, &many), ["pass"; 8]);
}

//! What no agent sends, over the real mutual-TLS door: each is answered by a clear problem and counted, and neither others
//! nor what was kept suffer from it.

use crate::stage::device::{Device, enrol, finding, id, message};
use crate::stage::{Stage, http, until};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};

const JSON: &str = "content-type: application/json\r\n";

fn served() -> Stage {
    let mut stage = Stage::set();
    stage.start_server();
    stage
}

/// What must come back: a problem with this status and code, which says in words what is wrong and what to do.
fn assert_problem(what: &str, answer: &(u16, Value), status: u16, code: &str) {
    assert_eq!((answer.0, answer.1["code"].as_str()), (status, Some(code)), "{what}: {answer:?}");
    assert_eq!(answer.1["status"], status, "{what}");
    for words in ["title", "detail"] {
        assert!(answer.1[words].as_str().is_some_and(|words| words.len() > 10), "{what}: {answer:?}");
    }
}

/// Bodies that are no message, each with its refusal.
fn bodies() -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let good = message(1, &[finding(1, "/srv/a")]).to_string();
    let changed = |from: &str, to: &str| good.replacen(from, to, 1).into_bytes();
    let mut many = message(1, &vec![finding(1, "/srv/a"); 257]);
    many["events"][0]["seq"] = json!(1);
    let disordered = json!({ "events": [message(2, &[finding(1, "/a")])["events"][0], message(1, &[finding(1, "/a")])["events"][0]] });
    let mut disorder = message(1, &[]);
    disorder["events"] = disordered["events"].clone();
    vec![
        ("too large", vec![b' '; 1024 * 1024 + 1], 413, "wire.too_large"),
        ("empty", Vec::new(), 400, "wire.unreadable"),
        ("cut", good.as_bytes()[..good.len() / 2].to_vec(), 400, "wire.unreadable"),
        ("not UTF-8", [&good.as_bytes()[..40], b"\xff\xfe", &good.as_bytes()[40..]].concat(), 400, "wire.unreadable"),
        ("a path that is not UTF-8", [b"{\"path\": \"/srv/\xff\"}".as_slice()].concat(), 400, "wire.unreadable"),
        ("deep", vec![b'['; 200_000], 400, "wire.unreadable"),
        (
            "deep in a known field",
            changed("\"processes\":[]", &format!("\"processes\":{}", "[".repeat(100_000))),
            400,
            "wire.unreadable",
        ),
        ("a huge number", changed("\"backlog\":0", "\"backlog\":1e999"), 400, "wire.unreadable"),
        (
            "a long number",
            changed("\"backlog\":0", &format!("\"backlog\":{}", "9".repeat(400))),
            400,
            "wire.unreadable",
        ),
        ("a negative number", changed("\"seq\":1", "\"seq\":-1"), 400, "wire.unreadable"),
        ("a number beyond the end", changed("\"seq\":1", "\"seq\":18446744073709551616"), 400, "wire.unreadable"),
        ("the number nought", changed("\"seq\":1", "\"seq\":0"), 422, "exchange.disorder"),
        ("a field nobody knows", changed("\"protocol\"", "\"tenant\":\"x\",\"protocol\""), 400, "wire.unreadable"),
        ("a kind nobody knows", changed("\"kind\":\"finding\"", "\"kind\":\"upload\""), 400, "wire.unreadable"),
        ("a version of tomorrow", changed("\"protocol\":1", "\"protocol\":2"), 400, "wire.version"),
        ("too many", many.to_string().into_bytes(), 413, "exchange.too_many"),
        ("out of order", disorder.to_string().into_bytes(), 422, "exchange.disorder"),
        ("with a gap", message(7, &[finding(1, "/srv/a")]).to_string().into_bytes(), 409, "exchange.gap"),
    ]
}

#[test]
fn what_is_no_message_is_a_problem_counted_and_costs_nobody_anything() {
    let stage = served();
    let (odd, other) = (Device::enrol(&stage, stage.comune), Device::enrol(&stage, stage.comune));
    let mut kept = 0;
    for (what, body, status, code) in bodies() {
        let before = stage.refused(false, code);
        let answer = odd.post(&body).unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_problem(what, &answer, status, code);
        assert_eq!(stage.refused(false, code), before + 1, "{what}");
        kept += 1;
        assert_eq!(other.tell(kept, &[finding(1_000 + kept, "/srv/other")]), kept, "{what}: others go on");
    }
    assert_eq!(odd.tell(1, &[finding(1, "/srv/a")]), 1, "and so does this device, once it speaks as agents do");
    assert_eq!(stage.findings().len() as u64, kept + 1);
}

#[test]
fn a_message_that_breaks_off_is_counted_and_nothing_of_it_is_kept() {
    let stage = served();
    let device = Device::enrol(&stage, stage.comune);
    let body = message(1, &[finding(1, "/srv/a")]).to_string().into_bytes();
    let whole = http::request("POST", "/agent/v1/exchange", JSON, &body);

    // The sender closes in order, but too early.
    let mut line = http::connect(stage.agents, &device.config).unwrap();
    line.write_all(&whole[..whole.len() - 20]).unwrap();
    line.conn.send_close_notify();
    line.flush().unwrap();
    line.sock.shutdown(std::net::Shutdown::Write).unwrap();
    let mut rest = Vec::new();
    let _ = line.read_to_end(&mut rest);
    until("the cut message is counted", || stage.refused(false, "wire.unreadable") == 1);

    // A TLS record announces more than comes.
    let broken = stage.refused(true, "door.broken");
    let mut line = http::connect(stage.agents, &device.config).unwrap();
    line.write_all(&whole[..whole.len() / 2]).unwrap();
    line.flush().unwrap();
    line.sock.write_all(&[23, 3, 3, 1, 0, 42, 42, 42]).unwrap();
    line.sock.shutdown(std::net::Shutdown::Both).unwrap();
    until("the cut record is counted", || stage.refused(true, "door.broken") > broken);

    // A record that was changed on its way.
    let broken = stage.refused(true, "door.broken");
    let mut line = http::connect(stage.agents, &device.config).unwrap();
    line.sock.write_all(&[23, 3, 3, 0, 32]).unwrap();
    line.sock.write_all(&[7; 32]).unwrap();
    let _ = line.sock.read(&mut [0; 1024]);
    until("the forged record is counted", || stage.refused(true, "door.broken") > broken);

    assert!(stage.findings().is_empty());
    assert_eq!(device.tell(1, &[finding(1, "/srv/a")]), 1);
    assert_eq!(stage.findings().len(), 1);
}

#[test]
fn an_exchange_that_is_replayed_changes_nothing() {
    let stage = served();
    let device = Device::enrol(&stage, stage.comune);
    let body = message(1, &[finding(1, "/srv/a"), finding(2, "/srv/b")]).to_string();
    for _ in 0..5 {
        let (status, answer) = device.post(body.as_bytes()).unwrap();
        assert_eq!((status, answer["acked_seq"].as_u64()), (200, Some(2)));
    }
    assert_eq!(stage.findings().len(), 2);
    // A captured exchange with other content under the old numbers is known by its numbers.
    let forged = message(1, &[finding(3, "/srv/c"), finding(4, "/srv/d")]).to_string();
    assert_eq!(device.post(forged.as_bytes()).unwrap().0, 200);
    assert_eq!(stage.findings().len(), 2);
}

#[test]
fn findings_under_another_devices_name_are_stored_under_the_certificates() {
    let stage = served();
    let neighbour = stage.neighbour();
    let (mine, beside) = (Device::enrol(&stage, stage.comune), Device::enrol(&stage, stage.comune));
    let abroad = Device::enrol(&stage, neighbour);
    mine.tell(1, &[finding(1, "/srv/mine")]);
    // The same finding from next door and from another comune, and a step that would end its story.
    let step = json!({ "kind": "finding_step", "finding": id(1), "files_touched": 9, "files_lost": 9,
        "step": { "at": crate::stage::device::AT, "kind": "restored", "detail": "forged", "files": 9 } });
    assert_eq!(beside.tell(1, &[finding(1, "/srv/forged"), step.clone(), finding(2, "/srv/beside")]), 3);
    assert_eq!(abroad.tell(1, &[finding(1, "/srv/forged"), step, finding(3, "/srv/abroad")]), 3);
    assert_eq!(stage.refused(false, "exchange.foreign_finding"), 1);
    assert_eq!(stage.refused(false, "exchange.unknown_finding"), 1);
    let mut paths: Vec<String> =
        stage.findings().iter().map(|finding| finding["path"].as_str().unwrap().to_owned()).collect();
    paths.sort();
    assert_eq!(paths, ["/srv/beside", "/srv/mine"], "what comes from abroad lies abroad");
    let story = stage.api("GET", &format!("/findings/{}", id(1)));
    assert!(!story.to_string().contains("forged"), "{story:#}");
    let of = |device: &Device| stage.api("GET", &format!("/findings?device={}", device.id))["total"].clone();
    assert_eq!((of(&mine), of(&beside)), (json!(1), json!(1)));
}

#[test]
fn certificates_of_nobody_and_of_the_revoked_are_refused_and_counted() {
    let stage = served();
    let device = Device::enrol(&stage, stage.comune);
    let hello = message(1, &[]).to_string();

    let nobody = http::config(&stage.root_der, None);
    let mut line = http::connect(stage.agents, &nobody).unwrap();
    let bytes = http::request("POST", "/agent/v1/exchange", JSON, hello.as_bytes());
    let (status, text) = http::exchange(&mut line, &bytes).unwrap();
    let answer = (status, serde_json::from_str(&text).unwrap());
    assert_problem("no certificate", &answer, 401, "device.no_certificate");
    assert_eq!(stage.refused(true, "device.no_certificate"), 1);

    // A certificate from an authority of one's own never comes to a request.
    let before = stage.refused(true, "door.handshake");
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec!["pc".to_owned()]).unwrap().self_signed(&key).unwrap();
    let shown = (vec![own.der().clone()], PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())));
    let stranger = Device::of(&stage, "nobody", shown);
    assert!(stranger.post(hello.as_bytes()).is_err());
    until("the stranger is counted", || stage.refused(true, "door.handshake") > before);

    assert_eq!(device.tell(1, &[finding(1, "/srv/a")]), 1);
    stage.api("POST", &format!("/devices/{}/revoke", device.id));
    let answer = device.post(message(2, &[finding(2, "/srv/b")]).to_string().as_bytes()).unwrap();
    assert_problem("revoked", &answer, 403, "device.revoked");
    assert_eq!(stage.refused(false, "device.revoked"), 1);
    assert_eq!(stage.findings().len(), 1, "what it told before stays, what came after is not believed");
}

#[test]
fn malformed_requests_for_a_certificate_are_refused_and_leave_the_token_good() {
    let stage = served();
    let secret = stage.secret(stage.comune);
    let key = KeyPair::generate().unwrap();
    let good = CertificateParams::default().serialize_request(&key).unwrap().pem().unwrap();
    let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let other_key = CertificateParams::default().serialize_request(&p384).unwrap().pem().unwrap();
    let certificate = CertificateParams::default().self_signed(&key).unwrap().pem();
    let body: String = good.lines().filter(|line| !line.starts_with('-')).collect();
    let framed =
        |body: &str| format!("-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n");
    let flipped = |at: usize| {
        let mut letters: Vec<char> = body.chars().collect();
        letters[at] = if letters[at] == 'A' { 'B' } else { 'A' };
        framed(&letters.into_iter().collect::<String>())
    };
    let bad = [
        ("nothing", String::new()),
        ("no PEM", "hello".to_owned()),
        ("no base64", framed("****")),
        ("no ASN.1", framed("AAAA")),
        ("cut", framed(&body[..body.len() / 2])),
        ("a frame without an end", good.replace("-----END", "")),
        ("a changed name or key", flipped(60)),
        ("a changed signature", flipped(body.len() - 6)),
        ("a key of another kind", other_key),
        ("a certificate", certificate),
        ("a private key", key.serialize_pem()),
        ("control characters", "\u{0}\u{1b}[2J".to_owned()),
    ];
    for (number, (what, csr)) in (1..).zip(&bad) {
        assert_problem(what, &enrol(&stage, &secret, csr), 422, "enrol.csr_bad");
        assert_eq!(stage.refused(false, "enrol.csr_bad"), number, "{what}");
    }
    assert_problem("too long", &enrol(&stage, &secret, &"A".repeat(9_000)), 422, "enrol.too_long");
    assert_problem("a foreign token", &enrol(&stage, "guessed", &good), 403, "enrol.token_unknown");
    assert_eq!(enrol(&stage, &secret, &good).0, 200, "the token can still be used");
    assert_problem("a used token", &enrol(&stage, &secret, &good), 409, "enrol.token_used");
}

#[test]
fn hostile_file_names_are_kept_bounded_and_shown_as_they_are() {
    let stage = served();
    let device = Device::enrol(&stage, stage.comune);
    let names = [
        "<img src=x onerror=alert(1)>".to_owned(),
        "fattura\u{202e}fdp.exe".to_owned(),
        "two\nlines\r\nhost: evil".to_owned(),
        "nul\u{0}byte".to_owned(),
        "=cmd|' /C calc'!A0".to_owned(),
        "../../../etc/passwd".to_owned(),
        "l".repeat(4_096),
        "è".repeat(20_000),
        "\u{1b}[2J\u{7}".to_owned(),
    ];
    let events: Vec<Value> = (1..).zip(&names).map(|(number, name)| finding(number, &format!("/srv/{name}"))).collect();
    assert_eq!(device.tell(1, &events), names.len() as u64);
    let findings = stage.findings();
    assert_eq!(findings.len(), names.len());
    for (number, name) in (1..).zip(&names) {
        let story = stage.api("GET", &format!("/findings/{}", id(number)));
        let path = story["path"].as_str().unwrap();
        assert!(path.len() <= 4_096 && !path.contains('\0'), "{path:?}");
        if name.len() < 4_000 {
            assert_eq!(path, format!("/srv/{}", name.replace('\0', "\u{fffd}")));
        } else {
            assert!(path.ends_with("bytes cut]"), "{}", path.len());
        }
    }
}

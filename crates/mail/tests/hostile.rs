//! Messages made to break the reader: each is read within its bounds, and the letter says that it was cut.

use baluardo_mail::{Language, Letter, MOST_BYTES, judge};
use proptest::prelude::*;

#[test]
fn a_million_parts_are_cut_to_a_few_hundred() {
    let mut message = b"From: a@b.it\nContent-Type: multipart/mixed; boundary=x\n\n".to_vec();
    for _ in 0..1_000_000 {
        message.extend_from_slice(b"--x\n\na\n");
    }
    let letter = Letter::read(&message);
    assert!(letter.cut);
    assert!(letter.text.len() < 10_000);
}

#[test]
fn parts_within_parts_end_at_a_depth() {
    let mut message = b"From: a@b.it\n".to_vec();
    for depth in 0..20_000 {
        message
            .extend_from_slice(format!("Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n").as_bytes());
    }
    assert!(Letter::read(&message).cut);
}

#[test]
fn messages_within_messages_end_at_a_depth() {
    let mut message = Vec::new();
    for _ in 0..50_000 {
        message.extend_from_slice(b"From: a@b.it\nContent-Type: message/rfc822\n\n");
    }
    assert_eq!(Letter::read(&message).nested, 1);
}

#[test]
fn a_header_of_a_hundred_megabytes_is_cut() {
    let mut message = b"Subject: ".to_vec();
    message.resize(100 << 20, b'a');
    message.extend_from_slice(b"\n\ntext");
    let letter = Letter::read(&message);
    assert!(letter.cut && letter.subject.len() <= 1_000);
    assert!(message.len() > MOST_BYTES);
}

#[test]
fn ten_thousand_headers_are_cut_and_the_text_is_still_read() {
    let message = format!("{}\nciao", "X-A: b\n".repeat(10_000));
    let letter = Letter::read(message.as_bytes());
    assert!(letter.cut);
    assert_eq!(letter.text.trim(), "ciao");
}

#[test]
fn bytes_that_are_no_mail_are_judged_all_the_same() {
    let garbage: Vec<u8> =
        (0..200_000_u32).map(|at| u8::try_from(at.wrapping_mul(2_654_435_761) >> 24).unwrap_or_default()).collect();
    assert!(judge(&garbage, Language::Italian).score <= 1.0);
    assert!(judge(b"", Language::English).score <= 1.0);
}

#[test]
fn a_page_of_open_tags_is_read() {
    let message = format!("From: a@b.it\nContent-Type: text/html\n\n{}ciao", "<div><a href=x>".repeat(200_000));
    let letter = Letter::read(message.as_bytes());
    assert!(letter.links.len() <= 200);
}

#[test]
fn every_beginning_of_a_message_is_read() {
    let message = b"From: =?utf-8?B?UG9z?= <a@b.it>\nSubject: =?iso-8859-1?Q?A=E0?=\nContent-Type: multipart/mixed; boundary=\"x\"\n\n--x\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\nPGEgaHJlZj0iaHR0cDovL2EuaXQiPng8L2E+\n--x\nContent-Type: application/zip; name*0=\"a\"; name*1*=.zip\n\nPK\x03\x04\x14\x00\x01\x00\n--x--\n";
    for end in 0..message.len() {
        let verdict = judge(&message[..end], Language::Italian);
        assert!((0.0..=1.0).contains(&verdict.score));
    }
}

proptest! {
    #[test]
    fn nothing_that_comes_in_breaks_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert!(judge(&bytes, Language::Italian).score.is_finite());
    }

    #[test]
    fn no_page_breaks_the_reader(page in "[<>a-z/=\"' &;#0-9\\PC]{0,300}") {
        let message = format!("From: a@b.it\nContent-Type: text/html\n\n{page}");
        prop_assert!(judge(message.as_bytes(), Language::Italian).score.is_finite());
    }
}

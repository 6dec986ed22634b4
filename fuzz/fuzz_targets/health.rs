//! What strangers publish about a domain: any bytes in records and in the file of MTA-STS give an answer within bounds, and the look
//! comes to an end.
#![no_main]

use baluardo_mail::health::{Answer, Book, Question, StsPolicy, Subject, examine};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(policy) = StsPolicy::read(bytes) {
        assert!(policy.mx.len() <= 64 && policy.max_age <= 31_557_600);
    }
    let texts: Vec<Vec<u8>> = bytes.split(|byte| *byte == 0).take(4).map(<[u8]>::to_vec).collect();
    let subject = Subject { domain: "comune.siena.it".to_owned(), ..Subject::default() };
    let mut book = Book::default();
    for _ in 0..500 {
        let health = examine(&subject, &mut book);
        assert!(health.checks.iter().all(|check| check.found.chars().count() <= 301));
        let missing = book.missing();
        if missing.is_empty() {
            return;
        }
        for question in missing {
            let answer = match question {
                Question::Mx(_) => Answer::Mx(vec![(1, String::from_utf8_lossy(bytes).into_owned())]),
                Question::Txt(_) => Answer::Txt(texts.clone()),
                Question::Policy(_) => Answer::Policy(bytes.to_vec()),
                _ => Answer::Nothing,
            };
            book.learn(question, answer);
        }
    }
    panic!("the look does not come to an end");
});

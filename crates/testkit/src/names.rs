//! A DNS that says what the test wants of every domain, and remembers what it was asked.

use crate::house::TestHouse;
use baluardo_mail::health::{Check, Code, Health, Mark, Publish, Subject};
use baluardo_service::mail::{Looking, NamesDoor};
use std::sync::{Arc, Mutex, PoisonError};

/// What is said of every domain.
#[derive(Debug, Default)]
pub struct TestNames {
    answer: Mutex<(Option<Mark>, Vec<Code>)>,
    asked: Mutex<Vec<Subject>>,
}

impl TestNames {
    /// Puts it before a house; nothing is known of any domain yet.
    #[must_use]
    pub fn before(test: &TestHouse) -> Arc<Self> {
        let names = Arc::new(Self::default());
        test.house.ask_names_by(Arc::clone(&names) as Arc<dyn NamesDoor>);
        names
    }

    /// From now on every domain has this mark, by its letter, and these things were found of it, by their codes.
    ///
    /// # Panics
    /// When a code is none.
    pub fn say(&self, mark: Option<&str>, codes: &[&str]) {
        let mark = mark.map(|mark| Mark::from_code(mark).expect("a letter from A to F"));
        let codes = codes.iter().map(|code| Code::from_code(code).expect("a code of a check")).collect();
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = (mark, codes);
    }

    /// What was asked since the last time.
    #[must_use]
    pub fn asked(&self) -> Vec<Subject> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl NamesDoor for TestNames {
    fn look<'a>(&'a self, subject: &'a Subject) -> Looking<'a> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(subject.clone());
        let (mark, codes) = self.answer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let check = |code| {
            let record =
                Publish { name: subject.domain.clone(), kind: "TXT".to_owned(), value: "v=spf1 mx ~all".to_owned() };
            Check { code, found: "v=spf1 -all".to_owned(), publish: vec![record] }
        };
        let checks = codes.into_iter().map(check).collect();
        Box::pin(std::future::ready(Health { domain: subject.domain.clone(), mark, checks }))
    }
}

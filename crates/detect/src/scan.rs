//! Is this file malware? Three engines in order: SHA-256 indicators, EICAR, YARA rules.

mod eicar;
mod hashes;
mod pack;
mod sample_files;
mod verdict;

pub use pack::RuleInfo;
pub use sample_files::{TEST_SCRIPT_MARK, eicar_test_file, tagged_test_script};
pub use verdict::Verdict;

use baluardo_model::protection::{Reason, Severity};
use hashes::Hashes;
use pack::Pack;
use std::sync::Arc;
use std::time::Duration;

/// Why a scanner cannot be made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ScanError {
    /// Indicators that are no SHA-256: each is named, so that a person can find it in the policy.
    #[error("these indicators are no SHA-256 (64 hexadecimal digits); remove or correct them: {}", .0.join(", "))]
    BadIndicators(Vec<String>),
    /// A rule that ships with the product does not compile. A test rules this out.
    #[error("the rule file {file} does not compile: {reason}")]
    BadRules {
        /// Which file.
        file: String,
        /// What the compiler says.
        reason: String,
    },
}

/// Judges files. Sharing it is cheap: a clone shares the compiled rules and indicators.
#[derive(Clone, Debug)]
pub struct Scanner {
    inner: Arc<Inner>,
}

/// What clones share.
#[derive(Debug)]
struct Inner {
    hashes: Hashes,
    pack: Pack,
    eicar: Vec<u8>,
}

impl Scanner {
    /// A scanner with the rules that ship and the SHA-256 indicators of a policy (hexadecimal, either case, spaces
    /// around them forgiven).
    ///
    /// # Errors
    /// [`ScanError::BadIndicators`] names every entry that is no SHA-256.
    pub fn new(bad_sha256: &[String]) -> Result<Self, ScanError> {
        let inner = Inner { hashes: Hashes::parse(bad_sha256)?, pack: Pack::compile()?, eicar: eicar_test_file() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Judges the bytes of one file.
    ///
    /// `budget` bounds the YARA engine: when it runs out, [`Verdict::complete`] is false and the verdict tells what was
    /// found until then. Hashing and EICAR are linear in the length and always done; the caller bounds the length. The
    /// first engine that knows the file for certain (indicator, or EICAR as the standard defines it) ends the search.
    #[must_use]
    pub fn scan(&self, bytes: &[u8], budget: Duration) -> Verdict {
        let digest = hashes::digest(bytes);
        let mut verdict = Verdict::clean(hashes::hex(&digest));
        if self.inner.hashes.contains(&digest) {
            let rule = verdict.sha256.clone();
            let detail = "the file's SHA-256 is on the list of known bad files".to_owned();
            verdict.add(Reason { engine: "sha256".to_owned(), rule, detail }, Severity::Critical, None);
            return verdict;
        }
        match eicar::judge(bytes, &self.inner.eicar) {
            eicar::Finding::Is => {
                let detail = "the EICAR test file: harmless, every scanner reports it".to_owned();
                let reason = Reason { engine: "eicar".to_owned(), rule: "test_file".to_owned(), detail };
                verdict.add(reason, Severity::High, None);
                return verdict;
            }
            eicar::Finding::Contains(offset) => {
                let detail = format!("the EICAR test text stands at byte {offset} of a longer file");
                let reason = Reason { engine: "eicar".to_owned(), rule: "contains".to_owned(), detail };
                verdict.add(reason, Severity::Low, None);
            }
            eicar::Finding::None => {}
        }
        self.inner.pack.judge(bytes, budget, &mut verdict);
        verdict
    }

    /// The YARA rules in force, in the order of the rule files.
    pub fn rules(&self) -> impl Iterator<Item = &RuleInfo> {
        self.inner.pack.rules()
    }
}

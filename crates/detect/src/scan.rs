//! Is this file malware? Three engines in order: SHA-256 indicators, EICAR, YARA rules.

mod eicar;
mod gate;
mod hashes;
mod hunt;
mod pack;
mod sample_files;
mod source;
mod subject;
mod verdict;
mod worth;

pub use hunt::HuntRules;
pub use pack::{RuleInfo, RulesReport, SkippedRule};
pub use sample_files::{TEST_SCRIPT_MARK, eicar_test_file, tagged_test_script};
pub use source::RuleSource;
pub use subject::Subject;
pub use verdict::{Hit, Verdict};

use crate::indicators::{Indicators, Met};
use crate::nature::{self, Language, Opinion};
use crate::unpack::{Limits, Room, walk};
use baluardo_model::protection::{Reason, Severity};
use hashes::Hashes;
use pack::{Making, Pack};
use std::sync::Arc;
use std::time::Duration;

/// Suspicions told of one file.
const SUSPICIONS: usize = 8;

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
    indicators: Indicators,
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
        Self::with_rules(bad_sha256, std::iter::empty()).map(|(scanner, _)| scanner)
    }

    /// The same with more YARA files. A rule that does not compile is named in the report and left out; the others are
    /// in force.
    ///
    /// # Errors
    /// [`ScanError::BadIndicators`], as for [`Scanner::new`].
    pub fn with_rules(
        bad_sha256: &[String],
        sources: impl IntoIterator<Item = RuleSource>,
    ) -> Result<(Self, RulesReport), ScanError> {
        Self::with_packs(bad_sha256, sources, Indicators::default())
    }

    /// The same with an index of indicators, too: a file that it lists as good is not reported for its digest.
    ///
    /// # Errors
    /// [`ScanError::BadIndicators`], as for [`Scanner::new`].
    pub fn with_packs(
        bad_sha256: &[String],
        sources: impl IntoIterator<Item = RuleSource>,
        indicators: Indicators,
    ) -> Result<(Self, RulesReport), ScanError> {
        let mut making = Making::shipped()?;
        for source in sources {
            making.add(&source);
        }
        let (pack, report) = making.finish();
        let inner = Inner { hashes: Hashes::parse(bad_sha256)?, indicators, pack, eicar: eicar_test_file() };
        Ok((Self { inner: Arc::new(inner) }, report))
    }

    /// Judges the bytes of one file.
    ///
    /// `budget` bounds the YARA engine: when it runs out, [`Verdict::complete`] is false and the verdict tells what was
    /// found until then. Hashing and EICAR are linear in the length and always done; the caller bounds the length. The
    /// first engine that knows the file for certain (indicator, or EICAR as the standard defines it) ends the search.
    #[must_use]
    pub fn scan(&self, bytes: &[u8], budget: Duration) -> Verdict {
        let digest = hashes::digest(bytes);
        let (hits, complete) = self.known_or_hits(bytes, &digest, &Subject::default(), &|| budget);
        Verdict::of(hashes::hex(&digest), hits, complete)
    }

    /// [`Scanner::scan`], and then the same for everything inside a container, within `limits` and for no longer than
    /// `budget` in all; `elapsed` is the time since the call. What is found inside names the path within. A mailbox of many
    /// messages is not opened: one bad message must not cost all the others. `name` is the file's own name, which helps to
    /// tell scripts from texts about them.
    #[must_use]
    pub fn scan_through(
        &self,
        name: &str,
        bytes: &[u8],
        limits: Limits,
        budget: Duration,
        elapsed: &dyn Fn() -> Duration,
    ) -> Verdict {
        let digest = hashes::digest(bytes);
        let left = || budget.saturating_sub(elapsed());
        let expired = || left().is_zero();
        let mut room = Room::new(limits, &expired);
        let (mut all, mut suspicions, mut whole) = (Vec::new(), Vec::new(), true);
        let mut show = |inside: Option<&str>, bytes: &[u8]| {
            let subject = inside.map(|path| Subject::default().part(path, bytes)).unwrap_or_default();
            let own = inside.map(|_| hashes::digest(bytes));
            let (hits, complete) = self.known_or_hits(bytes, own.as_ref().unwrap_or(&digest), &subject, &left);
            whole &= complete;
            all.extend(hits.into_iter().map(|hit| hit.inside(inside)));
            if suspicions.len() < SUSPICIONS {
                suspicions.extend(nature::judge(bytes, inside.unwrap_or(name)).map(|opinion| doubt(&opinion, inside)));
            }
        };
        if bytes.starts_with(b"From ") {
            show(None, bytes);
        } else {
            walk(bytes, &mut room, &mut show);
        }
        let mut verdict = Verdict::of(hashes::hex(&digest), all, whole && !expired());
        if !verdict.is_bad() {
            verdict.suspicions = suspicions;
        }
        verdict
    }

    /// What is known of this digest, or else what the other engines say.
    fn known_or_hits(
        &self,
        bytes: &[u8],
        digest: &[u8; 32],
        subject: &Subject,
        left: &dyn Fn() -> Duration,
    ) -> (Vec<Hit>, bool) {
        if self.inner.hashes.contains(digest) {
            let detail = "the file's SHA-256 is on the list of known bad files";
            return (vec![Hit::new("sha256", hashes::hex(digest), detail, Severity::Critical)], true);
        }
        let mut digests = self.inner.indicators.digests();
        digests.update(bytes);
        let Some(Met { algorithm, name }) = self.inner.indicators.meet(digests) else {
            return self.hits(bytes, subject, left);
        };
        let detail = format!("the file's {} is in a list of indicators", algorithm.word());
        let rule = if name.is_empty() { hashes::hex(digest) } else { name };
        (vec![Hit::new(algorithm.word(), rule, detail, Severity::Critical)], true)
    }

    /// What EICAR's standard and the YARA rules say about the bytes, and whether every rule was asked. `left` is the time
    /// that remains; each group of rules that this kind of file meets asks for it anew.
    #[must_use]
    pub fn hits(&self, bytes: &[u8], subject: &Subject, left: &dyn Fn() -> Duration) -> (Vec<Hit>, bool) {
        let mut hits = Vec::new();
        match eicar::judge(bytes, &self.inner.eicar) {
            eicar::Finding::Is => {
                let detail = "the EICAR test file: harmless, every scanner reports it";
                return (vec![Hit::new("eicar", "test_file", detail, Severity::High)], true);
            }
            eicar::Finding::Contains(offset) => {
                let detail = format!("the EICAR test text stands at byte {offset} of a longer file");
                hits.push(Hit::new("eicar", "contains", detail, Severity::Low));
            }
            eicar::Finding::None => {}
        }
        let complete = self.inner.pack.judge(bytes, subject, left, &mut hits);
        (hits, complete)
    }

    /// The YARA rules in force, in the order of the rule files.
    pub fn rules(&self) -> impl Iterator<Item = &RuleInfo> {
        self.inner.pack.rules()
    }
}

/// What a model says, as a reason for a technician.
fn doubt(opinion: &Opinion, inside: Option<&str>) -> Reason {
    let place = inside.map(|path| format!("inside {path}: ")).unwrap_or_default();
    let reasons = opinion.reasons(Language::English).join("; ");
    let detail = format!("{place}{} of 100 points: {reasons}", opinion.points());
    Reason { engine: "nature".to_owned(), rule: opinion.kind.code().to_owned(), detail }
}

//! Judging off the threads that talk to the mail server: a bounded number at once, within a bounded time, and a panic is an
//! answer like any other.

use baluardo_mail::dmarc::is_dmarc_name;
use baluardo_mail::{Arrival, Authentic, Fingerprint, Language, Local, Verdict};
use baluardo_service::mail::Writer;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// What was judged.
#[derive(Clone, Debug)]
pub(super) struct Opinion {
    /// In Italian.
    pub(super) verdict: Verdict,
    /// In English, of those that are stopped.
    pub(super) english: Option<Verdict>,
    /// What a comune's own knowledge is about.
    pub(super) sketch: Sketch,
}

/// What a comune has to know of a message in order to say more of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Sketch {
    /// The address that the message says it comes from.
    pub(super) author: String,
    /// By what those like it are known.
    pub(super) fingerprint: Fingerprint,
    /// Whether something was found that no acquaintance with its sender excuses.
    pub(super) grave: bool,
    /// Whether it carries what may be a DMARC report.
    pub(super) brings_dmarc: bool,
}

impl Opinion {
    /// The same with what one comune knows beside the message.
    pub(super) fn with(&self, local: &Local) -> Self {
        let grave = self.sketch.grave;
        let verdict = local.weigh(&self.verdict, grave, Language::Italian);
        let english = verdict.action.stops().then(|| {
            // Of what is delivered nothing was told in English: then the comune's own reason stands alone.
            let untold = || Verdict { reasons: Vec::new(), ..self.verdict.clone() };
            local.weigh(&self.english.clone().unwrap_or_else(untold), grave, Language::English)
        });
        Self { verdict, english, sketch: self.sketch.clone() }
    }
}

/// What is judged.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    /// The message without headers of our own.
    pub(super) bytes: Arc<Vec<u8>>,
    /// The sender of the envelope, bare.
    pub(super) sender: String,
    /// What a trusted filter before this one found of its sender's proof.
    pub(super) results: Option<String>,
    /// What was found out of it here.
    pub(super) authentic: Option<Authentic>,
}

impl Incoming {
    /// Who wrote it, if it comes from `author` as it says.
    pub(super) fn writer<'a>(&'a self, author: &'a str) -> Writer<'a> {
        Writer { author, sender: &self.sender, results: self.results.as_deref() }
    }
}

/// What judges; tests bring their own.
pub(super) type Judge = Arc<dyn Fn(&Incoming) -> Opinion + Send + Sync>;

/// The judge that ships.
pub(super) fn shipped() -> Judge {
    Arc::new(|incoming| {
        let arrival = Arrival {
            sender: &incoming.sender,
            results: incoming.results.as_deref(),
            authentic: incoming.authentic.as_ref(),
        };
        let considered = arrival.consider(&incoming.bytes);
        let verdict = considered.verdict(Language::Italian);
        let english = verdict.action.stops().then(|| considered.verdict(Language::English));
        let sketch = Sketch {
            author: considered.letter.from.clone(),
            fingerprint: Fingerprint::of(&considered.letter),
            grave: considered.is_grave(),
            brings_dmarc: considered.letter.attachments.iter().any(|file| is_dmarc_name(&file.name)),
        };
        Opinion { verdict, english, sketch }
    })
}

/// The room where judging happens.
pub(super) struct Bench {
    judge: Judge,
    turns: Arc<Semaphore>,
    patience: Duration,
}

impl std::fmt::Debug for Bench {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bench").field("patience", &self.patience).finish_non_exhaustive()
    }
}

impl Bench {
    pub(super) fn new(judge: Judge, jobs: Option<NonZeroUsize>, patience: Duration) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self { judge, turns: Arc::new(Semaphore::new(jobs.map_or_else(cores, NonZeroUsize::get))), patience }
    }

    /// Judges, or says why it could not. A judgement that takes too long keeps its turn until it ends, so that no crowd of
    /// them gathers behind it.
    pub(super) async fn judge(&self, incoming: &Arc<Incoming>) -> Result<Opinion, &'static str> {
        let work = async {
            let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| "the milter stops")?;
            let (judge, incoming) = (Arc::clone(&self.judge), Arc::clone(incoming));
            let done = tokio::task::spawn_blocking(move || {
                let _turn = turn;
                judge(&incoming)
            });
            done.await.map_err(|_| "the judge failed")
        };
        timeout(self.patience, work).await.unwrap_or(Err("judging took too long"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn bench(judge: Judge, patience: Duration) -> Bench {
        Bench::new(judge, NonZeroUsize::new(1), patience)
    }

    #[tokio::test]
    async fn a_judge_that_panics_is_an_answer_and_its_turn_is_free_again() {
        let bench = bench(
            Arc::new(|incoming| if incoming.bytes.is_empty() { panic!("made to fail") } else { shipped()(incoming) }),
            Duration::from_secs(60),
        );
        assert_eq!(bench.judge(&Arc::default()).await.unwrap_err(), "the judge failed");
        let good = Incoming { bytes: Arc::new(b"Subject: ciao\r\n\r\nciao\r\n".to_vec()), ..Incoming::default() };
        assert!(bench.judge(&Arc::new(good)).await.is_ok());
    }

    #[tokio::test]
    async fn a_judge_that_hangs_is_given_up_and_keeps_its_turn() {
        let (open, door) = mpsc::channel::<()>();
        let door = std::sync::Mutex::new(door);
        let waits = Arc::new(move |incoming: &Incoming| {
            drop(door.lock().map(|door| door.recv()));
            shipped()(incoming)
        });
        let bench = bench(waits, Duration::from_millis(20));
        let incoming = Arc::default();
        assert_eq!(bench.judge(&incoming).await.unwrap_err(), "judging took too long");
        assert_eq!(bench.turns.available_permits(), 0);
        assert_eq!(bench.judge(&incoming).await.unwrap_err(), "judging took too long");
        drop(open);
    }
}

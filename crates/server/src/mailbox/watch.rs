//! One mailbox under guard: a connection as long as it lasts, and another after a rest.

use super::check::remarks;
use super::guard::Post;
use super::session::{Folder, Session};
use super::sign_in::sign_in;
use super::take::Hands;
use baluardo_mail::imap::month_day;
use baluardo_model::mail::Outcome;
use baluardo_model::mailbox::{MailboxKind, MailboxRemark, MailboxTrouble};
use baluardo_service::Error;
use baluardo_service::mailbox::{self, Guarded, Opened, Trouble};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch as signal};
use tracing::{info, warn};

/// The first rest after a failure, and the longest.
const FIRST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(5 * 60);
/// How often new mail is asked for where the server does not tell of it.
const POLL: Duration = Duration::from_secs(60);
/// How often a message is tried that breaks the connection.
const TRIES: u32 = 4;
/// When numbers of messages mean nothing any more, what came so long before the last look is judged again.
const OVERLAP: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// Guards a mailbox until it is told to end.
pub(super) async fn watch(post: Arc<Post>, which: Guarded, call: Arc<Notify>, mut end: signal::Receiver<bool>) {
    let mut watch = Watch { post, which, call, failed: HashMap::new(), rounds: 0 };
    let mut rest = FIRST_REST;
    loop {
        watch.rounds = 0;
        let over = tokio::select! {
            over = watch.one_connection() => over,
            _ = end.wait_for(|ended| *ended) => return,
        };
        let Err(failed) = over;
        match failed {
            // It was removed or changed: whoever keeps the watches notices.
            Failed::Gone => return,
            Failed::Trouble(trouble) => {
                info!(mailbox = %watch.which.mailbox, code = trouble.trouble.code(), "a mailbox is out of reach");
                watch.tell(Err(trouble)).await;
            }
            Failed::House(error) => warn!(mailbox = %watch.which.mailbox, %error, "a mailbox waits for the database"),
        }
        rest = if watch.rounds > 0 { FIRST_REST } else { rest.saturating_mul(2).min(LONGEST_REST) };
        tokio::select! {
            () = tokio::time::sleep(watch.jitter(rest)) => {}
            _ = end.wait_for(|ended| *ended) => return,
        }
    }
}

/// Why a connection came to its end.
pub(super) enum Failed {
    Gone,
    Trouble(Trouble),
    House(Error),
}

impl From<Trouble> for Failed {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        if matches!(error, Error::NotFound) { Self::Gone } else { Self::House(error) }
    }
}

struct Watch {
    post: Arc<Post>,
    which: Guarded,
    call: Arc<Notify>,
    /// How often a message broke the connection.
    failed: HashMap<u32, u32>,
    /// How often this connection looked through the inbox to the end.
    rounds: u64,
}

impl Watch {
    async fn one_connection(&mut self) -> Result<Infallible, Failed> {
        let (house, which) = (Arc::clone(&self.post.house), self.which);
        let mut opened = mailbox::open_mailbox(&house, which.tenant, which.mailbox).await?;
        let at = (which.tenant, which.mailbox);
        let mut session = sign_in(&house, &self.post.reach, at, &opened.connection).await?;
        let pec = opened.connection.kind == MailboxKind::Pec;
        let mut inbox = session.open(b"INBOX", pec).await?;
        let checked = remarks(&mut session, &inbox, &opened.connection).await?;
        let idle = !checked.remarks.contains(&MailboxRemark::NoIdle);
        self.tell(Ok(checked)).await;
        loop {
            self.read_new(&mut session, &inbox, &mut opened).await?;
            if !pec {
                let mut hands =
                    Hands { post: &self.post, which, opened: &opened, session: &mut session, inbox: &inbox };
                if hands.do_tasks().await? {
                    // Other folders were open: numbers may have changed meanwhile.
                    inbox = hands.session.open(b"INBOX", false).await?;
                    if inbox.validity != opened.validity {
                        continue;
                    }
                    self.read_new(&mut session, &inbox, &mut opened).await?;
                }
            }
            self.rounds += 1;
            self.wait(&mut session, idle).await?;
            // What the comune wants may be another since.
            opened.policy = mailbox::open_mailbox(&house, which.tenant, which.mailbox).await?.policy;
        }
    }

    async fn wait(&self, session: &mut Session, idle: bool) -> Result<(), Trouble> {
        if idle {
            return session.listen(self.call.notified()).await;
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = self.call.notified() => {}
        }
        session.line.command("NOOP").await?.yes(MailboxTrouble::Lost).map(drop)
    }

    /// Deals with every message that came since the last look.
    async fn read_new(&mut self, session: &mut Session, inbox: &Folder, opened: &mut Opened) -> Result<(), Failed> {
        let (house, which) = (Arc::clone(&self.post.house), self.which);
        let new = if opened.validity == inbox.validity {
            let from = opened.last_uid.saturating_add(1);
            // The last message is always among the found, however small its number is.
            let found = session.search(&format!("UID {from}:*")).await?;
            found.into_iter().filter(|uid| *uid >= from).collect()
        } else {
            self.failed.clear();
            self.begin_anew(session, inbox, opened).await?
        };
        for uid in new {
            let outcome = self.take(session, inbox, opened, uid).await?;
            opened.last_uid = opened.last_uid.max(uid);
            opened.validity = inbox.validity;
            mailbox::note_read(&house, which.tenant, which.mailbox, (inbox.validity, opened.last_uid), outcome).await?;
        }
        if opened.validity != inbox.validity {
            opened.validity = inbox.validity;
            mailbox::note_read(&house, which.tenant, which.mailbox, (inbox.validity, opened.last_uid), None).await?;
        }
        Ok(())
    }

    /// The first look, or numbers that mean nothing any more. The first time what lies there is left alone; later what came about
    /// the time of the last look is judged again, and what is held or decided already is known by its content.
    async fn begin_anew(
        &self,
        session: &mut Session,
        inbox: &Folder,
        opened: &mut Opened,
    ) -> Result<Vec<u32>, Trouble> {
        let next = match inbox.next {
            Some(next) => next,
            None => session.search("ALL").await?.last().map_or(1, |last| last.saturating_add(1)),
        };
        opened.last_uid = next.saturating_sub(1);
        let Some(read_at) = opened.read_at.filter(|_| opened.validity != 0) else { return Ok(Vec::new()) };
        info!(mailbox = %self.which.mailbox, "the server counts messages anew; what came lately is judged again");
        let day = read_at.minus(OVERLAP).rome();
        let again = session.search(&format!("SINCE {}", month_day(day.year(), day.month(), day.day()))).await?;
        opened.last_uid = again.first().map_or(opened.last_uid, |first| first.saturating_sub(1));
        Ok(again)
    }

    /// Deals with one message. One that the server will not give is left where it is.
    async fn take(
        &mut self,
        session: &mut Session,
        inbox: &Folder,
        opened: &Opened,
        uid: u32,
    ) -> Result<Option<Outcome>, Failed> {
        let mut hands = Hands { post: &self.post, which: self.which, opened, session, inbox };
        let done = match opened.connection.kind {
            MailboxKind::Mailbox => hands.take(uid).await,
            MailboxKind::Pec => hands.look_at_pec(uid).await,
        };
        match done {
            Err(Failed::Trouble(trouble)) => {
                let tries = self.failed.entry(uid).or_default();
                *tries += 1;
                if *tries < TRIES {
                    return Err(trouble.into());
                }
                warn!(mailbox = %self.which.mailbox, uid, %trouble, "a message cannot be guarded; it stays where it is");
                self.failed.remove(&uid);
                // The connection may be of no more use; if so, the next command says it.
                Ok(Some(Outcome::Delivered))
            }
            other => other,
        }
    }

    async fn tell(&self, answer: Result<mailbox::Checked, Trouble>) {
        let (house, which) = (&self.post.house, self.which);
        if let Err(error) = mailbox::note_checked(house, which.tenant, which.mailbox, answer.as_ref()).await {
            warn!(mailbox = %which.mailbox, %error, "how a mailbox stands could not be written");
        }
    }

    /// Between half of a rest and one and a half, so that a server that comes back is not called by all at once.
    fn jitter(&self, rest: Duration) -> Duration {
        let mut byte = [0_u8; 1];
        self.post.chance.fill(&mut byte);
        rest.mul_f64(0.5 + f64::from(byte[0]) / 256.0)
    }
}

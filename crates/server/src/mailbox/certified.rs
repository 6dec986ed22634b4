//! Certified mail (PEC): looked at in a folder that is opened for looking only. Nothing is moved, hidden, flagged or changed.

use super::judge::judge_pec;
use super::take::Hands;
use super::watch::Failed;
use baluardo_mail::{Action, MOST_BYTES};
use baluardo_model::mail::Outcome;
use baluardo_service::mailbox::{self, SeenPec};
use std::sync::Arc;
use tracing::{info, warn};

impl Hands<'_> {
    /// Looks at a message, and notes it where it is suspicious.
    pub(super) async fn look_at_pec(&mut self, uid: u32) -> Result<Option<Outcome>, Failed> {
        let post = self.post;
        let _turn = post.turns.acquire().await;
        let Some(bytes) = self.session.bytes(uid, MOST_BYTES).await? else { return Ok(None) };
        let Some(judged) = judge_pec(bytes).await else {
            warn!(mailbox = %self.which.mailbox, uid, "a certified message could not be judged");
            return Ok(Some(Outcome::Delivered));
        };
        let doubtful = judged.verdicts.as_ref().is_some_and(|(italian, _)| italian.action >= Action::Tag);
        if doubtful || judged.message.tells_of_virus() {
            let seen = SeenPec {
                mailbox: self.which.mailbox,
                address: &self.opened.connection.address,
                bytes: &judged.bytes,
                message: &judged.message,
                verdicts: judged.verdicts.as_ref().map(|(italian, english)| (italian, english)),
            };
            let house = Arc::clone(&self.post.house);
            if mailbox::note_pec(&house, self.which.tenant, &seen).await? {
                info!(mailbox = %self.which.mailbox, "a certified message is noted");
            }
        }
        Ok(Some(Outcome::Delivered))
    }
}

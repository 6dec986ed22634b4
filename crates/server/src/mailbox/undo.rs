//! What was decided in the console, done in the mailbox: a released message goes back to the inbox, a deleted one to the trash.

use super::check::trash;
use super::take::{Hands, Known, goes_on};
use super::watch::Failed;
use baluardo_model::mail::HeldState;
use baluardo_model::mailbox::{HeldPlace, MailboxTrouble, SUSPICIOUS_KEYWORD};
use baluardo_service::mailbox::{self, PlaceTask, Trouble};
use std::sync::Arc;
use tracing::{info, warn};

impl Hands<'_> {
    /// Does what waits; whether there was anything.
    pub(super) async fn do_tasks(&mut self) -> Result<bool, Failed> {
        let (house, which) = (Arc::clone(&self.post.house), self.which);
        let tasks = mailbox::tasks(&house, which.tenant, which.mailbox).await?;
        for task in &tasks {
            let done = match task.state {
                HeldState::Releasing => self.bring_back(task).await,
                HeldState::Held => self.move_late(task).await,
                _ => self.throw_away(task).await,
            };
            match done {
                Ok(place) => {
                    mailbox::end_task(&house, which.tenant, task, place).await?;
                    info!(mailbox = %which.mailbox, held = %task.held, place = place.code(), "done as decided");
                }
                Err(Failed::Trouble(trouble)) => {
                    warn!(mailbox = %which.mailbox, held = %task.held, %trouble, "what was decided cannot be done now");
                    self.put_off(task, &trouble).await?;
                    if !goes_on(&trouble) {
                        return Err(trouble.into());
                    }
                }
                Err(other) => return Err(other),
            }
        }
        Ok(!tasks.is_empty())
    }

    async fn put_off(&mut self, task: &PlaceTask, trouble: &Trouble) -> Result<(), Failed> {
        let (house, which) = (&self.post.house, self.which);
        if task.state == HeldState::Releasing {
            mailbox::task_later(house, which.tenant, task, &trouble.said).await?;
        } else if task.state == HeldState::Deleted && goes_on(trouble) {
            // A server that will not take it into the trash will not do so later either.
            mailbox::note_place(house, which.tenant, task.held, HeldPlace::Kept).await?;
        }
        Ok(())
    }

    /// Back to the inbox: from quarantine, or, where it is gone from there, out of what is kept here.
    async fn bring_back(&mut self, task: &PlaceTask) -> Result<HeldPlace, Failed> {
        let known = Known { message_id: &task.message_id, size: task.size, content: &task.content };
        self.session.open(b"INBOX", false).await?;
        let there = self.find(&known, true).await?;
        if task.place == HeldPlace::Flagged {
            for uid in &there {
                self.session.mark(*uid, '-', &format!("\\Flagged {SUSPICIOUS_KEYWORD}")).await?;
            }
        }
        if let Some(folder) = self.quarantine(false).await? {
            self.session.open(&folder, false).await?;
            let aside = self.find(&known, false).await?;
            for uid in &aside {
                // Where moving is copying, a guard that died may have copied it already.
                if there.is_empty() {
                    self.session.take_to(*uid, b"INBOX").await?;
                } else {
                    self.session.remove(*uid).await?;
                }
            }
            if !aside.is_empty() {
                return Ok(HeldPlace::Returned);
            }
        }
        if there.is_empty() {
            let content = mailbox::content_of(&self.post.house, self.which.tenant, task.held).await?;
            let gone = || Trouble::new(MailboxTrouble::Refused, "the message is neither in the mailbox nor kept here");
            self.session.put(b"INBOX", content.ok_or_else(gone)?).await?;
        }
        Ok(HeldPlace::Returned)
    }

    /// Into quarantine, after the server would not move it when it came, or the guard died before it could.
    async fn move_late(&mut self, task: &PlaceTask) -> Result<HeldPlace, Failed> {
        let known = Known { message_id: &task.message_id, size: task.size, content: &task.content };
        self.session.open(b"INBOX", false).await?;
        let mut place = HeldPlace::Quarantine;
        for uid in self.find(&known, true).await? {
            place = self.put_aside(uid, false, &known).await?;
        }
        Ok(place)
    }

    /// Into the trash, or left in quarantine where there is none. Nothing is ever deleted for good.
    async fn throw_away(&mut self, task: &PlaceTask) -> Result<HeldPlace, Failed> {
        let Some(trash) = trash(self.session).await?.filter(|_| self.session.can_move()) else {
            return Ok(HeldPlace::Kept);
        };
        let known = Known { message_id: &task.message_id, size: task.size, content: &task.content };
        let mut places = vec![b"INBOX".to_vec()];
        places.extend(self.quarantine(false).await?);
        for (at, folder) in places.iter().enumerate() {
            self.session.open(folder, false).await?;
            for uid in self.find(&known, at == 0).await? {
                self.session.take_to(uid, &trash).await?;
            }
        }
        Ok(HeldPlace::Trash)
    }
}

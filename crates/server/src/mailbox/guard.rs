//! One watch for each mailbox that is to be guarded: begun, ended and begun anew as people change what they want.

use super::reach::Reach;
use super::watch::watch;
use baluardo_model::{Chance, MailboxId, TenantId};
use baluardo_service::House;
use baluardo_service::mailbox::{self, Guarded};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore, watch as signal};
use tokio::task::JoinHandle;

/// How often it is asked what is wanted.
const ROUND: Duration = Duration::from_secs(2);
/// How many messages are held in memory at once: each has 32 MiB at most.
const TURNS: usize = 2;

/// What all watches share.
pub(super) struct Post {
    pub(super) house: Arc<House>,
    pub(super) reach: Reach,
    pub(super) chance: Arc<dyn Chance>,
    /// Turns to hold a message in memory.
    pub(super) turns: Semaphore,
}

/// A watch that runs.
struct Running {
    revision: u64,
    /// Wakes it when there is something to do beside new mail.
    call: Arc<Notify>,
    end: signal::Sender<bool>,
    task: JoinHandle<()>,
}

/// Keeps watch over all mailboxes until `closing` turns true.
pub(crate) async fn keep_watch(
    house: Arc<House>,
    reach: Reach,
    chance: Arc<dyn Chance>,
    mut closing: signal::Receiver<bool>,
) {
    let post = Arc::new(Post { house, reach, chance, turns: Semaphore::new(TURNS) });
    let mut running: HashMap<(TenantId, MailboxId), Running> = HashMap::new();
    loop {
        match mailbox::guarded(&post.house).await {
            Ok(wanted) => follow(&post, &mut running, &wanted).await,
            Err(error) => tracing::warn!(%error, "which mailboxes are to be guarded could not be asked"),
        }
        match mailbox::waiting(&post.house).await {
            Ok(waiting) => waiting.iter().filter_map(|key| running.get(key)).for_each(|watch| watch.call.notify_one()),
            Err(error) => tracing::warn!(%error, "what is to be done in mailboxes could not be asked"),
        }
        tokio::select! {
            () = tokio::time::sleep(ROUND) => {}
            _ = closing.wait_for(|closed| *closed) => break,
        }
    }
    for watch in running.values() {
        watch.end.send_replace(true);
    }
    for (_, watch) in running {
        drop(watch.task.await);
    }
}

/// Ends what is not wanted as it runs, and begins what is wanted.
async fn follow(post: &Arc<Post>, running: &mut HashMap<(TenantId, MailboxId), Running>, wanted: &[Guarded]) {
    let stays = |key: &(TenantId, MailboxId), watch: &Running| {
        let same = |one: &&Guarded| (one.tenant, one.mailbox) == *key && one.revision == watch.revision;
        wanted.iter().any(|one| same(&one)) && !watch.task.is_finished()
    };
    let over: Vec<_> = running.iter().filter(|(key, watch)| !stays(key, watch)).map(|(key, _)| *key).collect();
    for key in over {
        if let Some(watch) = running.remove(&key) {
            watch.end.send_replace(true);
            // The next one begins when this one is out of the mailbox.
            drop(watch.task.await);
        }
    }
    for one in wanted {
        running.entry((one.tenant, one.mailbox)).or_insert_with(|| {
            let (end, ended) = signal::channel(false);
            let call = Arc::new(Notify::new());
            let task = tokio::spawn(watch(Arc::clone(post), *one, Arc::clone(&call), ended));
            Running { revision: one.revision, call, end, task }
        });
    }
}

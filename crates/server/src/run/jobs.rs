//! What the server does by itself: mail leaves, people are told what of theirs is held, the times at which devices were last seen reach the database, and what
//! is over (links, sessions, throttles) goes.

use crate::fetch::Reach;
use crate::pack_file;
use baluardo_service::outbox::{self, MailTransport};
use baluardo_service::{House, fleet, identity, mail, mailbox, protection};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often the outbox is looked at.
const MAIL: Duration = Duration::from_secs(2);

/// How often it is looked whether letters about held mail are due.
const DIGESTS: Duration = Duration::from_secs(60);

/// How often the times at which devices were last seen are written.
const LAST_SEEN: Duration = Duration::from_secs(15);

/// How often it is looked whether another process, such as the command line, changed what devices follow.
const NOTICE: Duration = Duration::from_secs(10);

/// How often it is looked whether a pack is due to be fetched.
const RENEW: Duration = Duration::from_secs(10);

/// How often what is over is taken away.
const SWEEP: Duration = Duration::from_secs(60 * 60);

/// Delivers due mail until `closing` turns true: by `transport`, or into the local inbox without one.
pub(super) async fn deliver_mail(
    house: Arc<House>,
    transport: Option<Box<dyn MailTransport>>,
    mut closing: watch::Receiver<bool>,
) {
    while rest(MAIL, &mut closing).await {
        if let Err(error) = outbox::deliver_due_mail(&house, transport.as_deref()).await {
            tracing::warn!(%error, "mail could not be delivered now; it waits in the outbox");
        }
    }
}

/// Writes the letters about held mail whose hour has come. They lie in the outbox then.
pub(super) async fn tell_recipients(house: Arc<House>, mut closing: watch::Receiver<bool>) {
    while rest(DIGESTS, &mut closing).await {
        if let Err(error) = mail::send_digests(&house).await {
            tracing::warn!(%error, "the letters about held mail are written later");
        }
    }
}

/// Writes when devices were last seen, and once more at the end.
pub(super) async fn flush_last_seen(house: Arc<House>, mut closing: watch::Receiver<bool>) {
    loop {
        let goes_on = rest(LAST_SEEN, &mut closing).await;
        if let Err(error) = fleet::flush_last_seen(&house).await {
            tracing::warn!(%error, "the times at which devices were last seen could not be written");
        }
        if !goes_on {
            break;
        }
    }
}

/// Ends what a server that died left undone when packs of rules came or went.
pub(super) async fn follow_packs(house: Arc<House>) {
    if let Err(error) = fleet::follow_all_packs(&house).await {
        tracing::warn!(%error, "some devices may miss a pack of rules until the next start");
    }
}

/// Wakes devices to which another process gave another policy.
pub(super) async fn notice_policies(house: Arc<House>, mut closing: watch::Receiver<bool>) {
    while rest(NOTICE, &mut closing).await {
        if let Err(error) = fleet::notice_policies(&house).await {
            tracing::warn!(%error, "what another process changed is noticed later");
        }
    }
}

/// Fetches packs of rules that are due, one after the other.
pub(super) async fn renew_packs(house: Arc<House>, reach: Reach, mut closing: watch::Receiver<bool>) {
    while rest(RENEW, &mut closing).await {
        // A fetch that the end of the server breaks off is taken up by the next.
        tokio::select! {
            () = renew_due_packs(&house, reach) => {}
            _ = async { closing.clone().wait_for(|closed| *closed).await.map(|_| ()) } => return,
        }
    }
}

async fn renew_due_packs(house: &House, reach: Reach) {
    let due = match fleet::take_due_packs(house).await {
        Ok(due) => due,
        Err(error) => return tracing::warn!(%error, "packs of rules that are due are fetched later"),
    };
    for due in due {
        let address = &due.source.address;
        let came = pack_file::fetch(address, reach).await.map_err(|error| format!("{error:#}"));
        if let Err(why) = &came {
            tracing::warn!(
                pack = due.source.name,
                address,
                "the pack could not be fetched, the one before stays: {why}"
            );
        }
        if let Err(error) = fleet::renew_pack(house, &due, came).await {
            tracing::warn!(%error, pack = due.source.name, "the pack that came could not be kept; it is fetched again");
        }
    }
}

/// Takes away links, sessions and throttles that are over, and held mail and evidence whose time is.
pub(super) async fn sweep(house: Arc<House>, mut closing: watch::Receiver<bool>) {
    while rest(SWEEP, &mut closing).await {
        if let Err(error) = identity::sweep(&house).await {
            tracing::warn!(%error, "what is over could not be taken away; it is tried again in an hour");
        }
        if let Err(error) = mail::forget_dmarc(&house).await {
            tracing::warn!(%error, "old DMARC reports could not be taken away; it is tried again in an hour");
        }
        if let Err(error) = mailbox::forget_pec(&house).await {
            tracing::warn!(%error, "notes of certified mail whose time is over could not be taken away");
        }
        if let Err(error) = mail::forget_mail(&house).await {
            tracing::warn!(%error, "held mail whose time is over could not be taken away; it is tried again in an hour");
        }
        if let Err(error) = protection::expire_evidence(&house).await {
            tracing::warn!(%error, "evidence whose time is over could not be taken away; it is tried again in an hour");
        }
    }
}

/// Waits; `false` when the server closes.
pub(super) async fn rest(span: Duration, closing: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        () = tokio::time::sleep(span) => true,
        _ = closing.wait_for(|closed| *closed) => false,
    }
}

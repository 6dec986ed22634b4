//! Whoever waits for the database may give up at any instant: nobody else notices.

use baluardo_store::Store;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

/// Polls `work` so often, and drops it.
async fn give_up_after(polls: usize, work: impl Future) {
    let mut work = pin!(work);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if work.as_mut().poll(&mut context).is_ready() {
            return;
        }
        // The connection's own thread answers meanwhile, or not: both must do.
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_database_in_memory_outlives_whoever_gives_up_waiting_for_it() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    for round in 0..60 {
        give_up_after(round % 6, store.read()).await;
        give_up_after(round % 5, store.write()).await;
        let mut tx = store.write().await.unwrap();
        let known = tx.platform().first_consortium().await;
        assert!(known.is_ok(), "round {round}: the tables are gone: {known:?}");
    }
}

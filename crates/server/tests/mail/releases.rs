//! Released mail while the filter, the gateway and the provider are killed at random moments: it arrives, and twice only where
//! somebody was killed who had to note that it had.

use crate::house::World;
use crate::kills::{kill_at_random, wait_until_none_waits};
use crate::stage::gateway::{Mail, NAME, why_not};
use crate::stage::milter::Milter;
use crate::stage::smtp::{Ended, send};
use crate::stage::town::now;
use crate::stage::{copies, free_port, phish, wait_for};
use baluardo_model::mail::HeldState;
use baluardo_service::mail;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

/// How many messages are released.
const MAILS: usize = 16;

fn word(number: usize) -> String {
    format!("fermo{number:03}")
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_killed_what_was_released_arrives() {
    if let Some(why) = why_not() {
        println!("not run: {why}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let world = World::on(&state).await;
    let port = free_port();
    let hop = format!("smtp://127.0.0.1:{port}");
    let mut milter = Milter::start(folder.path(), &["--state", state.to_str().unwrap(), "--next-hop", &hop]);
    let mail = Mail::start(folder.path(), port, milter.port);
    for number in 0..MAILS {
        let ended = send(port, "x@y.example", "ufficio@comune.siena.it", &phish(&word(number)));
        assert_eq!(ended, Ended::Taken);
    }
    let (house, rtd) = (&world.test.house, &world.siena);
    let held = world.held(rtd).await;
    assert_eq!(held.len(), MAILS);

    let done = AtomicBool::new(false);
    let kills = std::thread::scope(|scope| {
        let killer = scope.spawn(|| kill_at_random(20_261_123, &done, &mut milter, &mail));
        for row in &held {
            now(mail::release_held(house, &rtd.actor, rtd.tenant.id, row.id)).unwrap();
            // So that the killer meets some of them at each step of their way.
            std::thread::sleep(Duration::from_millis(400));
        }
        done.store(true, Ordering::SeqCst);
        killer.join().unwrap()
    });
    let database = sqlx::SqlitePool::connect(&format!("sqlite:{}", state.join("baluardo.db").display())).await.unwrap();
    wait_for("all are released", || {
        // Who died with a message in hand keeps it from others for ten minutes, and a failure waits: that time is over.
        now(sqlx::query("UPDATE held_mail SET due_at = 0 WHERE state = 'releasing'").execute(&database)).unwrap();
        let rows = now(world.held(rtd));
        rows.iter().all(|row| row.state == HeldState::Released).then_some(())
    });
    wait_until_none_waits(&mail);

    let arrived = copies::of(&mail.delivered("ufficio"), "fornitore.example", NAME);
    for number in 0..MAILS {
        let subject = format!("{}:", word(number));
        let mut all: Vec<_> = arrived.iter().filter(|copy| copy.subject.starts_with(&subject)).collect();
        assert!(!all.is_empty(), "{subject} is lost");
        all.sort_by_key(|copy| (copy.taken, copy.put));
        for two in all.windows(2) {
            let (from, until) = (copies::moment(&two[0].gateway), two[1].put);
            let across = |moments: &[SystemTime]| moments.iter().any(|at| from <= *at && *at <= until);
            let killed = across(&kills.filter) || across(&kills.gateway) || across(&kills.provider);
            assert!(killed, "doubled with nobody killed: {two:?}");
        }
    }
    let twice = arrived.len() - MAILS;
    println!("{MAILS} released, {twice} arrived once more; {kills:?}");
    assert_eq!(world.held(rtd).await.len(), MAILS, "none was held again");
}

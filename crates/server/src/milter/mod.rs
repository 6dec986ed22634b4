//! `baluardo mail milter`: judges mail where it passes.
//!
//! The mail server keeps a message until the last word about it was said here, and asks its sender to try again when no word
//! comes; so whatever ends this program, no message is lost. A message that is held for a comune is committed to the database
//! before that word, under an identity that a second try has too, so none is doubled.

mod answer;
mod authentic;
mod desk;
mod fate;
mod gathered;
mod judging;
mod listen;
mod marks;
mod owner;
mod returning;
mod route;
mod session;
mod tally;

use crate::beside::open_house;
use crate::cli::MilterArgs;
use crate::run::stop_signal;
use answer::Office;
use authentic::Examiner;
use baluardo_model::mail::{MailPolicy, OnSuspicion, OnTrouble};
use baluardo_service::{House, mail};
use gathered::Room;
use judging::Bench;
use listen::Listener;
use returning::NextHop;
use session::Session;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How often released messages are looked for.
const RELEASES: Duration = Duration::from_secs(1);
/// How often counts are written.
const COUNTS: Duration = Duration::from_secs(15);

/// Judges mail until the process is told to stop.
///
/// # Errors
/// When a part cannot start; the message names it and the remedy.
pub async fn run(args: &MilterArgs) -> anyhow::Result<()> {
    crate::tls::install_provider();
    let house = match &args.state {
        Some(state) => Some(Arc::new(open_house(state, args.database.as_deref()).await?.0)),
        None => None,
    };
    let door = args.next_hop.as_deref().map(NextHop::new).transpose()?;
    let patience = Duration::from_secs(args.seconds.get());
    let bench = Bench::new(judging::shipped(), args.jobs, patience);
    let office = Arc::new(Office {
        bench,
        policy: policy(args),
        house: house.clone(),
        tally: tally::Tally::default(),
        authserv: args.authserv_id.clone(),
        examiner: Examiner::new(args)?.map(Arc::new),
    });
    let room = Room::new(args.memory.get(), args.megabytes.get());
    let listener = Listener::open(&args.listen).await?;
    println!("Baluardo ascolta la posta su {}  (listening for mail)", listener.place()?);
    let connections = usize::try_from(args.connections.get())?;
    let doors = serve(&listener, &office, &room, connections);
    tokio::select! {
        ended = doors => ended?,
        () = look_after(house.as_deref(), door.as_ref(), &office) => {}
        stopped = stop_signal() => stopped?,
    }
    if let Some(house) = &house {
        office.tally.write(house).await;
    }
    Ok(())
}

/// What the command line says for mail whose comune has no rule here.
fn policy(args: &MilterArgs) -> MailPolicy {
    MailPolicy {
        on_suspicion: match (args.tag_only, args.refuse) {
            (true, _) => OnSuspicion::Tag,
            (_, true) => OnSuspicion::Refuse,
            _ => OnSuspicion::Hold,
        },
        on_trouble: if args.deliver_unjudged { OnTrouble::Deliver } else { OnTrouble::TryLater },
        prefix: args.prefix.clone(),
        ..MailPolicy::default()
    }
}

/// Takes connections. Beyond the bound they are closed at once, which the mail server takes for "try again later".
async fn serve(listener: &Listener, office: &Arc<Office>, room: &Room, most: usize) -> anyhow::Result<()> {
    let places = Arc::new(Semaphore::new(most));
    loop {
        let stream = match listener.accept().await {
            Ok(stream) => stream,
            Err(error) => {
                // Too many open files, or a client that left while it knocked: neither is a reason to stop.
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::warn!(most, "as many connections as are allowed: the mail server must wait");
            continue;
        };
        let (office, room) = (Arc::clone(office), room.clone());
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = Session::new(stream, &office, &room).serve().await {
                tracing::warn!("a connection of the mail server was ended: {error:#}");
            }
        });
    }
}

/// Sends released messages on and writes counts, for as long as the milter runs.
async fn look_after(house: Option<&House>, door: Option<&NextHop>, office: &Office) {
    let Some(house) = house else { return std::future::pending().await };
    let mut releases = tokio::time::interval(RELEASES);
    let mut counts = tokio::time::interval(COUNTS);
    loop {
        tokio::select! {
            _ = releases.tick() => {
                let Some(door) = door else { continue };
                if let Err(error) = mail::send_released(house, door).await {
                    tracing::warn!(%error, "released messages could not be sent on now; they wait");
                }
            }
            _ = counts.tick() => office.tally.write(house).await,
        }
    }
}

//! Mail while the filter, the gateway and the provider are killed at random moments. Every message ends as the filter's log says:
//! delivered, held or refused to its sender; none is lost, none is held twice, and none arrives twice unless a server was killed
//! between the first time and the second, where SMTP itself cannot tell.
//!
//! `BALUARDO_MAILS` sets how many messages (`make soak-mail` sends 10,000), `BALUARDO_SEED` the order of things.

use crate::house::World;
use crate::stage::gateway::{Mail, NAME, why_not};
use crate::stage::milter::Milter;
use crate::stage::smtp::{Ended, send_and_hear};
use crate::stage::{copies, free_port, honest, phish};
use baluardo_detect::scan::eicar_test_file;
use baluardo_model::mail::Outcome;
use baluardo_service::mail;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// Clients that send side by side.
const CLIENTS: usize = 4;
const SENDER: &str = "anna@comune.prova.it";
const RECIPIENT: &str = "ufficio@comune.siena.it";

/// What a client learned of one message.
#[derive(Clone, Debug, Default)]
struct Fate {
    taken: usize,
    unknown: usize,
    /// The words of the refusal.
    refused: Option<String>,
}

/// How a message is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Delivered,
    Held,
    Refused,
}

impl End {
    /// Of eight messages one is held and one is refused.
    fn of(number: usize) -> Self {
        match number % 8 {
            0 => Self::Held,
            4 => Self::Refused,
            _ => Self::Delivered,
        }
    }

    /// The word in the filter's log.
    fn word(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Held => "held",
            Self::Refused => "refused",
        }
    }
}

fn word(number: usize) -> String {
    format!("posta{number:06}")
}

fn message(number: usize) -> Vec<u8> {
    match End::of(number) {
        End::Delivered => honest(&word(number)),
        End::Held => phish(&word(number)),
        End::Refused => with_test_file(&word(number)),
    }
}

/// A message that carries the test file of all scanners.
fn with_test_file(subject: &str) -> Vec<u8> {
    let head = "From: Anna Bianchi <anna.bianchi@comune.prova.it>\r\nTo: protocollo@comune.siena.it\r\n";
    let file = BASE64.encode(eicar_test_file());
    format!(
        "{head}Subject: {subject}\r\nDate: Mon, 02 Nov 2026 08:00:00 +0000\r\nMessage-ID: <{subject}@comune.prova.it>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
         Ecco il documento.\r\n--b\r\nContent-Type: application/octet-stream; name=prova.com\r\n\
         Content-Disposition: attachment; filename=prova.com\r\nContent-Transfer-Encoding: base64\r\n\r\n{file}\r\n--b--\r\n"
    )
    .into_bytes()
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Chance that repeats (xorshift64*, Vigna 2016).
struct Dice(u64);

impl Dice {
    fn next(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % sides
    }
}

/// Sends a message as a mail server does: again and again until somebody takes it, or refuses it for good.
fn insist(port: u16, number: usize) -> Fate {
    let (word, message) = (word(number), message(number));
    let mut fate = Fate::default();
    let started = Instant::now();
    loop {
        match send_and_hear(port, SENDER, RECIPIENT, &message) {
            (Ended::Taken, _) => {
                fate.taken += 1;
                return fate;
            }
            (Ended::Refused, words) => {
                fate.refused = Some(words);
                return fate;
            }
            (Ended::Unknown, _) => fate.unknown += 1,
            (Ended::Later | Ended::NotThere, _) => {}
        }
        assert!(started.elapsed() < Duration::from_secs(300), "{word} is taken by nobody");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_killed_no_mail_is_lost_and_none_is_held_twice() {
    if let Some(why) = why_not() {
        println!("not run: {why}");
        return;
    }
    let mails = usize::try_from(number("BALUARDO_MAILS", 200)).unwrap();
    let seed = number("BALUARDO_SEED", 20_261_122).max(1);
    println!("{mails} messages, BALUARDO_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let world = World::on(&state).await;
    let mut milter = Milter::start(folder.path(), &["--state", state.to_str().unwrap()]);
    let port = free_port();
    let mail = Mail::start(folder.path(), port, milter.port);

    let (next, done) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (fates, kills) = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                scope.spawn(|| {
                    let mut fates = BTreeMap::new();
                    loop {
                        let number = next.fetch_add(1, Ordering::SeqCst);
                        if number >= mails {
                            return fates;
                        }
                        fates.insert(number, insist(port, number));
                    }
                })
            })
            .collect();
        let killer = scope.spawn(|| kill_at_random(seed, &done, &mut milter, &mail));
        let mut fates = BTreeMap::new();
        for client in clients {
            fates.extend(client.join().unwrap());
        }
        done.store(true, Ordering::SeqCst);
        (fates, killer.join().unwrap())
    });
    assert_eq!(fates.len(), mails);
    wait_until_none_waits(&mail);

    let held = world.held_subjects().await;
    let delivered = copies::of(&mail.delivered("ufficio"), "fornitore.example", NAME);
    let log = logged(&milter.said());
    let mut sums = Sums::default();
    for (number, fate) in &fates {
        let all: Vec<&copies::Arrived> = delivered.iter().filter(|copy| copy.subject == word(*number)).collect();
        let in_hold = held.iter().filter(|subject| subject.starts_with(&word(*number))).count();
        judge(*number, fate, &all, in_hold, &log, &kills, &mut sums);
    }
    assert_eq!(delivered.len(), sums.found, "nothing is in the mailbox that was not sent");
    let counts = mail::mail_counts(&world.test.house, &world.siena.actor, world.siena.tenant.id).await.unwrap();
    let counted = counts.iter().find(|count| count.outcome == Outcome::Held).map_or(0, |count| count.count);
    assert_eq!(counted, sums.held as u64, "the counts of the console tell each held message once");
    println!(
        "{mails} messages: {} delivered, {} held, {} refused to their sender; filter killed {} times, gateway {}, provider {}; \
         {} answers missed by clients, {} messages arrived twice, each across a kill",
        mails - sums.held - sums.refused,
        sums.held,
        sums.refused,
        kills.filter.len(),
        kills.gateway.len(),
        kills.provider.len(),
        sums.unknown,
        sums.twice,
    );
    assert!(kills.each());
}

/// What was found.
#[derive(Debug, Default)]
struct Sums {
    found: usize,
    held: usize,
    refused: usize,
    unknown: usize,
    twice: usize,
}

/// Whether one message ended as it must and as it is logged.
fn judge(
    number: usize,
    fate: &Fate,
    all: &[&copies::Arrived],
    in_hold: usize,
    log: &BTreeMap<String, BTreeSet<String>>,
    kills: &Kills,
    sums: &mut Sums,
) {
    let end = End::of(number);
    let told = format!("{}: {} in the mailbox, {in_hold} held, {fate:?}", word(number), all.len());
    let id = mail::identity(SENDER, &[RECIPIENT.to_owned()], &message(number))[..16].to_owned();
    let said = log.get(&id).cloned().unwrap_or_default();
    assert!(said.contains(end.word()), "the filter's log says {said:?} of {told}");
    assert!(said.iter().all(|word| word == end.word() || word == "later"), "the filter's log says {said:?} of {told}");
    let places = (all.len().min(1), in_hold, usize::from(fate.refused.is_some()), fate.taken);
    match end {
        End::Delivered => assert_eq!(places, (1, 0, 0, 1), "lost, held or refused: {told}"),
        End::Held => assert_eq!(places, (0, 1, 0, 1), "{told}"),
        End::Refused => {
            assert_eq!(places, (0, 0, 1, 0), "{told}");
            assert!(
                fate.refused.as_ref().is_some_and(|words| words.contains(&id)),
                "the sender is told another: {told}"
            );
        }
    }
    assert!(all.iter().all(|copy| copy.id == id), "what arrived was judged as another message: {told}");
    // The gateway took it more often than its client heard of only where the client heard nothing.
    let times: BTreeSet<&str> = all.iter().map(|copy| copy.gateway.as_str()).collect();
    assert!(times.len() <= fate.taken + fate.unknown, "the gateway took it {} times: {told}", times.len());
    for time in times {
        let mut ways: Vec<&&copies::Arrived> = all.iter().filter(|copy| copy.gateway == time).collect();
        ways.sort_by_key(|copy| (copy.taken, copy.put));
        for two in ways.windows(2) {
            // Between the moment in which the provider had it and the next one, somebody was killed who had to note that.
            let (from, until) =
                (two[0].taken, if two[0].provider == two[1].provider { two[1].put } else { two[1].taken });
            let across = |moments: &[SystemTime]| moments.iter().any(|at| from <= *at && *at <= until);
            assert!(across(&kills.gateway) || across(&kills.provider), "doubled with nobody killed: {told}, {two:?}");
        }
    }
    sums.found += all.len();
    sums.held += in_hold;
    sums.refused += usize::from(fate.refused.is_some());
    sums.unknown += fate.unknown;
    sums.twice += usize::from(all.len() > 1);
}

/// What the filter said of each message it knows, by the number that it gives them.
fn logged(said: &str) -> BTreeMap<String, BTreeSet<String>> {
    let quoted = |line: &str, name: &str| {
        let rest = line.split_once(&format!(" {name}=\"")).map(|(_, rest)| rest)?;
        Some(rest.split('"').next()?.to_owned())
    };
    let mut log: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in said.lines() {
        if let (Some(id), Some(outcome)) = (quoted(line, "id"), quoted(line, "outcome")) {
            log.entry(id).or_default().insert(outcome);
        }
    }
    log
}

/// Waits for the queues, as long as they become shorter.
pub(crate) fn wait_until_none_waits(mail: &Mail) {
    let (mut least, mut since) = (usize::MAX, Instant::now());
    loop {
        let waiting = mail.gateway.hurry() + mail.provider.hurry();
        if waiting == 0 {
            return;
        }
        if waiting < least {
            (least, since) = (waiting, Instant::now());
        }
        assert!(since.elapsed() < Duration::from_secs(180), "{waiting} messages stay in the queues");
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// When what was killed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kills {
    pub(crate) filter: Vec<SystemTime>,
    pub(crate) gateway: Vec<SystemTime>,
    pub(crate) provider: Vec<SystemTime>,
}

impl Kills {
    fn each(&self) -> bool {
        !self.filter.is_empty() && !self.gateway.is_empty() && !self.provider.is_empty()
    }
}

/// The machine's clock, by which Postfix names its files.
#[expect(clippy::disallowed_methods, reason = "programs of others, which take no clock of ours, are compared with")]
fn clock() -> SystemTime {
    SystemTime::now()
}

/// Kills one or the other until it is `done`, and each at least once.
pub(crate) fn kill_at_random(seed: u64, done: &AtomicBool, milter: &mut Milter, mail: &Mail) -> Kills {
    let (mut dice, mut kills) = (Dice(seed), Kills::default());
    while !done.load(Ordering::SeqCst) || !kills.each() {
        std::thread::sleep(Duration::from_millis(200 + dice.next(1_500)));
        let lot = dice.next(6);
        // Filter and gateway stand on one machine, which can lose its power.
        let (filter, gateway, provider) = (lot <= 2, (2..=4).contains(&lot), lot == 5);
        if gateway {
            mail.gateway.kill();
            kills.gateway.push(clock());
        }
        if provider {
            mail.provider.kill();
            kills.provider.push(clock());
        }
        if filter {
            milter.kill();
            kills.filter.push(clock());
            milter.again();
        }
        if gateway {
            mail.gateway.start();
        }
        if provider {
            mail.provider.start();
        }
    }
    kills
}

//! The story of an isolation without a kernel: what is kept, told and lifted, also across deaths.

use super::*;
use crate::report::ReportError;
use crate::vault::testing::{HandClock, Lcg};
use std::sync::atomic::{AtomicBool, Ordering};

const HOUR: i64 = 3_600_000_000;

#[derive(Default)]
struct Kernel {
    up: AtomicBool,
    refuses: AtomicBool,
    open_for: Mutex<Vec<SocketAddr>>,
}

struct Hand(Arc<Kernel>);

impl Wall for Hand {
    fn raise(&self, servers: &[SocketAddr]) -> Result<(), String> {
        if self.0.refuses.load(Ordering::SeqCst) {
            return Err("nftables refused: a test".to_owned());
        }
        self.0.up.store(true, Ordering::SeqCst);
        *locked(&self.0.open_for) = servers.to_vec();
        Ok(())
    }

    fn lower(&self) -> Result<(), String> {
        if self.0.refuses.load(Ordering::SeqCst) {
            return Err("nftables refused: a test".to_owned());
        }
        self.0.up.store(false, Ordering::SeqCst);
        Ok(())
    }

    fn stands(&self) -> bool {
        self.0.up.load(Ordering::SeqCst)
    }
}

#[derive(Default)]
struct Told {
    full: AtomicBool,
    events: Mutex<Vec<EventBody>>,
}

impl Report for Told {
    fn report(&self, event: EventBody) -> Result<(), ReportError> {
        if self.full.load(Ordering::SeqCst) {
            return Err(ReportError("no room".to_owned()));
        }
        locked(&self.events).push(event);
        Ok(())
    }
}

impl Told {
    fn last_code(&self) -> String {
        let events = locked(&self.events);
        let code = events.iter().rev().find_map(|event| match event {
            EventBody::Isolated { code, .. } => Some(code.clone()),
            _ => None,
        });
        code.unwrap()
    }

    fn ends(&self) -> Vec<Rejoined> {
        let end = |event: &EventBody| match event {
            EventBody::Rejoined { how } => Some(*how),
            _ => None,
        };
        locked(&self.events).iter().filter_map(end).collect()
    }
}

struct Stage {
    dir: tempfile::TempDir,
    kernel: Arc<Kernel>,
    told: Arc<Told>,
}

impl Stage {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), kernel: Arc::default(), told: Arc::default() }
    }

    /// An agent's life that begins at this hour.
    fn agent(&self, hour: i64) -> Isolation {
        let report: Arc<dyn Report> = Arc::<Told>::clone(&self.told);
        Isolation::new(
            self.dir.path(),
            Some("127.0.0.1:8444".to_owned()),
            Box::new(Hand(Arc::clone(&self.kernel))),
            report,
            Arc::new(HandClock::at(hour * HOUR)),
            Arc::new(Lcg::new(u64::try_from(hour).unwrap() + 7)),
        )
    }

    fn state(&self) -> StateDir {
        StateDir::existing(self.dir.path())
    }

    fn up(&self) -> bool {
        self.kernel.up.load(Ordering::SeqCst)
    }
}

fn at(hour: i64) -> Timestamp {
    Timestamp::from_micros(hour * HOUR)
}

#[test]
fn an_isolation_outlives_the_agent_and_ends_by_itself() {
    let stage = Stage::new();
    stage.agent(1).begin(at(9), None).unwrap();
    assert!(stage.up());
    assert_eq!(*locked(&stage.kernel.open_for), ["127.0.0.1:8444".parse().unwrap()]);
    // The computer restarts: the kernel's rules are gone.
    stage.kernel.up.store(false, Ordering::SeqCst);
    assert!(stage.agent(2).look().unwrap());
    assert!(stage.up());
    assert!(!stage.agent(9).look().unwrap());
    assert!(!stage.up());
    assert_eq!(stage.told.ends(), [Rejoined::Expired]);
    assert_eq!(Record::load(&stage.state()).unwrap(), None);
}

#[test]
fn the_code_lifts_it_on_the_device_and_the_server_hears_it_later() {
    let stage = Stage::new();
    stage.agent(1).begin(at(9), None).unwrap();
    let wall = Hand(Arc::clone(&stage.kernel));
    assert!(matches!(lift(&stage.state(), "AAAA-BBBB-CCCC", &wall), Err(LiftError::Wrong)));
    assert!(stage.up());
    lift(&stage.state(), &stage.told.last_code().to_lowercase(), &wall).unwrap();
    assert!(!stage.up());
    assert!(matches!(lift(&stage.state(), &stage.told.last_code(), &wall), Err(LiftError::NotIsolated)));
    assert_eq!(stage.told.ends(), []);
    assert!(!stage.agent(2).look().unwrap());
    assert_eq!(stage.told.ends(), [Rejoined::Code]);
    assert!(!stage.up());
}

#[test]
fn a_code_that_could_not_be_kept_for_the_server_is_told_as_another_one() {
    let stage = Stage::new();
    stage.told.full.store(true, Ordering::SeqCst);
    stage.agent(1).begin(at(9), None).unwrap();
    assert!(stage.up());
    stage.told.full.store(false, Ordering::SeqCst);
    assert!(stage.agent(2).look().unwrap());
    let record = Record::load(&stage.state()).unwrap().unwrap();
    assert!(record.opens_with(&stage.told.last_code()));
    assert!(stage.agent(3).look().unwrap());
    assert_eq!(locked(&stage.told.events).len(), 1, "a code that was told is told once");
}

#[test]
fn a_wall_that_cannot_be_raised_leaves_the_network_and_no_record() {
    let stage = Stage::new();
    stage.kernel.refuses.store(true, Ordering::SeqCst);
    assert!(matches!(stage.agent(1).begin(at(9), None), Err(IsolationError::Wall(_))));
    assert_eq!(Record::load(&stage.state()).unwrap(), None);
    assert!(locked(&stage.told.events).is_empty());
}

#[test]
fn an_end_that_the_kernel_refuses_is_tried_again() {
    let stage = Stage::new();
    stage.agent(1).begin(at(9), None).unwrap();
    stage.kernel.refuses.store(true, Ordering::SeqCst);
    assert!(stage.agent(2).end(Rejoined::Ordered).is_err());
    assert!(stage.up());
    stage.kernel.refuses.store(false, Ordering::SeqCst);
    assert!(!stage.agent(3).look().unwrap());
    assert!(!stage.up());
    assert_eq!(stage.told.ends(), [Rejoined::Ordered]);
}

#[test]
fn a_second_order_makes_it_longer_and_never_shorter() {
    let stage = Stage::new();
    stage.agent(1).begin(at(9), None).unwrap();
    stage.agent(2).begin(at(5), None).unwrap();
    assert_eq!(Record::load(&stage.state()).unwrap().unwrap().until, at(9));
    stage.agent(3).begin(at(10_000), None).unwrap();
    let longest = i64::try_from(MAX_ISOLATION_HOURS).unwrap();
    assert_eq!(Record::load(&stage.state()).unwrap().unwrap().until, at(3 + longest), "a week at most");
    stage.agent(4).begin(at(3), None).unwrap();
    assert!(stage.up());
}

#[test]
fn the_guard_alone_isolates_nothing() {
    let stage = Stage::new();
    let mut agent = stage.agent(1);
    agent.server = None;
    assert!(matches!(agent.begin(at(9), None), Err(IsolationError::NoServer)));
    assert!(!stage.up());
}

#[test]
fn the_life_of_an_agent_takes_an_isolation_up_and_ends_when_told() {
    let stage = Stage::new();
    stage.agent(1).begin(at(9), None).unwrap();
    stage.kernel.up.store(false, Ordering::SeqCst);
    let agent = Arc::new(stage.agent(2));
    let life = std::thread::spawn({
        let agent = Arc::clone(&agent);
        move || agent.live()
    });
    while !stage.up() {
        std::thread::yield_now();
    }
    agent.stop();
    life.join().unwrap();
    assert!(stage.up(), "an agent that stops leaves the wall");
}

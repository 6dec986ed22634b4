//! Who acts: processes, gathered into the works that they belong to.

use crate::platform::kin::Kin;
use crate::platform::process::{Process, responsible};
use crate::vault::locked;
use baluardo_detect::guard::Actor;
use baluardo_model::protection::ProcessSeen;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long what is known of a process number is believed without a look.
const BELIEVED: Duration = Duration::from_secs(1);
/// Most works remembered; those that have ended then go.
const MOST: usize = 512;
/// Most processes of one work that are told.
const MOST_TOLD: usize = 8;

/// Processes that work together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Family {
    pub(crate) members: Vec<Process>,
    pub(crate) seen: Vec<ProcessSeen>,
}

pub(crate) struct Actors {
    untouchable: Vec<u32>,
    kin: Kin,
    inner: Mutex<Inner>,
}

/// So far up an ended program's ancestors are looked for.
const ANCESTORS: usize = 16;

/// Numbers are given in order: a script's next program is at most so far from its last.
const NEAR: u32 = 16;

#[derive(Default)]
struct Inner {
    by_pid: HashMap<u32, (Instant, u64, Option<u32>)>,
    families: HashMap<u32, Family>,
}

impl Actors {
    pub(crate) fn new(untouchable: Vec<u32>) -> Self {
        Self { untouchable, kin: Kin::listen(), inner: Mutex::default() }
    }

    /// Takes in who started whom meanwhile.
    pub(crate) fn catch_up(&self) {
        self.kin.catch_up();
    }

    /// Processes that are never held responsible.
    pub(crate) fn untouchable(&self) -> &[u32] {
        &self.untouchable
    }

    /// The actor that `pid` belongs to; nobody for the agent, its ancestors and the kernel. No number means a sensor that
    /// does not say.
    pub(crate) fn of(&self, pid: Option<u32>) -> Option<Actor> {
        let Some(pid) = pid else { return Some(Actor::Unknown) };
        let mut inner = locked(&self.inner);
        if let Some((at, _, root)) = inner.by_pid.get(&pid)
            && at.elapsed() < BELIEVED
        {
            return root.map(Actor::Known);
        }
        if let Some(process) = Process::read(pid) {
            return self.meet(&mut inner, process).map(Actor::Known);
        }
        // It has ended: what was known of it holds.
        match inner.by_pid.get(&pid) {
            Some((_, _, root)) => root.map(Actor::Known),
            None if self.untouchable.contains(&pid) => None,
            None => {
                let root = self.by_kin(&mut inner, pid).or_else(|| inner.neighbour(pid));
                Some(Actor::Known(root.unwrap_or(pid)))
            }
        }
    }

    /// The work of the nearest ancestor of an ended program that is still there or was met. None where that is the leader of
    /// a session: a shell does not answer for what a person types into it.
    fn by_kin(&self, inner: &mut Inner, ended: u32) -> Option<u32> {
        let mut at = ended;
        for _ in 0..ANCESTORS {
            at = self.kin.parent(at)?;
            if self.untouchable.contains(&at) {
                return None;
            }
            if let Some(process) = Process::read(at) {
                return if process.session == process.pid { None } else { self.meet(inner, process) };
            }
            if let Some((_, _, root)) = inner.by_pid.get(&at) {
                return *root;
            }
        }
        None
    }

    fn meet(&self, inner: &mut Inner, process: Process) -> Option<u32> {
        let known = inner.by_pid.get(&process.pid).is_some_and(|(_, started, _)| *started == process.started);
        if known && let Some(entry) = inner.by_pid.get_mut(&process.pid) {
            entry.0 = Instant::now();
            return entry.2;
        }
        if inner.families.len() >= MOST {
            inner.families.retain(|_, family| family.members.iter().any(Process::runs));
            let families = &inner.families;
            let kept: HashMap<_, _> = std::mem::take(&mut inner.by_pid);
            inner.by_pid =
                kept.into_iter().filter(|(_, (_, _, r))| r.is_some_and(|r| families.contains_key(&r))).collect();
        }
        let root =
            responsible(process.clone(), &self.untouchable).map(|root| inner.work_of_group(&root).unwrap_or(root));
        let number = root.as_ref().map(|root| root.pid);
        inner.by_pid.insert(process.pid, (Instant::now(), process.started, number));
        if let Some(root) = root {
            let family = inner.families.entry(root.pid).or_default();
            for member in [root, process] {
                family.admit(member);
            }
        }
        number
    }

    /// The processes of an actor, as far as they were met.
    pub(crate) fn family(&self, actor: Actor) -> Family {
        match actor {
            Actor::Known(root) => locked(&self.inner).families.get(&root).cloned().unwrap_or_default(),
            Actor::Unknown => Family::default(),
        }
    }
}

impl Inner {
    /// The first process of the work that an orphan comes from: a program whose parent has ended, or was stopped while it
    /// was being started, still bears the process group of the script that started it. While that one lives,
    /// [`responsible`] has the word: a desktop does not answer for what it starts in its own group.
    fn work_of_group(&self, orphan: &Process) -> Option<Process> {
        let same = |member: &&Process| member.group == orphan.group && member.session == orphan.session;
        let root = self.families.values().find_map(|family| family.members.first().filter(same))?;
        let is_orphan = root.pid != orphan.pid && orphan.pid != orphan.group && root.started <= orphan.started;
        (is_orphan && !root.runs()).then(|| root.clone())
    }

    /// The work of the process whose number is nearest, among those met a moment ago. A program that deletes one file and
    /// ends has left nothing else by which it could be known; where this errs, a deletion is undone that was meant.
    fn neighbour(&self, pid: u32) -> Option<u32> {
        let near = |number: u32| number.abs_diff(pid);
        self.by_pid
            .iter()
            .filter(|(number, (at, _, root))| near(**number) <= NEAR && at.elapsed() < BELIEVED && root.is_some())
            .min_by_key(|(number, _)| near(**number))
            .and_then(|(_, (_, _, root))| *root)
    }
}

impl Family {
    fn admit(&mut self, process: Process) {
        if self.members.iter().any(|known| known.pid == process.pid && known.started == process.started) {
            return;
        }
        if self.seen.len() < MOST_TOLD {
            self.seen.push(process.seen());
        }
        if self.members.len() >= 64 {
            self.members.retain(Process::runs);
        }
        self.members.push(process);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::process::untouchable;
    use std::io::{BufRead as _, BufReader};
    use std::os::unix::process::CommandExt as _;
    use std::process::{Command, Stdio};

    #[test]
    fn a_program_that_ended_before_it_was_met_answers_with_its_script_where_the_kernel_tells() {
        let actors = Actors::new(untouchable());
        let line = "true & echo $!; wait; sleep 20";
        let mut script = Command::new("sh");
        let mut script = script.args(["-c", line]).process_group(0).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(script.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let ended: u32 = said.trim().parse().unwrap();
        while Process::read(ended).is_some() {
            std::thread::yield_now();
        }
        let told = actors.kin.parent(ended);
        let actor = actors.of(Some(ended));
        let _ = nix::sys::signal::killpg(nix::unistd::Pid::from_raw(script.id() as i32), nix::sys::signal::SIGKILL);
        script.wait().unwrap();
        match told {
            Some(parent) => assert_eq!((parent, actor), (script.id(), Some(Actor::Known(script.id())))),
            None => println!("skipped: this kernel or user is not told who starts whom"),
        }
    }

    #[test]
    fn an_orphan_answers_with_the_script_that_started_it() {
        let line = "sleep 20 & sleep 21 & wait";
        let mut script = Command::new("sh").args(["-c", line]).process_group(0).spawn().unwrap();
        let children = || -> Vec<Process> {
            Process::all().into_values().filter(|p| p.group == script.id() && p.pid != script.id()).collect()
        };
        while children().len() < 2 {
            std::thread::yield_now();
        }
        let pids: Vec<u32> = children().iter().map(|child| child.pid).collect();
        let (first, second) = (pids[0], pids[1]);
        let actors = Actors::new(untouchable());
        assert_eq!(actors.of(Some(first)), Some(Actor::Known(script.id())));
        script.kill().unwrap();
        script.wait().unwrap();
        let orphan = actors.of(Some(second));
        let _ = nix::sys::signal::killpg(nix::unistd::Pid::from_raw(script.id() as i32), nix::sys::signal::SIGKILL);
        assert_eq!(orphan, Some(Actor::Known(script.id())));
    }
}

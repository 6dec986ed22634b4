//! Stops a process with all its descendants: first everyone is frozen, so that nobody can start a child or be warned, and
//! only then everyone is killed.

use super::process::{Process, untouchable};
use baluardo_model::protection::ProcessSeen;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::HashMap;

/// What stopping did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stopped {
    /// Who was stopped, the roots first.
    pub stopped: Vec<ProcessSeen>,
    /// Who could not be, and why.
    pub spared: Vec<(ProcessSeen, String)>,
}

/// How often the tree is looked at again for children that were born meanwhile.
const ROUNDS: usize = 20;

/// Stops these processes and all their descendants. The agent, its ancestors, process 1 and threads of the kernel are
/// spared whatever is asked; so is a process whose number now belongs to another one.
#[must_use]
pub fn stop_tree(roots: &[Process]) -> Stopped {
    let spared = untouchable();
    let mut frozen: HashMap<u32, Process> = HashMap::new();
    let mut answer = Stopped::default();
    // The roots stand still at once; who else belongs to them takes a look at every process.
    for root in roots.iter().filter(|root| !spared.contains(&root.pid) && !root.kernel) {
        let _ = signal(root, Signal::SIGSTOP);
    }
    for _ in 0..ROUNDS {
        let all = Process::all();
        let mut grew = false;
        for process in tree(roots, &all, &frozen) {
            if spared.contains(&process.pid) || process.kernel || frozen.contains_key(&process.pid) {
                continue;
            }
            let seen = process.seen();
            match signal(&process, Signal::SIGSTOP) {
                Ok(()) => answer.stopped.push(seen),
                Err(nix::errno::Errno::ESRCH) => {}
                Err(e) => answer.spared.push((seen, e.desc().to_owned())),
            }
            frozen.insert(process.pid, process);
            grew = true;
        }
        if !grew {
            break;
        }
    }
    for process in frozen.values() {
        let _ = signal(process, Signal::SIGKILL);
    }
    answer
}

fn signal(process: &Process, signal: Signal) -> nix::Result<()> {
    match Process::read(process.pid) {
        Some(now) if now.started == process.started => {
            kill(Pid::from_raw(i32::try_from(process.pid).unwrap_or(i32::MAX)), signal)
        }
        _ => Err(nix::errno::Errno::ESRCH),
    }
}

/// The roots that still run, and everyone whose chain of parents leads to a root or to someone frozen, parents first.
fn tree(roots: &[Process], all: &HashMap<u32, Process>, frozen: &HashMap<u32, Process>) -> Vec<Process> {
    let is_root = |process: &Process| roots.iter().any(|r| r.pid == process.pid && r.started == process.started);
    let mut found: Vec<(usize, Process)> = Vec::new();
    for process in all.values() {
        let mut depth = 0;
        let mut at = process;
        while !is_root(at) && !frozen.contains_key(&at.pid) && depth < 64 {
            depth += 1;
            match all.get(&at.parent) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        if is_root(at) || frozen.contains_key(&at.pid) {
            found.push((depth, process.clone()));
        }
    }
    found.sort_by_key(|(depth, process)| (*depth, process.pid));
    found.into_iter().map(|(_, process)| process).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_tree_that_keeps_forking_is_stopped_whole() {
        let script = "while :; do sh -c 'sleep 30' & sleep 0.01; done";
        let mut root = Command::new("sh").args(["-c", script]).spawn().unwrap();
        let known = Process::read(root.id()).unwrap();
        let children = || Process::all().into_values().filter(|p| p.parent == root.id() && !p.dead).collect::<Vec<_>>();
        let mut before = children();
        while before.len() < 5 {
            before = children();
        }
        let stopped = stop_tree(&[known]);
        root.wait().unwrap();
        assert!(stopped.stopped.len() > 5, "{stopped:?}");
        assert!(stopped.spared.is_empty());
        while before.iter().any(Process::runs) {
            std::thread::yield_now();
        }
    }

    #[test]
    fn the_agent_and_its_ancestors_are_spared() {
        let own = Process::read(std::process::id()).unwrap();
        let parent = Process::read(own.parent).unwrap();
        let mut child = Command::new("sleep").arg("30").spawn().unwrap();
        let stranger = Process { started: own.started + 1, ..own.clone() };
        assert_eq!(stop_tree(&[stranger]), Stopped::default());
        assert!(own.runs() && parent.runs());
        let known = Process::read(child.id()).unwrap();
        let renumbered = Process { started: known.started + 1, ..known };
        assert_eq!(stop_tree(&[renumbered]), Stopped::default());
        assert!(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

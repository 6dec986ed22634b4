//! What a running process costs, as `/proc` tells it.

use anyhow::Context as _;
use std::path::PathBuf;
use std::time::Duration;

/// One clock tick of `/proc/PID/stat` is 10 ms on every Linux (`USER_HZ`, see proc(5)).
const TICK: Duration = Duration::from_millis(10);

/// A process, and those that belong to it.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    pids: Vec<u32>,
}

/// Bytes of memory that a process holds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    /// Resident.
    pub(crate) rss: u64,
    /// Resident, with what several processes share divided among them.
    pub(crate) pss: u64,
    /// Of it, what belongs to no file: heap and stacks.
    pub(crate) anonymous: u64,
}

impl Process {
    pub(crate) fn of(pids: impl IntoIterator<Item = u32>) -> Self {
        Self { pids: pids.into_iter().collect() }
    }

    /// Processor time so far, user and system, of every thread that is or was.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let mut ticks = 0;
        for pid in &self.pids {
            let stat = read(*pid, "stat")?;
            // The second field is the name in brackets and may hold anything; user and system time are 14th and 15th.
            let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
            let fields: Vec<u32> = rest.split_whitespace().skip(11).take(2).filter_map(|f| f.parse().ok()).collect();
            anyhow::ensure!(fields.len() == 2, "/proc/{pid}/stat cannot be understood");
            ticks += fields.iter().sum::<u32>();
        }
        Ok(TICK * ticks)
    }

    /// Processor time of the threads that live now, to the nanosecond; good for a process at rest, whose threads stay.
    pub(crate) fn fine_cpu(&self) -> anyhow::Result<Duration> {
        let of_thread = |text: &str| text.split_whitespace().next().and_then(|nanos| nanos.parse::<u64>().ok());
        let nanos = self.of_threads("schedstat", of_thread)?;
        Ok(Duration::from_nanos(nanos))
    }

    /// How often its threads went to sleep of their own will: each time something woke them before.
    pub(crate) fn wakeups(&self) -> anyhow::Result<u64> {
        self.of_threads("status", |text| {
            let line = text.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
            line.trim().parse().ok()
        })
    }

    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let mut memory = Memory::default();
        for pid in &self.pids {
            let rollup = read(*pid, "smaps_rollup")?;
            memory.rss += kilobytes(&rollup, "Rss:")?;
            memory.pss += kilobytes(&rollup, "Pss:")?;
            memory.anonymous += kilobytes(&rollup, "Anonymous:")?;
        }
        Ok(memory)
    }

    fn of_threads(&self, file: &str, figure: impl Fn(&str) -> Option<u64>) -> anyhow::Result<u64> {
        let mut sum = 0;
        for pid in &self.pids {
            for thread in std::fs::read_dir(format!("/proc/{pid}/task")).with_context(|| gone(*pid))? {
                // A thread may end between the listing and the reading.
                let Ok(text) = std::fs::read_to_string(thread?.path().join(file)) else { continue };
                sum += figure(&text).with_context(|| format!("{file} of a thread of {pid} cannot be understood"))?;
            }
        }
        Ok(sum)
    }
}

fn kilobytes(rollup: &str, name: &str) -> anyhow::Result<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    Ok(number.with_context(|| format!("smaps_rollup has no {name}"))? * 1_024)
}

fn read(pid: u32, file: &str) -> anyhow::Result<String> {
    std::fs::read_to_string(PathBuf::from(format!("/proc/{pid}")).join(file)).with_context(|| gone(pid))
}

fn gone(pid: u32) -> String {
    format!("process {pid} cannot be looked at: it ended, or belongs to somebody else")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_sees_itself_work_and_grow() {
        let me = Process::of([std::process::id()]);
        let before = (me.fine_cpu().unwrap(), me.memory().unwrap());
        let ballast: Vec<u8> = (0..16_000_000_u32).map(|n| n as u8).collect();
        let after = (me.fine_cpu().unwrap(), me.memory().unwrap());
        assert!(after.0 > before.0);
        assert!(after.1.anonymous >= before.1.anonymous + ballast.len() as u64 / 2, "{before:?} {after:?}");
        assert!(me.cpu().is_ok() && me.wakeups().is_ok());
    }

    #[test]
    fn a_process_that_is_gone_is_named() {
        let error = Process::of([u32::MAX]).cpu().unwrap_err().to_string();
        assert!(error.contains("4294967295"), "{error}");
    }
}

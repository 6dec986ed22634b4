//! One line on a terminal that says how far the scan is; nothing where the errors go to a file.

use super::escape;
use super::words::Words;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Time between two lines.
const TICK: Duration = Duration::from_millis(200);

/// Width of the bar, in characters.
const BAR: u64 = 20;

/// Longest piece of a path that is shown, in characters.
const PATH: usize = 30;

#[derive(Debug, Default)]
struct State {
    met: AtomicU64,
    done: AtomicU64,
    found: AtomicU64,
    /// Whether the walk is over, so that the bar has an end.
    all_met: AtomicBool,
    at: Mutex<String>,
}

/// The line.
#[derive(Debug)]
pub(super) struct Progress {
    state: Arc<State>,
    painter: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Begins to paint, on a terminal.
    pub(super) fn start(words: Words) -> Self {
        let state = Arc::<State>::default();
        let painter = std::io::stderr().is_terminal().then(|| {
            let (stop, stopped) = channel();
            let state = Arc::clone(&state);
            let paint = move || {
                while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                    eprint!("\r\x1b[K{}", state.line(words));
                    let _ = std::io::stderr().flush();
                }
                eprint!("\r\x1b[K");
            };
            (stop, std::thread::spawn(paint))
        });
        Self { state, painter }
    }

    /// A file was met by the walk.
    pub(super) fn met(&self) {
        self.state.met.fetch_add(1, Ordering::Relaxed);
    }

    /// The walk is over.
    pub(super) fn all_met(&self) {
        self.state.all_met.store(true, Ordering::Relaxed);
    }

    /// This file is looked at now.
    pub(super) fn at(&self, path: &Path) {
        if self.painter.is_some() {
            *self.state.at.lock().unwrap_or_else(PoisonError::into_inner) = escape::shown(path);
        }
    }

    /// A file is done.
    pub(super) fn done(&self) {
        self.state.done.fetch_add(1, Ordering::Relaxed);
    }

    /// A file is bad.
    pub(super) fn found(&self) {
        self.state.found.fetch_add(1, Ordering::Relaxed);
    }

    /// Makes room for a line of the report.
    pub(super) fn clear_line(&self) {
        if self.painter.is_some() && std::io::stdout().is_terminal() {
            eprint!("\r\x1b[K");
        }
    }

    /// Ends the line.
    pub(super) fn stop(self) {
        if let Some((stop, painter)) = self.painter {
            drop(stop);
            let _ = painter.join();
        }
    }
}

impl State {
    fn line(&self, words: Words) -> String {
        let [met, done, found] = [&self.met, &self.done, &self.found].map(|count| count.load(Ordering::Relaxed));
        let at = self.at.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let skip = at.chars().count().saturating_sub(PATH);
        let at: String = at.chars().skip(skip).collect();
        let bar = if self.all_met.load(Ordering::Relaxed) { bar(done, met) } else { String::new() };
        format!("{bar}{}", words.fill("progress", &[&done.to_string(), &met.to_string(), &found.to_string(), &at]))
    }
}

fn bar(done: u64, of: u64) -> String {
    let full = done.min(of) * BAR / of.max(1);
    let cells: String = (0..BAR).map(|cell| if cell < full { '#' } else { '.' }).collect();
    format!("[{cells}] ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_has_an_end_once_the_walk_is_over() {
        let state = State::default();
        state.met.store(8, Ordering::Relaxed);
        state.done.store(2, Ordering::Relaxed);
        assert_eq!(state.line(Words::of("it")), "2 di 8 file, 0 trovati  ");
        state.all_met.store(true, Ordering::Relaxed);
        assert!(state.line(Words::of("en")).starts_with("[#####...............] 2 of 8 files"));
        assert_eq!(bar(0, 0).matches('#').count(), 0);
    }
}

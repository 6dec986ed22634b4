//! How much may be taken out of one file, how deep, and what had to be refused.

/// Bounds for one outer file and everything nested in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Containers within containers.
    pub depth: usize,
    /// Parts in all.
    pub parts: usize,
    /// Bytes written out in all.
    pub total: usize,
    /// Bytes of one part; of a longer one the beginning is looked at.
    pub part: usize,
    /// How many times longer than its compressed form a part may become before it counts as a bomb, once it is longer
    /// than [`Limits::harmless`].
    pub ratio: usize,
    /// Bytes up to which any ratio is let be: a small file of zeros compresses a thousand times.
    pub harmless: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self { depth: 8, parts: 10_000, total: 256 * MIB, part: 32 * MIB, ratio: 200, harmless: 16 * MIB }
    }
}

/// Something that was not looked at (or, as a sign, something that looks bad by its structure).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A stable word.
    pub word: &'static str,
    /// Where; nothing for the outer file.
    pub inside: Option<String>,
    /// A sentence.
    pub reason: String,
    /// Whether it was refused for safety: then "clean" would be too much said. What cannot be opened by anyone without
    /// its password is no such case.
    pub unfinished: bool,
}

/// Notes kept of one file.
const NOTED: usize = 50;

/// Longest path within, in bytes: names in a file may be of any length.
const LONGEST_PATH: usize = 4096;

/// What is left of the limits, and where in the nest we are.
pub struct Room<'a> {
    limits: Limits,
    parts: usize,
    total: usize,
    path: Vec<String>,
    shown: Option<String>,
    refusals: Vec<Refusal>,
    signs: Vec<Refusal>,
    closed: bool,
    expired: &'a dyn Fn() -> bool,
}

impl std::fmt::Debug for Room<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Room").field("limits", &self.limits).field("path", &self.path).finish_non_exhaustive()
    }
}

impl<'a> Room<'a> {
    /// An empty room; `expired` says when the time for the file has run out.
    #[must_use]
    pub fn new(limits: Limits, expired: &'a dyn Fn() -> bool) -> Self {
        Self {
            limits,
            parts: 0,
            total: 0,
            path: Vec::new(),
            shown: None,
            refusals: Vec::new(),
            signs: Vec::new(),
            closed: false,
            expired,
        }
    }

    /// What was refused, and what looks bad by its structure.
    #[must_use]
    pub fn leave(self) -> (Vec<Refusal>, Vec<Refusal>) {
        (self.refusals, self.signs)
    }

    /// Whether nothing more may be opened: a bomb was met, a limit reached, or the time ran out.
    pub(super) fn is_closed(&mut self) -> bool {
        if !self.closed && (self.expired)() {
            self.close("time_budget", "the time for this file ran out while it was being opened");
        }
        self.closed
    }

    /// Steps into a part; false when no more may be.
    pub(super) fn enter(&mut self, name: &str) -> bool {
        if self.is_closed() {
            return false;
        }
        if self.parts >= self.limits.parts {
            self.close("too_many_parts", &format!("more than {} parts", self.limits.parts));
            return false;
        }
        if self.path.len() >= self.limits.depth {
            self.refuse("too_deep", &format!("nested deeper than {}", self.limits.depth), true);
            return false;
        }
        self.parts += 1;
        self.path.push(name.chars().take(LONGEST_PATH / 4).collect());
        self.shown = Some(self.joined());
        true
    }

    /// Steps out again.
    pub(super) fn go_out(&mut self) {
        self.path.pop();
        self.shown = (!self.path.is_empty()).then(|| self.joined());
    }

    /// The path of the part that is open.
    pub(super) fn inside(&self) -> Option<&str> {
        self.shown.as_deref()
    }

    /// How many bytes the next part may have.
    pub(super) fn part_most(&self) -> usize {
        self.limits.part.min(self.limits.total.saturating_sub(self.total))
    }

    /// Counts bytes that were written out. False when that is more than all may be.
    pub(super) fn count(&mut self, written: usize) -> bool {
        self.total = self.total.saturating_add(written);
        if self.total >= self.limits.total {
            self.close("too_much", &format!("more than {} bytes inside", self.limits.total));
        }
        !self.closed
    }

    /// Whether a part of so many bytes out of so many packed ones is none of a bomb.
    pub(super) fn holds(&mut self, written: usize, packed: usize) -> bool {
        if written > self.limits.harmless && written / self.limits.ratio.max(1) > packed {
            self.close(
                "bomb",
                &format!("{packed} bytes become more than {written}: an archive bomb, not opened further"),
            );
        }
        !self.closed
    }

    /// Notes what is left out here.
    pub(super) fn refuse(&mut self, word: &'static str, reason: &str, unfinished: bool) {
        let inside = self.inside().map(str::to_owned);
        let refusal = Refusal { word, inside, reason: reason.to_owned(), unfinished };
        if self.refusals.len() < NOTED && !self.refusals.contains(&refusal) {
            self.refusals.push(refusal);
        }
    }

    /// Notes what looks bad by its structure.
    pub(super) fn sign(&mut self, word: &'static str, reason: &str) {
        let inside = self.inside().map(str::to_owned);
        if self.signs.len() < NOTED {
            self.signs.push(Refusal { word, inside, reason: reason.to_owned(), unfinished: false });
        }
    }

    fn close(&mut self, word: &'static str, reason: &str) {
        self.refuse(word, reason, true);
        self.closed = true;
    }

    fn joined(&self) -> String {
        let mut joined = self.path.join("!");
        if joined.len() > LONGEST_PATH {
            joined = joined.chars().take(LONGEST_PATH / 4).collect();
        }
        joined
    }
}

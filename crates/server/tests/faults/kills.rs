//! Server and agent die by SIGKILL at moments that nobody chose: every bad file is told once, taken once, and given back
//! once, as it was.

use crate::stage::dice::{Dice, kills};
use crate::stage::{Stage, name_of, names_in, until};
use baluardo_detect::scan::{eicar_test_file, tagged_test_script};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{FileTimes, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How the names of the bad files begin.
const BAD: &str = "bad-";

/// What must come back: bytes, owner, group, rights, and the time of the last change in nanoseconds.
#[derive(Debug, PartialEq, Eq)]
struct Looks(Vec<u8>, u32, u32, u32, i128);

fn looks(path: &Path) -> Looks {
    let meta = std::fs::metadata(path).unwrap();
    let modified = i128::from(meta.mtime()) * 1_000_000_000 + i128::from(meta.mtime_nsec());
    Looks(std::fs::read(path).unwrap(), meta.uid(), meta.gid(), meta.mode(), modified)
}

/// A stage with the files that were put on it.
struct Story {
    stage: Stage,
    dice: Dice,
    /// By name; what came by being written in place has no looks of its own, because it is taken while it is written.
    dropped: BTreeMap<String, (Vec<u8>, Option<Looks>)>,
    killed: u64,
}

impl Story {
    /// Puts one bad file into the guarded folder, in one of the ways in which files come.
    fn drop_one(&mut self) {
        let name = format!("{BAD}{:04}.com", self.dropped.len());
        let bytes = match self.dice.below(2) {
            0 => eicar_test_file(),
            _ => format!("{}# {name}\n", tagged_test_script()).into_bytes(),
        };
        let place = self.stage.documents.join(&name);
        if self.dice.below(3) == 0 {
            std::fs::write(&place, &bytes).unwrap();
            self.dropped.insert(name, (bytes, None));
            return;
        }
        let aside = self.stage.root.join(&name);
        std::fs::write(&aside, &bytes).unwrap();
        let mode = [0o644, 0o600, 0o755, 0o440][usize::try_from(self.dice.below(4)).unwrap()];
        if nix::unistd::geteuid().is_root() {
            std::os::unix::fs::chown(&aside, Some(1_000 + u32::from(mode == 0o600)), Some(1_001)).unwrap();
        }
        let past = SystemTime::UNIX_EPOCH + Duration::from_millis(1_600_000_000_000 + self.dice.below(1_000_000_000));
        let file = std::fs::OpenOptions::new().write(true).open(&aside).unwrap();
        file.set_times(FileTimes::new().set_modified(past)).unwrap();
        drop(file);
        std::fs::set_permissions(&aside, Permissions::from_mode(mode)).unwrap();
        let looks = looks(&aside);
        std::fs::rename(&aside, &place).unwrap();
        self.dropped.insert(name, (bytes, Some(looks)));
    }

    /// Kills one of the two, or both, does `meanwhile`, and starts them again.
    fn kill(&mut self, mut meanwhile: impl FnMut(&mut Self)) {
        let (server, agent) = [(true, false), (false, true), (true, true)][self.dice.below(3) as usize];
        if server {
            self.stage.server.kill();
        }
        if agent {
            self.stage.agent.kill();
        }
        self.killed += 1;
        meanwhile(self);
        if agent {
            self.stage.agent.start();
        }
        if server {
            self.stage.server.start();
        }
        // Half of the next deaths come while it starts, half while it works.
        match self.dice.below(2) {
            0 => self.dice.rest(60),
            _ => self.dice.rest(900),
        }
    }

    /// Both live, and the agent does not wait for its next try.
    fn calm(&mut self) {
        self.stage.agent.kill();
        self.stage.wait_for_server();
        self.stage.agent.start();
        self.stage.wait_for_guard();
    }

    fn quarantine(&self) -> Vec<Value> {
        let hundreds = self.dropped.len() / 100;
        (0..=hundreds).flat_map(|hundred| self.stage.quarantine(&format!("{BAD}{hundred:02}"))).collect()
    }

    fn names(&self) -> BTreeSet<String> {
        self.dropped.keys().cloned().collect()
    }

    fn everything_is_told_and_taken_once(&self) {
        let all = self.names();
        until("no bad file is left in place", || names_in(&self.stage.documents, BAD).is_empty());
        until("every file is told", || {
            self.quarantine().len() >= all.len() && self.stage.findings().len() >= all.len()
        });
        let once = |rows: &[Value], what: &str| {
            let names: Vec<String> = rows.iter().map(name_of).collect();
            let set: BTreeSet<String> = names.iter().cloned().collect();
            assert_eq!(set, all, "{what}");
            let twice: Vec<&String> =
                set.iter().filter(|one| names.iter().filter(|it| it == one).count() > 1).collect();
            assert!(twice.is_empty(), "{what}: twice: {twice:?}");
        };
        let (findings, quarantine) = (self.stage.findings(), self.quarantine());
        once(&findings, "findings");
        once(&quarantine, "quarantine");
        assert!(quarantine.iter().all(|row| row["state"] == "held"));
        for finding in &findings {
            let story = self.stage.api("GET", &format!("/findings/{}", finding["id"].as_str().unwrap()));
            let taken = story["steps"].as_array().unwrap().iter().filter(|step| step["kind"] == "quarantined").count();
            assert_eq!(taken, 1, "{story:#}");
        }
    }

    /// Orders one file back; an answer that a kill ate is as good as none.
    fn order_back(&self, id: &str) -> bool {
        match self.stage.try_api("POST", &format!("/quarantine/{id}/release")) {
            Some((202 | 409, _)) => true,
            Some((500.., _)) | None => false,
            Some(other) => panic!("{other:?}"),
        }
    }

    fn everything_is_back_once(&self, removed: &BTreeSet<String>) {
        until("every file is released", || self.quarantine().iter().all(|row| row["state"] == "released"));
        let expected: BTreeSet<String> = self.names().difference(removed).cloned().collect();
        assert_eq!(names_in(&self.stage.documents, BAD), expected, "who was back and went stays away");
        for name in &expected {
            let (bytes, before) = &self.dropped[name];
            let after = looks(&self.stage.documents.join(name));
            assert_eq!(&after.0, bytes, "{name}");
            if let Some(before) = before {
                assert_eq!(&after, before, "{name}");
            }
        }
        assert_eq!(names_in(&self.stage.documents, ".baluardo-"), BTreeSet::new(), "no half-written copy stays");
        assert_eq!(self.stage.findings().len(), self.dropped.len(), "what a person released is let be");
        assert_eq!(self.quarantine().len(), self.dropped.len());
    }
}

#[test]
fn random_kills_of_server_and_agent_lose_no_file_and_do_nothing_twice() {
    let dice = Dice::from_environment();
    let mut story = Story { stage: Stage::ready(), dice, dropped: BTreeMap::new(), killed: 0 };
    let kills = kills();
    while story.killed < kills * 3 / 5 {
        for _ in 0..story.dice.below(3) {
            story.drop_one();
        }
        story.dice.rest(40);
        story.kill(|story| {
            if story.dice.below(2) == 0 {
                story.drop_one();
            }
        });
    }
    story.calm();
    story.everything_is_told_and_taken_once();

    let mut waiting: Vec<String> =
        story.quarantine().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    let mut removed = BTreeSet::new();
    let each = waiting.len() / usize::try_from(kills * 2 / 5).unwrap().max(1) + 1;
    while story.killed < kills {
        for _ in 0..each {
            if let Some(id) = waiting.pop()
                && !story.order_back(&id)
            {
                waiting.insert(0, id);
            }
        }
        story.dice.rest(40);
        story.kill(|_| ());
        removed.extend(remove_a_released_one(&story));
    }
    story.calm();
    until("everything is ordered back", || {
        waiting.retain(|id| !story.order_back(id));
        waiting.is_empty()
    });
    story.everything_is_back_once(&removed);
    println!(
        "{} kills, {} files, {} of them removed after they were back",
        story.killed,
        story.dropped.len(),
        removed.len()
    );
}

/// Removes a file that the server says is back: it must not come a second time.
fn remove_a_released_one(story: &Story) -> Option<String> {
    let (_, rows) = story.stage.try_api("GET", "/quarantine?state=released")?;
    let names: Vec<String> = rows.as_array()?.iter().map(name_of).collect();
    let name = names.into_iter().find(|name| story.stage.documents.join(name).exists())?;
    std::fs::remove_file(story.stage.documents.join(&name)).unwrap();
    Some(name)
}

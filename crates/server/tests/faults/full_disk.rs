//! The disk of the agent's spool is full while the server is away.

use crate::stage::{Stage, name_of, until};
use baluardo_detect::scan::tagged_test_script;
use nix::unistd::geteuid;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Enough, with names as long as these, for more than the room that the spool took beforehand.
const FILES: usize = 240;

/// A file system of its own, which goes with the story.
struct Small(PathBuf);

impl Small {
    fn mount(folder: &Path) -> Option<Self> {
        std::fs::create_dir_all(folder).unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=8m,mode=700", "small"]).arg(folder).status();
        mounted.is_ok_and(|status| status.success()).then(|| Self(folder.to_owned()))
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let mut file = std::fs::File::create(self.0.join("filler")).unwrap();
        while file.write_all(&[7; 4096]).is_ok() {}
        while file.write_all(&[7]).is_ok() {}
    }

    fn make_room(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_said_blocks_on_and_everything_is_told_once_there_is_room() {
    if !geteuid().is_root() {
        return eprintln!("skipped: only root may mount a small file system");
    }
    let mut stage = Stage::set();
    let Some(small) = Small::mount(&stage.root.join("agent")) else {
        return eprintln!("skipped: no file system can be mounted here");
    };
    stage.start_server();
    stage.enrol(&stage.root.join("agent"), stage.comune);
    stage.agent.start();
    stage.wait_for_guard();
    stage.server.kill();
    small.fill();

    // Long paths make long events.
    let deep = (0..12).fold(stage.documents.clone(), |path, _| path.join("d".repeat(250)));
    std::fs::create_dir_all(&deep).unwrap();
    for number in 0..FILES {
        std::fs::write(deep.join(format!("bad-{number:03}")), tagged_test_script()).unwrap();
    }
    until("the agent says that its disk is full", || stage.agent.said("is full: free some space on it"));
    let last = deep.join("bad-000");
    let blocks = stage.agent_status()["coverage"] == "blocking";
    if blocks {
        let read = Command::new("cat").arg(&last).output().unwrap();
        assert!(!read.status.success() && read.stdout.is_empty(), "a bad file is still refused: {read:?}");
    } else {
        eprintln!("not shown: that files are still refused, because this kernel holds none back");
    }

    small.make_room();
    stage.start_server();
    until("every file is told", || {
        let names: BTreeMap<String, ()> = stage.findings().iter().map(|row| (name_of(row), ())).collect();
        names.len() == FILES
    });
    stage.agent.kill();
}

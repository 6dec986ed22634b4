//! A pack of rules comes in on the server's command line, and a device that runs since before stops what it knows.

use crate::stage::{Stage, text, until, until_or};
use std::path::Path;
use std::process::{Command, Stdio};

/// Has another program write a file: the agent's own writes are not looked at.
fn written_by_another(path: &Path, words: &str) {
    // Where the agent may hold files back, it may refuse to open what it is just taking away.
    let line = "printf %s \"$2\" > \"$1\"";
    Command::new("sh").args(["-c", line, "sh", text(path), words]).stderr(Stdio::null()).status().unwrap();
}

fn import(stage: &Stage, name: &str, files: &[&Path]) -> (bool, String) {
    let state = stage.root.join("server");
    let mut command = Command::new(env!("CARGO_BIN_EXE_baluardo"));
    command.args(["admin", "packs", "import", "--state", text(&state), "--name", name]).args(files);
    let done = command.output().unwrap();
    let said = [done.stdout, done.stderr].concat();
    (done.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn a_pack_of_the_consortium_reaches_a_running_device_and_stops_what_it_knows() {
    let stage = Stage::ready();
    let (rules, list) = (stage.root.join("rules.yar"), stage.root.join("list.hdb"));
    let good = "rule Prova_Pacchetto { strings: $a = \"contrassegno-di-prova-7b1f\" condition: $a }\n";
    std::fs::write(&rules, format!("{good}rule Guasta {{ condition: unknown_word }}\n")).unwrap();
    // "abc" of RFC 1321.
    std::fs::write(&list, "900150983cd24fb0d6963f7d28e17f72:3:Prova.Elenco\n").unwrap();
    let before = stage.documents.join("prima.txt");
    written_by_another(&before, "contrassegno-di-prova-7b1f");

    let nothing = stage.root.join("nothing.yar");
    std::fs::write(&nothing, "no rules at all").unwrap();
    let (done, said) = import(&stage, "niente", &[&nothing]);
    assert!(!done && said.contains("nothing of this pack can be used"), "{said}");
    let (done, said) = import(&stage, "prova", &[&rules, &list]);
    assert!(done && said.contains("1 rules, 1 digests of bad files") && said.contains("Guasta"), "{said}");

    let (by_rule, by_list) = (stage.documents.join("regola.txt"), stage.documents.join("elenco.bin"));
    for (path, words) in [(&by_rule, "ecco: contrassegno-di-prova-7b1f"), (&by_list, "abc")] {
        let mut written = 0_u32;
        let taken = || {
            // Written again with other words around it, until the pack is there; the list knows only the one text.
            written += 1;
            written_by_another(path, words);
            std::thread::sleep(std::time::Duration::from_millis(100));
            !path.exists()
        };
        until_or("the pack is in force", taken, || stage.agent.tail());
    }
    assert!(before.exists(), "what lay there before is left until somebody writes, opens or scans it");
    until("both are told", || stage.findings().len() >= 2);
    assert!(names(&stage.root.join("agent/packs")) == 1, "one pack, whole");
}

fn names(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

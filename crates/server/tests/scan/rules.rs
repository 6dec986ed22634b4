//! Rules from outside: files, folders, variables of public packs, and rules that fail.

use crate::stage::{baluardo, put, scan};

const GOOD: &str = "rule Buona { strings: $a = \"prova-di-regola\" condition: $a }\n";

#[test]
fn rules_come_from_files_and_folders() {
    let dir = tempfile::tempdir().unwrap();
    let tree = dir.path().join("tree");
    put(&tree, "a", "una prova-di-regola qui");
    put(&tree, "b", "niente");
    let file = put(dir.path(), "one.yar", GOOD);
    put(dir.path(), "pack/deep/two.yara", GOOD.replace("Buona", "Seconda"));
    put(dir.path(), "pack/README.md", "no rule");
    let folder = dir.path().join("pack");
    let ran = scan(&tree, &["--rules", file.to_str().unwrap(), "--rules", folder.to_str().unwrap()]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    let names: Vec<String> = ran.line("/a")["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!((names.contains(&"Buona".to_owned()), names.contains(&"Seconda".to_owned())), (true, true));
    assert_eq!(ran.verdict("/b"), "clean");
}

#[test]
fn the_variables_of_public_packs_are_known() {
    let dir = tempfile::tempdir().unwrap();
    let tree = dir.path().join("tree");
    put(&tree, "Fattura.PDF.exe", "testo");
    put(&tree, "altro.txt", "testo");
    let rule = "rule Nome { condition: filename matches /\\.pdf\\.exe$/i and filepath contains \"/tree/\" and extension == \".exe\" and filetype != \"EXE\" and owner != \"x\" }";
    let rule = put(dir.path(), "v.yar", rule);
    let ran = scan(&tree, &["--rules", rule.to_str().unwrap()]);
    assert_eq!(
        (ran.code, ran.verdict("exe").as_str(), ran.verdict("txt").as_str()),
        (1, "malicious", "clean"),
        "{}",
        ran.err
    );
}

#[test]
fn a_rule_with_a_low_score_of_its_own_makes_a_file_suspicious() {
    let dir = tempfile::tempdir().unwrap();
    let path = put(dir.path(), "a", "prova-di-regola");
    let rule = put(dir.path(), "s.yar", GOOD.replace("strings:", "meta: score = 60 strings:"));
    let ran = scan(&path, &["--rules", rule.to_str().unwrap()]);
    assert_eq!((ran.code, ran.verdict("/a").as_str()), (1, "suspicious"));
}

#[test]
fn a_rule_that_fails_is_named_and_the_others_are_in_force() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "pack/a.yar", format!("rule Cattiva {{ condition: nonsense.here == 3 }}\n{GOOD}"));
    put(dir.path(), "pack/b.yar", "this is no rule at all");
    let pack = dir.path().join("pack");
    let tree = dir.path().join("tree");
    put(&tree, "a", "una prova-di-regola qui");
    let ran = scan(&tree, &["--rules", pack.to_str().unwrap()]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("Cattiva") && ran.err.contains("b.yar"), "{}", ran.err);
    let check = baluardo(["rules", "check", pack.to_str().unwrap()]);
    assert_eq!(check.code, 1);
    assert!(check.out.contains("2 rule files: 1 rules compiled, 2 left out"), "{}", check.out);
    assert!(check.out.contains("Cattiva") && check.out.contains("b.yar"), "{}", check.out);
}

#[test]
fn a_check_of_good_rules_is_0_and_of_none_is_2() {
    let dir = tempfile::tempdir().unwrap();
    let good = put(dir.path(), "good/a.yar", GOOD);
    let bad = put(dir.path(), "bad/b.yar", "no rule");
    let code = |path: &std::path::Path| baluardo(["rules", "check", path.to_str().unwrap()]).code;
    assert_eq!([code(&good), code(&bad), code(&dir.path().join("nowhere"))], [0, 2, 2]);
    let empty = dir.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    assert_eq!(code(&empty), 2, "a folder without rules is a mistake");
    let ran = scan(&good, &["--rules", bad.to_str().unwrap()]);
    assert_eq!(ran.code, 2, "a scan with none of the rules that were asked for would say too much: {}", ran.err);
}

#[test]
fn rules_whose_condition_tells_the_kind_of_file_find_what_they_are_for() {
    let dir = tempfile::tempdir().unwrap();
    let tree = dir.path().join("tree");
    put(&tree, "windows", b"MZ\x90\0 segno");
    put(&tree, "linux", b"\x7FELF segno");
    put(&tree, "text", "segno");
    let rule = "rule Mz { strings: $a = \"segno\" condition: uint16(0) == 0x5A4D and filesize < 1MB and $a }\n\
                rule Elf { strings: $a = \"segno\" condition: uint32(0) == 0x464c457f and $a }\n\
                rule NotMz { strings: $a = \"segno\" condition: uint16(0) != 0x5A4D and $a }";
    let rule = put(dir.path(), "k.yar", rule);
    let ran = scan(&tree, &["--rules", rule.to_str().unwrap()]);
    let names = |end: &str| -> Vec<String> {
        ran.line(end)["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|found| found["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("windows"), ["Mz"]);
    assert_eq!(names("linux").len(), 2);
    assert_eq!(names("text"), ["NotMz"]);
}

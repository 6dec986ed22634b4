//! What a scan prints.

use crate::stage::{baluardo, put, put_eicar, scan, speaking};
use serde_json::json;

#[test]
fn clean_is_0_found_is_1_and_every_file_has_a_line() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "a/read.me", "ciao");
    let clean = scan(dir.path(), &[]);
    assert_eq!((clean.code, clean.lines().len()), (0, 1));
    let path = dir.path().join("a/read.me");
    assert_eq!(clean.lines()[0], json!({"path": path.to_str().unwrap(), "verdict": "clean", "findings": []}));
    put_eicar(dir.path(), "b/eicar.com");
    let found = scan(dir.path(), &[]);
    assert_eq!((found.code, found.lines().len()), (1, 2));
    let line = found.line("eicar.com");
    assert_eq!(line["verdict"], "malicious");
    let finding = &line["findings"][0];
    assert_eq!(
        (&finding["engine"], &finding["name"], &finding["inside"]),
        (&json!("eicar"), &json!("test_file"), &json!(null))
    );
    assert!(finding["score"].as_u64().unwrap() > 75 && finding["reasons"][0].as_str().unwrap().contains("EICAR"));
}

#[test]
fn people_read_it_in_the_language_of_their_session() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "read.me", "ciao");
    let path = put_eicar(dir.path(), "eicar.com");
    let folder = dir.path().to_str().unwrap();
    let italian = speaking("it_IT.UTF-8", ["scan", folder]);
    assert!(italian.out.contains(&format!("MALEVOLO  {}", path.display())), "{}", italian.out);
    assert!(italian.out.contains("2 file in ") && italian.out.contains("1 malevoli"), "{}", italian.out);
    let english = baluardo(["scan", folder]);
    assert!(english.out.contains("MALICIOUS") && english.out.contains("1 malicious"), "{}", english.out);
    assert!(english.err.is_empty(), "no progress where nobody watches: {}", english.err);
    assert_eq!((italian.code, english.code), (1, 1));
}

#[test]
fn a_path_that_is_not_there_is_an_error_and_the_others_are_scanned() {
    let dir = tempfile::tempdir().unwrap();
    let path = put(dir.path(), "read.me", "ciao");
    let ran = baluardo(["scan", "--json", "/nowhere/at/all", path.to_str().unwrap()]);
    assert_eq!(ran.code, 2);
    assert_eq!(ran.verdict("/nowhere/at/all"), "error");
    assert!(ran.line("/nowhere/at/all")["findings"][0]["reasons"][0].as_str().unwrap().contains("cannot be reached"));
    assert_eq!(ran.verdict("read.me"), "clean");
    assert_eq!(baluardo(["scan"]).code, 2, "nothing to scan is a mistake");
}

#[test]
fn an_unchanged_file_is_passed_over_until_it_or_the_rules_change() {
    let dir = tempfile::tempdir().unwrap();
    let tree = dir.path().join("tree");
    let path = put(&tree, "a.txt", "niente di male");
    // Only a file that was left alone for a while is remembered; the test does not wait for it.
    let cache = dir.path().join("cache");
    let arguments = ["--cache", cache.to_str().unwrap()];
    assert_eq!(scan(&tree, &arguments).code, 0);
    assert_eq!(scan(&tree, &arguments).code, 0);
    std::fs::write(&path, baluardo_detect::scan::eicar_test_file()).unwrap();
    assert_eq!(scan(&tree, &arguments).code, 1, "a changed file is read");
    assert_eq!(scan(&tree, &arguments).code, 1, "what was found is found again");
    std::fs::write(&path, "niente di male").unwrap();
    let rule = put(dir.path(), "r.yar", "rule niente { strings: $a = \"niente di male\" condition: $a }");
    let with_rule = [arguments.as_slice(), &["--rules", rule.to_str().unwrap()]].concat();
    assert_eq!(scan(&tree, &with_rule).code, 1, "other rules, another answer");
    std::fs::set_permissions(&cache, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    let open = scan(&tree, &arguments);
    assert_eq!(open.code, 2);
    assert!(open.err.contains("may be written by others"), "{}", open.err);
}

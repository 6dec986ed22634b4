//! Indicators: lists in several forms, and lists of what is good.

use crate::stage::{put, scan};
use serde_json::json;

// Of "abc": RFC 1321, FIPS 180-4.
const MD5: &str = "900150983cd24fb0d6963f7d28e17f72";
const SHA1: &str = "A9993E364706816ABA3E25717850C26C9CD0D89D";
const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[test]
fn files_are_known_by_each_digest_and_each_form_of_list() {
    let dir = tempfile::tempdir().unwrap();
    let tree = dir.path().join("tree");
    put(&tree, "bad", "abc");
    put(&tree, "good", "abd");
    for (name, text, engine, called) in [
        ("plain.txt", format!("# cattivi\n\n{SHA256}\n"), "sha256", "listed"),
        ("sums.txt", format!("{SHA256}  tree/bad\n"), "sha256", "tree/bad"),
        ("names.csv", format!("{SHA1},Emotet\r\n"), "sha1", "Emotet"),
        ("clam.hdb", format!("{MD5}:3:Win.Test-1\n"), "md5", "Win.Test-1"),
        ("clam.hsb", format!("{SHA1}:*:Win.Test-2:73\n{SHA256}:3:Win.Test-3\n"), "sha256", "Win.Test-3"),
    ] {
        let list = put(dir.path(), name, text);
        let ran = scan(&tree, &["--indicators", list.to_str().unwrap()]);
        assert_eq!(ran.code, 1, "{name}: {}{}", ran.out, ran.err);
        let line = ran.line("/bad");
        assert_eq!((&line["verdict"], &line["findings"][0]["engine"]), (&json!("malicious"), &json!(engine)), "{name}");
        assert_eq!(line["findings"][0]["name"], called, "{name}");
        assert_eq!(ran.verdict("/good"), "clean");
    }
}

#[test]
fn a_misp_warninglist_lists_what_is_good() {
    let dir = tempfile::tempdir().unwrap();
    let tree = dir.path().join("tree");
    put(&tree, "known", "abc");
    let bad = put(dir.path(), "bad.txt", format!("{MD5}\n"));
    let warning = json!({"name": "Known files", "type": "string", "version": 1, "list": [MD5, "example.com"], "matching_attributes": ["md5"]});
    let good = put(dir.path(), "list.json", warning.to_string());
    let both = ["--indicators", bad.to_str().unwrap(), "--indicators", good.to_str().unwrap()];
    assert_eq!(scan(&tree, &both[..2]).code, 1);
    assert_eq!(scan(&tree, &both).code, 0);
}

#[test]
fn lines_that_list_nothing_are_named_and_a_list_of_none_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let tree = dir.path().join("tree");
    put(&tree, "bad", "abc");
    let some = put(dir.path(), "some.txt", format!("evil.example\n{MD5}\n"));
    let ran = scan(&tree, &["--indicators", some.to_str().unwrap()]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("evil.example"), "{}", ran.err);
    let none = put(dir.path(), "none.txt", "evil.example\n");
    let ran = scan(&tree, &["--indicators", none.to_str().unwrap()]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("none.txt") && ran.out.is_empty(), "{}", ran.err);
    let broken = put(dir.path(), "broken.json", "{\"list\": 3}");
    assert_eq!(scan(&tree, &["--indicators", broken.to_str().unwrap()]).code, 2);
}

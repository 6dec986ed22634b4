//! Values and their modifiers.

use crate::stage::{fulfilled, line, refused};

#[test]
fn a_plain_value_is_the_whole_value_in_any_case() {
    assert!(line("CommandLine: whoami", "WhoAmI"));
    assert!(!line("CommandLine: whoami", "whoami /all"));
    assert!(line("CommandLine: CAFFÈ", "caffè"));
}

#[test]
fn a_place_can_be_asked_for() {
    assert!(line("CommandLine|contains: SEKURLSA", "x sekurlsa::logonpasswords"));
    assert!(line(r"CommandLine|startswith: cmd", "CMD /c x") && !line("CommandLine|startswith: cmd", "x cmd"));
    assert!(line(r"CommandLine|endswith: '\cmd.exe'", r"C:\Windows\CMD.EXE"));
    assert!(!line(r"CommandLine|endswith: '\cmd.exe'", r"C:\Windows\cmd.exe /c"));
}

#[test]
fn one_of_several_values_is_enough_unless_all_are_asked_for() {
    assert!(line("CommandLine|contains: [aaa, bbb]", "x bbb"));
    assert!(!line("CommandLine|contains|all: [aaa, bbb]", "x bbb"));
    assert!(line("CommandLine|contains|all: [aaa, bbb]", "bbb aaa"));
}

#[test]
fn wildcards_stand_for_text_and_a_backslash_takes_that_away() {
    assert!(line(r"CommandLine: 'a*c?'", "a--cX") && !line(r"CommandLine: 'a*c?'", "a--c"));
    assert!(line(r"CommandLine|contains: '?:\Users\\*\x'", r"run c:\users\anna\x now"));
    assert!(line(r"CommandLine: 'a\*c'", "a*c") && !line(r"CommandLine: 'a\*c'", "abc"));
    assert!(line(r"CommandLine: '*'", "anything") && line(r"CommandLine: '\\\\srv\\*'", r"\\srv\share"));
    assert!(!fulfilled("sel:\n  Other: '*'\ncondition: sel", &[("CommandLine", "x")]));
}

#[test]
fn the_case_counts_where_it_is_asked_for() {
    assert!(line("CommandLine|contains|cased: ABC", "xABCx") && !line("CommandLine|contains|cased: ABC", "xabcx"));
    assert!(!line("CommandLine|cased: 'A*C?'", "a--cX") && line("CommandLine|cased: 'A*C?'", "A--CX"));
}

#[test]
fn expressions_have_their_case_and_their_flags() {
    assert!(line(r"CommandLine|re: '\s-O\s'", "curl -O x") && !line(r"CommandLine|re: '\s-O\s'", "curl -o x"));
    assert!(line(r"CommandLine|re|i: 'ABC\d'", "abc1"));
    assert!(line(r"CommandLine|re|s: 'a.b'", "a\nb") && !line(r"CommandLine|re: 'a.b'", "a\nb"));
    assert!(line(r"CommandLine|re|m: '^b$'", "a\nb\nc") && !line(r"CommandLine|re: '^b$'", "a\nb\nc"));
    assert!(line(r"CommandLine|re|i|m: '^B$'", "a\nb"));
    assert!(refused("sel:\n  A|re: '('\ncondition: sel").contains("the regular expression `(`"));
    assert!(refused("sel:\n  A|re: 'a(?!b)'\ncondition: sel").contains("look-around"));
}

#[test]
fn addresses_are_of_networks() {
    assert!(line("CommandLine|cidr: 10.0.0.0/8", "10.2.3.4") && !line("CommandLine|cidr: 10.0.0.0/8", "11.2.3.4"));
    assert!(line("CommandLine|cidr: ['127.0.0.0/8', 'fe80::/10']", "fe80::5"));
    assert!(!line("CommandLine|cidr: 10.0.0.0/8", "ten"));
    assert!(refused("sel:\n  A|cidr: 10.0.0.0/40\ncondition: sel").contains("no network"));
}

#[test]
fn values_are_found_in_their_encodings() {
    assert!(line("CommandLine|base64|contains: foo", "x Zm9v"));
    let coded = "aWV4IGh0dHA6Ly9ob3N0";
    assert!(line("CommandLine|base64offset|contains: 'http://'", coded));
    let wide = "aQBlAHgAIABoAHQAdABwADoALwAvAA==";
    assert!(line("CommandLine|wide|base64offset|contains: 'http://'", wide));
    assert!(line("CommandLine|utf16le|base64offset|contains: 'http://'", wide));
    assert!(!line("CommandLine|utf16be|base64offset|contains: 'http://'", "aAB0AHQAcAA6AC8ALwA="));
    assert!(line("CommandLine|utf16be|base64offset|contains: 'http://'", "AGgAdAB0AHAAOgAvAC8="));
    assert!(line("CommandLine|utf16|base64|contains: A", "//5BAA=="));
    assert!(line("CommandLine|wide|contains: ab", "xa\0b\0"));
    assert!(refused("sel:\n  A|base64: 'a*'\ncondition: sel").contains("wildcards"));
}

#[test]
fn dashes_are_exchanged() {
    for dash in ["-", "/", "\u{2013}", "\u{2014}", "\u{2015}"] {
        assert!(line("CommandLine|contains|windash: ' -enc '", &format!("p {dash}ENC x")), "{dash}");
    }
    assert!(!line("CommandLine|contains: ' -enc '", "p /enc x"));
}

#[test]
fn fields_are_there_or_not_and_have_a_value_or_none() {
    let of =
        |asked: &str, fields: &[(&'static str, &str)]| fulfilled(&format!("sel:\n  {asked}\ncondition: sel"), fields);
    assert!(of("A|exists: true", &[("A", "")]) && !of("A|exists: true", &[("B", "")]));
    assert!(of("A|exists: false", &[("B", "")]) && !of("A|exists: false", &[("A", "")]));
    assert!(of("A:", &[("B", "x")]) && of("A: null", &[("B", "x")]) && !of("A: null", &[("A", "x")]));
    assert!(of("A: ''", &[("A", "")]) && !of("A: ''", &[("A", "x")]) && !of("A: ''", &[("B", "x")]));
    assert!(of("A: [null, x]", &[("B", "")]) && of("A: [null, x]", &[("A", "x")]));
}

#[test]
fn numbers_are_compared() {
    let of = |asked: &str, value: &str| fulfilled(&format!("sel:\n  A{asked}\ncondition: sel"), &[("A", value)]);
    assert!(of("|lt: 5", "4") && !of("|lt: 5", "5") && of("|lte: 5", "5") && !of("|lte: 5", "6"));
    assert!(of("|gt: 5", "6") && !of("|gt: 5", "5") && of("|gte: 5", "5") && !of("|gte: 5", "4"));
    assert!(of("|gt: 5", "10") && !of("|gt: 5", "x"));
    assert!(of(": 4624", "4624") && !of(": 4624", "46240") && of(": true", "True"));
    assert!(refused("sel:\n  A|gt: many\ncondition: sel").contains("`many` is no number"));
}

#[test]
fn one_field_is_held_against_another() {
    let of =
        |asked: &str, fields: &[(&'static str, &str)]| fulfilled(&format!("sel:\n  {asked}\ncondition: sel"), fields);
    assert!(of("A|fieldref: B", &[("A", "x"), ("B", "X")]) && !of("A|fieldref: B", &[("A", "x"), ("B", "y")]));
    assert!(of("A|fieldref|endswith: B", &[("A", "abc"), ("B", "bc")]));
    assert!(!of("A|fieldref|cased: B", &[("A", "x"), ("B", "X")]) && !of("A|fieldref: B", &[("A", "x")]));
}

#[test]
fn a_value_can_be_ruled_out() {
    assert!(line("CommandLine|neq: x", "y") && !line("CommandLine|neq: x", "X"));
}

#[test]
fn any_of_a_field_s_values_counts() {
    assert!(fulfilled("sel:\n  Data|contains: two\ncondition: sel", &[("Data", "one"), ("Data", "is two")]));
}

#[test]
fn a_placeholder_without_values_is_waited_for_or_rules_nothing_out() {
    let reason = refused("sel:\n  A|expand: '%admins%'\ncondition: sel");
    assert_eq!(reason, "it waits for the values of the placeholder `%admins%`");
    let detection = "sel:\n  A: x\nfilter:\n  B|contains|expand: '%known%'\ncondition: sel and not filter";
    assert!(fulfilled(detection, &[("A", "x"), ("B", "any")]));
}

#[test]
fn what_is_not_known_is_named() {
    assert!(refused("sel:\n  A|frobnicate: x\ncondition: sel").contains("`A|frobnicate`: the modifier `frobnicate`"));
    assert!(refused("sel:\n  A: []\ncondition: sel").contains("`A` has no values"));
    assert!(refused("sel:\n  A:\n    b: c\ncondition: sel").contains("where a text is expected"));
}

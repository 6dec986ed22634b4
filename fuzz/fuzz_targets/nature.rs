//! Any file can be looked at as a script in any language and as a program, and weighed; any bytes can be read as a model.
//! The first byte chooses a name or a beginning, so that every reader is reached from an empty corpus.
#![no_main]

use baluardo_detect::nature::{ELF_FEATURES, Model, PE_FEATURES, elf_values, judge, look, pe_values};
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 9] = ["a.ps1", "a.js", "a.vbs", "a.vba", "a.sh", "a.py", "a.php", "a.hta", ""];

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let choice = usize::from(*choice);
    match choice % 12 {
        // A program of Windows whose headers begin where they should.
        9 => {
            let mut file = vec![0; 0x40];
            file[..2].copy_from_slice(b"MZ");
            file[0x3C] = 0x40;
            file.extend(b"PE\0\0");
            file.extend(rest);
            // The kind of optional header decides whether anything else is read.
            if let Some(magic) = file.get_mut(0x58..0x5A) {
                magic.copy_from_slice(if choice > 128 { &[0x0B, 2] } else { &[0x0B, 1] });
            }
            assert!(pe_values(&file).is_none_or(|values| values.len() == PE_FEATURES.len()));
            let _ = judge(&file, "");
        }
        10 => {
            let class = if choice > 128 { 2 } else { 1 };
            let order = if choice & 64 == 0 { 1 } else { 2 };
            let file = [&[0x7F, b'E', b'L', b'F', class, order], rest].concat();
            assert!(elf_values(&file).is_none_or(|values| values.len() == ELF_FEATURES.len()));
            let _ = judge(&file, "");
        }
        11 => {
            let file = [b"BALNATU1", rest].concat();
            let _ = Model::read(&file);
        }
        number => {
            let name = NAMES.get(number).copied().unwrap_or_default();
            if let Some(opinion) = judge(rest, name) {
                assert!((0.5..=1.0).contains(&opinion.score));
                assert!(!opinion.said.is_empty() && opinion.said.len() <= 5);
            }
            let _ = look(rest, name);
        }
    }
});

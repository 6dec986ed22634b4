//! Harmless files with which anyone can see the scanner at work. They are put together when asked for, so that neither
//! the program nor its source is found by scanners itself.

/// The text that makes a script a tagged one: a YARA rule of ours looks for it in the first lines of scripts.
pub const TEST_SCRIPT_MARK: &str = "BALUARDO-TEST-SCRIPT-5f0c2a44-9b1e-4d7a-8a35-c1d6e0b7f912";

/// The EICAR test text, backwards.
const EICAR_BACKWARDS: &str = "*H+H$!ELIF-TSET-SURIVITNA-DRADNATS-RACIE$}7)CC7)^P(45XZP\\4[PA@%P!O5X";

/// The 68 bytes of the EICAR test file.
#[must_use]
pub fn eicar_test_file() -> Vec<u8> {
    EICAR_BACKWARDS.bytes().rev().collect()
}

/// A shell script that carries the marker and only prints a sentence.
#[must_use]
pub fn tagged_test_script() -> String {
    format!("#!/bin/sh\n# {TEST_SCRIPT_MARK}\necho 'A harmless test script: it should not have been allowed to run.'\n")
}

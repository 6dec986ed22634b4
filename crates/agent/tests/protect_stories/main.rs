//! Stories of protection on the real kernel: what is written, opened, run and destroyed in a folder made for the test.

mod bench;
mod malware;
mod ransomware;

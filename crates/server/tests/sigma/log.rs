//! A Windows event log, made byte by byte: a template in one record, used again by the next.

use crate::stage::{RULE, put, sigma};

/// A chunk that is being written; every offset in it counts from its start.
struct Chunk(Vec<u8>);

impl Chunk {
    fn new() -> Self {
        let mut bytes = vec![0; 512];
        bytes[..8].copy_from_slice(b"ElfChnk\0");
        Self(bytes)
    }

    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.put(&(text.encode_utf16().count() as u16).to_le_bytes());
        self.put(&text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    }

    /// A name that stands where it is used.
    fn name(&mut self, name: &str) {
        let here = self.0.len() as u32 + 4;
        self.put(&here.to_le_bytes());
        self.put(&[0; 6]);
        self.text(name);
        self.put(&[0; 2]);
    }

    fn open(&mut self, name: &str, attribute: Option<(&str, &str)>) {
        self.put(&[if attribute.is_some() { 0x41 } else { 0x01 }, 0xFF, 0xFF, 0, 0, 0, 0]);
        self.name(name);
        if let Some((name, value)) = attribute {
            self.put(&[0, 0, 0, 0, 0x06]);
            self.name(name);
            self.put(&[0x05, 0x01]);
            self.text(value);
        }
        self.put(&[0x02]);
    }

    fn plain(&mut self, name: &str, value: &str) {
        self.open(name, None);
        self.put(&[0x05, 0x01]);
        self.text(value);
        self.put(&[0x04]);
    }

    /// An event whose image is the first value of the template.
    fn template(&mut self) {
        self.put(&[0x0F, 1, 1, 0]);
        self.open("Event", None);
        self.open("System", None);
        self.plain("Channel", "Microsoft-Windows-Sysmon/Operational");
        self.open("EventID", None);
        self.put(&[0x0E, 1, 0, 0x06, 0x04, 0x04]);
        self.open("EventData", None);
        self.open("Data", Some(("Name", "Image")));
        self.put(&[0x0E, 0, 0, 0x01, 0x04, 0x04, 0x04, 0x00]);
    }

    /// A record; the first holds the template, those after it point there. Gives where the template is.
    fn record(&mut self, template: Option<u32>, image: &str) -> u32 {
        let start = self.0.len();
        self.put(&[0x2A, 0x2A, 0, 0, 0, 0, 0, 0]);
        self.put(&[0; 16]);
        self.put(&[0x0F, 1, 1, 0, 0x0C, 1, 7, 0, 0, 0]);
        let here = self.0.len() as u32 + 4;
        self.put(&template.unwrap_or(here).to_le_bytes());
        if template.is_none() {
            self.put(&[0; 24]);
            let body = self.0.len();
            self.template();
            let size = (self.0.len() - body) as u32;
            self.0[body - 4..body].copy_from_slice(&size.to_le_bytes());
        }
        let image: Vec<u8> = image.encode_utf16().flat_map(u16::to_le_bytes).collect();
        self.put(&[2, 0, 0, 0]);
        self.put(&(image.len() as u16).to_le_bytes());
        self.put(&[0x01, 0, 2, 0, 0x06, 0]);
        self.put(&image);
        self.put(&[1, 0, 0, 0, 0, 0]);
        let size = (self.0.len() + 4 - start) as u32;
        self.put(&size.to_le_bytes());
        self.0[start + 4..start + 8].copy_from_slice(&size.to_le_bytes());
        template.unwrap_or(here)
    }

    fn end(mut self) -> Vec<u8> {
        let free = (self.0.len() as u32).to_le_bytes();
        self.0[48..52].copy_from_slice(&free);
        self.0.resize(65_536, 0);
        self.0
    }
}

/// A log of two chunks, and the room that Windows leaves behind them.
fn log(images: &[&str]) -> Vec<u8> {
    let mut bytes = vec![0; 4096];
    bytes[..8].copy_from_slice(b"ElfFile\0");
    for half in images.chunks(2) {
        let mut chunk = Chunk::new();
        let mut template = None;
        for image in half {
            template = Some(chunk.record(template, image));
        }
        bytes.extend(chunk.end());
    }
    bytes.resize(bytes.len() + 65_536, 0);
    bytes
}

fn ends(bytes: &[u8]) -> crate::stage::Ran {
    let dir = tempfile::tempdir().unwrap();
    let rules = put(dir.path(), "a.yml", RULE);
    let events = put(dir.path(), "Security.EVTX", bytes);
    sigma(["match", "--json", "--rules", rules.to_str().unwrap(), events.to_str().unwrap()])
}

#[test]
fn every_record_of_every_chunk_is_read() {
    let ran = ends(&log(&[r"C:\a\whoami.exe", r"C:\a\cmd.exe", r"C:\b\WHOAMI.exe", r"C:\c\whoami.exe"]));
    assert_eq!(ran.code, 1, "{}", ran.err);
    let found: Vec<_> =
        ran.lines().iter().map(|line| (line["event"].as_u64(), line["fields"]["Image"].clone())).collect();
    assert_eq!(found[0], (Some(1), r"C:\a\whoami.exe".into()));
    assert_eq!(found[1..], [(Some(3), r"C:\b\WHOAMI.exe".into()), (Some(4), r"C:\c\whoami.exe".into())]);
    assert!(ran.err.contains("4 events have no time"), "{}", ran.err);
}

#[test]
fn a_damaged_chunk_is_told_and_the_others_are_read() {
    let mut bytes = log(&[r"C:\a\whoami.exe", r"C:\a\cmd.exe", r"C:\b\whoami.exe"]);
    bytes[4096 + 3] = b'?';
    let ran = ends(&bytes);
    assert_eq!((ran.code, ran.lines().len()), (2, 1), "{}", ran.err);
    assert!(ran.err.contains("a chunk of this event log is damaged"), "{}", ran.err);
}

#[test]
fn a_log_that_is_cut_anywhere_or_has_a_wrong_byte_anywhere_ends_in_words() {
    let whole = log(&[r"C:\a\whoami.exe", r"C:\a\cmd.exe"]);
    for cut in [4000, 4096, 4700, 4096 + 600, 4096 + 700] {
        let ran = ends(&whole[..cut]);
        assert!([0, 1, 2].contains(&ran.code), "{}", ran.err);
    }
    for at in (4096 + 512..4096 + 800).step_by(23) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xFF;
        let ran = ends(&bytes);
        assert!([0, 1, 2].contains(&ran.code), "byte {at}: {}", ran.err);
    }
}

//! What stands within attached containers: archives in archives, images of discs, shortcuts, documents with macros, pages that
//! carry files. Opened by `detect::unpack`, within small limits, because a mailbox waits.

use super::attached::{PROGRAMS, ending_of};
use super::fact::{Fact, Facts};
use crate::read::{Attachment, Letter};
use baluardo_detect::scan::eicar_test_file;
use baluardo_detect::unpack::{Limits, Room, walk};

/// Small enough for a millisecond or two: what hides deeper is for the scanner of the device.
const LIMITS: Limits = Limits { depth: 4, parts: 60, total: 2 << 20, part: 512 << 10, ratio: 200, harmless: 1 << 20 };
/// Attachments that are opened.
const MOST_OPENED: usize = 6;

/// Opens what is a container.
pub(super) fn look(letter: &Letter, facts: &mut Facts) {
    for file in letter.attachments.iter().filter(|file| is_container(file)).take(MOST_OPENED) {
        open(file, facts);
    }
}

fn is_container(file: &Attachment) -> bool {
    const HEADS: &[&[u8]] =
        &[b"PK\x03\x04", b"PK\x05\x06", &[0x1F, 0x8B, 8], b"\xD0\xCF\x11\xE0", &[0x4C, 0, 0, 0, 1, 0x14, 2, 0]];
    let page =
        matches!(ending_of(&file.name).as_str(), "html" | "htm" | "shtml" | "xhtml" | "svg" | "iso" | "img" | "tar");
    page || HEADS.iter().any(|head| file.head.starts_with(head))
}

fn open(file: &Attachment, facts: &mut Facts) {
    let patient = || false;
    let mut room = Room::new(LIMITS, &patient);
    let test = eicar_test_file();
    walk(&file.head, &mut room, &mut |inside, bytes| {
        let Some(path) = inside else { return };
        // The parts of a document and of a page have names that we gave them; those of an archive are the sender's.
        let name = path.rsplit(['!', '/']).next().unwrap_or_default();
        let ending = ending_of(name);
        let program = PROGRAMS.contains(&ending.as_str()) && ending != "url" && ending != "inf";
        facts.add_if(program || is_program(bytes), Fact::AttachedArchiveProgram, name);
        facts.add_if(bytes.starts_with(&test), Fact::AttachedTest, name);
        facts.add_if(calls_home(name, bytes), Fact::AttachedMacro, name);
    });
    let (_, signs) = room.leave();
    let sign = |word: &str| signs.iter().any(|sign| sign.word == word);
    facts.add_if(sign("html_smuggling"), Fact::AttachedSmuggling, &file.name);
    facts.add_if(sign("hidden_arguments"), Fact::AttachedProgram, &file.name);
}

fn is_program(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x7FELF") || (bytes.starts_with(b"MZ") && bytes.len() > 256)
}

/// An office document that fetches its template, and with it macros, from elsewhere (ATT&CK T1221).
fn calls_home(name: &str, bytes: &[u8]) -> bool {
    name.ends_with(".rels") && {
        let text = String::from_utf8_lossy(bytes.get(..bytes.len().min(20_000)).unwrap_or_default()).into_owned();
        text.contains("attachedTemplate") && text.contains("TargetMode=\"External\"") && text.contains("http")
    }
}

#[cfg(test)]
mod tests {
    use super::super::fact::{Fact, Facts};
    use crate::read::Letter;

    /// A stored (not compressed) zip entry.
    fn zip(name: &str, content: &[u8]) -> Vec<u8> {
        let mut out = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
        let length = u32::try_from(content.len()).unwrap().to_le_bytes();
        out.extend_from_slice(&length);
        out.extend_from_slice(&length);
        out.extend_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(content);
        out
    }

    fn facts(name: &str, content: &[u8]) -> Facts {
        let mut message = format!(
            "From: a@b.it\nTo: c@d.it\nSubject: x\nContent-Type: multipart/mixed; boundary=\"=_x\"\n\n--=_x\n\ntesto\n--=_x\nContent-Type: application/octet-stream; name=\"{name}\"\n\n"
        )
        .into_bytes();
        message.extend_from_slice(content);
        message.extend_from_slice(b"\n--=_x--\n");
        Facts::of(&Letter::read(&message))
    }

    #[test]
    fn a_program_in_an_archive_in_an_archive_is_found() {
        let inner = zip("fattura.js", b"var a = 1;");
        assert!(facts("documenti.zip", &zip("interno.zip", &inner)).has(Fact::AttachedArchiveProgram));
        let honest = zip("interno.zip", &zip("fattura.pdf", b"%PDF-1.4"));
        assert!(!facts("documenti.zip", &honest).has(Fact::AttachedArchiveProgram));
    }

    #[test]
    fn the_test_file_is_found_within_an_archive() {
        let inner = zip("a.txt", &baluardo_detect::scan::eicar_test_file());
        assert!(facts("prova.zip", &zip("b.zip", &inner)).has(Fact::AttachedTest));
    }

    #[test]
    fn a_document_that_fetches_its_template_is_found() {
        let rels = b"<Relationships><Relationship Type=\"x/attachedTemplate\" Target=\"http://a.example/t\" TargetMode=\"External\"/></Relationships>";
        assert!(facts("lettera.docx", &zip("word/_rels/settings.xml.rels", rels)).has(Fact::AttachedMacro));
        let own = b"<Relationships><Relationship Type=\"x/image\" Target=\"media/a.png\"/></Relationships>";
        assert!(!facts("lettera.docx", &zip("word/_rels/document.xml.rels", own)).has(Fact::AttachedMacro));
    }
}

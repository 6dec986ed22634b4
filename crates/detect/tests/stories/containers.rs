//! Files that hold files: what is inside is found and named, and nothing inside can exhaust us.
//!
//! Containers are put together here by hand, byte by byte, as their specifications have them.

use crate::forge::random;
use baluardo_detect::indicators::Indicators;
use baluardo_detect::inspect::{Brought, Inspection, Inspector, Judgement};
use baluardo_detect::scan::{Scanner, Subject, eicar_test_file};
use baluardo_detect::unpack::Limits;
use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use std::sync::LazyLock;
use std::time::Duration;

const AMPLE: Duration = Duration::from_secs(60);

fn inspect_within(bytes: &[u8], limits: Limits) -> Inspection {
    static SCANNER: LazyLock<Scanner> = LazyLock::new(|| Scanner::new(&[]).unwrap());
    let inspector = Inspector::new(SCANNER.clone(), Indicators::default(), limits);
    let file =
        Brought { bytes, length: bytes.len() as u64, digests: Some(inspector.digests()), subject: Subject::default() };
    inspector.inspect(file, AMPLE, &|| Duration::ZERO)
}

fn inspect(bytes: &[u8]) -> Inspection {
    inspect_within(bytes, Limits::default())
}

/// Where EICAR's test file was found.
fn eicar_inside(bytes: &[u8]) -> Vec<String> {
    let found = inspect(bytes).findings;
    found
        .into_iter()
        .filter(|found| found.engine == "eicar" && found.name == "test_file")
        .filter_map(|found| found.inside)
        .collect()
}

#[test]
fn the_scan_of_a_device_opens_containers_too_and_names_the_path_within() {
    let inner = zip(&[("fattura.com", &eicar_test_file())]);
    let outer = zip(&[("leggimi.txt", b"buongiorno"), ("allegati.zip", &inner)]);
    let scanner = Scanner::new(&[]).unwrap();
    let scan = |bytes: &[u8], limits| scanner.scan_through("", bytes, limits, AMPLE, &|| Duration::ZERO);
    assert!(!scanner.scan(&outer, AMPLE).is_bad(), "nothing shows from outside");
    let verdict = scan(&outer, Limits::default());
    assert!(verdict.is_bad() && verdict.complete, "{verdict:?}");
    let named = "inside allegati.zip!fattura.com: the EICAR test file";
    assert!(verdict.reasons.iter().any(|reason| reason.detail.starts_with(named)), "{verdict:?}");
    assert!(!scan(&outer, Limits { depth: 1, ..Limits::default() }).is_bad(), "the limits hold");
    assert!(!scan(&zip(&[("leggimi.txt", b"buongiorno")]), Limits::default()).is_bad());
    let late = scanner.scan_through("", &outer, Limits::default(), AMPLE, &|| AMPLE);
    assert!(!late.complete, "what was not looked at is not called clean");

    let known = Scanner::new(&[scanner.scan(b"an old acquaintance", AMPLE).sha256]).unwrap();
    let held = zip(&[("a.bin", b"an old acquaintance")]);
    let verdict = known.scan_through("", &held, Limits::default(), AMPLE, &|| Duration::ZERO);
    assert!(verdict.reasons.iter().any(|reason| reason.engine == "sha256" && reason.detail.contains("a.bin")));
}

#[test]
fn a_mailbox_is_not_taken_away_for_one_message() {
    let scanner = Scanner::new(&[]).unwrap();
    let message = mail(&eicar_test_file());
    let scan = |bytes: &[u8]| scanner.scan_through("", bytes, Limits::default(), AMPLE, &|| Duration::ZERO);
    assert!(scan(&message).is_bad(), "a message of its own is");
    let mailbox = [b"From a@b.example Sun Nov 22 10:00:00 2026\n".as_slice(), &message, b"\n", &message].concat();
    assert!(!scan(&mailbox).is_bad());
}

/// A zip archive of deflated files.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let packed = compress_to_vec(content, 6);
        let (local, name_length) = (out.len() as u32, name.len() as u16);
        let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend((packed.len() as u32).to_le_bytes());
        common.extend((content.len() as u32).to_le_bytes());
        common.extend(name_length.to_le_bytes());
        common.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(packed);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(local.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let begin = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend((files.len() as u16).to_le_bytes());
    out.extend((files.len() as u16).to_le_bytes());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(begin.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1F, 0x8B, 8, 8, 0, 0, 0, 0, 0, 3];
    out.extend(b"inner.tar\0");
    out.extend(compress_to_vec(content, 6));
    out.extend([0; 8]);
    out
}

fn tar(name: &str, content: &[u8]) -> Vec<u8> {
    let mut header = vec![0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    header[156] = b'0';
    header[257..262].copy_from_slice(b"ustar");
    header[148..156].fill(b' ');
    let sum: usize = header.iter().map(|byte| usize::from(*byte)).sum();
    header[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
    header.extend(content);
    header.resize(header.len().next_multiple_of(512) + 1024, 0);
    header
}

fn base64(bytes: &[u8]) -> String {
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let words = bytes.chunks(3).map(|three| {
        let word = three.iter().enumerate().fold(0_u32, |word, (at, byte)| word | u32::from(*byte) << (16 - 8 * at));
        (three.len(), [18, 12, 6, 0].map(|shift| alphabet[(word >> shift) as usize % 64]))
    });
    words.flat_map(|(length, four)| four.into_iter().take(length + 1)).collect()
}

/// An image of a disc with one file in a folder.
fn iso(content: &[u8]) -> Vec<u8> {
    let record = |begin: u32, length: u32, folder: bool, name: &[u8]| {
        let mut record = vec![0; 33];
        record[0] = (33 + name.len()).next_multiple_of(2) as u8;
        record[2..6].copy_from_slice(&begin.to_le_bytes());
        record[10..14].copy_from_slice(&length.to_le_bytes());
        record[25] = if folder { 2 } else { 0 };
        record[32] = name.len() as u8;
        record.extend(name);
        record.resize(record[0].into(), 0);
        record
    };
    let mut image = vec![0; 24 * 2048];
    let volume = 16 * 2048;
    image[volume..volume + 6].copy_from_slice(b"\x01CD001");
    image[volume + 156..volume + 190].copy_from_slice(&record(20, 2048, true, b"\0"));
    image[volume + 2048..volume + 2054].copy_from_slice(b"\xFFCD001");
    let root =
        [record(20, 2048, true, b"\0"), record(20, 2048, true, b"\x01"), record(21, 2048, true, b"DOCS")].concat();
    image[20 * 2048..20 * 2048 + root.len()].copy_from_slice(&root);
    // A folder that claims to hold the root again must not make us walk for ever.
    let docs = [record(22, content.len() as u32, false, b"A.COM;1"), record(20, 2048, true, b"LOOP")].concat();
    image[21 * 2048..21 * 2048 + docs.len()].copy_from_slice(&docs);
    image[22 * 2048..22 * 2048 + content.len()].copy_from_slice(content);
    image
}

/// A compound file with one folder and one stream of at least 4,096 bytes.
fn ole(stream: &[u8]) -> Vec<u8> {
    let sectors = stream.len().div_ceil(512);
    let mut out = vec![0; 512];
    out[..8].copy_from_slice(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
    out[30..34].copy_from_slice(&[9, 0, 6, 0]);
    out[48..52].copy_from_slice(&1_u32.to_le_bytes());
    out[56..60].copy_from_slice(&4096_u32.to_le_bytes());
    out[60..64].copy_from_slice(&u32::MAX.to_le_bytes());
    out[68..72].copy_from_slice(&0xFFFF_FFFE_u32.to_le_bytes());
    out[76..512].fill(0xFF);
    out[76..80].copy_from_slice(&0_u32.to_le_bytes());
    let mut table: Vec<u32> = vec![0xFFFF_FFFD, 0xFFFF_FFFE];
    table.extend((0..sectors).map(|at| if at + 1 == sectors { 0xFFFF_FFFE } else { at as u32 + 3 }));
    table.resize(128, u32::MAX);
    out.extend(table.iter().flat_map(|next| next.to_le_bytes()));
    let entry = |name: &str, kind: u8, begin: u32, length: u32| {
        let mut entry = vec![0; 128];
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry[..wide.len()].copy_from_slice(&wide);
        entry[64..66].copy_from_slice(&(wide.len() as u16 + 2).to_le_bytes());
        entry[66] = kind;
        entry[116..120].copy_from_slice(&begin.to_le_bytes());
        entry[120..124].copy_from_slice(&length.to_le_bytes());
        entry
    };
    let length = stream.len() as u32;
    out.extend([entry("Root Entry", 5, u32::MAX, 0), entry("VBA", 1, 0, 0), entry("Modulo1", 2, 2, length)].concat());
    out.resize(512 * 3, 0);
    out.extend(stream);
    out.resize(512 * (3 + sectors), 0);
    out
}

/// A macro's source as literals only, which is a valid compression.
fn vba(source: &str) -> Vec<u8> {
    let chunk: Vec<u8> =
        source.as_bytes().chunks(8).flat_map(|eight| std::iter::once(&0_u8).chain(eight)).copied().collect();
    let header = 0xB000 | (chunk.len() as u16 - 1);
    [&[1][..], &header.to_le_bytes(), &chunk].concat()
}

#[test]
fn a_file_in_an_archive_is_found_and_its_inner_path_is_named() {
    let eicar = eicar_test_file();
    let inner = zip(&[("read.me", b"ciao"), ("b/c.exe", &eicar)]);
    assert_eq!(eicar_inside(&inner), ["b/c.exe"]);
    assert_eq!(eicar_inside(&zip(&[("a.zip", &inner)])), ["a.zip!b/c.exe"]);
    assert_eq!(eicar_inside(&gzip(&tar("d/e.com", &eicar))), ["inner.tar!d/e.com"]);
    assert_eq!(eicar_inside(&iso(&eicar)), ["DOCS/A.COM"]);
    let program_with_archive = [random(3, 5_000), inner.clone()].concat();
    assert_eq!(eicar_inside(&program_with_archive), ["b/c.exe"]);
    assert_eq!(inspect(&inner).judgement(), Judgement::Malicious);
    assert_eq!(inspect(&zip(&[("read.me", b"ciao")])), Inspection::default());
}

#[test]
fn an_archive_whose_directory_is_cut_off_is_read_by_its_headers() {
    let eicar = eicar_test_file();
    let whole = zip(&[("read.me", b"ciao"), ("c.exe", &eicar)]);
    let cut = &whole[..whole.len() - 60];
    assert_eq!(eicar_inside(cut), ["c.exe"]);
}

/// A message with an attachment of this content.
fn mail(attached: &[u8]) -> Vec<u8> {
    format!(
        "From: a@comune.example\r\nSubject: fattura\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary=\"=_1\"\r\n\r\n\
         --=_1\r\nContent-Type: text/plain\r\n\r\nciao\r\n--=_1\r\nContent-Type: application/zip; name=\"f.zip\"\r\n\
         Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename*=UTF-8''fattura%20n.1.zip\r\n\r\n{}\r\n--=_1--\r\n",
        base64(attached)
    )
    .into_bytes()
}

#[test]
fn attachments_of_mail_are_opened() {
    let archive = zip(&[("c.exe", &eicar_test_file())]);
    assert_eq!(eicar_inside(&mail(&archive)), ["fattura n.1.zip!c.exe"]);
}

#[test]
fn the_streams_of_a_pdf_are_unpacked() {
    let eicar = compress_to_vec_zlib(&eicar_test_file(), 6);
    let mut pdf =
        b"%PDF-1.7\n1 0 obj\n<< /Length 3 >>\nstream\nabc\nendstream\n2 0 obj\n<< /Filter /FlateDecode >>\nstream\r\n"
            .to_vec();
    pdf.extend(eicar);
    pdf.extend(b"\nendstream\nendobj\n%%EOF");
    assert_eq!(eicar_inside(&pdf), ["stream 2"]);
}

#[test]
fn macros_are_decompressed_and_judged_by_their_source() {
    let source = concat!(
        "Attribute VB_Name = \"Modulo1\"\nPrivate Sub Document_",
        "Open()\n  x = She",
        "ll(\"cm",
        "d /c calc\", 0)\nEnd Sub\n"
    );
    let stream = [random(9, 5_000), vba(source)].concat();
    let document = ole(&stream);
    let by_rule = |bytes: &[u8]| {
        let found = inspect(bytes).findings;
        found.into_iter().find(|found| found.name == "Office_Macro_Autorun_Shell").and_then(|found| found.inside)
    };
    assert_eq!(by_rule(&document).as_deref(), Some("VBA/Modulo1.vba"));
    let newer = zip(&[("word/document.xml", b"<w/>"), ("word/vbaProject.bin", &document)]);
    assert_eq!(by_rule(&newer).as_deref(), Some("word/vbaProject.bin!VBA/Modulo1.vba"));
}

#[test]
fn a_page_that_hands_out_a_hidden_archive_is_suspicious_and_the_archive_is_opened() {
    let archive = zip(&[("fattura.com", &eicar_test_file()), ("padding", &random(1, 400))]);
    let page =
        |script: &str| format!("<!doctype html><html><script>var t='{}';{script}</script></html>", base64(&archive));
    let smuggling = page(concat!(
        "b=new Bl",
        "ob([Uint8",
        "Array.from(at",
        "ob(t))]);a.href=URL.createObj",
        "ectURL(b);a.down",
        "load='f.zip';a.cl",
        "ick()"
    ));
    let found = inspect(smuggling.as_bytes()).findings;
    assert!(
        found.iter().any(|found| found.engine == "container" && found.name == "html_smuggling" && found.score >= 40)
    );
    assert!(found.iter().any(|found| found.inside.as_deref() == Some("base64 1!fattura.com")));
    let shown = inspect(page("draw(t)").as_bytes()).findings;
    assert!(shown.iter().all(|found| found.engine != "container"), "a page that only shows its data is no smuggler");
}

#[test]
fn a_shortcut_that_hides_its_arguments_is_suspicious() {
    let shortcut = |arguments: &str| {
        let mut file = vec![0x4C, 0, 0, 0, 1, 0x14, 2, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];
        file.extend((0x20_u32 | 0x80).to_le_bytes());
        file.resize(76, 0);
        file.extend((arguments.encode_utf16().count() as u16).to_le_bytes());
        file.extend(arguments.encode_utf16().flat_map(u16::to_le_bytes));
        file
    };
    let hidden = inspect(&shortcut(&format!("{}/c calc", " ".repeat(200))));
    assert!(hidden.findings.iter().any(|found| found.name == "hidden_arguments"));
    assert_eq!(inspect(&shortcut("--writer")), Inspection::default());
}

#[test]
fn a_bomb_is_refused_and_said() {
    let bomb = zip(&[("zeros", &vec![0; 40 * 1024 * 1024]), ("after.com", &eicar_test_file())]);
    let inspection = inspect(&bomb);
    assert_eq!(inspection.judgement(), Judgement::Error);
    assert!(inspection.findings.iter().any(|found| found.engine == "limits" && found.name == "bomb"), "{inspection:?}");
}

#[test]
fn depth_count_and_bytes_are_bounded() {
    let mut nested = zip(&[("c.exe", &eicar_test_file())]);
    for _ in 0..12 {
        nested = zip(&[("n.zip", &nested)]);
    }
    let few = Limits { depth: 8, parts: 100, total: 1_000_000, part: 100_000, ..Limits::default() };
    let names = |bytes: &[u8]| {
        let inspection = inspect_within(bytes, few);
        assert_eq!(inspection.judgement(), Judgement::Error);
        inspection.findings.into_iter().map(|found| found.name).collect::<Vec<_>>()
    };
    assert!(names(&nested).contains(&"too_deep".to_owned()));
    let many: Vec<(String, Vec<u8>)> = (0..200).map(|n| (format!("{n}"), vec![b'x'])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    assert!(names(&zip(&many)).contains(&"too_many_parts".to_owned()));
    let large = random(1, 90_000);
    let large: Vec<(&str, &[u8])> = (0..20).map(|_| ("large", large.as_slice())).collect();
    assert!(names(&zip(&large)).contains(&"too_much".to_owned()));
    assert!(names(&zip(&[("long", &random(2, 200_000))])).contains(&"part_too_large".to_owned()));
}

#[test]
fn what_is_locked_with_a_password_is_said_and_is_no_error() {
    let mut locked = zip(&[("segreto.txt", b"ciao")]);
    let directory = locked.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    locked[directory + 8] |= 1;
    let inspection = inspect(&locked);
    assert_eq!(inspection.judgement(), Judgement::Clean);
    assert_eq!(inspection.findings[0].name, "encrypted");
}

#[test]
fn damaged_containers_harm_nobody() {
    let eicar = eicar_test_file();
    let stream = [random(9, 5_000), vba("Attribute VB_Name = \"M\"\n")].concat();
    for whole in [zip(&[("a", &eicar)]), gzip(&tar("a", &eicar)), iso(&eicar), ole(&stream)] {
        for step in 0..60 {
            let mut broken = whole.clone();
            let at = step * 7919 % broken.len();
            broken[at] ^= 0xFF;
            let _ = inspect(&broken);
            let _ = inspect(&whole[..whole.len() * step / 60]);
        }
    }
}

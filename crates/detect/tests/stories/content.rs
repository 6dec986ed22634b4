//! Features of real specimens: whole, cut, and as ransomware leaves them.

use crate::forge::{self, encrypt, encrypt_partly, random, text};
use crate::told::features;
use baluardo_detect::content::{ContentKind, Features, Sample, Shape, WHOLE_BYTES};

/// One specimen of each kind that the forge makes, small and large.
fn specimens(len: usize) -> Vec<(ContentKind, Vec<u8>)> {
    vec![
        (ContentKind::Text, text(1, len)),
        (ContentKind::Pdf, forge::pdf(2, len)),
        (ContentKind::Ooxml, forge::docx(3, len)),
        (ContentKind::Odf, forge::odt(4, len)),
        (ContentKind::Zip, forge::plain_zip(5, len)),
        (ContentKind::Ole, forge::doc(6, len)),
        (ContentKind::Png, forge::png(7, len)),
        (ContentKind::Jpeg, forge::jpeg(8, len)),
        (ContentKind::Gzip, forge::gzip(&text(9, len))),
        (ContentKind::SevenZip, forge::seven_zip(10, len)),
        (ContentKind::Sqlite, forge::sqlite(11, len)),
        (ContentKind::GitPack, forge::git_pack(12, len)),
    ]
}

#[test]
fn every_kind_is_recognised_and_never_called_broken() {
    for len in [3_000, 60_000, 900_000] {
        for (kind, bytes) in specimens(len) {
            let seen = features(&bytes);
            assert_eq!(seen.kind, kind);
            assert_ne!(seen.shape, Shape::Broken, "{kind:?} of {len}");
            assert_eq!(seen.len, bytes.len() as u64);
            assert!(seen.sampled as usize <= WHOLE_BYTES);
        }
    }
}

#[test]
fn every_kind_loses_its_name_when_encrypted() {
    for len in [3_000, 60_000, 900_000] {
        for (kind, bytes) in specimens(len) {
            let seen = features(&encrypt(99, &bytes));
            assert_eq!(seen.kind, ContentKind::Unknown, "{kind:?}");
            assert!(seen.looks_random(), "{kind:?} of {len}: {seen:?}");
        }
    }
}

#[test]
fn checked_formats_are_broken_when_every_other_piece_is_encrypted_behind_the_header() {
    for (kind, bytes) in specimens(60_000) {
        let seen = features(&encrypt_partly(5, &bytes, 4_096, false));
        match kind {
            ContentKind::Pdf | ContentKind::Ooxml | ContentKind::Png | ContentKind::Jpeg => {
                assert_eq!((seen.kind, seen.shape), (kind, Shape::Broken));
            }
            ContentKind::Text => assert_eq!(seen.kind, ContentKind::Unknown),
            ContentKind::Ole | ContentKind::Sqlite => assert!(seen.random_share() > 0.4, "{kind:?}: {seen:?}"),
            // Their content is dense before and after, and the pieces that can be checked may be the spared ones.
            _ => {}
        }
    }
}

#[test]
fn a_cut_document_is_broken() {
    for (kind, bytes) in specimens(60_000) {
        if matches!(
            kind,
            ContentKind::Pdf | ContentKind::Ooxml | ContentKind::Odf | ContentKind::Zip | ContentKind::Png
        ) {
            assert_eq!(features(&bytes[..bytes.len() / 2]).shape, Shape::Broken, "{kind:?}");
        }
    }
}

#[test]
fn random_bytes_look_random_and_text_does_not_at_any_length() {
    for len in [64, 200, 511, 512, 1_000, 5_000, 70_000, 400_000] {
        for seed in 0..20 {
            assert!(features(&random(seed, len)).looks_random(), "{len} {seed}: {:?}", features(&random(seed, len)));
            let prose = features(&text(seed, len));
            assert!(!prose.looks_random() && !prose.looks_dense(), "{len} {seed}: {prose:?}");
            assert_eq!(prose.kind, ContentKind::Text);
        }
    }
}

#[test]
fn compressed_text_is_told_from_ciphertext() {
    // The fixed code leaves more pattern than a good compressor; what counts is that chi-square sees it.
    let packed = features(&random(1, 40_000).iter().flat_map(|b| [b & 0x7F, b | 0x11]).collect::<Vec<_>>());
    assert!(!packed.looks_random(), "{packed:?}");
    assert!(packed.entropy > 6.5);
}

#[test]
fn texts_of_other_alphabets_are_texts() {
    let latin1: Vec<u8> = "La città è più bella, perché no?\r\n".chars().map(|letter| letter as u8).collect();
    assert_eq!(features(&latin1.repeat(30)).kind, ContentKind::Text);
    let utf16: Vec<u8> = "Deliberazione della giunta\n".repeat(20).encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(features(&utf16).kind, ContentKind::Text);
    assert_eq!(features(&[b"\xFF\xFE".to_vec(), utf16].concat()).kind, ContentKind::Text);
    assert_eq!(features("Ω έγγραφο του δήμου ".repeat(4_000).as_bytes()).kind, ContentKind::Text);
}

#[test]
fn programs_scripts_and_signed_documents_are_recognised() {
    assert_eq!(features(b"\x7FELF\x02\x01\x01\0\0\0\0\0").kind, ContentKind::Elf);
    assert_eq!(features(b"#!/bin/sh\necho ok\n").kind, ContentKind::Script);
    assert_eq!(features(b"MZ is how this sentence begins").kind, ContentKind::Text);
    let mut program = b"MZ".to_vec();
    program.resize(60, 0);
    program.extend(64_u32.to_le_bytes());
    program.extend(b"PE\0\0\x64\x86");
    assert_eq!(features(&program).kind, ContentKind::Pe);
    let signed = [b"\x30\x82\x10\0\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02".to_vec(), random(1, 4_000)].concat();
    assert_eq!(features(&signed).kind, ContentKind::Signed);
    assert_eq!(features(b"").kind, ContentKind::Empty);
}

#[test]
fn a_large_file_is_judged_by_three_pieces() {
    let bytes = random(3, 1_000_000);
    let [head, middle, tail] = Sample::plan(bytes.len() as u64);
    let piece = |range: std::ops::Range<u64>| &bytes[range.start as usize..range.end as usize];
    let sample = Sample::new(bytes.len() as u64, piece(head), piece(middle), piece(tail));
    assert_eq!(Features::of(&sample), features(&bytes));
    assert_eq!(features(&bytes).sampled as usize, WHOLE_BYTES);
}

#[test]
fn features_survive_their_journal() {
    for (_, bytes) in specimens(9_000) {
        let seen = features(&bytes);
        let kept = serde_json::to_string(&seen).unwrap();
        assert_eq!(serde_json::from_str::<Features>(&kept).unwrap(), seen);
    }
}

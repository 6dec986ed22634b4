//! Stories of honest work that looks a little like ransomware: none may raise the alarm.

use crate::forge::{self, encrypt, gzip, jpeg, pdf, png, random, seven_zip, text};
use crate::told::{Story, with_suffix};
use baluardo_detect::content::{Features, Sample};
use baluardo_detect::guard::{Actor, FileEvent, FileOp, Guard, GuardSettings};
use baluardo_model::Timestamp;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[test]
fn packing_a_folder_into_one_archive_is_calm() {
    for archive in [seven_zip(1, 400_000), forge::plain_zip(2, 400_000), gzip(&text(3, 200_000))] {
        let mut story = Story::office(40);
        story.write("/srv/documenti/tutto.part", archive[..archive.len() / 2].to_vec());
        story.write("/srv/documenti/tutto.part", archive);
        story.rename("/srv/documenti/tutto.part", "/srv/documenti/tutto.arc");
        story.stays_calm();
    }
}

#[test]
fn encrypting_one_file_and_keeping_the_original_is_calm() {
    let mut story = Story::office(40);
    let path = story.paths()[0].clone();
    let secret = encrypt(1, &story.files[&path]);
    story.write(with_suffix(&path, ".gpg"), secret);
    story.stays_calm();
}

#[test]
fn encrypting_two_files_and_shredding_the_originals_is_calm() {
    let mut story = Story::office(40);
    for path in story.paths().into_iter().take(2) {
        let secret = encrypt(1, &story.files[&path]);
        story.write(with_suffix(&path, ".gpg"), secret);
        story.delete(&path);
    }
    story.stays_calm();
}

#[test]
fn what_shrinks_and_stays_whole_is_calm() {
    let mut story = Story::new();
    let logs = (0..12_u64).map(|n| (PathBuf::from(format!("/srv/log/{n}.gz")), gzip(&text(n, 60_000))));
    let pictures = (0..12_u64).map(|n| (PathBuf::from(format!("/srv/foto/{n}.jpg")), jpeg(n, 60_000)));
    story.files.extend(logs.chain(pictures));
    for (number, path) in (0..).zip(story.paths()) {
        let small = if number < 12 { jpeg(number + 50, 2_000) } else { gzip(&text(number, 2_000)) };
        assert!(small.len() < story.files[&path].len() / 8, "as much smaller as an emptied file");
        story.write("/srv/nuovo", small);
        story.rename("/srv/nuovo", &path);
    }
    story.stays_calm();
}

#[test]
fn a_passing_name_that_is_empty_again_when_it_is_looked_at_is_calm() {
    let story = Story::office(24);
    let mut guard = Guard::new(GuardSettings::default());
    let (at, actor) = (Timestamp::from_micros(1_800_000_000_000_000), Actor::Known(7));
    let features = |bytes: &[u8]| Some(Features::of(&Sample::of_bytes(bytes)));
    let passing = PathBuf::from("/srv/documenti/lu7341.tmp");
    for (path, bytes) in &story.files {
        let same = features(bytes);
        for op in [
            FileOp::Created { path: passing.clone(), after: None },
            FileOp::Written { path: passing.clone(), before: None, after: features(b"") },
            FileOp::Renamed { from: passing.clone(), to: path.clone(), replaced: same },
            FileOp::Written { path: path.clone(), before: same, after: same },
        ] {
            assert_eq!(guard.observe(&FileEvent { at, actor, op }), None);
        }
    }
}

#[test]
fn git_housekeeping_is_calm() {
    let mut story = Story::new();
    let loose = |number: u64| PathBuf::from(format!("/srv/repo/.git/objects/{:02x}/{number:038x}", number % 256));
    for number in 0..400 {
        story.files.insert(loose(number), [b"\x78\x01".to_vec(), random(number, 700)].concat());
    }
    story.write("/srv/repo/.git/objects/pack/tmp_pack_1", forge::git_pack(1, 200_000));
    story.write("/srv/repo/.git/objects/pack/tmp_idx_1", [b"\xFFtOc\0\0\0\x02".to_vec(), random(2, 12_000)].concat());
    story.write("/srv/repo/.git/objects/pack/tmp_rev_1", random(3, 3_000));
    story.rename("/srv/repo/.git/objects/pack/tmp_pack_1", "/srv/repo/.git/objects/pack/pack-1.pack");
    story.rename("/srv/repo/.git/objects/pack/tmp_idx_1", "/srv/repo/.git/objects/pack/pack-1.idx");
    for number in 0..400 {
        story.delete(loose(number));
    }
    story.stays_calm();
}

#[test]
fn saving_documents_by_rename_is_calm() {
    let mut story = Story::office(40);
    for (number, path) in story.paths().into_iter().enumerate() {
        let number = number as u64;
        let (_, fresh) = forge::office_file(path_number(&path) + 8 * 100);
        let lock = path.with_file_name(format!(".~lock.{number}#"));
        story.write(&lock, b",ufficio,pc12,21.11.2026 10:00;".to_vec());
        let temporary = path.with_file_name(format!("lu{number}.tmp"));
        story.write(&temporary, fresh);
        story.rename(&temporary, &path);
        story.delete(&lock);
    }
    story.stays_calm();
}

#[test]
fn saving_documents_with_a_backup_copy_is_calm() {
    let mut story = Story::office(40);
    for path in story.paths() {
        let (_, fresh) = forge::office_file(path_number(&path) + 8 * 100);
        story.rename(&path, with_suffix(&path, ".bak"));
        story.write(&path, fresh);
        story.delete(with_suffix(&path, ".bak"));
    }
    story.stays_calm();
}

#[test]
fn copying_in_many_pictures_and_archives_is_calm() {
    let mut story = Story::new();
    for number in 0..300 {
        let (ext, bytes) =
            if number % 2 == 0 { ("jpg", jpeg(number, 9_000)) } else { ("zip", forge::plain_zip(number, 9_000)) };
        let temporary = format!("/srv/foto/.img{number}.{ext}.Xy12{number}");
        story.write(&temporary, bytes[..bytes.len() / 3].to_vec());
        story.write(&temporary, bytes);
        story.rename(&temporary, format!("/srv/foto/img{number}.{ext}"));
    }
    story.stays_calm();
}

#[test]
fn making_thumbnails_is_calm() {
    let mut story = Story::new();
    for number in 0..300 {
        let temporary = format!("/home/a/.cache/thumbnails/normal/{number}.png.tmp");
        story.write(&temporary, png(number, 4_000));
        story.rename(&temporary, format!("/home/a/.cache/thumbnails/normal/{number}.png"));
    }
    story.stays_calm();
}

#[test]
fn turning_photographs_is_calm() {
    let mut story = Story::new();
    for number in 0..200 {
        story.files.insert(PathBuf::from(format!("/srv/foto/img{number}.jpg")), jpeg(number, 20_000));
    }
    for path in story.paths() {
        story.write(&path, jpeg(path_number(&path) + 1_000, 21_000));
    }
    story.stays_calm();
}

#[test]
fn replacing_words_in_two_hundred_texts_is_calm() {
    let mut story = Story::new();
    for number in 0..200 {
        story.files.insert(PathBuf::from(format!("/srv/testi/t{number}.txt")), text(number, 4_000));
    }
    for (number, path) in story.paths().into_iter().enumerate() {
        let replaced = String::from_utf8(story.files[&path].clone()).unwrap().replace("giunta", "consiglio");
        let temporary = format!("/srv/testi/sed{number:06}");
        story.write(&temporary, replaced.into_bytes());
        story.rename(&temporary, &path);
    }
    story.stays_calm();
}

#[test]
fn archiving_a_folder_and_removing_it_is_calm() {
    let mut story = Story::office(150);
    let paths = story.paths();
    story.write("/srv/documenti/vecchi.tar.gz", gzip(&text(1, 400_000)));
    for path in paths {
        story.delete(&path);
    }
    story.stays_calm();
}

#[test]
fn deleting_a_folder_of_three_hundred_documents_is_calm() {
    for actor in [Actor::Known(7), Actor::Unknown] {
        let mut story = Story::office(300).paced(Duration::from_millis(1));
        story.by(actor);
        for path in story.paths() {
            story.delete(&path);
        }
        story.stays_calm();
    }
}

#[test]
fn compressing_logs_one_by_one_is_calm() {
    let mut story = Story::new();
    for number in 0..100 {
        story.files.insert(PathBuf::from(format!("/var/log/app/{number}.log")), text(number, 6_000));
    }
    for path in story.paths() {
        let packed = gzip(&story.files[&path]);
        // gzip writes while it reads: the first sight of the new file is a part of it.
        story.write(with_suffix(&path, ".gz"), packed[..1_000].to_vec());
        story.write(with_suffix(&path, ".gz"), packed);
        story.delete(&path);
    }
    story.stays_calm();
}

#[test]
fn converting_documents_to_pdf_is_calm() {
    let mut story = Story::office(80);
    for (number, path) in story.paths().into_iter().enumerate() {
        story.write(path.with_extension("out.pdf"), pdf(number as u64, 20_000));
        story.delete(&path);
    }
    story.stays_calm();
}

#[test]
fn an_encrypted_backup_is_calm() {
    let mut story = Story::office(40);
    for number in 0..500 {
        let temporary = format!("/srv/backup/tmp/{number}");
        story.write(&temporary, random(number, 30_000));
        story.rename(&temporary, format!("/srv/backup/data/{:02x}/{number:064x}", number % 256));
    }
    for number in 0..250 {
        story.delete(format!("/srv/backup/data/{:02x}/{number:064x}", number % 256));
    }
    story.stays_calm();
}

#[test]
fn optimising_pdfs_is_calm() {
    let mut story = Story::new();
    for number in 0..60 {
        story.files.insert(PathBuf::from(format!("/srv/atti/{number}.pdf")), pdf(number, 30_000));
    }
    for path in story.paths() {
        // The streams become dense, the file stays a sound PDF.
        let number = path_number(&path);
        let mut packed = b"%PDF-1.5\n1 0 obj\n<< /Filter /FlateDecode >>\nstream\n".to_vec();
        packed.extend(random(number, 9_000));
        packed.extend(b"\nendstream\nendobj\n");
        let table = packed.len();
        packed.extend(format!("2 0 obj\n<< /Type /XRef >>\nendobj\nstartxref\n{table}\n%%EOF\n").bytes());
        story.write(&path, packed);
    }
    story.stays_calm();
}

#[test]
fn giving_many_documents_another_extension_is_calm() {
    let mut story = Story::office(100);
    for path in story.paths() {
        story.rename(&path, with_suffix(&path, ".archiviato"));
    }
    story.stays_calm();
}

#[test]
fn unpacking_a_tree_with_many_readmes_is_calm() {
    let mut story = Story::new();
    for number in 0..200 {
        story.write(format!("/srv/app/node_modules/p{number}/README.md"), text(number, 2_000));
        story.write(format!("/srv/app/node_modules/p{number}/index.js"), text(number + 1, 2_000));
    }
    story.stays_calm();
}

#[test]
fn everybody_at_work_at_once_is_calm_when_nobody_can_be_told_apart() {
    let mut story = Story::office(60);
    story.by(Actor::Unknown);
    for (number, path) in story.paths().into_iter().enumerate() {
        let number = number as u64;
        let (_, fresh) = forge::office_file(path_number(&path) + 8 * 50);
        let temporary = path.with_file_name(format!("lu{number}.tmp"));
        story.write(&temporary, fresh);
        story.rename(&temporary, &path);
        story.write(format!("/srv/cache/{number}.bin"), random(number, 5_000));
        story.write(format!("/srv/log/{number}.log.gz"), gzip(&text(number, 2_000)));
        story.delete(format!("/srv/cache/{number}.bin"));
    }
    story.stays_calm();
}

/// The number in a file's name.
fn path_number(path: &Path) -> u64 {
    let name = path.file_stem().unwrap().to_str().unwrap();
    name.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

#[test]
fn passing_files_of_its_own_making_are_nobodys_documents() {
    let mut story = Story::office(40);
    for number in 0..200 {
        let path = PathBuf::from(format!("/srv/documenti/lavoro {number}.csv"));
        story.write(&path, text(number, 400));
        let done = with_suffix(&path, ".fatto");
        story.rename(&path, &done);
        story.delete(&done);
    }
    story.stays_calm();
}

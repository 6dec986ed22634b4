//! Stories of ransomware: each way of destroying documents must raise the alarm after a handful of them.

use crate::forge::{encrypt, encrypt_partly, random, text};
use crate::told::{PROGRAM, Story, with_suffix};
use baluardo_detect::guard::{Actor, CanaryHarm};
use std::path::Path;
use std::time::Duration;

/// The most documents that a fast attack may destroy.
const FEW: usize = 5;

fn in_place(story: &mut Story, number: u64, path: &Path) {
    let secret = encrypt(number, &story.files[path]);
    story.write(path, secret);
}

fn write_new_and_unlink(story: &mut Story, number: u64, path: &Path) {
    let secret = encrypt(number, &story.files[path]);
    story.write(with_suffix(path, ".lokd"), secret);
    story.delete(path);
}

#[test]
fn encrypting_in_place_is_stopped() {
    let (lost, alarm) = Story::office(40).destroy_until_alarm(in_place);
    assert!(lost <= FEW, "{lost} lost");
    assert_eq!(alarm.actor, PROGRAM);
    assert!((3..=lost).contains(&alarm.harmed.len()), "{:?}", alarm.harmed);
    assert_eq!(alarm.reasons[0].rule, "header_lost");
}

#[test]
fn writing_a_new_file_and_unlinking_the_old_one_is_stopped() {
    let (lost, alarm) = Story::office(40).destroy_until_alarm(write_new_and_unlink);
    assert!(lost <= FEW, "{lost} lost");
    assert!((6..=2 * lost).contains(&alarm.harmed.len()), "originals and copies: {:?}", alarm.harmed);
}

#[test]
fn unlinking_first_and_writing_then_is_stopped() {
    let (lost, _) = Story::office(40).destroy_until_alarm(|story, number, path| {
        let secret = encrypt(number, &story.files[path]);
        story.delete(path);
        story.write(with_suffix(path, ".lokd"), secret);
    });
    assert!(lost <= FEW, "{lost} lost");
}

#[test]
fn encrypting_all_and_unlinking_all_later_is_stopped() {
    let mut story = Story::office(200);
    let paths = story.paths();
    for (number, path) in paths.iter().enumerate() {
        let secret = encrypt(number as u64, &story.files[path]);
        story.write(with_suffix(path, ".lokd"), secret);
    }
    story.stays_calm();
    let gone = paths.iter().take_while(|path| {
        story.delete(path);
        story.alarm.is_none()
    });
    assert!(gone.count() < FEW);
}

#[test]
fn copies_with_meaningless_names_are_stopped() {
    let (lost, _) = Story::office(40).destroy_until_alarm(|story, number, path| {
        let mut secret = encrypt(number, &story.files[path]);
        secret.extend(random(number, 64));
        story.write(path.with_file_name(format!("{:016x}", number * 77_777_777)), secret);
        story.delete(path);
    });
    assert!(lost <= FEW, "{lost} lost");
}

#[test]
fn renaming_first_and_encrypting_then_is_stopped() {
    for remembers in [true, false] {
        let mut story = Story::office(40);
        story.remembers = remembers;
        let (lost, _) = story.destroy_until_alarm(|story, number, path| {
            let renamed = with_suffix(path, ".lokd");
            story.rename(path, &renamed);
            in_place(story, number, &renamed);
        });
        assert!(lost <= FEW, "{lost} lost");
    }
}

#[test]
fn encrypting_first_and_renaming_then_is_stopped() {
    let (lost, alarm) = Story::office(40).destroy_until_alarm(|story, number, path| {
        in_place(story, number, path);
        story.rename(path, with_suffix(path, ".lokd"));
    });
    assert!(lost <= FEW, "{lost} lost");
    assert!(alarm.reasons.iter().any(|reason| reason.rule == "new_extension"), "{:?}", alarm.reasons);
}

#[test]
fn replacing_by_rename_with_the_extension_kept_is_stopped() {
    let (lost, alarm) = Story::office(40).destroy_until_alarm(|story, number, path| {
        let secret = encrypt(number, &story.files[path]);
        let hidden = path.with_file_name(format!(".{number}.tmp"));
        story.write(&hidden, secret);
        story.rename(&hidden, path);
    });
    assert!(lost <= FEW, "{lost} lost");
    assert_eq!(alarm.reasons[0].rule, "renamed_over");
}

#[test]
fn partial_encryption_that_starts_with_the_header_is_stopped() {
    let (lost, _) = Story::office(40).destroy_until_alarm(|story, number, path| {
        let secret = encrypt_partly(number, &story.files[path], 4_096, true);
        story.write(path, secret);
    });
    assert!(lost <= FEW, "{lost} lost");
}

#[test]
fn intermittent_encryption_that_spares_the_header_is_stopped() {
    let (lost, alarm) = Story::office(40).destroy_until_alarm(|story, number, path| {
        let secret = encrypt_partly(number, &story.files[path], 4_096, false);
        story.write(path, secret);
    });
    assert!(lost <= 6, "{lost} lost");
    assert!(alarm.reasons.iter().any(|reason| reason.rule == "format_broken"), "{:?}", alarm.reasons);
}

#[test]
fn encrypting_sixteen_of_every_thirty_two_bytes_is_stopped() {
    let (lost, _) = Story::office(40).destroy_until_alarm(|story, number, path| {
        let secret = encrypt_partly(number, &story.files[path], 16, true);
        story.write(path, secret);
    });
    assert!(lost <= FEW, "{lost} lost");
}

#[test]
fn one_file_every_twenty_seconds_is_stopped() {
    for act in [in_place, write_new_and_unlink] {
        let (lost, _) = Story::office(40).paced(Duration::from_secs(20)).destroy_until_alarm(act);
        assert!(lost <= FEW, "{lost} lost");
    }
}

#[test]
fn one_file_every_ten_minutes_is_still_stopped() {
    let (lost, _) = Story::office(40).paced(Duration::from_secs(600)).destroy_until_alarm(in_place);
    assert!(lost <= 8, "{lost} lost");
}

#[test]
fn a_child_process_for_each_file_counts_as_its_root() {
    // The sensor names the root of the tree whichever child acts, also when deleting is another child's work.
    let (lost, alarm) = Story::office(40).destroy_until_alarm(|story, number, path| {
        story.by(Actor::Known(900));
        write_new_and_unlink(story, number, path);
    });
    assert!(lost <= FEW, "{lost} lost");
    assert_eq!(alarm.actor, Actor::Known(900));
}

#[test]
fn without_knowing_who_the_alarm_still_falls_and_names_only_harmed_files() {
    let mut story = Story::office(40);
    story.by(Actor::Unknown);
    for number in 0..50 {
        story.write(format!("/srv/documenti/nuovo-{number}.txt"), text(number, 3_000));
    }
    for number in 0..50 {
        story.write(format!("/srv/documenti/nuovo-{number}.txt"), text(number + 1, 3_500));
    }
    story.stays_calm();
    for path in story.paths().into_iter().filter(|path| path.display().to_string().contains("atto")) {
        in_place(&mut story, 7, &path);
        if story.alarm.is_some() {
            break;
        }
    }
    let alarm = story.alarm.unwrap();
    assert_eq!(alarm.actor, Actor::Unknown);
    assert!(alarm.harmed.len() <= FEW, "{:?}", alarm.harmed);
    assert!(alarm.harmed.iter().all(|path| path.display().to_string().contains("atto")), "{:?}", alarm.harmed);
}

#[test]
fn files_that_nobody_remembers_are_judged_by_their_names() {
    let mut story = Story::office(40);
    story.remembers = false;
    let (lost, alarm) = story.destroy_until_alarm(in_place);
    assert!(lost <= FEW, "{lost} lost");
    assert_eq!(alarm.reasons[0].rule, "extension_belied");
}

#[test]
fn a_program_that_encrypts_documents_of_its_own_making_is_stopped() {
    let mut story = Story::new();
    for (path, bytes) in Story::office(40).files {
        story.write(path, bytes);
    }
    story.stays_calm();
    story.remembers = false;
    let (lost, _) = story.destroy_until_alarm(write_new_and_unlink);
    assert!(lost <= FEW, "{lost} lost");
}

#[test]
fn emptying_a_file_before_encrypting_it_hides_nothing() {
    let (lost, _) = Story::office(40).destroy_until_alarm(|story, number, path| {
        let secret = encrypt(number, &story.files[path]);
        story.write(path, Vec::new());
        story.write(path, secret);
    });
    assert!(lost <= FEW, "{lost} lost");
}

#[test]
fn encoding_the_ciphertext_as_text_hides_nothing() {
    let (lost, _) = Story::office(40).destroy_until_alarm(|story, number, path| {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let secret = random(number, story.files[path].len()).iter().map(|b| letters[usize::from(b % 64)]).collect();
        story.write(path.with_extension("txt"), text(number, 5_000));
        story.alarm = None;
        story.write(path.with_extension("txt"), secret);
    });
    assert!(lost <= 8, "{lost} lost");
}

#[test]
fn a_canary_raises_the_alarm_at_once() {
    for how in [CanaryHarm::Changed, CanaryHarm::Renamed, CanaryHarm::Deleted] {
        let mut story = Story::new();
        story.touch_canary(how);
        let alarm = story.alarm.unwrap();
        assert!(alarm.score >= 100);
        assert_eq!(alarm.reasons[0].rule, "canary");
        assert_eq!(alarm.harmed.len(), 1);
    }
}

#[test]
fn notes_in_many_folders_make_fewer_files_suffice() {
    let (lost, alarm) = Story::office(40).destroy_until_alarm(|story, number, path| {
        story.write(path.with_file_name("COME_RECUPERARE_I_FILE.txt"), text(1, 900));
        in_place(story, number, path);
    });
    assert!(lost <= 4, "{lost} lost");
    assert!(alarm.first_sign.micros() > 0);
}

#[test]
fn each_later_harm_is_told_again_until_the_actor_is_forgotten() {
    let mut story = Story::office(40);
    let mut told = 0;
    for (number, path) in story.paths().into_iter().enumerate() {
        in_place(&mut story, number as u64, &path);
        told += usize::from(story.alarm.take().is_some());
    }
    assert!(told >= 35, "{told} alarms");
    story.forget(PROGRAM);
    assert_eq!(story.guard.remembered(), (0, 0));
    story.write("/srv/documenti/0/atto-3.txt", text(5, 4_000));
    story.stays_calm();
}

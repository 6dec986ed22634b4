//! Files that would hold a careless scanner up, lead it astray or fill its memory.

use crate::stage::{baluardo, put, put_eicar, scan};
use nix::sys::stat::Mode;
use std::ffi::OsStr;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn pipes_and_sockets_in_a_tree_are_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    put_eicar(dir.path(), "eicar.com");
    nix::unistd::mkfifo(&dir.path().join("pipe"), Mode::S_IRWXU).unwrap();
    let _socket = UnixListener::bind(dir.path().join("socket")).unwrap();
    let ran = scan(dir.path(), &[]);
    assert_eq!((ran.code, ran.lines().len()), (1, 1), "{}", ran.out);
}

#[test]
fn a_pipe_or_a_device_that_is_named_is_said_and_not_opened() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    nix::unistd::mkfifo(&pipe, Mode::S_IRWXU).unwrap();
    let ran = baluardo(["scan", "--json", pipe.to_str().unwrap(), "/dev/zero"]);
    assert_eq!(ran.code, 2);
    assert_eq!((ran.verdict("pipe"), ran.verdict("/dev/zero")), ("error".to_owned(), "error".to_owned()));
    assert!(ran.out.contains("a named pipe") && ran.out.contains("a device"), "{}", ran.out);
}

#[test]
fn loops_of_links_are_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    put_eicar(dir.path(), "a/eicar.com");
    symlink(dir.path(), dir.path().join("a/up")).unwrap();
    symlink("itself", dir.path().join("itself")).unwrap();
    let ran = scan(dir.path(), &[]);
    assert_eq!((ran.code, ran.lines().len()), (1, 1), "{}", ran.out);
    let itself = scan(&dir.path().join("itself"), &[]);
    assert_eq!((itself.code, itself.verdict("itself").as_str()), (2, "error"));
    let twice = baluardo([OsStr::new("scan"), OsStr::new("--json"), dir.path().join("a/up").as_os_str()]);
    assert_eq!(twice.code, 1, "a link that is named is followed");
}

#[test]
fn ten_gigabytes_of_nothing_are_looked_at_in_part_and_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sparse");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(10 * 1024 * 1024 * 1024).unwrap();
    let ran = scan(&path, &["--megabytes", "4"]);
    assert_eq!((ran.code, ran.verdict("sparse").as_str()), (0, "clean"), "{}", ran.out);
    assert_eq!(ran.line("sparse")["findings"][0]["name"], "too_large");
    // With indicators the whole would have to be digested: the time for one file ends that.
    let list = put(dir.path(), "list", "900150983cd24fb0d6963f7d28e17f72\n");
    let ran = scan(&path, &["--megabytes", "4", "--seconds", "0.3", "--indicators", list.to_str().unwrap()]);
    assert_eq!((ran.code, ran.verdict("sparse").as_str()), (2, "error"), "{}", ran.out);
    assert!(ran.out.contains("not_digested"), "{}", ran.out);
}

#[test]
fn a_file_that_changes_and_shrinks_while_it_is_scanned_harms_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let path = put(dir.path(), "busy.log", vec![b'x'; 2_000_000]);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
            while !stop.load(Ordering::Relaxed) {
                file.set_len(10).unwrap();
                file.seek(SeekFrom::Start(0)).unwrap();
                file.write_all(&vec![b'y'; 1_000_000]).unwrap();
            }
        });
        for _ in 0..5 {
            let ran = scan(dir.path(), &[]);
            assert_eq!((ran.code, ran.verdict("busy.log").as_str()), (0, "clean"), "{}{}", ran.out, ran.err);
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn an_unreadable_file_is_an_error_and_the_others_are_scanned() {
    if nix::unistd::geteuid().is_root() {
        println!("left out: root reads everything");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "open.txt", "ciao");
    let path = put(dir.path(), "closed.txt", "ciao");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    let ran = scan(dir.path(), &[]);
    assert_eq!((ran.code, ran.verdict("closed.txt").as_str(), ran.verdict("open.txt").as_str()), (2, "error", "clean"));
}

#[test]
fn a_file_system_that_the_kernel_makes_up_is_not_walked() {
    let ran = scan("/proc".as_ref(), &[]);
    assert_eq!((ran.code, ran.lines().len()), (2, 1), "{}", ran.out);
}

#[test]
fn a_name_that_is_not_utf8_is_told_without_loss() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(OsStr::from_bytes(b"caff\xE8\\n.com"));
    std::fs::write(&path, baluardo_detect::scan::eicar_test_file()).unwrap();
    let ran = scan(dir.path(), &[]);
    assert_eq!(ran.code, 1);
    let line = ran.line(r"/caff\xe8\\n.com");
    assert_eq!(line["verdict"], "malicious");
}

#[test]
fn a_name_cannot_move_the_cursor_of_a_terminal() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a\x1b[2Jb.com"), baluardo_detect::scan::eicar_test_file()).unwrap();
    let ran = baluardo([OsStr::new("scan"), dir.path().as_os_str()]);
    assert!(ran.out.contains(r"a\x1b[2Jb.com") && !ran.out.contains('\x1b'), "{:?}", ran.out);
}

#[test]
fn many_files_in_a_deep_tree_are_all_told_by_any_number_of_workers() {
    let dir = tempfile::tempdir().unwrap();
    let deep = "d/".repeat(60);
    for number in 0..300 {
        put(dir.path(), &format!("{deep}{number}"), "ciao");
    }
    for jobs in ["1", "7"] {
        let ran = scan(dir.path(), &["--jobs", jobs]);
        assert_eq!((ran.code, ran.lines().len()), (0, 300));
    }
}

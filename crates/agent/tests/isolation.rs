//! The wall as the kernel builds it: two network namespaces with a line between them, real nftables, real connections.

use baluardo_agent::platform::wall;
use nix::sched::{CloneFlags, unshare};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::Duration;

const DEVICE: &str = "10.99.7.1";
const SERVER: &str = "10.99.7.2";

fn address(host: &str, port: u16) -> SocketAddr {
    SocketAddr::new(host.parse().unwrap(), port)
}

fn ip(words: &str) {
    let done = Command::new("ip").args(words.split(' ')).output().unwrap();
    assert!(done.status.success(), "ip {words}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Whether a connection comes about; behind the wall nothing answers, so that is a wait.
fn reaches(host: &str, port: u16) -> bool {
    TcpStream::connect_timeout(&address(host, port), Duration::from_millis(1_500)).is_ok()
}

/// Whether a byte comes back on a line that was open before.
fn echoes(line: &mut TcpStream) -> bool {
    line.set_read_timeout(Some(Duration::from_millis(1_500))).unwrap();
    line.write_all(b"x").is_ok() && line.read_exact(&mut [0]).is_ok()
}

/// Lives in a namespace of its own: a server with its door and another one, which send back what comes.
fn other_end(hear: std::sync::mpsc::Receiver<Ask>, say: &std::sync::mpsc::Sender<i64>) {
    unshare(CloneFlags::CLONE_NEWNET).unwrap();
    say.send(i64::from(nix::unistd::gettid().as_raw())).unwrap();
    for ask in hear {
        match ask {
            Ask::Open => {
                ip(&format!("addr add {SERVER}/24 dev there"));
                ip("link set there up");
                for port in [8444, 80] {
                    let door = TcpListener::bind(address(SERVER, port)).unwrap();
                    std::thread::spawn(move || {
                        for line in door.incoming().flatten() {
                            std::thread::spawn(move || std::io::copy(&mut &line, &mut &line));
                        }
                    });
                }
                say.send(1).unwrap();
            }
            Ask::Call => say.send(i64::from(reaches(DEVICE, 22))).unwrap(),
        }
    }
}

enum Ask {
    Open,
    Call,
}

#[test]
fn behind_the_wall_only_the_server_is_reached_and_nobody_comes_in() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: network namespaces need root");
        return;
    }
    if unshare(CloneFlags::CLONE_NEWNET).is_err() {
        eprintln!("skipped: this system grants no network namespaces");
        return;
    }
    let (ask, asked) = channel();
    let (say, heard) = channel();
    std::thread::spawn(move || other_end(asked, &say));
    let other = heard.recv().unwrap();
    ip("link set lo up");
    ip("link add here type veth peer name there");
    ip(&format!("link set there netns {other}"));
    ip(&format!("addr add {DEVICE}/24 dev here"));
    ip("link set here up");
    ask.send(Ask::Open).unwrap();
    heard.recv().unwrap();
    let _shell = TcpListener::bind(address(DEVICE, 22)).unwrap();
    let called = || {
        ask.send(Ask::Call).unwrap();
        heard.recv().unwrap() == 1
    };

    assert!(!wall::stands());
    assert!(reaches(SERVER, 8444) && reaches(SERVER, 80) && called());
    let mut begun = TcpStream::connect(address(SERVER, 80)).unwrap();
    let mut to_server = TcpStream::connect(address(SERVER, 8444)).unwrap();
    assert!(echoes(&mut begun) && echoes(&mut to_server));

    for _ in 0..2 {
        wall::raise(&[address(SERVER, 8444)]).unwrap();
        assert!(wall::stands());
        assert!(reaches(SERVER, 8444), "the server stays reachable");
        assert!(echoes(&mut to_server), "so does a line to it that was open");
        assert!(!reaches(SERVER, 80), "nothing else does");
        assert!(!echoes(&mut begun), "not even on a line that was open before");
        assert!(!called(), "and nobody comes in");
        assert!(reaches(DEVICE, 22), "programs on the device talk to each other");
    }

    wall::lower().unwrap();
    assert!(!wall::stands());
    assert!(reaches(SERVER, 80) && called());
    wall::lower().unwrap();
}

//! Who has no business with the agent or the doors: other users of the computer, other computers, and crowds.

use crate::stage::http::{config, exchange, request};
use crate::stage::{Stage, until, wait_for};
use axum::Router;
use axum::routing::get;
use baluardo_detect::scan::eicar_test_file;
use baluardo_server::crowd::{Bounds, Crowd};
use baluardo_server::door::Door;
use nix::unistd::geteuid;
use rcgen::{CertificateParams, KeyPair};
use rustls::{ClientConnection, ServerConfig, StreamOwned};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::net::SocketAddr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Output};
use tokio::net::TcpSocket;
use tokio::sync::watch;

/// The inodes of the sockets that a process holds.
fn sockets_of(pid: u32) -> BTreeSet<String> {
    let open = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten();
    let links = open.filter_map(|entry| std::fs::read_link(entry.path()).ok());
    let inode = |link: std::path::PathBuf| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned());
    links.filter_map(inode).collect()
}

/// The inodes of the sockets on which somebody listens, or takes datagrams.
fn listening(pid: u32) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (table, states) in [("tcp", &["0A"][..]), ("tcp6", &["0A"]), ("udp", &["07"]), ("udp6", &["07"])] {
        let text = std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for fields in text.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>()) {
            if fields.get(3).is_some_and(|state| states.contains(state)) {
                all.extend(fields.get(9).map(|inode| (*inode).to_owned()));
            }
        }
    }
    all
}

#[test]
fn a_running_agent_holds_no_listening_socket() {
    let stage = Stage::ready();
    let agent = stage.agent.pid();
    until("it is on the line", || !sockets_of(agent).is_empty());
    let heard: BTreeSet<String> = sockets_of(agent).intersection(&listening(agent)).cloned().collect();
    assert_eq!(heard, BTreeSet::new());
    let server = stage.server.pid();
    let doors = sockets_of(server).intersection(&listening(server)).count();
    assert_eq!(doors, 2, "this way of looking finds those who do listen");
}

/// Runs a command as a user who is nobody here.
fn as_nobody(line: &str, argument: &str) -> Output {
    Command::new("sh").args(["-c", line, "sh", argument]).uid(65_534).gid(65_534).current_dir("/").output().unwrap()
}

#[test]
fn a_user_without_root_cannot_stop_the_agent_nor_read_its_vault() {
    if !geteuid().is_root() {
        return eprintln!("skipped: only root can run the agent as somebody else than the user who attacks it");
    }
    let stage = Stage::ready();
    std::fs::write(stage.documents.join("bad.com"), eicar_test_file()).unwrap();
    until("the file is taken", || stage.quarantine("bad").len() == 1);
    // The way to the agent's folder is open; what is asked is whether the folder itself is.
    let mut folder = stage.root.clone();
    std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    folder.push("agent");
    let folder = folder.to_str().unwrap();
    assert!(as_nobody("true", folder).status.success());
    let pid = stage.agent.pid().to_string();
    for signal in ["TERM", "KILL", "STOP", "HUP"] {
        assert!(!as_nobody(&format!("kill -{signal} \"$1\""), &pid).status.success(), "{signal}");
    }
    for line in
        ["ls \"$1\"", "cat \"$1\"/vault.key", "cat \"$1\"/vault/*", "cat \"$1\"/quarantine/*", "touch \"$1\"/lock"]
    {
        let tried = as_nobody(line, folder);
        assert!(!tried.status.success() && tried.stdout.is_empty(), "{line}: {tried:?}");
    }
    assert!(!as_nobody("cat /proc/\"$1\"/mem", &pid).status.success());
    assert!(stage.agent_status()["running"].as_bool().unwrap(), "it runs on");
}

#[test]
fn files_with_hostile_names_are_told_taken_and_given_back_byte_for_byte() {
    let stage = Stage::ready();
    let names: [&[u8]; 5] =
        [b"bad \xff\xfe.com", b"bad\nline.com", b"bad <b>.com", "bad \u{202e}moc.txt".as_bytes(), b"bad '\";$(x).com"];
    for name in names {
        std::fs::write(stage.documents.join(OsStr::from_bytes(name)), eicar_test_file()).unwrap();
    }
    until("all are taken", || stage.quarantine("bad").len() == names.len());
    assert_eq!(stage.findings().len(), names.len());
    for row in stage.quarantine("bad") {
        stage.api("POST", &format!("/quarantine/{}/release", row["id"].as_str().unwrap()));
    }
    until("all are back", || stage.quarantine("bad").iter().all(|row| row["state"] == "released"));
    for name in names {
        let path = stage.documents.join(OsStr::from_bytes(name));
        assert_eq!(std::fs::read(&path).unwrap(), eicar_test_file(), "{}", path.display());
    }
}

#[test]
fn the_server_holds_no_byte_of_a_file_that_was_taken() {
    let stage = Stage::ready();
    let (word, name) = ("segreto-di-prova-7731", "bad-with-a-secret.sh");
    let script = format!("{}# {word}\n", baluardo_detect::scan::tagged_test_script());
    std::fs::write(stage.documents.join(name), script).unwrap();
    until("the file is taken", || stage.quarantine(name).len() == 1);
    let holds = |word: &str| {
        let files = ["baluardo.db", "baluardo.db-wal"].map(|name| stage.root.join("server").join(name));
        files
            .iter()
            .filter_map(|file| std::fs::read(file).ok())
            .any(|bytes| bytes.windows(word.len()).any(|window| window == word.as_bytes()))
    };
    assert!(holds(name), "its name is there, so this way of looking finds what is there");
    assert!(!holds(word));
}

/// Asks once over TLS, from an address of this computer's own.
fn ask_from(source: [u8; 4], door: SocketAddr, root: &[u8]) -> u16 {
    let stream = wait_for(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((source, 0).into()).unwrap();
        socket.connect(door).await.unwrap().into_std().unwrap()
    });
    stream.set_nonblocking(false).unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut line = StreamOwned::new(ClientConnection::new(config(root, None), name).unwrap(), stream);
    exchange(&mut line, &request("GET", "/", "", b"")).unwrap().0
}

#[test]
fn a_flood_from_one_network_is_turned_away_and_others_are_served() {
    baluardo_server::tls::install_provider();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let tls = ServerConfig::builder().with_no_client_auth();
    let tls = tls.with_single_cert(vec![certificate.der().clone()], private).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (closing, closed) = watch::channel(false);
    let listener = runtime.block_on(tokio::net::TcpListener::bind(("127.0.0.1", 0))).unwrap();
    // So slow that no machine is slow enough to be let in again meanwhile.
    let crowd = Crowd::new(Bounds { connections: 10, burst: 20, per_second: 1 });
    let door = Door::over(listener, tls, 100, crowd);
    let address = door.address().unwrap();
    let served = runtime.spawn(door.serve(Router::new().route("/", get(|| async { "here" })), closed));
    let root = certificate.der();
    let flood: Vec<u16> = (0..200).map(|_| ask_from([127, 0, 0, 1], address, root)).collect();
    let turned_away = flood.iter().filter(|status| **status == 429).count();
    assert!(flood[..20].iter().all(|status| *status == 200), "{flood:?}");
    assert!(turned_away > 20, "{flood:?}");
    assert!((0..10).all(|_| ask_from([127, 0, 0, 2], address, root) == 200), "others are served");
    closing.send_replace(true);
    runtime.block_on(served).unwrap();
}

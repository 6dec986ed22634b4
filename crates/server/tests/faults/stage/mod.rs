//! The stage: the real server and the real agent as processes, in a folder of their own, over real TLS.

pub(crate) mod device;
pub(crate) mod dice;
pub(crate) mod house;
pub(crate) mod http;
pub(crate) mod process;
pub(crate) mod proxy;

use baluardo_model::TenantId;
use house::Beside;
use process::{Process, agent_program};
use serde_json::Value;
use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Longer than anything here takes on a busy machine; only a hang, or a loss, reaches it.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// Waits until `is` holds.
pub(crate) fn until(what: &str, is: impl FnMut() -> bool) {
    until_or(what, is, String::new);
}

/// Waits until `is` holds, or tells what `amiss` finds.
pub(crate) fn until_or(what: &str, mut is: impl FnMut() -> bool, amiss: impl FnOnce() -> String) {
    let begun = Instant::now();
    while !is() {
        if begun.elapsed() >= LIMIT {
            panic!("waited in vain: {what}\n{}", amiss());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Runs what must wait for the database.
pub(crate) fn wait_for<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Whose rows are asked for, and with which token.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    tenant: TenantId,
    token: String,
}

/// The stage with its two programs, of which none runs yet.
pub(crate) struct Stage {
    pub(crate) root: PathBuf,
    /// The guarded folder.
    pub(crate) documents: PathBuf,
    pub(crate) comune: TenantId,
    pub(crate) server: Process,
    pub(crate) agent: Process,
    pub(crate) console: SocketAddr,
    pub(crate) agents: SocketAddr,
    /// The root's certificate, DER.
    pub(crate) root_der: Vec<u8>,
    /// The consortium with a token of its own.
    pub(crate) consortium: Caller,
    own: Caller,
    _dir: tempfile::TempDir,
}

impl Stage {
    /// Founds consortium, comune and token; enrols nobody.
    pub(crate) fn set() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let documents = root.join("documents");
        std::fs::create_dir(&documents).unwrap();
        let [console, agents] = free_ports();
        let state = root.join("server");
        let (own, consortium, root_der) = wait_for(async {
            let beside = Beside::open(&state, &address(agents), vec![documents.display().to_string()]).await;
            beside.found().await;
            let (comune, consortium) = (beside.activate("I726").await.id, beside.consortium().await);
            let caller = async |tenant, more| Caller { tenant, token: beside.api_token(tenant, more).await };
            let consortium = caller(consortium, &["campaigns.read"]).await;
            let made = (caller(comune, &["hunts.read", "hunts.write"]).await, consortium, beside.root().await);
            beside.close().await;
            made
        });
        let comune = own.tenant;
        let log = |name: &str| root.join(format!("{name}.log"));
        let args = ["run", "--state", text(&state), "--listen", &console.to_string(), "--agent-listen"];
        let args = args.into_iter().map(str::to_owned).chain([agents.to_string()]).collect();
        let server = Process::new(env!("CARGO_BIN_EXE_baluardo").into(), args, log("server"));
        let args = ["run", "--state", text(&root.join("agent"))].map(str::to_owned).to_vec();
        let agent = Process::new(agent_program(), args, log("agent"));
        Self { root, documents, comune, server, agent, console, agents, root_der, consortium, own, _dir: dir }
    }

    /// A stage whose server runs and whose agent is enrolled and runs.
    pub(crate) fn ready() -> Self {
        let mut stage = Self::set();
        stage.start_server();
        stage.enrol(&stage.root.join("agent"), stage.comune);
        stage.agent.start();
        stage.wait_for_guard();
        stage
    }

    pub(crate) fn start_server(&mut self) {
        self.server.start();
        self.wait_for_server();
    }

    pub(crate) fn wait_for_server(&self) {
        until("the server answers", || self.try_api("GET", "/devices").is_some());
    }

    /// Waits until the agent of this stage has told that it watches.
    pub(crate) fn wait_for_guard(&self) {
        until("the agent stands guard", || {
            let devices = self.api("GET", "/devices");
            let watches = |device: &Value| matches!(device["status"].as_str(), Some("protected" | "detecting"));
            devices.as_array().unwrap().iter().any(watches)
        });
    }

    /// Enrols an agent of `tenant` whose state lies in `state`.
    pub(crate) fn enrol(&self, state: &Path, tenant: TenantId) {
        let line = self.beside(async |beside: &Beside| beside.enrol_line(tenant).await);
        let done = Command::new(agent_program()).args(["enrol", "--state", text(state), &line]).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// Works on the server's database, beside the server.
    pub(crate) fn beside<T>(&self, work: impl AsyncFnOnce(&Beside) -> T) -> T {
        wait_for(async {
            let beside = Beside::open(&self.root.join("server"), &address(self.agents), Vec::new()).await;
            let made = work(&beside).await;
            beside.close().await;
            made
        })
    }

    /// What the agent says of itself, running or not.
    pub(crate) fn agent_status(&self) -> Value {
        let state = self.root.join("agent");
        let said = Command::new(agent_program()).args(["status", "--json", "--state", text(&state)]).output().unwrap();
        serde_json::from_slice(&said.stdout).unwrap_or(Value::Null)
    }

    /// Calls the JSON API about the comune; the server must answer well.
    pub(crate) fn api(&self, method: &str, path: &str) -> Value {
        let (status, body) = self.try_api(method, path).unwrap_or_else(|| panic!("{path}: no answer"));
        assert!(status < 300, "{method} {path}: {status} {body}");
        body
    }

    /// Calls the JSON API; nothing when the server is away.
    pub(crate) fn try_api(&self, method: &str, path: &str) -> Option<(u16, Value)> {
        self.api_of(&self.own, method, path)
    }

    /// Calls the JSON API as somebody.
    pub(crate) fn api_of(&self, caller: &Caller, method: &str, path: &str) -> Option<(u16, Value)> {
        self.call(caller, method, &format!("/api/v1/tenants/{}{path}", caller.tenant), &serde_json::json!({}))
    }

    /// Posts `body` to the JSON API about the comune; the server must answer well.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        let path = format!("/api/v1/tenants/{}{path}", self.own.tenant);
        let (status, answer) = self.call(&self.own, "POST", &path, body).unwrap_or_else(|| panic!("{path}: no answer"));
        assert!(status < 300, "{path}: {status} {answer}");
        answer
    }

    /// The campaigns against all members, as their consortium sees them.
    pub(crate) fn campaigns(&self) -> Vec<Value> {
        let (status, found) = self.call(&self.consortium, "GET", "/api/v1/campaigns", &Value::Null).unwrap();
        assert_eq!(status, 200, "{found}");
        found.as_array().unwrap().clone()
    }

    fn call(&self, caller: &Caller, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        let headers = format!("authorization: Bearer {}\r\ncontent-type: application/json\r\n", caller.token);
        let config = http::config(&self.root_der, None);
        let mut line = http::connect(self.console, &config).ok()?;
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let (status, text) = http::exchange(&mut line, &http::request(method, path, &headers, body.as_bytes())).ok()?;
        Some((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    /// Every finding of malware, over all pages.
    pub(crate) fn findings(&self) -> Vec<Value> {
        let mut all = Vec::new();
        let mut path = "/findings?kind=malware".to_owned();
        loop {
            let page = self.api("GET", &path);
            all.extend(page["findings"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(next) => path = format!("/findings?kind=malware&before={next}"),
                None => return all,
            }
        }
    }

    /// Files in quarantine whose path holds `text`: the API shows 500 at most.
    pub(crate) fn quarantine(&self, text: &str) -> Vec<Value> {
        let rows = self.api("GET", &format!("/quarantine?q={text}")).as_array().unwrap().clone();
        assert!(rows.len() < 500, "more than the API shows");
        rows
    }
}

/// The name at the end of the path of a row.
pub(crate) fn name_of(row: &Value) -> String {
    row["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

/// The names of the files in a folder that begin with `start`.
pub(crate) fn names_in(folder: &Path, start: &str) -> BTreeSet<String> {
    let names = std::fs::read_dir(folder).unwrap().flatten();
    names.map(|entry| entry.file_name().to_string_lossy().into_owned()).filter(|name| name.starts_with(start)).collect()
}

fn address(agents: SocketAddr) -> String {
    format!("localhost:{}", agents.port())
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Two ports that nobody listens on now. A server that is killed and started again must find its own again, so they are
/// chosen here, below those that the system gives to outgoing connections.
fn free_ports() -> [SocketAddr; 2] {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let free = || loop {
        let next = std::process::id().wrapping_mul(97).wrapping_add(NEXT.fetch_add(1, Ordering::SeqCst));
        let address = SocketAddr::from(([127, 0, 0, 1], 20_000 + u16::try_from(next % 12_000).unwrap()));
        if TcpListener::bind(address).is_ok() {
            break address;
        }
    };
    [free(), free()]
}

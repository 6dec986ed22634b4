//! The peer of the exchange: Debian's nginx, which verifies the same certificates and answers the same few bytes to
//! everybody. It shows what TLS and HTTP cost alone, on this machine, in this minute.

use crate::process::Process;
use crate::server::wait_for_port;
use crate::stage::{HOST, Open, Stage};
use anyhow::{Context as _, bail};
use baluardo_server::agent_process;
use baluardo_service::fleet;
use baluardo_wire::exchange::ExchangeResponse;
use std::process::Stdio;
use tokio::process::{Child, Command};

/// Where Debian installs it; the folder is not on the path of ordinary users.
const PROGRAM: &str = "/usr/sbin/nginx";

/// A running nginx: its master and its workers.
#[derive(Debug)]
pub(crate) struct Nginx {
    child: Child,
    pub(crate) process: Process,
}

/// Whether it is installed.
pub(crate) fn is_here() -> bool {
    std::path::Path::new(PROGRAM).is_file()
}

/// Writes what nginx needs: a server certificate of the same house, the root that devices hang from, its configuration.
pub(crate) async fn prepare(stage: &Stage, open: &Open, port: u16) -> anyhow::Result<()> {
    let certificate = fleet::issue_server_certificate(&open.house, &[HOST.to_owned(), "127.0.0.1".to_owned()]).await?;
    let root = fleet::authority_root(&open.house).await?;
    let folder = stage.join("nginx");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("chain.pem"), certificate.chain_pem)?;
    std::fs::write(folder.join("key.pem"), certificate.key_pem)?;
    std::fs::write(folder.join("root.pem"), root.pem)?;
    let folder = folder.to_string_lossy().into_owned();
    std::fs::write(stage.join("nginx/nginx.conf"), configuration(&folder, port)?)?;
    Ok(())
}

/// As our own door: TLS 1.3 only, certificates verified, lines that stay. Nothing is written to a log.
fn configuration(folder: &str, port: u16) -> anyhow::Result<String> {
    let answer = serde_json::to_string(&ExchangeResponse { acked_seq: 0, orders: Vec::new(), next_ms: 60_000 })?;
    Ok(format!(
        "daemon off;
worker_processes auto;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 100000000;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/chain.pem;
    ssl_certificate_key {folder}/key.pem;
    ssl_client_certificate {folder}/root.pem;
    ssl_verify_client on;
    ssl_verify_depth 2;
    ssl_protocols TLSv1.3;
    location / {{ default_type application/json; return 200 '{answer}'; }}
  }}
}}
"
    ))
}

impl Nginx {
    /// Starts it on what [`prepare`] wrote.
    pub(crate) async fn start(stage: &Stage, port: u16) -> anyhow::Result<Self> {
        let mut command = Command::new(PROGRAM);
        command.arg("-c").arg(stage.join("nginx/nginx.conf")).arg("-p").arg(stage.join("nginx"));
        command.arg("-e").arg(stage.join("nginx/error.log")).stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.kill_on_drop(true).spawn().with_context(|| format!("{PROGRAM} could not be started"))?;
        if let Err(error) = wait_for_port(port).await {
            let said = std::fs::read_to_string(stage.join("nginx/error.log")).unwrap_or_default();
            bail!("{error}; nginx said: {said}");
        }
        let master = child.id().context("nginx ended at once")?;
        let children = std::fs::read_to_string(format!("/proc/{master}/task/{master}/children"))?;
        let workers = children.split_whitespace().filter_map(|pid| pid.parse().ok());
        let process = Process::of(std::iter::once(master).chain(workers));
        Ok(Self { child, process })
    }

    /// Stops it.
    pub(crate) async fn stop(self) {
        agent_process::end(self.child).await;
    }
}

//! At rest: what the agent and the server cost while nothing happens, and ClamAV beside them in the same minutes.

use crate::clamav::ClamAv;
use crate::figures::Figures;
use crate::ordinary::{Programs, User, is_root};
use crate::process::Process;
use crate::server::{Server, address, free_port};
use crate::stage::{Open, Stage};
use anyhow::{Context as _, bail, ensure};
use baluardo_model::fleet::{Coverage, VAULT_FILLING};
use baluardo_model::identity::{Actor, Tenant};
use baluardo_model::register::Register;
use baluardo_server::agent_process;
use baluardo_server::demo::office;
use baluardo_service::fleet::{self, DeviceFilter};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::Child;

/// How long an agent may take to stand guard.
const READY: Duration = Duration::from_secs(180);

/// How long everybody rests before it is looked at.
const SETTLING: Duration = Duration::from_secs(20);

/// How to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Made-up documents in each guarded folder.
    #[arg(long, default_value_t = 1_000)]
    files: usize,
    /// Seconds of one look; 60 or more, because agents call once a minute.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// How many looks.
    #[arg(long, default_value_t = 5)]
    runs: usize,
}

/// Measures and prints.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let programs = Programs::copy()?;
    let stage = Stage::new(&programs.folder())?;
    let port = free_port()?;
    // The first opening founds the installation that the server then finds.
    stage.house(&address(port), &[]).await?.close().await;
    let server = Server::start(&stage, port).await?;
    let mut guards = Vec::new();
    for (user, comune) in User::all().into_iter().zip(Register::shipped().all()) {
        let home = programs.folder().join(format!("guarded-{}", comune.cadastral_code));
        let documents = home.join("documenti");
        office::fill(&documents, args.files)?;
        user.own(&home)?;
        let post = Post { programs: &programs, stage: &stage, port, user };
        guards.push(post.guard(&comune.cadastral_code, &home, &documents).await?);
    }
    let peer = peer(&programs.folder(), args.files).await?;
    let mut watched = vec![("server".to_owned(), server.process.clone())];
    watched.extend(guards.iter().map(|guard| (format!("agent {}", guard.user.name()), guard.process.clone())));
    watched.extend(peer.iter().map(|peer| ("clamd and clamonacc".to_owned(), peer.process.clone())));
    tokio::time::sleep(SETTLING).await;
    let mut figures = Figures::of("idle");
    for _ in 0..args.runs {
        look(&watched, Duration::from_secs(args.seconds), &mut figures).await?;
    }
    if let Some(peer) = peer {
        peer.stop().await;
    }
    for guard in guards {
        agent_process::end(guard.child).await;
    }
    server.stop().await;
    figures.print();
    Ok(())
}

/// Looks at everybody for the same span.
async fn look(watched: &[(String, Process)], span: Duration, figures: &mut Figures) -> anyhow::Result<()> {
    let mut before = Vec::new();
    for (_, process) in watched {
        before.push((process.fine_cpu()?, process.wakeups()?));
    }
    let began = Instant::now();
    tokio::time::sleep(span).await;
    let minutes = began.elapsed().as_secs_f64() / 60.0;
    for ((name, process), (cpu, wakeups)) in watched.iter().zip(before) {
        let memory = process.memory()?;
        let mebibytes = |bytes: u64| bytes as f64 / 1_048_576.0;
        figures.note(format!("{name}: resident"), "MiB", mebibytes(memory.rss));
        figures.note(format!("{name}: PSS"), "MiB", mebibytes(memory.pss));
        figures.note(format!("{name}: anonymous"), "MiB", mebibytes(memory.anonymous));
        let spent = process.fine_cpu()?.saturating_sub(cpu).as_secs_f64() * 1e3;
        figures.note(format!("{name}: processor"), "ms per minute", spent / minutes);
        let woken = process.wakeups()?.saturating_sub(wakeups) as f64;
        figures.note(format!("{name}: wakeups"), "per minute", woken / minutes);
    }
    Ok(())
}

/// ClamAV over a folder like ours; it needs root.
async fn peer(folder: &Path, files: usize) -> anyhow::Result<Option<ClamAv>> {
    if !is_root() {
        println!("ClamAV's on-access scanner needs root: no peer to compare with");
        return Ok(None);
    }
    let guarded = folder.join("guarded-clamav");
    office::fill(&guarded, files)?;
    let peer = ClamAv::start(&folder.join("clamav"), &guarded).await?;
    if peer.is_none() {
        println!("ClamAV is not installed (apt-get install clamav-daemon): no peer to compare with");
    }
    Ok(peer)
}

/// An enrolled agent over a folder of its own.
pub(crate) struct Guard {
    user: User,
    pub(crate) child: Child,
    pub(crate) process: Process,
}

/// Where agents are posted: the programs, the server, and who runs them.
pub(crate) struct Post<'a> {
    pub(crate) programs: &'a Programs,
    pub(crate) stage: &'a Stage,
    pub(crate) port: u16,
    pub(crate) user: User,
}

impl Post<'_> {
    /// An agent of a comune that has not asked before, standing guard over `documents`, with its state below `home`.
    pub(crate) async fn guard(&self, comune: &str, home: &Path, documents: &Path) -> anyhow::Result<Guard> {
        let open = self.stage.house(&address(self.port), &[documents]).await?;
        let tenant = open.activate(comune).await?;
        let child = start(self.programs, &open, &tenant, self.user, &home.join("agent")).await?;
        wait_for_guard(&open, &tenant).await?;
        open.close().await;
        Ok(Guard { user: self.user, process: Process::of(child.id()), child })
    }
}

async fn start(programs: &Programs, open: &Open, tenant: &Tenant, user: User, state: &Path) -> anyhow::Result<Child> {
    let ticket = fleet::create_enrol_token(&open.house, &Actor::Platform, tenant.id, "bench").await?;
    let mut enrol = programs.command("baluardo-agent", user);
    let done = enrol.arg("enrol").arg("--state").arg(state).arg(&ticket.line).output().await?;
    ensure!(done.status.success(), "an agent could not enrol: {}", String::from_utf8_lossy(&done.stderr).trim());
    let mut run = programs.command("baluardo-agent", user);
    run.arg("run").arg("--state").arg(state).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    run.spawn().context("an agent could not be started")
}

async fn wait_for_guard(open: &Open, tenant: &Tenant) -> anyhow::Result<()> {
    let deadline = Instant::now() + READY;
    while Instant::now() < deadline {
        let rows = fleet::list_devices(&open.house, &Actor::Platform, tenant.id, &DeviceFilter::default()).await?;
        let ready = |row: &fleet::DeviceRow| {
            row.device.coverage != Coverage::None && !row.device.coverage_note.contains(VAULT_FILLING)
        };
        if rows.iter().any(ready) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    bail!("an agent did not stand guard within {} seconds", READY.as_secs())
}

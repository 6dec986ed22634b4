//! Memory for each idle agent: thousands of wake-up lines over mutual TLS, held as agents hold them.

use crate::figures::Figures;
use crate::process::Memory;
use crate::server::{Server, address, free_port};
use crate::stage::{Device, Stage};
use anyhow::{Context as _, ensure};
use baluardo_agent::link::call::Door;
use baluardo_agent::link::tls;
use baluardo_server::ambient::SystemClock;
use baluardo_wire::wake::{BEAT, BEAT_SECS, PATH};
use http_body_util::BodyExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How many shake hands at once.
const AT_ONCE: usize = 32;

/// How to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder for the stage.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// How many lines to hold, one figure for each.
    #[arg(long, value_delimiter = ',', default_values_t = [2_000, 5_000])]
    lines: Vec<usize>,
    /// How often everything is measured, each time with a fresh server.
    #[arg(long, default_value_t = 3)]
    runs: usize,
}

/// Measures and prints. `limit` is how many descriptors this process may open.
pub(crate) async fn run(args: &Args, limit: u64) -> anyhow::Result<()> {
    let most = args.lines.iter().copied().max().context("name at least one number of lines")?;
    ensure!(
        most as u64 + 256 < limit,
        "{most} lines need more descriptors than the {limit} of this shell: raise the hard limit (ulimit -Hn)"
    );
    let port = free_port()?;
    let stage = Stage::new(&args.folder)?;
    let open = stage.house(&address(port), &[]).await?;
    println!("enrolling {most} devices");
    let devices = open.fill(most.div_ceil(50), most).await?;
    open.close().await;
    let mut figures = Figures::of("lines");
    for _ in 0..args.runs {
        let server = Server::start(&stage, port).await?;
        let measured = measure(args, &server, &devices, port, &mut figures).await.with_context(|| server.said());
        server.stop().await;
        measured?;
    }
    figures.print();
    Ok(())
}

async fn measure(
    args: &Args,
    server: &Server,
    devices: &[Device],
    port: u16,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let mut lines = Lines::default();
    let empty = server.process.memory()?;
    figures.note("server without agents: resident", "MiB", empty.rss as f64 / 1_048_576.0);
    let mut before = (0, empty);
    for wanted in &args.lines {
        let began = Instant::now();
        lines.open(devices.get(..*wanted).context("too few devices")?, port).await?;
        let opened = began.elapsed();
        figures.note(
            format!("{wanted} agents: handshakes"),
            "per s",
            (wanted - before.0) as f64 / opened.as_secs_f64(),
        );
        lines.quiet(*wanted).await?;
        let now = server.process.memory()?;
        note(figures, &format!("{wanted} agents: "), (0, empty), (*wanted, now));
        if before.0 > 0 {
            note(figures, &format!("from {} to {wanted}: ", before.0), before, (*wanted, now));
        }
        before = (*wanted, now);
        let spent = server.process.cpu()?;
        tokio::time::sleep(Duration::from_secs(BEAT_SECS)).await;
        let spent = (server.process.cpu()? - spent).as_secs_f64() / BEAT_SECS as f64;
        figures.note(format!("{wanted} agents: processor of the idle server"), "% of a core", spent * 100.0);
    }
    Ok(())
}

fn note(figures: &mut Figures, name: &str, (few, small): (usize, Memory), (many, large): (usize, Memory)) {
    let per_line = |small: u64, large: u64| (large as f64 - small as f64) / 1_024.0 / (many - few) as f64;
    figures.note(format!("{name}resident, each"), "KiB", per_line(small.rss, large.rss));
    figures.note(format!("{name}PSS, each"), "KiB", per_line(small.pss, large.pss));
    figures.note(format!("{name}anonymous, each"), "KiB", per_line(small.anonymous, large.anonymous));
}

/// Lines that are held open until this is dropped.
#[derive(Default)]
struct Lines {
    held: JoinSet<anyhow::Result<()>>,
    /// Signs of life that came, over all lines.
    beats: Arc<AtomicUsize>,
    open: usize,
}

impl Lines {
    /// Opens what is missing to one line for each device.
    async fn open(&mut self, devices: &[Device], port: u16) -> anyhow::Result<()> {
        let missing = devices.get(self.open..).unwrap_or_default();
        for some in missing.chunks(AT_ONCE) {
            let before = self.beats.load(Ordering::Relaxed);
            for device in some {
                let door = Door::new(&address(port), tls::mutual(&device.identity, Arc::new(SystemClock))?)?;
                self.held.spawn(hold(door, Arc::clone(&self.beats)));
            }
            self.wait_for_beats(before + some.len(), Duration::from_secs(30)).await?;
            self.open += some.len();
        }
        Ok(())
    }

    /// Waits until every line gave a sign of life after the one that opened it.
    async fn quiet(&mut self, lines: usize) -> anyhow::Result<()> {
        let before = self.beats.load(Ordering::Relaxed);
        self.wait_for_beats(before + lines, Duration::from_secs(3 * BEAT_SECS)).await
    }

    async fn wait_for_beats(&mut self, wanted: usize, patience: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + patience;
        while self.beats.load(Ordering::Relaxed) < wanted {
            if let Some(ended) = self.held.try_join_next() {
                ended??;
                anyhow::bail!("the server closed a line");
            }
            ensure!(Instant::now() < deadline, "not every line gave a sign of life within {patience:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

/// One line, held as the agent holds it.
async fn hold(door: Door, beats: Arc<AtomicUsize>) -> anyhow::Result<()> {
    let mut line = door.connect().await?;
    let mut body = door.open(&mut line, PATH).await?;
    while let Some(frame) = body.frame().await {
        let bytes = frame?.into_data().unwrap_or_default();
        if bytes == BEAT.as_bytes() {
            beats.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(())
}

//! Exchanges per second: the real server on SQLite on disk, mutual TLS, real messages; nginx in the same run beside it.

use crate::figures::Figures;
use crate::load::{self, Caller, Stretch};
use crate::nginx::{self, Nginx};
use crate::process::Process;
use crate::server::{Server, address, free_port};
use crate::stage::{Device, Open, Stage};
use anyhow::Context as _;
use baluardo_model::identity::Actor;
use baluardo_model::{DeviceId, TenantId};
use baluardo_service::fleet::{self, DeviceFilter};
use baluardo_service::protection::{self, FindingFilter};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::PathBuf;
use std::time::Duration;

/// How to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder for the stage, on the disk to measure.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// Devices. So many that what a server remembers of the last few hundred lines does not help.
    #[arg(long, default_value_t = 640)]
    devices: usize,
    /// How many of them call at the same time.
    #[arg(long, default_value_t = 64)]
    at_once: usize,
    /// Comuni that the devices belong to.
    #[arg(long, default_value_t = 16)]
    comuni: usize,
    /// Findings in each message of the second kind; the first kind has none.
    #[arg(long, default_value_t = 1)]
    findings: usize,
    /// Seconds of each stretch.
    #[arg(long, default_value_t = 6)]
    seconds: u64,
    /// How often everything is measured.
    #[arg(long, default_value_t = 5)]
    runs: usize,
}

/// Measures and prints; fails when an event was lost or kept twice.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let (ours, theirs) = (free_port()?, free_port()?);
    let stage = Stage::new(&args.folder)?;
    let open = stage.house(&address(ours), &[]).await?;
    let devices = open.fill(args.comuni, args.devices).await?;
    nginx::prepare(&stage, &open, theirs).await?;
    open.close().await;
    let mut figures = Figures::of("exchange");
    let server = Server::start(&stage, ours).await?;
    let measured = measure(args, &stage, &server, &devices, (ours, theirs), &mut figures).await;
    let said = server.said();
    server.stop().await;
    let sent = measured.context(said)?;
    let open = stage.house(&address(ours), &[]).await?;
    let kept = check(&open, &sent).await?;
    open.close().await;
    figures.print();
    println!("every one of {kept} findings sent is in the database exactly once");
    Ok(())
}

/// Numbers of the last events by device.
type Sent = Vec<(Device, u64)>;

async fn measure(
    args: &Args,
    stage: &Stage,
    server: &Server,
    devices: &[Device],
    (ours, theirs): (u16, u16),
    figures: &mut Figures,
) -> anyhow::Result<Sent> {
    let mut callers = load::connect(devices, &address(ours), true).await?;
    let one = callers.first_mut().context("at least one device is needed")?;
    for findings in [0, args.findings] {
        let bytes = load::message_bytes(one, findings)?;
        figures.note(format!("message with {findings} findings"), "bytes", bytes as f64);
    }
    let peer = if nginx::is_here() { Some(Nginx::start(stage, theirs).await?) } else { None };
    let mut strangers = match &peer {
        Some(_) => load::connect(devices, &address(theirs), false).await?,
        None => Vec::new(),
    };
    for _ in 0..args.runs {
        for (name, stretch) in kinds(args) {
            let (back, cost) = drive(callers, stretch, &server.process, name, figures).await?;
            callers = back;
            let Some(peer) = peer.as_ref().filter(|_| stretch.at_once > 1) else { continue };
            let (back, least) = drive(strangers, stretch, &peer.process, &format!("nginx, {name}"), figures).await?;
            strangers = back;
            figures.note(format!("{name}: core time of ours / of nginx"), "times", cost / least);
        }
    }
    match peer {
        Some(peer) => peer.stop().await,
        None => println!("nginx is not installed (apt-get install nginx-light): no peer to compare with"),
    }
    Ok(callers.into_iter().map(|caller| (caller.device, caller.seq)).collect())
}

/// What agents do. The last kind calls one at a time, so that each exchange is a transaction of its own: what group
/// commit saves is the difference to the second.
fn kinds(args: &Args) -> [(&'static str, Stretch); 4] {
    let span = Duration::from_secs(args.seconds);
    let calm = Stretch { at_once: args.at_once, findings: 0, fresh: false, span };
    let news = Stretch { findings: args.findings, ..calm };
    [
        ("heartbeats", calm),
        ("findings", news),
        ("heartbeats, a line each", Stretch { fresh: true, ..calm }),
        ("findings, one at a time", Stretch { at_once: 1, span: span / 2, ..news }),
    ]
}

/// One stretch of load; hands back the callers and the core time of one exchange in seconds. All devices take part, in
/// turn where fewer call at once: the server slows a single device that calls more than a hundred times a second.
async fn drive(
    mut callers: Vec<Caller>,
    stretch: Stretch,
    process: &Process,
    name: &str,
    figures: &mut Figures,
) -> anyhow::Result<(Vec<Caller>, f64)> {
    if !stretch.fresh {
        load::renew(&mut callers).await?;
    }
    let before = process.cpu()?;
    let (callers, load) = load::drive(callers, stretch).await?;
    let spent = (process.cpu()? - before).as_secs_f64();
    figures.note(format!("{name}: per core-second of the server"), "exchanges", load.exchanges as f64 / spent);
    figures.note(format!("{name}: per second"), "exchanges", load.per_second());
    figures.note(format!("{name}: answered, p50"), "ms", load.percentile(50));
    figures.note(format!("{name}: answered, p99"), "ms", load.percentile(99));
    Ok((callers, spent / load.exchanges as f64))
}

/// Counts the findings of each device in the database: as many as were sent. Their ids are the key of the table, so that
/// as many as were sent means each of them, once. Refusals would mean that something was lost on the way.
async fn check(open: &Open, sent: &Sent) -> anyhow::Result<u64> {
    let mut acked: HashMap<TenantId, HashMap<DeviceId, u64>> = HashMap::new();
    let mut total = 0;
    for (device, seq) in sent {
        let (tenant, id) = (device.identity.tenant, device.identity.device);
        let rows = match acked.entry(tenant) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(acknowledged(open, tenant).await?),
        };
        let noted = rows.get(&id).copied().unwrap_or(0);
        let filter = FindingFilter { device: Some(id), ..FindingFilter::default() };
        let kept = protection::list_findings(&open.house, &Actor::Platform, tenant, &filter).await?.total;
        anyhow::ensure!(noted == *seq && kept == *seq, "device {id} sent {seq}, {noted} are noted and {kept} kept");
        total += kept;
    }
    Ok(total)
}

async fn acknowledged(open: &Open, tenant: TenantId) -> anyhow::Result<HashMap<DeviceId, u64>> {
    let refused = fleet::list_refusals(&open.house, &Actor::Platform, tenant).await?;
    anyhow::ensure!(refused.is_empty(), "the server refused something: {refused:?}");
    let rows = fleet::list_devices(&open.house, &Actor::Platform, tenant, &DeviceFilter::default()).await?;
    Ok(rows.into_iter().map(|row| (row.device.id, row.device.acked_seq)).collect())
}

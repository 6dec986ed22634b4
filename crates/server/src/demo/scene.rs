//! The stage: a server of its own, a comune that was activated the ordinary way, its agent, and a folder of documents.

use super::console::{self, Told};
use super::{DOCUMENTS, office};
use crate::agent_process;
use crate::cli::{DemoArgs, NamesArgs, RunArgs};
use crate::run::{self, Running};
use crate::simulate::MARKER;
use anyhow::{Context as _, bail};
use baluardo_model::activation::{Application, ServiceCode};
use baluardo_model::fleet::{Coverage, VAULT_FILLING};
use baluardo_model::identity::{Actor, Tenant};
use baluardo_service::activation::{self, SubmitRequest};
use baluardo_service::fleet;
use baluardo_service::identity::{self, ClientHint, NewToken};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::process::Child;
use tokio::sync::mpsc;

/// How long the agent may take to stand guard.
const READY: Duration = Duration::from_secs(60);

/// Everything that the acts need.
pub(super) struct Scene {
    /// The server.
    pub(super) running: Running,
    /// The comune.
    pub(super) comune: Tenant,
    /// The guarded folder.
    pub(super) documents: PathBuf,
    /// The documents in it; what the agent puts beside them as bait is its own.
    pub(super) files: Vec<PathBuf>,
    told: mpsc::UnboundedReceiver<Told>,
    agent: Child,
    folder: Folder,
}

/// The folder of the whole demo; a fresh one goes when the demo ends.
struct Folder {
    path: PathBuf,
    ours: bool,
}

impl Scene {
    /// Sets the stage and waits until the agent stands guard.
    pub(super) async fn set(args: &DemoArgs) -> anyhow::Result<Self> {
        let folder = Folder::make(args)?;
        let documents = folder.path.join("documenti");
        let files = office::fill(&documents, DOCUMENTS).context("the made-up documents could not be written")?;
        std::fs::write(documents.join(MARKER), "questa cartella è fatta per la prova\n")?;
        let run = run_args(&folder.path.join("state"));
        let running = run::start(&run, vec![documents.to_string_lossy().into_owned()]).await?;
        let comune = activate(&running).await?;
        let agent = start_agent(&running, &comune, &folder.path.join("agent")).await?;
        let scopes = ["findings.read".to_owned(), "devices.read".to_owned()];
        let new = NewToken { tenant: comune.id, name: "demo".to_owned(), role: None, scopes: scopes.to_vec(), days: 1 };
        let token = identity::create_token(&running.house, &Actor::Platform, &new).await?.secret;
        let root = fleet::authority_root(&running.house).await?;
        let told = console::watch(running.console, &root.der, &token).await?;
        let scene = Self { running, comune, documents, files, told, agent, folder };
        scene.wait_for_guard().await?;
        Ok(scene)
    }

    /// Forgets what the console was told so far, so that the next wait is for something new.
    pub(super) fn forget_what_was_told(&mut self) {
        while self.told.try_recv().is_ok() {}
    }

    /// When the console was first told of this `id` of `topic`; none when it was not within `patience`.
    pub(super) async fn wait_for(&mut self, topic: &str, id: &str, patience: Duration) -> Option<Instant> {
        let next = async {
            while let Some(told) = self.told.recv().await {
                if told.topic == topic && told.id == id {
                    return Some(told.at);
                }
            }
            None
        };
        tokio::time::timeout(patience, next).await.ok().flatten()
    }

    /// Ends everything; the folder's path when it stays.
    pub(super) async fn close(self, keep: bool) -> Option<PathBuf> {
        agent_process::end(self.agent).await;
        self.running.stop().await;
        if keep || !self.folder.ours {
            return Some(self.folder.path);
        }
        if let Err(error) = std::fs::remove_dir_all(&self.folder.path) {
            tracing::warn!(%error, "the demo's folder could not be removed");
            return Some(self.folder.path);
        }
        None
    }

    async fn wait_for_guard(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + READY;
        let mut last = "nothing".to_owned();
        while Instant::now() < deadline {
            let devices = fleet::list_devices(
                &self.running.house,
                &Actor::Platform,
                self.comune.id,
                &fleet::DeviceFilter::default(),
            )
            .await?;
            let ready = |device: &&fleet::DeviceRow| {
                device.device.coverage != Coverage::None && !device.device.coverage_note.contains(VAULT_FILLING)
            };
            if let Some(device) = devices.first().filter(ready) {
                say_coverage(device.device.coverage, &device.device.coverage_note);
                return Ok(());
            }
            if let Some(row) = devices.first() {
                last = format!("coverage {}, {:?}", row.device.coverage.code(), row.device.coverage_note);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!(
            "the agent did not stand guard within {} seconds; what it last said of itself: {last}; see its messages above",
            READY.as_secs()
        )
    }
}

fn say_coverage(coverage: Coverage, note: &str) {
    match coverage {
        Coverage::Blocking => println!("L'agente è di guardia e può bloccare. / The agent stands guard and can block."),
        Coverage::Detecting | Coverage::None => {
            println!(
                "L'agente è di guardia ma non può bloccare prima. / The agent stands guard but cannot hold files back."
            );
            println!("   {note}");
        }
    }
}

impl Folder {
    fn make(args: &DemoArgs) -> anyhow::Result<Self> {
        if let Some(path) = &args.dir {
            std::fs::create_dir_all(path).with_context(|| format!("{} cannot be made", path.display()))?;
            if std::fs::read_dir(path)?.next().is_some() {
                bail!("{} is not empty: name a folder that is, or none", path.display());
            }
            return Ok(Self { path: path.canonicalize()?, ours: false });
        }
        let path = std::env::temp_dir().join(format!("baluardo-demo-{}", std::process::id()));
        crate::state::make_private(&path)?;
        Ok(Self { path: path.canonicalize()?, ours: true })
    }
}

fn run_args(state: &Path) -> RunArgs {
    let any = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    RunArgs {
        state: state.to_owned(),
        listen: any,
        agent_listen: any,
        host: "localhost".to_owned(),
        database: None,
        smtp: None,
        mail_from: "Baluardo <baluardo@localhost>".to_owned(),
        consortium: "Consorzio di prova".to_owned(),
        operator: "operatore@consorzio.example".to_owned(),
        with_agent: false,
        private_sources: false,
        mail_hosts_inside: false,
        names: NamesArgs::default(),
        no_dns: true,
        mail_ca: Vec::new(),
    }
}

/// A comune asks, and the platform's own hand approves: the same two acts as in the console.
async fn activate(running: &Running) -> anyhow::Result<Tenant> {
    let application = Application {
        cadastral_code: "I726".to_owned(),
        rtd_name: "Segretaria di prova".to_owned(),
        rtd_role: "Segretario comunale".to_owned(),
        email: "rtd@comune.example".to_owned(),
        pec: "comune@pec.example".to_owned(),
        devices: 1,
        note: String::new(),
    };
    let house = &running.house;
    let form = SubmitRequest { service: ServiceCode::Activation, application };
    let receipt = activation::submit_request(house, &form, &ClientHint { ip: None }).await?;
    activation::approve_request(house, &Actor::Platform, receipt.id).await?;
    let tenants = identity::list_tenants(house, &Actor::Platform).await?;
    tenants.into_iter().find(|tenant| tenant.cadastral_code.as_deref() == Some("I726")).context("no comune was made")
}

async fn start_agent(running: &Running, comune: &Tenant, state: &Path) -> anyhow::Result<Child> {
    let program = agent_process::program()?;
    let ticket = fleet::create_enrol_token(&running.house, &Actor::Platform, comune.id, "demo").await?;
    agent_process::enrol(&program, state, &ticket.line).await?;
    agent_process::spawn(&program, state)
}

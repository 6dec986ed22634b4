//! `baluardo run`: opens the house, its two doors and its background jobs, and tells what to do next.

mod domains;
mod jobs;
mod limits;
mod local_agent;
mod welcome;

use crate::ambient::{SystemChance, SystemClock};
use crate::cli::RunArgs;
use crate::door::Door;
use crate::fetch;
use crate::mail::Smtp;
use crate::mailbox::{Door as MailboxDoor, Reach, keep_watch};
use crate::state::{StateFolder, make_private};
use crate::tls;
use anyhow::Context as _;
use baluardo_model::identity::Tenant;
use baluardo_model::{Chance, Clock};
use baluardo_service::identity::{self, SigninLink};
use baluardo_service::outbox::MailTransport;
use baluardo_service::seal::SealKey;
use baluardo_service::{House, Settings, fleet};
use baluardo_store::Store;
use baluardo_web::App;
use local_agent::LocalAgent;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A running server.
#[derive(Debug)]
pub struct Running {
    /// The use cases, for whoever started it.
    pub house: Arc<House>,
    /// The consortium of this installation.
    pub consortium: Tenant,
    /// The one-time link for an operator, while none of them can sign in yet.
    pub first_link: Option<SigninLink>,
    /// Where the console listens.
    pub console: SocketAddr,
    /// Where the door for agents listens.
    pub agents: SocketAddr,
    closing: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    store: Store,
    _state: StateFolder,
}

/// Starts everything and keeps running until the process is told to stop.
///
/// # Errors
/// When a part cannot start; the message names it and the remedy.
pub async fn run(args: &RunArgs) -> anyhow::Result<()> {
    let folders = if args.with_agent { vec![try_folder(&args.state)?] } else { Vec::new() };
    let running = start(args, folders).await?;
    let agent = if args.with_agent { Some(LocalAgent::start(&running, &args.state).await?) } else { None };
    welcome::print(&running, agent.as_ref());
    stop_signal().await?;
    println!("Baluardo si ferma…  (stopping)");
    if let Some(agent) = agent {
        agent.stop().await;
    }
    running.stop().await;
    Ok(())
}

/// Starts the server and hands it over; the demo uses this too. `folders` are guarded by the policy of each new comune;
/// with none it is the policy's own choice.
///
/// # Errors
/// As [`run`].
pub async fn start(args: &RunArgs, folders: Vec<String>) -> anyhow::Result<Running> {
    tls::install_provider();
    let state = StateFolder::open(&args.state)?;
    let chance: Arc<dyn Chance> = Arc::new(SystemChance::default());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = open_store(args.database.as_deref(), &state).await?;
    let seal = SealKey::from_bytes(&state.seal_key(chance.as_ref())?)?;
    // Both doors are bound before the house is put together, because links name the console's true port.
    let console = bind(args.listen).await?;
    let agents = bind(args.agent_listen).await?;
    let settings = settings(args, console.local_addr()?, agents.local_addr()?, folders);
    let house = Arc::new(House::new(store.clone(), clock, Arc::clone(&chance), settings, seal)?);
    let reach = Reach::new(args.mail_hosts_inside, &args.mail_ca)?;
    house.reach_mailboxes_by(Arc::new(MailboxDoor(reach.clone())));
    let (consortium, first_link) =
        identity::found_consortium(&house, &args.consortium, &args.operator, "Operatore").await?;

    let names = certificate_names(&args.host, args.listen);
    let certificate = fleet::issue_server_certificate(&house, &names).await?;
    let root = fleet::authority_root(&house).await?;
    let app = App { house: Arc::clone(&house) };
    let (closing, closed) = watch::channel(false);
    let places = limits::places();
    let console = Door::over(console, tls::console(&certificate)?, places.people, places.crowd_of_people());
    let agents = Door::over(agents, tls::agents(&certificate, &root.der)?, places.devices, places.crowd_of_devices());
    let agents = agents.counting(Arc::clone(&house));
    let mut running = Running {
        console: console.address()?,
        agents: agents.address()?,
        house: Arc::clone(&house),
        consortium,
        first_link,
        closing,
        tasks: Vec::new(),
        store,
        _state: state,
    };
    running.tasks.push(tokio::spawn(console.serve(baluardo_web::console(app.clone()), closed.clone())));
    running.tasks.push(tokio::spawn(agents.serve(baluardo_calls::router(app), closed.clone())));
    running.tasks.push(tokio::spawn(jobs::flush_last_seen(Arc::clone(&house), closed.clone())));
    running.tasks.push(tokio::spawn(jobs::sweep(Arc::clone(&house), closed.clone())));
    running.tasks.push(tokio::spawn(jobs::tell_recipients(Arc::clone(&house), closed.clone())));
    running.tasks.push(tokio::spawn(jobs::follow_packs(Arc::clone(&house))));
    running.tasks.push(tokio::spawn(keep_watch(Arc::clone(&house), reach, chance, closed.clone())));
    running.tasks.push(tokio::spawn(jobs::notice_policies(Arc::clone(&house), closed.clone())));
    let sources = if args.private_sources { fetch::Reach::Anywhere } else { fetch::Reach::Public };
    running.tasks.push(tokio::spawn(jobs::renew_packs(Arc::clone(&house), sources, closed.clone())));
    if domains::open_door(&house, args, sources) {
        running.tasks.push(tokio::spawn(domains::look_at_domains(Arc::clone(&house), closed.clone())));
    }
    let transport = transport(args)?;
    running.tasks.push(tokio::spawn(jobs::deliver_mail(house, transport, closed)));
    Ok(running)
}

impl Running {
    /// Closes the doors, lets open requests and jobs end, and closes the database.
    pub async fn stop(self) {
        self.closing.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a part of the server ended badly");
            }
        }
        self.store.close().await;
    }
}

/// Where the folder to try things in will lie.
fn try_folder(state: &Path) -> anyhow::Result<String> {
    make_private(state)?;
    Ok(state.canonicalize()?.join(local_agent::FOLDER).to_string_lossy().into_owned())
}

async fn bind(address: SocketAddr) -> anyhow::Result<tokio::net::TcpListener> {
    tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} cannot be listened on: does another program hold it?"))
}

/// Opens the named database, or SQLite in the state folder.
///
/// # Errors
/// What the database says.
pub async fn open_store(database: Option<&str>, state: &StateFolder) -> anyhow::Result<Store> {
    let address = match database {
        Some(address) => address.to_owned(),
        None => format!("sqlite:{}", state.join("baluardo.db").display()),
    };
    Store::open(&address).await.context("the database cannot be opened")
}

fn settings(args: &RunArgs, console: SocketAddr, agents: SocketAddr, starting_folders: Vec<String>) -> Settings {
    Settings {
        public_url: format!("https://{}:{}", args.host, console.port()),
        agent_address: format!("{}:{}", args.host, agents.port()),
        mail_from: args.mail_from.clone(),
        local_mail: args.smtp.is_none(),
        starting_folders,
    }
}

fn transport(args: &RunArgs) -> anyhow::Result<Option<Box<dyn MailTransport>>> {
    let Some(address) = &args.smtp else { return Ok(None) };
    Ok(Some(Box::new(Smtp::new(address, &args.mail_from, &args.host)?)))
}

/// The names that the server's certificate carries: the public one, and this machine's own while it listens there.
fn certificate_names(host: &str, listen: SocketAddr) -> Vec<String> {
    let mut names = vec![host.to_owned()];
    for name in ["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned(), listen.ip().to_string()] {
        if !names.contains(&name) && name != "0.0.0.0" && name != "::" {
            names.push(name);
        }
    }
    names
}

/// Waits until the process is told to stop.
pub(crate) async fn stop_signal() -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        asked = tokio::signal::ctrl_c() => asked?,
    }
    Ok(())
}

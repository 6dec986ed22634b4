//! A stage: a state folder on disk with comuni that were activated and devices that were enrolled, through the same use
//! cases that the doors call, before the server starts on it.

use anyhow::Context as _;
use baluardo_agent::identity::key;
use baluardo_agent::identity::saved::Identity;
use baluardo_model::Chance;
use baluardo_model::activation::{Application, ServiceCode};
use baluardo_model::fleet::Coverage;
use baluardo_model::identity::{Actor, Tenant};
use baluardo_model::register::Register;
use baluardo_server::ambient::{SystemChance, SystemClock};
use baluardo_server::run::open_store;
use baluardo_server::state::StateFolder;
use baluardo_service::activation::{self, SubmitRequest};
use baluardo_service::identity::{self, ClientHint};
use baluardo_service::seal::SealKey;
use baluardo_service::{House, Settings, fleet};
use baluardo_wire::enrol::EnrolRequest;
use baluardo_wire::token::EnrolToken;
use rcgen::KeyPair;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the stage is called by everybody on it.
pub(crate) const HOST: &str = "localhost";

/// A device as its agent knows it.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) identity: Identity,
    pub(crate) policy_version: u64,
}

/// The folder; it goes when the stage does.
#[derive(Debug)]
pub(crate) struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    /// An empty one in the folder `beside`.
    pub(crate) fn new(beside: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(beside)?;
        let folder = tempfile::Builder::new().prefix("stage-").tempdir_in(beside)?;
        Ok(Self { folder })
    }

    /// Leaves the folder behind, and gives its state folder.
    pub(crate) fn keep(self) -> PathBuf {
        let state = self.state();
        let _ = self.folder.keep();
        state
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The use cases over the stage's database; `agents` is where the door for agents is, or will be, and `guarded` are
    /// the folders that the policy of each new comune guards.
    pub(crate) async fn house(&self, agents: &str, guarded: &[&Path]) -> anyhow::Result<Open> {
        baluardo_server::state::make_private(&self.state())?;
        let folder = StateFolder::beside(&self.state())?;
        let chance: Arc<dyn Chance> = Arc::new(SystemChance::default());
        let seal = SealKey::from_bytes(&folder.seal_key(chance.as_ref())?)?;
        let store = open_store(None, &folder).await?;
        let settings = Settings {
            public_url: format!("https://{HOST}:8443"),
            agent_address: agents.to_owned(),
            mail_from: "Baluardo <baluardo@localhost>".to_owned(),
            local_mail: true,
            starting_folders: guarded.iter().map(|path| path.to_string_lossy().into_owned()).collect(),
        };
        let house = House::new(store.clone(), Arc::new(SystemClock), chance, settings, seal)?;
        identity::found_consortium(&house, "Consorzio di prova", "operatore@localhost.example", "Operatore").await?;
        Ok(Open { house, store })
    }
}

/// The use cases over a stage; close it before something is measured.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) house: House,
    store: baluardo_store::Store,
}

impl Open {
    pub(crate) async fn close(self) {
        self.store.close().await;
    }

    /// `comuni` comuni, each asked for and approved, with `devices` devices enrolled among them in turn.
    pub(crate) async fn fill(&self, comuni: usize, devices: usize) -> anyhow::Result<Vec<Device>> {
        let mut tenants = Vec::new();
        for comune in Register::shipped().all().iter().take(comuni) {
            tenants.push(self.activate(&comune.cadastral_code).await?);
        }
        let mut enrolled = Vec::with_capacity(devices);
        for (number, tenant) in (0..devices).zip(tenants.iter().cycle()) {
            enrolled.push(self.enrol(tenant, &format!("pc-{number:05}")).await?);
        }
        Ok(enrolled)
    }

    pub(crate) async fn activate(&self, code: &str) -> anyhow::Result<Tenant> {
        let application = Application {
            cadastral_code: code.to_owned(),
            rtd_name: "Segretaria di prova".to_owned(),
            rtd_role: "Segretario comunale".to_owned(),
            email: format!("rtd@{}.example", code.to_lowercase()),
            pec: format!("comune@{}.pec.example", code.to_lowercase()),
            devices: 20,
            note: String::new(),
        };
        let form = SubmitRequest { service: ServiceCode::Activation, application };
        let receipt = activation::submit_request(&self.house, &form, &ClientHint { ip: None }).await?;
        activation::approve_request(&self.house, &Actor::Platform, receipt.id).await?;
        let tenants = identity::list_tenants(&self.house, &Actor::Platform).await?;
        tenants.into_iter().find(|tenant| tenant.cadastral_code.as_deref() == Some(code)).context("no comune was made")
    }

    /// The real enrolment, key and request included; only the network between the two ends is left out.
    async fn enrol(&self, tenant: &Tenant, hostname: &str) -> anyhow::Result<Device> {
        let ticket = fleet::create_enrol_token(&self.house, &Actor::Platform, tenant.id, hostname).await?;
        let key = KeyPair::generate()?;
        let request = EnrolRequest {
            protocol: baluardo_wire::PROTOCOL,
            secret: EnrolToken::from_line(&ticket.line)?.secret,
            csr: key::request(&key)?,
            hostname: hostname.to_owned(),
            os: "Debian GNU/Linux 12".to_owned(),
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            coverage: Coverage::Blocking,
            coverage_note: String::new(),
        };
        let enrolled = fleet::enrol_device(&self.house, &request, IpAddr::V4(Ipv4Addr::LOCALHOST)).await?;
        let identity = Identity {
            server: self.house.settings().agent_address.clone(),
            tenant: enrolled.tenant,
            device: enrolled.device,
            key: key.serialize_pem(),
            certificate_chain: enrolled.certificate_chain,
            root: enrolled.root,
            order_key: enrolled.order_key,
            certified_at: Some(self.house.now()),
            expires_at: enrolled.expires_at,
        };
        Ok(Device { identity, policy_version: enrolled.policy.version })
    }
}

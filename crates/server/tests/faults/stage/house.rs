//! The house on the stage's own database: it founds what the stories need before the server starts, and looks behind it
//! while it runs.

use baluardo_model::activation::{Application, ServiceCode};
use baluardo_model::identity::{Actor, Tenant};
use baluardo_model::{Chance, Clock, TenantId};
use baluardo_server::ambient::{SystemChance, SystemClock};
use baluardo_server::run::open_store;
use baluardo_server::state::StateFolder;
use baluardo_service::activation::{self, SubmitRequest};
use baluardo_service::identity::{self, ClientHint, NewToken};
use baluardo_service::seal::SealKey;
use baluardo_service::{House, Settings, fleet};
use baluardo_store::Store;
use std::path::Path;
use std::sync::Arc;

/// What the token of the stories may do.
const SCOPES: [&str; 7] = [
    "findings.read",
    "quarantine.read",
    "quarantine.write",
    "devices.read",
    "devices.command",
    "devices.enrol",
    "audit.read",
];

/// A house beside the server's own, on the same database.
pub(crate) struct Beside {
    pub(crate) house: House,
    store: Store,
}

impl Beside {
    /// Over the state folder of a server; `agents` is the address that enrolment tokens name.
    pub(crate) async fn open(state: &Path, agents: &str, folders: Vec<String>) -> Self {
        baluardo_server::state::make_private(state).unwrap();
        let folder = StateFolder::beside(state).unwrap();
        let chance: Arc<dyn Chance> = Arc::new(SystemChance::default());
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let seal = SealKey::from_bytes(&folder.seal_key(chance.as_ref()).unwrap()).unwrap();
        let store = open_store(None, &folder).await.unwrap();
        let settings = Settings {
            public_url: "https://localhost:8443".to_owned(),
            agent_address: agents.to_owned(),
            mail_from: "Baluardo <baluardo@localhost>".to_owned(),
            local_mail: true,
            starting_folders: folders,
        };
        Self { house: House::new(store.clone(), clock, chance, settings, seal).unwrap(), store }
    }

    pub(crate) async fn close(self) {
        self.store.close().await;
    }

    /// Founds the consortium.
    pub(crate) async fn found(&self) {
        let founded =
            identity::found_consortium(&self.house, "Consorzio di prova", "operatore@localhost.example", "Operatore");
        founded.await.unwrap();
    }

    /// A comune asks and is activated.
    pub(crate) async fn activate(&self, cadastral_code: &str) -> Tenant {
        let application = Application {
            cadastral_code: cadastral_code.to_owned(),
            rtd_name: "Anna Bianchi".to_owned(),
            rtd_role: "Segretaria comunale".to_owned(),
            email: format!("rtd-{}@comune.example", cadastral_code.to_lowercase()),
            pec: "comune@pec.example".to_owned(),
            devices: 1,
            note: String::new(),
        };
        let form = SubmitRequest { service: ServiceCode::Activation, application };
        let receipt = activation::submit_request(&self.house, &form, &ClientHint::default()).await.unwrap();
        activation::approve_request(&self.house, &Actor::Platform, receipt.id).await.unwrap();
        let all = identity::list_tenants(&self.house, &Actor::Platform).await.unwrap();
        all.into_iter().find(|tenant| tenant.cadastral_code.as_deref() == Some(cadastral_code)).unwrap()
    }

    /// A token for the JSON API; `more` it may beside what all may.
    pub(crate) async fn api_token(&self, tenant: TenantId, more: &[&str]) -> String {
        let scopes = SCOPES.iter().chain(more).map(|scope| (*scope).to_owned()).collect();
        let new = NewToken { tenant, name: "stories".to_owned(), role: None, scopes, days: 1 };
        identity::create_token(&self.house, &Actor::Platform, &new).await.unwrap().secret
    }

    /// The line with which one computer of `tenant` enrols.
    pub(crate) async fn enrol_line(&self, tenant: TenantId) -> String {
        fleet::create_enrol_token(&self.house, &Actor::Platform, tenant, "stories").await.unwrap().line
    }

    /// The root's certificate, DER.
    pub(crate) async fn root(&self) -> Vec<u8> {
        fleet::authority_root(&self.house).await.unwrap().der
    }

    /// The consortium that was founded.
    pub(crate) async fn consortium(&self) -> TenantId {
        identity::first_consortium(&self.house).await.unwrap().id
    }
}

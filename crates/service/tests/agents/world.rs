//! Two comuni of one consortium, the people in them, and agents that hold real keys.

use baluardo_model::fleet::{Coverage, Order};
use baluardo_model::identity::{Actor, Management, Role, Tenant, TenantKind};
use baluardo_model::protection::{Finding, FindingKind, QuarantineItem, Reason, Severity, Step, StepKind};
use baluardo_model::{DeviceId, FindingId, QuarantineId, TenantId, Timestamp};
use baluardo_service::House;
use baluardo_service::fleet::{self, Refusal};
use baluardo_testkit::{TestHouse, fresh_postgres_address};
use baluardo_wire::enrol::{EnrolRequest, Enrolled};
use baluardo_wire::exchange::{Event, EventBody, ExchangeRequest, ExchangeResponse, Status};
use baluardo_wire::token::EnrolToken;
use rcgen::{CertificateParams, KeyPair};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// Where agents call from.
pub(crate) const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Runs a story on every database.
macro_rules! stories {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident) $body:block)+) => {$(
        #[tokio::test]
        $(#[$meta])*
        async fn $name() {
            for $world in $crate::world::World::each().await {
                eprintln!("on {}", $world.test.store.engine_name());
                $body
            }
        }
    )+};
}
pub(crate) use stories;

/// A consortium with two comuni.
pub(crate) struct World {
    pub(crate) test: TestHouse,
    pub(crate) house: Arc<House>,
    pub(crate) consortium: TenantId,
    pub(crate) siena: TenantId,
    pub(crate) lucca: TenantId,
    /// Works for the consortium.
    pub(crate) operator: Actor,
    /// The officer of Siena.
    pub(crate) rtd: Actor,
    /// The officer of Lucca.
    pub(crate) stranger: Actor,
}

impl World {
    /// One world in memory, and one on PostgreSQL where there is one.
    pub(crate) async fn each() -> Vec<Self> {
        let mut worlds = vec![Self::on("sqlite::memory:").await];
        if let Some(address) = fresh_postgres_address().await {
            worlds.push(Self::on(&address).await);
        }
        worlds
    }

    /// A world on a database that may hold it already.
    pub(crate) async fn on(address: &str) -> Self {
        let test = TestHouse::on(address).await;
        let [consortium, siena, lucca] = [1, 2, 3].map(id::<TenantId>);
        let mut tx = test.store.write().await.unwrap();
        if tx.platform().find_tenant(consortium).await.unwrap().is_none() {
            for (id, kind, name, code) in [
                (consortium, TenantKind::Consortium, "Consorzio", None),
                (siena, TenantKind::Comune, "Siena", Some("I726")),
                (lucca, TenantKind::Comune, "Lucca", Some("E715")),
            ] {
                let created_at = test.house.now();
                let (cadastral_code, name) = (code.map(str::to_owned), name.to_owned());
                let management = Management::Central;
                let tenant = Tenant { id, kind, consortium, name, cadastral_code, management, created_at };
                tx.platform().insert_tenant(&tenant).await.unwrap();
            }
        }
        tx.commit().await.unwrap();
        Self {
            house: test.house.clone(),
            test,
            consortium,
            siena,
            lucca,
            operator: person(11, consortium, Role::Operator, "Olga"),
            rtd: person(12, siena, Role::Rtd, "Rita"),
            stranger: person(13, lucca, Role::Rtd, "Luca"),
        }
    }

    /// A fresh token's secret for Siena.
    pub(crate) async fn secret(&self) -> String {
        self.secret_of(&self.rtd, self.siena).await
    }

    pub(crate) async fn secret_of(&self, actor: &Actor, tenant: TenantId) -> String {
        let ticket = fleet::create_enrol_token(&self.house, actor, tenant, "anagrafe 1").await.unwrap();
        EnrolToken::from_line(&ticket.line).unwrap().secret
    }

    /// A device of Siena.
    pub(crate) async fn agent(&self) -> Agent {
        let secret = self.secret().await;
        Agent::enrol(&self.house, secret).await.unwrap()
    }

    /// A device of Lucca.
    pub(crate) async fn agent_of_lucca(&self) -> Agent {
        let secret = self.secret_of(&self.stranger, self.lucca).await;
        Agent::enrol(&self.house, secret).await.unwrap()
    }

    /// How often a code was refused in a tenant.
    pub(crate) async fn refused(&self, tenant: TenantId, code: &str) -> u64 {
        let rows = fleet::list_refusals(&self.house, &Actor::Platform, tenant).await.unwrap();
        rows.iter().find(|row| row.code == code).map_or(0, |row| row.count)
    }

    /// The acts in the audit log of a tenant, oldest first.
    pub(crate) async fn acts(&self, tenant: TenantId) -> Vec<String> {
        let lines = baluardo_service::audit::export_audit(&self.house, &Actor::Platform, tenant).await.unwrap();
        lines.into_iter().map(|line| line.entry.act).collect()
    }
}

/// The id with this number.
pub(crate) fn id<T: std::str::FromStr>(number: u64) -> T
where
    T::Err: std::fmt::Debug,
{
    format!("00000000-0000-7000-8000-{number:012x}").parse().unwrap()
}

fn person(number: u64, tenant: TenantId, role: Role, name: &str) -> Actor {
    Actor::Person { id: id(number), tenant, role, name: name.to_owned() }
}

/// A request to enrol with the key of `key`.
pub(crate) fn enrol_request(secret: String, key: &KeyPair) -> EnrolRequest {
    let csr = CertificateParams::default().serialize_request(key).unwrap().pem().unwrap();
    EnrolRequest {
        protocol: baluardo_wire::PROTOCOL,
        secret,
        csr,
        hostname: "pc-anagrafe".to_owned(),
        os: "Debian GNU/Linux 12".to_owned(),
        agent_version: "0.1.0".to_owned(),
        coverage: Coverage::Blocking,
        coverage_note: String::new(),
    }
}

/// An agent as the server sees it.
#[derive(Clone, Debug)]
pub(crate) struct Agent {
    pub(crate) actor: Actor,
    pub(crate) device: DeviceId,
    pub(crate) enrolled: Enrolled,
    /// The number of the newest event that it noted.
    pub(crate) seq: u64,
    pub(crate) coverage: Coverage,
    pub(crate) policy_version: u64,
}

impl Agent {
    pub(crate) async fn enrol(house: &House, secret: String) -> Result<Self, Refusal> {
        let key = KeyPair::generate().unwrap();
        let enrolled = fleet::enrol_device(house, &enrol_request(secret, &key), PEER).await?;
        Ok(Self::of(enrolled))
    }

    /// The agent that got this answer, which has noted nothing yet.
    pub(crate) fn of(enrolled: Enrolled) -> Self {
        Self {
            actor: Actor::Device { id: enrolled.device, tenant: enrolled.tenant },
            device: enrolled.device,
            seq: 0,
            coverage: Coverage::Blocking,
            policy_version: enrolled.policy.version,
            enrolled,
        }
    }

    /// The next event.
    pub(crate) fn note(&mut self, house: &House, body: EventBody) -> Event {
        self.seq += 1;
        Event { seq: self.seq, at: house.now(), body }
    }

    pub(crate) fn request(&self, house: &House, events: Vec<Event>) -> ExchangeRequest {
        ExchangeRequest {
            protocol: baluardo_wire::PROTOCOL,
            sent_at: house.now(),
            status: Status {
                agent_version: "0.1.0".to_owned(),
                coverage: self.coverage,
                coverage_note: String::new(),
                policy_version: self.policy_version,
                backlog: 0,
            },
            events,
            gone: None,
        }
    }

    pub(crate) async fn send(&self, house: &House, events: Vec<Event>) -> Result<ExchangeResponse, Refusal> {
        fleet::exchange(house, &self.actor, self.request(house, events)).await
    }

    /// Notes and sends one event.
    pub(crate) async fn tell(&mut self, house: &House, body: EventBody) -> ExchangeResponse {
        let event = self.note(house, body);
        self.send(house, vec![event]).await.unwrap()
    }

    /// Says nothing new.
    pub(crate) async fn call(&self, house: &House) -> ExchangeResponse {
        self.send(house, Vec::new()).await.unwrap()
    }

    /// The orders of an answer, opened as the agent opens them.
    pub(crate) fn open(&self, house: &House, answer: &ExchangeResponse) -> Vec<Order> {
        let open = |signed: &baluardo_wire::order::SignedOrder| {
            signed.open(&self.enrolled.order_key, self.device, house.now()).unwrap()
        };
        answer.orders.iter().map(open).collect()
    }
}

/// A finding of malware with this number.
pub(crate) fn malware(number: u64, at: Timestamp) -> Finding {
    Finding {
        id: id::<FindingId>(number),
        kind: FindingKind::Malware,
        severity: Severity::High,
        detected_at: at,
        path: format!("/home/anna/Scaricati/fattura-{number}.exe"),
        sha256: Some(format!("{number:064x}")),
        reasons: vec![Reason {
            engine: "eicar".to_owned(),
            rule: "eicar".to_owned(),
            detail: "the test file".to_owned(),
        }],
        processes: Vec::new(),
        techniques: vec!["T1204".to_owned()],
        files_touched: 0,
        files_lost: 0,
        steps: vec![step(at, StepKind::Detected, "seen")],
        intrusion: None,
    }
}

pub(crate) fn step(at: Timestamp, kind: StepKind, detail: &str) -> Step {
    Step { at, kind, detail: detail.to_owned(), files: 1 }
}

/// That finding as an event's body.
pub(crate) fn found(number: u64, at: Timestamp) -> EventBody {
    EventBody::Finding { finding: Box::new(malware(number, at)) }
}

/// A quarantined file of a finding.
pub(crate) fn quarantined(number: u64, finding: u64, at: Timestamp) -> EventBody {
    let item = QuarantineItem {
        id: id::<QuarantineId>(number),
        finding: id(finding),
        path: format!("/home/anna/Scaricati/fattura-{finding}.exe"),
        sha256: format!("{finding:064x}"),
        size: 68,
        taken_at: at,
    };
    EventBody::Quarantined { item }
}

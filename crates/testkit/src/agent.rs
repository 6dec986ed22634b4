//! A device with an agent, as far as the server sees one: it enrols with a real key and tells what it found.

use crate::house::TestHouse;
use baluardo_model::evidence::Evidence;
use baluardo_model::fleet::Coverage;
use baluardo_model::identity::Actor;
use baluardo_model::intrusion::{EventField, Intrusion};
use baluardo_model::protection::{Finding, FindingKind, QuarantineItem, Reason, Severity, Step, StepKind};
use baluardo_model::{DeviceId, EvidenceId, FindingId, QuarantineId, TenantId};
use baluardo_service::House;
use baluardo_service::{fleet, protection};
use baluardo_wire::PROTOCOL;
use baluardo_wire::enrol::EnrolRequest;
use baluardo_wire::evidence::EvidencePiece;
use baluardo_wire::exchange::{Event, EventBody, ExchangeRequest, Status};
use baluardo_wire::token::EnrolToken;
use rcgen::{CertificateParams, KeyPair};
use std::net::{IpAddr, Ipv4Addr};

/// A device that was enrolled.
#[derive(Clone, Copy, Debug)]
pub struct TestAgent {
    /// Which.
    pub device: DeviceId,
    tenant: TenantId,
    policy_version: u64,
    seq: u64,
}

/// What an agent told of one bad file.
#[derive(Clone, Copy, Debug)]
pub struct TestFinding {
    /// The finding.
    pub finding: FindingId,
    /// The file that was taken.
    pub quarantine: QuarantineId,
}

impl TestAgent {
    /// Enrols a device named `hostname` with a token that `actor` made for `tenant`.
    pub async fn enrol(test: &TestHouse, actor: &Actor, tenant: TenantId, hostname: &str) -> Self {
        let ticket = fleet::create_enrol_token(&test.house, actor, tenant, hostname).await.expect("a token is made");
        let secret = EnrolToken::from_line(&ticket.line).expect("our own token is one").secret;
        let key = KeyPair::generate().expect("a key");
        let csr = CertificateParams::default().serialize_request(&key).expect("a request").pem().expect("as text");
        let request = EnrolRequest {
            protocol: baluardo_wire::PROTOCOL,
            secret,
            csr,
            hostname: hostname.to_owned(),
            os: "Debian GNU/Linux 12".to_owned(),
            agent_version: "0.1.0".to_owned(),
            coverage: Coverage::Blocking,
            coverage_note: String::new(),
        };
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let enrolled = fleet::enrol_device(&test.house, &request, peer).await.expect("the token is good");
        Self { device: enrolled.device, tenant: enrolled.tenant, policy_version: enrolled.policy.version, seq: 0 }
    }

    /// Tells of a bad file at `path`, which it took into its quarantine.
    pub async fn tells_of(&mut self, test: &TestHouse, path: &str) -> TestFinding {
        let (house, now) = (&test.house, test.house.now());
        let id = |number: u64| format!("00000000-0000-7000-9000-{number:012x}");
        // No two agents of a test have the same device id, and none tells of more than 65,536 files.
        let number = (self.device.0.as_u128() as u64 & 0xffff_ffff) << 16 | self.seq;
        let finding: FindingId = id(number).parse().expect("an id");
        let quarantine: QuarantineId = id(number + 1).parse().expect("an id");
        let step = Step { at: now, kind: StepKind::Detected, detail: format!("seen {path}"), files: 1 };
        let found = Finding {
            id: finding,
            kind: FindingKind::Malware,
            severity: Severity::High,
            detected_at: now,
            path: path.to_owned(),
            sha256: Some(format!("{number:064x}")),
            reasons: vec![Reason { engine: "eicar".to_owned(), rule: "eicar".to_owned(), detail: path.to_owned() }],
            processes: Vec::new(),
            techniques: vec!["T1204".to_owned()],
            files_touched: 0,
            files_lost: 0,
            steps: vec![step],
            intrusion: None,
        };
        let sha256 = format!("{number:064x}");
        let item = QuarantineItem { id: quarantine, finding, path: path.to_owned(), sha256, size: 68, taken_at: now };
        let bodies = [EventBody::Finding { finding: Box::new(found) }, EventBody::Quarantined { item }];
        self.send(house, bodies.into()).await;
        TestFinding { finding, quarantine }
    }

    /// Makes a package of evidence of its own policy, three bytes long, and sends it up whole.
    ///
    /// # Panics
    /// When the house does not take it.
    pub async fn sends_evidence(&mut self, test: &TestHouse, reason: &str) -> EvidenceId {
        let (house, now) = (&test.house, test.house.now());
        let number = (self.device.0.as_u128() as u64 & 0xffff_ffff) << 16 | self.seq;
        let id: EvidenceId = format!("00000000-0000-7000-9000-{number:012x}").parse().expect("an id");
        let evidence = Evidence {
            id,
            finding: None,
            by: String::new(),
            reason: reason.to_owned(),
            collected_at: now,
            size: 3,
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned(),
            members: 1,
        };
        self.send(house, vec![EventBody::EvidenceCollected { evidence: Box::new(evidence) }]).await;
        let piece = EvidencePiece { protocol: PROTOCOL, evidence: id, offset: 0, bytes: "YWJj".to_owned() };
        let kept = protection::receive_piece(house, &Actor::Device { id: self.device, tenant: self.tenant }, &piece)
            .await
            .expect("the piece is taken");
        assert!(kept.done);
        id
    }

    /// Tells that passwords were tried from `source`, ten times.
    pub async fn tells_of_intruder(&mut self, test: &TestHouse, source: IpAddr) -> FindingId {
        let (house, now) = (&test.house, test.house.now());
        let number = (self.device.0.as_u128() as u64 & 0xffff_ffff) << 16 | self.seq;
        let id: FindingId = format!("00000000-0000-7000-9000-{number:012x}").parse().expect("an id");
        let intrusion = Intrusion {
            rule: "6e1f2a5c-2f0b-4d0a-9c43-0f5b6d1c7a03".to_owned(),
            title: "Many passwords tried on one account by SSH".to_owned(),
            title_it: "Molte password provate via SSH su un account".to_owned(),
            source: Some(source),
            accounts: vec!["anna".to_owned()],
            count: 10,
            last_at: now,
            fields: vec![EventField { name: "AuthMethod".to_owned(), value: "password".to_owned() }],
        };
        let found = Finding {
            id,
            kind: FindingKind::Intrusion,
            severity: Severity::High,
            detected_at: now,
            path: source.to_string(),
            sha256: None,
            reasons: Vec::new(),
            processes: Vec::new(),
            techniques: vec!["T1110.001".to_owned()],
            files_touched: 0,
            files_lost: 0,
            steps: Vec::new(),
            intrusion: Some(Box::new(intrusion)),
        };
        self.send(house, vec![EventBody::Finding { finding: Box::new(found) }]).await;
        id
    }

    async fn send(&mut self, house: &House, bodies: Vec<EventBody>) {
        let mut events = Vec::new();
        for body in bodies {
            self.seq += 1;
            events.push(Event { seq: self.seq, at: house.now(), body });
        }
        let status = Status {
            agent_version: "0.1.0".to_owned(),
            coverage: Coverage::Blocking,
            coverage_note: String::new(),
            policy_version: self.policy_version,
            backlog: 0,
        };
        let request =
            ExchangeRequest { protocol: baluardo_wire::PROTOCOL, sent_at: house.now(), status, events, gone: None };
        let actor = Actor::Device { id: self.device, tenant: self.tenant };
        fleet::exchange(house, &actor, request).await.expect("the exchange is good");
    }
}

//! A device without an agent: it has a certificate, and says whatever a story wants it to say.

use super::Stage;
use super::house::Beside;
use super::http::{self, Shown};
use baluardo_model::TenantId;
use baluardo_wire::token::EnrolToken;
use rcgen::{CertificateParams, KeyPair};
use rustls::ClientConfig;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use std::sync::Arc;

/// When everything here happens, as agents write it.
pub(crate) const AT: &str = "2026-11-02T08:00:00Z";

/// A device.
pub(crate) struct Device {
    pub(crate) id: String,
    pub(crate) config: Arc<ClientConfig>,
    address: std::net::SocketAddr,
}

impl Device {
    /// Enrols over the real door.
    pub(crate) fn enrol(stage: &Stage, tenant: TenantId) -> Self {
        let secret = stage.secret(tenant);
        let key = KeyPair::generate().unwrap();
        let csr = CertificateParams::default().serialize_request(&key).unwrap().pem().unwrap();
        let (status, body) = enrol(stage, &secret, &csr);
        assert_eq!(status, 200, "{body}");
        let chain = CertificateDer::pem_slice_iter(body["certificate_chain"].as_str().unwrap().as_bytes());
        let chain = chain.map(Result::unwrap).collect();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Self::of(stage, body["device"].as_str().unwrap(), (chain, key))
    }

    /// Whoever shows this certificate.
    pub(crate) fn of(stage: &Stage, id: &str, shown: Shown) -> Self {
        let config = http::config(&stage.root_der, Some(shown));
        Self { id: id.to_owned(), config, address: stage.agents }
    }

    /// Sends bytes as the body of an exchange.
    pub(crate) fn post(&self, body: &[u8]) -> std::io::Result<(u16, Value)> {
        self.send(&http::request("POST", "/agent/v1/exchange", "content-type: application/json\r\n", body))
    }

    /// Sends these bytes and no others.
    pub(crate) fn send(&self, bytes: &[u8]) -> std::io::Result<(u16, Value)> {
        let mut line = http::connect(self.address, &self.config)?;
        let (status, text) = http::exchange(&mut line, bytes)?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    /// Sends events, the first with the number `first`; the server must take them.
    pub(crate) fn tell(&self, first: u64, bodies: &[Value]) -> u64 {
        let (status, answer) = self.post(message(first, bodies).to_string().as_bytes()).unwrap();
        assert_eq!(status, 200, "{answer}");
        answer["acked_seq"].as_u64().unwrap()
    }
}

/// Asks to be enrolled.
pub(crate) fn enrol(stage: &Stage, secret: &str, csr: &str) -> (u16, Value) {
    let request = json!({
        "protocol": 1, "secret": secret, "csr": csr, "hostname": "pc", "os": "Debian 12", "agent_version": "0.1.0",
        "coverage": "blocking", "coverage_note": "",
    });
    let mut line = http::connect(stage.agents, &http::config(&stage.root_der, None)).unwrap();
    let bytes =
        http::request("POST", "/agent/v1/enrol", "content-type: application/json\r\n", request.to_string().as_bytes());
    let (status, text) = http::exchange(&mut line, &bytes).unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// An exchange with these events.
pub(crate) fn message(first: u64, bodies: &[Value]) -> Value {
    let events: Vec<Value> =
        (first..).zip(bodies).map(|(seq, body)| json!({ "seq": seq, "at": AT, "body": body })).collect();
    let status = json!({
        "agent_version": "0.1.0", "coverage": "blocking", "coverage_note": "", "policy_version": 1, "backlog": 0,
    });
    json!({ "protocol": 1, "sent_at": AT, "status": status, "events": events })
}

/// The id with this number.
pub(crate) fn id(number: u64) -> String {
    format!("00000000-0000-7000-9000-{number:012x}")
}

/// A finding about a file.
pub(crate) fn finding(number: u64, path: &str) -> Value {
    json!({ "kind": "finding", "finding": {
        "id": id(number), "kind": "malware", "severity": "high", "detected_at": AT, "path": path, "sha256": null,
        "reasons": [{ "engine": "eicar", "rule": "eicar", "detail": path }], "processes": [], "techniques": [],
        "files_touched": 0, "files_lost": 0, "steps": [{ "at": AT, "kind": "detected", "detail": path, "files": 1 }],
    } })
}

impl Stage {
    /// The secret of a fresh enrolment token.
    pub(crate) fn secret(&self, tenant: TenantId) -> String {
        let line = self.beside(async |beside: &Beside| beside.enrol_line(tenant).await);
        EnrolToken::from_line(&line).unwrap().secret
    }

    /// One more comune.
    pub(crate) fn neighbour(&self) -> TenantId {
        self.beside(async |beside: &Beside| beside.activate("E715").await.id)
    }

    /// How often a code was refused: to the comune, or to nobody known, which the consortium sees.
    pub(crate) fn refused(&self, to_nobody: bool, code: &str) -> u64 {
        let rows = match to_nobody {
            false => self.api("GET", "/refusals"),
            true => self.api_of(&self.consortium, "GET", "/refusals").unwrap().1,
        };
        let row = rows.as_array().unwrap().iter().find(|row| row["code"] == code).cloned();
        row.map_or(0, |row| row["count"].as_u64().unwrap())
    }
}

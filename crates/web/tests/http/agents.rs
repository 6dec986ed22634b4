//! The door for devices over HTTP: a server that was put back to an older state, and a certificate that is renewed.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use baluardo_calls::router;
use baluardo_model::TenantId;
use baluardo_model::identity::{Actor, Management, Tenant, TenantKind};
use baluardo_service::fleet;
use baluardo_service::protection::{self, FindingFilter};
use baluardo_testkit::TestHouse;
use baluardo_web::{App, Peer};
use baluardo_wire::enrol::Enrolled;
use baluardo_wire::renew::Renewed;
use baluardo_wire::token::EnrolToken;
use http_body_util::BodyExt as _;
use rcgen::{CertificateParams, KeyPair};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tower_service::Service as _;

const DAY: Duration = Duration::from_secs(86_400);

/// A house with one comune.
async fn house() -> (TestHouse, TenantId) {
    let test = TestHouse::in_memory().await;
    let id = |number: u64| format!("00000000-0000-7000-8000-{number:012x}").parse::<TenantId>().unwrap();
    let mut tx = test.store.write().await.unwrap();
    for (number, kind, code) in [(1, TenantKind::Consortium, None), (2, TenantKind::Comune, Some("I726".to_owned()))] {
        let tenant = Tenant {
            id: id(number),
            kind,
            consortium: id(1),
            name: format!("Ente {number}"),
            cadastral_code: code,
            management: Management::Central,
            created_at: test.house.now(),
        };
        tx.platform().insert_tenant(&tenant).await.unwrap();
    }
    tx.commit().await.unwrap();
    (test, id(2))
}

fn csr() -> String {
    CertificateParams::default().serialize_request(&KeyPair::generate().unwrap()).unwrap().pem().unwrap()
}

/// Posts JSON as who holds `chain`, and reads the answer.
async fn post(test: &TestHouse, chain: Option<&str>, path: &str, body: &Value) -> (StatusCode, Value) {
    let leaf = chain.map(|chain| Arc::from(CertificateDer::from_pem_slice(chain.as_bytes()).unwrap().as_ref()));
    let peer = Peer { address: SocketAddr::from(([192, 0, 2, 9], 40_000)), certificate: leaf };
    let mut request = Request::post(path).body(Body::from(body.to_string())).unwrap();
    request.extensions_mut().insert(peer);
    let answer = router(App { house: test.house.clone() }).call(request).await.unwrap();
    let status = answer.status();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap())
}

async fn enrol(test: &TestHouse, tenant: TenantId) -> Enrolled {
    let ticket = fleet::create_enrol_token(&test.house, &Actor::Platform, tenant, "prova").await.unwrap();
    let secret = EnrolToken::from_line(&ticket.line).unwrap().secret;
    let body = json!({ "protocol": 1, "secret": secret, "csr": csr(), "hostname": "pc", "os": "Debian",
        "agent_version": "0.1.0", "coverage": "blocking", "coverage_note": "" });
    let (status, answer) = post(test, None, "/agent/v1/enrol", &body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    serde_json::from_value(answer).unwrap()
}

/// An exchange with events of these numbers.
fn exchange(test: &TestHouse, numbers: &[u64], gone: Option<(u64, u64)>) -> Value {
    let now = test.house.now();
    let event = |seq: u64| {
        json!({ "seq": seq, "at": now, "body": { "kind": "finding", "finding": {
            "id": format!("00000000-0000-7000-9000-{seq:012x}"), "kind": "malware", "severity": "high",
            "detected_at": now, "path": format!("/srv/{seq}"), "sha256": null, "reasons": [], "processes": [],
            "techniques": [], "files_touched": 0, "files_lost": 0, "steps": [] } } })
    };
    let status = json!({ "agent_version": "0.1.0", "coverage": "blocking", "coverage_note": "", "policy_version": 1,
        "backlog": 0 });
    let events: Vec<Value> = numbers.iter().map(|seq| event(*seq)).collect();
    let mut body = json!({ "protocol": 1, "sent_at": now, "status": status, "events": events });
    if let Some((after, until)) = gone {
        body["gone"] = json!({ "after": after, "until": until });
    }
    body
}

#[tokio::test]
async fn a_server_that_was_put_back_hears_what_is_gone_and_goes_on() {
    let (test, tenant) = house().await;
    let device = enrol(&test, tenant).await;
    let tell = async |body: Value| post(&test, Some(&device.certificate_chain), "/agent/v1/exchange", &body).await;
    assert_eq!(tell(exchange(&test, &[1, 2, 3, 4, 5, 6], None)).await.1["acked_seq"], 6);
    test.put_back(tenant, device.device, 6, 2).await;
    let (status, refusal) = tell(exchange(&test, &[7], None)).await;
    assert_eq!((status, refusal["code"].as_str()), (StatusCode::CONFLICT, Some("exchange.gap")));
    // The agent asks where the server stands, has 5 and 6 on its disk, and says that 3 and 4 are gone.
    assert_eq!(tell(exchange(&test, &[], None)).await.1["acked_seq"], 2);
    assert_eq!(tell(exchange(&test, &[], Some((2, 4)))).await.1["acked_seq"], 4);
    assert_eq!(tell(exchange(&test, &[5, 6, 7], None)).await.1["acked_seq"], 7);
    let found =
        protection::list_findings(&test.house, &Actor::Platform, tenant, &FindingFilter::default()).await.unwrap();
    let told: Vec<&str> =
        found.findings.iter().map(|row| row.kind.code()).filter(|kind| *kind == "agent_trouble").collect();
    assert_eq!((found.findings.len(), told.len()), (8, 1), "seven findings, and the one about the gap");
    let (status, refusal) = tell(exchange(&test, &[], Some((7, 7)))).await;
    assert_eq!((status, refusal["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("exchange.disorder")));
}

#[tokio::test]
async fn a_certificate_is_renewed_over_the_door_that_the_old_one_opens() {
    let (test, tenant) = house().await;
    let device = enrol(&test, tenant).await;
    let old = device.certificate_chain.as_str();
    let ask = json!({ "protocol": 1, "csr": csr() });
    let call = async |chain: Option<&str>, path: &str, body: &Value| post(&test, chain, path, body).await;
    assert_eq!(call(None, "/agent/v1/renew", &ask).await.1["code"], "device.no_certificate");
    assert_eq!(call(Some(old), "/agent/v1/renew", &ask).await.1["code"], "renew.early");
    test.clock.advance(DAY * 300);
    let bad = json!({ "protocol": 1, "csr": "no request" });
    assert_eq!(call(Some(old), "/agent/v1/renew", &bad).await.1["code"], "enrol.csr_bad");
    let more = json!({ "protocol": 1, "csr": csr(), "device": "another" });
    assert_eq!(call(Some(old), "/agent/v1/renew", &more).await.1["code"], "wire.unreadable");
    let (status, answer) = call(Some(old), "/agent/v1/renew", &ask).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let renewed: Renewed = serde_json::from_value(answer).unwrap();
    let nothing = exchange(&test, &[], None);
    assert_eq!(call(Some(old), "/agent/v1/exchange", &nothing).await.0, StatusCode::OK);
    assert_eq!(call(Some(&renewed.certificate_chain), "/agent/v1/exchange", &nothing).await.0, StatusCode::OK);
    let (status, refusal) = call(Some(old), "/agent/v1/exchange", &nothing).await;
    assert_eq!((status, refusal["code"].as_str()), (StatusCode::FORBIDDEN, Some("device.certificate_replaced")));
}

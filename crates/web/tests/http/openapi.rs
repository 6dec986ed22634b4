//! The OpenAPI document lists every call of the API, and the copy in `docs/` is the document of today.

use crate::isolation::{World, knock, world};
use crate::stage::Browser;
use axum::http::StatusCode;
use baluardo_service::identity::{self, NewToken};
use baluardo_service::rights::Act;
use baluardo_testkit::people::Entered;
use baluardo_web::api::document::document;
use baluardo_web::routes::{Access, table};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Every operation by method and path.
fn operations() -> BTreeMap<(String, String), Value> {
    let document = serde_json::to_value(document()).unwrap();
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.insert((method.clone(), path.clone()), operation.clone());
        }
    }
    found
}

/// The scope that a token needs for an operation.
fn scope(operation: &Value) -> Option<&str> {
    operation["security"].as_array().unwrap().iter().find_map(|one| one["token"][0].as_str())
}

#[test]
fn every_call_is_listed_and_none_that_is_not_there() {
    let real: BTreeSet<(String, String)> = table()
        .iter()
        .filter(|route| route.path.starts_with("/api/"))
        .map(|route| (route.method.to_owned(), route.path.to_owned()))
        .collect();
    let told: BTreeSet<(String, String)> = operations().into_keys().collect();
    assert_eq!(told, real);
}

#[test]
fn every_call_says_what_it_needs_and_what_it_answers() {
    let scopes: BTreeSet<&str> = Act::ALL.iter().map(|act| act.code()).collect();
    let public: BTreeSet<&str> =
        table().iter().filter(|route| route.access == Access::Public).map(|route| route.path).collect();
    let mut ids = BTreeSet::new();
    for ((method, path), operation) in operations() {
        assert!(ids.insert(operation["operationId"].to_string()), "{method} {path}: its id is another's");
        let told = format!("{method} {path}: {operation}");
        assert!(operation["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{told}");
        let security = operation["security"].as_array().unwrap();
        let names = |scheme| security.iter().any(|one| one.get(scheme).is_some());
        assert_eq!(names("token") || names("session"), !public.contains(path.as_str()), "{told}");
        // What is a person's own, tokens have no way to: they have no person.
        assert!(names("token") || public.contains(path.as_str()) || path.starts_with("/api/v1/me/"), "{told}");
        assert!(scope(&operation).is_none_or(|scope| scopes.contains(scope)), "{told}");
        for name in path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()) {
            let parameters = operation["parameters"].as_array().unwrap();
            assert!(parameters.iter().any(|one| one["name"] == name && one["in"] == "path"), "{told}");
        }
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key("default") && responses.len() > 1, "{told}");
    }
}

/// A token with that scope alone may, on its own rows; one with every other scope may not.
#[tokio::test]
async fn every_call_needs_the_scope_that_the_document_names() {
    let world = world().await;
    let mut tried = 0;
    for route in table().iter().filter(|route| route.path.starts_with("/api/")) {
        let operation = &operations()[&(route.method.to_owned(), route.path.to_owned())];
        let Some(scope) = scope(operation) else { continue };
        let maker = if route.path.contains("{tenant}") { &world.rtd } else { &world.operator };
        let others = identity::scopes_of(maker.person.role).into_iter().filter(|other| *other != scope).collect();
        let without = knock(&mut program(&world, maker, others).await, &world.victim, route).await;
        assert_eq!(without.status, StatusCode::FORBIDDEN, "{} {} without {scope}", route.method, route.path);
        // A token makes no tokens, whatever its scopes.
        if (route.method, scope) != ("post", "tokens.write") || route.path.contains("{id}") {
            let with = knock(&mut program(&world, maker, vec![scope]).await, &world.victim, route).await;
            let no = [StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED, StatusCode::NOT_FOUND];
            assert!(!no.contains(&with.status), "{} {} with {scope}: {}", route.method, route.path, with.text);
        }
        tried += 1;
    }
    assert!(tried > 30, "{tried}");
}

async fn program(world: &World, maker: &Entered, scopes: Vec<&str>) -> Browser {
    let scopes = scopes.into_iter().map(str::to_owned).collect();
    let new = NewToken { tenant: maker.tenant.id, name: "t".to_owned(), role: None, scopes, days: 1 };
    let token = identity::create_token(&world.test.house, &maker.actor, &new).await.unwrap();
    Browser::program(&world.test, &token.secret)
}

#[test]
fn every_reference_leads_to_a_schema() {
    let document = serde_json::to_value(document()).unwrap();
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut followed = 0;
    for name in text.split("\"#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(schemas.contains_key(name), "{name}");
        followed += 1;
    }
    assert!(followed > 30, "{followed}");
}

/// `BALUARDO_BLESS=1` writes the copy anew.
#[test]
fn the_copy_in_docs_is_the_document_of_today() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let today = format!("{}\n", serde_json::to_string_pretty(&document()).unwrap());
    if std::env::var("BALUARDO_BLESS").is_ok_and(|value| value == "1") {
        std::fs::write(&path, &today).unwrap();
    }
    let copy = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(copy == today, "docs/openapi.json is not of today: run this test once with BALUARDO_BLESS=1");
}

//! Whatever is wrong with the input of a call, the answer is a problem that names the part that is wrong. The calls come
//! from the route table and their parameters from the OpenAPI document, so a new one is tried from its first day.

use crate::isolation::world;
use crate::stage::{Answer, Browser};
use axum::http::{Method, StatusCode};
use baluardo_web::api::document::document;
use baluardo_web::routes::{RouteInfo, table};
use serde_json::{Value, json};

const ID: &str = "00000000-0000-7000-8000-00000000000f";

/// The calls of the API, but the line of live events, which answers with a stream.
fn calls() -> Vec<RouteInfo> {
    table().into_iter().filter(|route| route.path.starts_with("/api/") && !route.path.ends_with("/events")).collect()
}

/// The names in a path.
fn names(path: &str) -> Vec<&str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}

/// The path with `value` for one name and an id of nobody for the others.
fn filled(path: &str, name: &str, value: &str) -> String {
    names(path).iter().fold(path.to_owned(), |filled, one| {
        filled.replace(&format!("{{{one}}}"), if *one == name { value } else { ID })
    })
}

/// The query parameters that the document tells of.
fn parameters(document: &Value, route: &RouteInfo) -> Vec<String> {
    let told = &document["paths"][route.path][route.method]["parameters"];
    let told = told.as_array().into_iter().flatten().filter(|one| one["in"] == "query");
    told.map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

fn assert_problem(answer: &Answer, told: &str) -> Value {
    assert!(answer.status.is_client_error(), "{told}: {} {}", answer.status, answer.text);
    assert_eq!(answer.headers["content-type"], "application/problem+json", "{told}: {}", answer.text);
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status.as_u16(), "{told}");
    assert!(!problem["code"].as_str().unwrap().is_empty() && !problem["detail"].as_str().unwrap().is_empty(), "{told}");
    if answer.status == StatusCode::UNPROCESSABLE_ENTITY {
        assert_eq!(problem["errors"][0]["field"], problem["field"], "{told}: {problem}");
    }
    problem
}

async fn send(browser: &mut Browser, route: &RouteInfo, path: &str, body: &str) -> Answer {
    let method = Method::from_bytes(route.method.to_uppercase().as_bytes()).unwrap();
    browser.send(method, path, Some("application/json"), body.to_owned()).await
}

#[tokio::test]
async fn a_name_in_the_address_that_cannot_be_read_is_named() {
    let world = world().await;
    let mut browser = Browser::of(&world.test, &world.operator);
    let mut tried = 0;
    for route in calls() {
        for name in names(route.path) {
            let told = format!("{} {} {name}", route.method, route.path);
            let garbled = send(&mut browser, &route, &filled(route.path, name, "%ff%fe"), "{}").await;
            let problem = assert_problem(&garbled, &told);
            assert_eq!(
                (problem["code"].as_str(), problem["field"].as_str()),
                (Some("path_unreadable"), Some(name)),
                "{told}"
            );
            let odd = send(&mut browser, &route, &filled(route.path, name, "%00"), "{}").await;
            assert_problem(&odd, &told);
            tried += 1;
        }
    }
    assert!(tried >= 40, "{tried}");
}

#[tokio::test]
async fn a_parameter_given_twice_or_with_a_value_that_is_none_is_named() {
    let world = world().await;
    let (mut rtd, mut operator) = (Browser::of(&world.test, &world.rtd), Browser::of(&world.test, &world.operator));
    let document = serde_json::to_value(document()).unwrap();
    let mut tried = 0;
    for route in calls() {
        for name in parameters(&document, &route) {
            let path = filled(route.path, "tenant", &world.rtd.tenant.id.to_string());
            let browser = if route.path.contains("{tenant}") { &mut rtd } else { &mut operator };
            let told = format!("{} {} {name}", route.method, route.path);
            let twice = send(browser, &route, &format!("{path}?{name}=a&{name}=b"), "").await;
            let problem = assert_problem(&twice, &told);
            assert_eq!(
                (problem["code"].as_str(), problem["field"].as_str()),
                (Some("parameter_twice"), Some(&*name)),
                "{told}"
            );
            // Free text takes everything, an act is a word of the log that may not be in use yet, and nobody may have a program or a
            // vulnerability of such a name.
            if ["q", "act", "name", "version", "id", "source"].contains(&name.as_str()) {
                let free = send(browser, &route, &format!("{path}?{name}=%00%ff%25"), "").await;
                assert_eq!(free.status, StatusCode::OK, "{told}: {}", free.text);
                continue;
            }
            let bad = send(browser, &route, &format!("{path}?{name}=no%00such"), "").await;
            let problem = assert_problem(&bad, &told);
            assert_eq!(problem["field"], *name, "{told}: {problem}");
            tried += 1;
        }
    }
    assert!(tried >= 10, "{tried}");
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_a_problem_everywhere() {
    let world = world().await;
    let (mut rtd, mut operator) = (Browser::of(&world.test, &world.rtd), Browser::of(&world.test, &world.operator));
    let document = serde_json::to_value(document()).unwrap();
    let mut tried = 0;
    for route in calls() {
        let body = &document["paths"][route.path][route.method]["requestBody"];
        // Whatever comes as a message that somebody reports is judged.
        if body.is_null() || body["content"]["message/rfc822"].is_object() {
            continue;
        }
        let browser = if route.path.contains("{tenant}") { &mut rtd } else { &mut operator };
        let path = filled(route.path, "tenant", &world.rtd.tenant.id.to_string());
        for body in ["[", "\u{0}", "{\"a\":", "\"\""] {
            let told = format!("{} {} with {body:?}", route.method, route.path);
            let problem = assert_problem(&send(browser, &route, &path, body).await, &told);
            // A pack and a report are no JSON: any text is one, but of this nothing can be used.
            let known = ["json_unreadable", "ceremony_over", "sign_in", "pack.empty", "mail.no_report"];
            assert!(known.contains(&problem["code"].as_str().unwrap()), "{told}: {problem}");
        }
        tried += 1;
    }
    assert!(tried >= 12, "{tried}");
    let people = format!("/api/v1/tenants/{}/people", world.rtd.tenant.id);
    for (body, field) in [
        (json!({ "email": 1, "name": "C", "role": "clerk" }), "email"),
        (json!({ "email": "c@comune.siena.it", "name": "C", "role": "king" }), "role"),
        (json!({ "email": "c@comune.siena.it", "role": "clerk" }), "name"),
        (json!({ "email": "c@comune.siena.it", "name": "C", "role": "clerk", "admin": true }), "admin"),
    ] {
        assert_eq!(rtd.call("post", &people, &body).await.json()["field"], field, "{body}");
    }
}

#[tokio::test]
async fn what_the_framework_itself_refuses_is_a_problem_or_a_page() {
    let world = world().await;
    let mut browser = Browser::of(&world.test, &world.operator);
    for route in calls() {
        let path = filled(route.path, "", "");
        let answer = browser.send(Method::PATCH, &path, None, String::new()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_problem(&answer, &path);
        assert!(answer.headers.contains_key("allow"), "{path}");
    }
    assert_problem(&browser.get("/api/v1/no-such-call").await, "no such call");
    for path in ["/devices/%ff", "/findings/%ff", "/receipt/%ff", "/assets/none.js"] {
        let page = browser.get(path).await;
        assert!(page.status.is_client_error(), "{path}: {}", page.status);
        assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"), "{path}");
    }
    let page = browser.send(Method::PUT, "/devices", None, String::new()).await;
    assert!(page.status == StatusCode::METHOD_NOT_ALLOWED && page.text.contains("<h1"), "{}", page.text);
}

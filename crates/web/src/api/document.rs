//! The OpenAPI 3.1 document, made from the calls themselves. It is made once, by a test, and shipped as a file: what
//! describes the calls would be a third of what this crate takes to compile, and is the same on every start.

use crate::api::openapi;
use crate::api::shapes::{Problem, WrongField};
use crate::api::{
    access, activation, audit, campaigns, dmarc, events, evidence, fleet, health, hunts, inventory, mail, mailboxes,
    packs, passkeys, people, protection, reports, rollback, senders, stop, tokens,
};
use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, Object, OpenApi, PathItem, Ref, Required, ResponseBuilder, SecurityRequirement, Type,
};

/// The name of the scheme of programs.
const TOKEN: &str = "token";

/// The name of the scheme of our own pages.
const SESSION: &str = "session";

/// What the document says of the whole.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Baluardo",
        description = "The same acts as the console's pages, from the same functions. A program sends a token \
            (`Authorization: Bearer baluardo_…`), made in the settings or with `baluardo admin token create`; each call \
            names the scope that its token needs. Times are RFC 3339 in UTC. Errors are `application/problem+json` with \
            a stable `code`. What belongs to another tenant is 404, never 403.",
        license(name = "AGPL-3.0-or-later", identifier = "AGPL-3.0-or-later")
    ),
    paths(openapi::openapi),
    components(schemas(Problem, WrongField))
)]
struct Whole;

/// The document.
#[must_use]
pub fn document() -> OpenApi {
    let mut whole = Whole::openapi();
    for (tag, mut part) in parts() {
        for operation in part.paths.paths.values_mut().flat_map(operations) {
            let name = operation.operation_id.take().unwrap_or_default();
            operation.operation_id = Some(format!("{tag}_{name}"));
            operation.tags = Some(vec![tag.to_owned()]);
        }
        whole.merge(part);
    }
    schemes(whole.components.get_or_insert_with(Components::new));
    for (path, item) in &mut whole.paths.paths {
        for operation in operations(item) {
            ids_of_path(path, operation);
            session_too(operation);
            problems(operation);
        }
    }
    whole
}

/// The calls of each file.
fn parts() -> [(&'static str, OpenApi); 22] {
    [
        ("activation", activation::Calls::openapi()),
        ("people", people::Calls::openapi()),
        ("tokens", tokens::Calls::openapi()),
        ("audit", audit::Calls::openapi()),
        ("fleet", fleet::Calls::openapi()),
        ("hunts", hunts::Calls::openapi()),
        ("inventory", inventory::Calls::openapi()),
        ("evidence", evidence::Calls::openapi()),
        ("stop", stop::Calls::openapi()),
        ("rollback", rollback::Calls::openapi()),
        ("protection", protection::Calls::openapi()),
        ("campaigns", campaigns::Calls::openapi()),
        ("packs", packs::Calls::openapi()),
        ("mail", mail::Calls::openapi()),
        ("dmarc", dmarc::Calls::openapi()),
        ("health", health::Calls::openapi()),
        ("senders", senders::Calls::openapi()),
        ("reports", reports::Calls::openapi()),
        ("mailboxes", mailboxes::Calls::openapi()),
        ("events", events::Calls::openapi()),
        ("passkeys", passkeys::Calls::openapi()),
        ("access", access::Calls::openapi()),
    ]
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.delete].into_iter().flatten()
}

fn schemes(components: &mut Components) {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("baluardo_…");
    let bearer = bearer.description(Some("A token with the scope that the call names.")).build();
    components.add_security_scheme(TOKEN, SecurityScheme::Http(bearer));
    let words = "The session of a signed-in browser; what changes something needs its `x-csrf-token` as well.";
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description("__Host-baluardo", words));
    components.add_security_scheme(SESSION, SecurityScheme::ApiKey(cookie));
}

/// Every `{name}` of a path is an id.
fn ids_of_path(path: &str, operation: &mut Operation) {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let parameters: Vec<_> = names
        .map(|name| {
            let words = if name == "tenant" { "The comune or consortium." } else { "Which one." };
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .description(Some(words))
                .schema(Some(Object::with_type(Type::String)))
                .build()
                .into()
        })
        .collect();
    operation.parameters.get_or_insert_default().splice(0..0, parameters);
}

/// Where a token serves, a session of our own pages serves too.
fn session_too(operation: &mut Operation) {
    let needs_somebody = serde_json::to_value(&operation.security).is_ok_and(|told| told.to_string().contains(TOKEN));
    if needs_somebody && let Some(security) = &mut operation.security {
        security.push(SecurityRequirement::new(SESSION, Vec::<String>::new()));
    }
}

/// Every call can say no, always in the same shape.
fn problems(operation: &mut Operation) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let response = ResponseBuilder::new()
        .description("A no, with its reason: 401, 403, 404, 409, 422, 429, 500 or 503.")
        .content("application/problem+json", content)
        .build();
    operation.responses.responses.insert("default".to_owned(), response.into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn no_two_files_mean_different_things_by_one_name() {
        let mut seen = BTreeMap::new();
        for (tag, part) in parts() {
            for (name, schema) in part.components.unwrap_or_default().schemas {
                let told = serde_json::to_string(&schema).unwrap();
                let (first, before) = seen.entry(name.clone()).or_insert((tag, told.clone()));
                assert_eq!(*before, told, "{name} in {first} and in {tag}");
            }
        }
    }
}

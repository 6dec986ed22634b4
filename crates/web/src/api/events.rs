//! `GET /api/v1/events`: what changes, as server-sent events, for pages that are open.
//!
//! An event says only which row of which kind changed; the page then asks for the rows, and the rights decide anew.

use crate::answer::ApiResult;
use crate::api::caller::Caller;
use crate::routes::routes;
use axum::response::sse::{Event, KeepAlive, Sse};
use baluardo_service::live::{Change, may_hear};
use futures_util::{Stream, stream};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// The call of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(events))]
pub(super) struct Calls;

routes! {
    own { get "/api/v1/events" events, Signed; }
    tenant {}
}

/// How often a silent line says that it is alive.
const BEAT: Duration = Duration::from_secs(15);

/// Tells what changes, as server-sent events, in everything that the caller may read.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/events",
    responses((status = 200, description = "A stream without end: `event: change`, with topic and id.", body = String, content_type = "text/event-stream")),
    security(("token" = [])),
))]
async fn events(caller: Caller) -> ApiResult<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let changes = caller.house.live().listen();
    // The first event comes at once, so that a page knows that its line stands.
    let hello = stream::iter([Ok(Event::default().event("hello").data("{}"))]);
    let rest = stream::unfold((caller, changes), |(caller, mut changes)| async move {
        loop {
            let event = match changes.recv().await {
                Ok(change) if may_hear(&caller.house, &caller.actor, &change).await => told(&change),
                Ok(_) => continue,
                // Too slow: the page cannot know what it missed, so it asks for everything again.
                Err(RecvError::Lagged(_)) => Event::default().event("change").data(r#"{"topic":"missed"}"#),
                Err(RecvError::Closed) => return None,
            };
            return Some((Ok(event), (caller, changes)));
        }
    });
    use futures_util::StreamExt as _;
    Ok(Sse::new(hello.chain(rest)).keep_alive(KeepAlive::new().interval(BEAT).text("beat")))
}

fn told(change: &Change) -> Event {
    Event::default().event("change").data(serde_json::json!({ "topic": change.topic, "id": change.id }).to_string())
}

//! `GET /agent/v1/wake`: a response that stays open and says when an order waits.

use crate::app::App;
use crate::identify::Device;
use crate::refuse::Answer;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use baluardo_service::fleet;
use baluardo_wire::wake::{BEAT, BEAT_SECS, WAKE};
use futures_util::stream;
use std::convert::Infallible;
use std::time::Duration;

pub(crate) async fn wake(State(app): State<App>, Device(actor): Device) -> Answer<Response> {
    let wait = fleet::wait_for_orders(&app.house, &actor).await?;
    // The first line goes at once, so that both ends know that the channel stands.
    let lines = stream::unfold((wait, true), |(mut wait, first)| async move {
        let line = if first {
            BEAT
        } else {
            match tokio::time::timeout(Duration::from_secs(BEAT_SECS), wait.woken()).await {
                Ok(Ok(())) => WAKE,
                // Revoked meanwhile: the line ends, and the next call is told why.
                Ok(Err(_)) => return None,
                Err(_) => BEAT,
            }
        };
        Some((Ok::<_, Infallible>(Bytes::from_static(line.as_bytes())), (wait, false)))
    });
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], Body::from_stream(lines)).into_response())
}

//! `GET /agent/v1/packs/{sha256}/{piece}`: a piece of a pack of rules and indicators.

use crate::app::App;
use crate::identify::Device;
use crate::refuse::Answer;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use baluardo_service::fleet;

pub(crate) async fn piece(
    State(app): State<App>,
    Device(actor): Device,
    Path((sha256, piece)): Path<(String, String)>,
) -> Answer<Response> {
    // What is no number is no piece either.
    let piece = piece.parse::<u32>().unwrap_or(u32::MAX);
    let bytes = fleet::pack_piece(&app.house, &actor, &sha256, piece.into()).await?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
}

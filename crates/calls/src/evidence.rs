//! `POST /agent/v1/evidence`: a piece of a package of evidence.

use crate::app::App;
use crate::identify::Device;
use crate::refuse::{Answer, Message};
use axum::Json;
use axum::extract::State;
use baluardo_service::protection;
use baluardo_wire::evidence::{EvidenceKept, EvidencePiece};

pub(crate) async fn evidence(
    State(app): State<App>,
    Device(actor): Device,
    Message(piece): Message<EvidencePiece>,
) -> Answer<Json<EvidenceKept>> {
    Ok(Json(protection::receive_piece(&app.house, &actor, &piece).await?))
}

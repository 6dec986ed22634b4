//! `POST /agent/v1/enrol`: a device becomes known.

use crate::app::App;
use crate::peer::Peer;
use crate::refuse::{Answer, Message};
use axum::extract::State;
use axum::{Extension, Json};
use baluardo_service::fleet;
use baluardo_wire::enrol::{EnrolRequest, Enrolled};

pub(crate) async fn enrol(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Message(request): Message<EnrolRequest>,
) -> Answer<Json<Enrolled>> {
    Ok(Json(fleet::enrol_device(&app.house, &request, peer.address.ip()).await?))
}

//! `POST /agent/v1/renew`: a fresh certificate for the device that calls.

use crate::app::App;
use crate::identify::{Device, certificate};
use crate::peer::Peer;
use crate::refuse::{Answer, Message};
use axum::extract::State;
use axum::{Extension, Json};
use baluardo_service::fleet;
use baluardo_wire::renew::{RenewRequest, Renewed};

pub(crate) async fn renew(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Device(_): Device,
    Message(request): Message<RenewRequest>,
) -> Answer<Json<Renewed>> {
    let leaf = certificate(&app, Some(&peer))?;
    Ok(Json(fleet::renew_certificate(&app.house, &leaf, &request, peer.address.ip()).await?))
}

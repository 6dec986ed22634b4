//! Takes tenant and device from the certificate of the connection, and from nothing else.

use crate::app::App;
use crate::peer::Peer;
use crate::refuse::Refused;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use baluardo_model::identity::Actor;
use baluardo_service::fleet::{self, Refusal};
use std::sync::Arc;

/// The device at the other end.
pub(crate) struct Device(pub(crate) Actor);

/// The certificate of the connection; calling without one is counted.
pub(crate) fn certificate(app: &App, peer: Option<&Peer>) -> Result<Arc<[u8]>, Refused> {
    peer.and_then(|peer| peer.certificate.clone()).ok_or_else(|| {
        let refusal = Refusal::no_certificate();
        fleet::note_refusal(&app.house, &Actor::Public, &refusal);
        refusal.into()
    })
}

impl FromRequestParts<App> for Device {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let certificate = certificate(app, parts.extensions.get::<Peer>())?;
        let actor = fleet::identify_device(&app.house, &certificate).await?;
        // The body is read after this: what is wrong with it is then counted under this device.
        parts.extensions.insert(actor.clone());
        Ok(Self(actor))
    }
}

//! `POST /agent/v1/exchange`: events up, orders down.

use crate::agents::identify::Device;
use crate::agents::refuse::{Answer, Message};
use crate::app::App;
use axum::Json;
use axum::extract::State;
use baluardo_service::fleet;
use baluardo_wire::exchange::{ExchangeRequest, ExchangeResponse};

pub(crate) async fn exchange(
    State(app): State<App>,
    Device(actor): Device,
    Message(request): Message<ExchangeRequest>,
) -> Answer<Json<ExchangeResponse>> {
    Ok(Json(fleet::exchange(&app.house, &actor, request).await?))
}

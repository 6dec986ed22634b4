//! `POST /agent/v1/exchange`: events up, orders down.

use crate::app::App;
use crate::identify::Device;
use crate::refuse::{Answer, Message};
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

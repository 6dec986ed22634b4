//! Reads a message or says exactly why it cannot be read, and counts it.

use crate::app::App;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use baluardo_model::identity::Actor;
use baluardo_service::fleet::{self, Refusal};
use baluardo_wire::problem::{MEDIA_TYPE, Problem};
use serde::de::DeserializeOwned;

/// What a handler of this door answers.
pub(crate) type Answer<T> = Result<T, Refused>;

/// A refusal on its way out.
#[derive(Debug)]
pub(crate) struct Refused(Refusal);

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let problem = Problem {
            code: self.0.code.to_owned(),
            title: self.0.title.to_owned(),
            detail: self.0.detail,
            status: self.0.status,
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response()
    }
}

/// A JSON body of at most [`baluardo_wire::MAX_BODY_BYTES`], read whole before it is understood. What cannot be read is
/// counted under the device that sent it, where one is known.
pub(crate) struct Message<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Message<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refused> {
        let sender = request.extensions().get::<Actor>().cloned().unwrap_or(Actor::Public);
        let refusal = match Bytes::from_request(request, app).await {
            Ok(bytes) => match serde_json::from_slice(&bytes) {
                Ok(message) => return Ok(Self(message)),
                Err(error) => Refusal::unreadable(error),
            },
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => Refusal::too_large(),
            Err(error) => Refusal::unreadable(error),
        };
        fleet::note_refusal(&app.house, &sender, &refusal);
        Err(Refused(refusal))
    }
}

/// Any other path of this door.
pub(crate) async fn unknown_path() -> Response {
    let problem = Problem {
        code: "wire.no_such_call".to_owned(),
        title: "there is no such call".to_owned(),
        detail: "this is the door for agents; the console answers at another address".to_owned(),
        status: StatusCode::NOT_FOUND.as_u16(),
    };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response()
}

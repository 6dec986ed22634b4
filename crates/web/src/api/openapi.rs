//! `GET /api/v1/openapi.json`: what this API can do.

use crate::routes::routes;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

routes! {
    own { get "/api/v1/openapi.json" openapi, Public; }
    tenant {}
}

/// The OpenAPI 3.1 document, as the feature `document` makes it; a test holds it to the calls of today.
const DOCUMENT: &str = include_str!("../../../../docs/openapi.json");

/// Describes this API.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    responses((status = 200, description = "This document.", body = Object)),
    security(()),
))]
pub(super) async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT)
}

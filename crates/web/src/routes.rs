//! Every route of the console, as tables: the router is built from them, and so are the test that knocks at each door as
//! everybody and the OpenAPI document.

use crate::app::App;
use crate::{answer, api, assets, pages, visit};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use baluardo_service::Error;

/// Who may knock at a route at all; the rights table decides the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever is signed in or holds a token.
    Signed,
}

/// A route, as tests and documents see it.
#[derive(Clone, Copy, Debug)]
pub struct RouteInfo {
    /// `GET` or `POST` and so on.
    pub method: &'static str,
    /// Path with `{names}`.
    pub path: &'static str,
    /// Who may knock.
    pub access: Access,
}

/// Builds `router()` and `TABLE` of a file from one table of routes.
///
/// `own` routes stand once; `tenant` routes stand twice, for one's own tenant and under `/comuni/{tenant}` for an
/// operator who looks into a comune.
macro_rules! routes {
    (
        own { $($method:ident $path:literal $handler:path, $access:ident;)* }
        tenant { $($t_method:ident $t_path:literal $t_handler:path;)* }
    ) => {
        /// The routes of this file.
        pub fn router() -> axum::Router<$crate::app::App> {
            axum::Router::new()
                $(.route($path, axum::routing::$method($handler)))*
                $(.route($t_path, axum::routing::$t_method($t_handler)))*
                $(.route(concat!("/comuni/{tenant}", $t_path), axum::routing::$t_method($t_handler)))*
        }

        /// The same routes, for tests and documents.
        pub const TABLE: &[$crate::routes::RouteInfo] = &[
            $($crate::routes::RouteInfo {
                method: stringify!($method),
                path: $path,
                access: $crate::routes::Access::$access,
            },)*
            $($crate::routes::RouteInfo {
                method: stringify!($t_method),
                path: $t_path,
                access: $crate::routes::Access::Signed,
            },)*
            $($crate::routes::RouteInfo {
                method: stringify!($t_method),
                path: concat!("/comuni/{tenant}", $t_path),
                access: $crate::routes::Access::Signed,
            },)*
        ];
    };
}
pub(crate) use routes;

/// The largest body of the console, in bytes: forms and small JSON.
const MAX_BODY: usize = 256 * 1024;

/// The console: pages, API and assets.
pub fn console(app: App) -> Router {
    Router::new()
        .merge(pages::router())
        .merge(api::router())
        .route("/assets/{name}", get(assets::serve))
        .fallback(nowhere)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn(answer::no_plain_text))
        .with_state(app)
}

/// Every route of pages and API.
#[must_use]
pub fn table() -> Vec<RouteInfo> {
    pages::tables().into_iter().chain(api::tables()).flatten().copied().collect()
}

async fn nowhere(visit: visit::Visit) -> Response {
    if visit.path.starts_with("/api/") {
        return answer::ApiError::from(Error::NotFound).into_response();
    }
    answer::PageError { lang: visit.lang, path: visit.path, error: Error::NotFound }.into_response()
}

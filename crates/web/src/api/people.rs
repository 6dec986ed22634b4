//! People, the switch of management and the patron's day, for programs.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::api::input::ApiPath;
use crate::pages::people::person_row;
use crate::pages::rows::id;
use crate::routes::routes;
use crate::view::people::PersonRow;
use axum::Json;
use axum::http::StatusCode;
use baluardo_model::TenantId;
use baluardo_model::identity::{Management, Role};
use baluardo_service::Error;
use baluardo_service::identity::{self, Invitation};
use serde::{Deserialize, Serialize};

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(people, invite, resend, sign_out, disable, enable, management, patron))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/tenants/{tenant}/people" people, Signed;
        post "/api/v1/tenants/{tenant}/people" invite, Signed;
        post "/api/v1/tenants/{tenant}/people/{id}/resend" resend, Signed;
        post "/api/v1/tenants/{tenant}/people/{id}/sign-out" sign_out, Signed;
        post "/api/v1/tenants/{tenant}/people/{id}/disable" disable, Signed;
        post "/api/v1/tenants/{tenant}/people/{id}/enable" enable, Signed;
        post "/api/v1/tenants/{tenant}/management" management, Signed;
        post "/api/v1/tenants/{tenant}/patron" patron, Signed;
    }
    tenant {}
}

/// Lists who may sign in.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/people",
    responses((status = 200, description = "What was asked for.", body = Vec<PersonRow>)),
    security(("token" = ["people.read"])),
))]
async fn people(caller: Caller, ApiPath(tenant): ApiPath<String>) -> ApiResult<Json<Vec<PersonRow>>> {
    let found = identity::list_people(&caller.house, &caller.actor, id(&tenant)?).await?;
    Ok(Json(found.iter().map(|person| person_row(person, &caller.actor)).collect()))
}

/// Who is to be invited.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct InviteBody {
    /// The address that they will sign in with; the link goes there.
    email: String,
    /// Their name.
    name: String,
    /// What they will be.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    role: Role,
    /// Their office.
    #[serde(default)]
    office: String,
}

/// Who was invited.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct Invited {
    /// Their id.
    id: String,
}

/// Invites a person; the link goes to them by mail.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/people",
    request_body = InviteBody,
    responses((status = 201, description = "Made.", body = Invited)),
    security(("token" = ["people.write"])),
))]
async fn invite(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    ApiJson(body): ApiJson<InviteBody>,
) -> ApiResult<(StatusCode, Json<Invited>)> {
    let invitation = Invitation { email: body.email, name: body.name, role: body.role, office: body.office };
    let person = identity::invite_person(&caller.house, &caller.actor, id(&tenant)?, &invitation).await?;
    Ok((StatusCode::CREATED, Json(Invited { id: person.to_string() })))
}

/// Sends a person another link.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/people/{id}/resend",
    responses((status = 204, description = "Done.")),
    security(("token" = ["people.write"])),
))]
async fn resend(caller: Caller, ApiPath((tenant, person)): ApiPath<(String, String)>) -> ApiResult<StatusCode> {
    identity::resend_link(&caller.house, &caller.actor, id(&tenant)?, id(&person)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every session of a person.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/people/{id}/sign-out",
    responses((status = 204, description = "Done.")),
    security(("token" = ["people.write"])),
))]
async fn sign_out(caller: Caller, ApiPath((tenant, person)): ApiPath<(String, String)>) -> ApiResult<StatusCode> {
    // Sessions are ended in one's own tenant only, so a path that names another leads nowhere.
    if id::<TenantId>(&tenant)? != caller.tenant {
        return Err(Error::NotFound.into());
    }
    identity::sign_out_everywhere(&caller.house, &caller.actor, id(&person)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Bars a person from signing in.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/people/{id}/disable",
    responses((status = 204, description = "Done.")),
    security(("token" = ["people.write"])),
))]
async fn disable(caller: Caller, ApiPath((tenant, person)): ApiPath<(String, String)>) -> ApiResult<StatusCode> {
    identity::disable_person(&caller.house, &caller.actor, id(&tenant)?, id(&person)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a person sign in again.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/people/{id}/enable",
    responses((status = 204, description = "Done.")),
    security(("token" = ["people.write"])),
))]
async fn enable(caller: Caller, ApiPath((tenant, person)): ApiPath<(String, String)>) -> ApiResult<StatusCode> {
    identity::enable_person(&caller.house, &caller.actor, id(&tenant)?, id(&person)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where the switch goes.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct ManagementBody {
    /// `central` or `local`.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    management: Management,
}

/// Moves the switch between central and local management; it is the comune's own.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/management",
    request_body = ManagementBody,
    responses((status = 204, description = "Done.")),
    security(("token" = ["management.switch"])),
))]
async fn management(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    ApiJson(body): ApiJson<ManagementBody>,
) -> ApiResult<StatusCode> {
    identity::switch_management(&caller.house, &caller.actor, id(&tenant)?, body.management).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The day of the patron saint; none when both are missing.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct PatronBody {
    /// Month, 1 to 12.
    #[serde(default)]
    month: Option<i8>,
    /// Day of the month.
    #[serde(default)]
    day: Option<i8>,
}

/// Sets the patron saint's day, or none.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/patron",
    request_body = PatronBody,
    responses((status = 204, description = "Done.")),
    security(("token" = ["settings.write"])),
))]
async fn patron(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    ApiJson(body): ApiJson<PatronBody>,
) -> ApiResult<StatusCode> {
    let day = match (body.month, body.day) {
        (None, None) => None,
        // A half of a day is no day of any year, which the service floor says.
        (month, day) => Some((month.unwrap_or(0), day.unwrap_or(0))),
    };
    identity::set_patron(&caller.house, &caller.actor, id(&tenant)?, day).await?;
    Ok(StatusCode::NO_CONTENT)
}

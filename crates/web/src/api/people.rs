//! People, the switch of management and the patron's day, for programs.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::pages::people::person_row;
use crate::pages::rows::id;
use crate::routes::routes;
use crate::view::people::PersonRow;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use baluardo_model::TenantId;
use baluardo_model::identity::{Management, Role};
use baluardo_service::Error;
use baluardo_service::identity::{self, Invitation};
use serde::{Deserialize, Serialize};

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

async fn people(caller: Caller, Path(tenant): Path<String>) -> ApiResult<Json<Vec<PersonRow>>> {
    let found = identity::list_people(&caller.house, &caller.actor, id(&tenant)?).await?;
    Ok(Json(found.iter().map(|person| person_row(person, &caller.actor)).collect()))
}

/// Who is to be invited.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InviteBody {
    /// The address that they will sign in with; the link goes there.
    email: String,
    /// Their name.
    name: String,
    /// What they will be.
    role: Role,
    /// Their office.
    #[serde(default)]
    office: String,
}

/// Who was invited.
#[derive(Debug, Serialize)]
struct Invited {
    /// Their id.
    id: String,
}

async fn invite(
    caller: Caller,
    Path(tenant): Path<String>,
    ApiJson(body): ApiJson<InviteBody>,
) -> ApiResult<(StatusCode, Json<Invited>)> {
    let invitation = Invitation { email: body.email, name: body.name, role: body.role, office: body.office };
    let person = identity::invite_person(&caller.house, &caller.actor, id(&tenant)?, &invitation).await?;
    Ok((StatusCode::CREATED, Json(Invited { id: person.to_string() })))
}

async fn resend(caller: Caller, Path((tenant, person)): Path<(String, String)>) -> ApiResult<StatusCode> {
    identity::resend_link(&caller.house, &caller.actor, id(&tenant)?, id(&person)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn sign_out(caller: Caller, Path((tenant, person)): Path<(String, String)>) -> ApiResult<StatusCode> {
    // Sessions are ended in one's own tenant only, so a path that names another leads nowhere.
    if id::<TenantId>(&tenant)? != caller.tenant {
        return Err(Error::NotFound.into());
    }
    identity::sign_out_everywhere(&caller.house, &caller.actor, id(&person)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn disable(caller: Caller, Path((tenant, person)): Path<(String, String)>) -> ApiResult<StatusCode> {
    identity::disable_person(&caller.house, &caller.actor, id(&tenant)?, id(&person)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn enable(caller: Caller, Path((tenant, person)): Path<(String, String)>) -> ApiResult<StatusCode> {
    identity::enable_person(&caller.house, &caller.actor, id(&tenant)?, id(&person)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where the switch goes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ManagementBody {
    /// `central` or `local`.
    management: Management,
}

async fn management(
    caller: Caller,
    Path(tenant): Path<String>,
    ApiJson(body): ApiJson<ManagementBody>,
) -> ApiResult<StatusCode> {
    identity::switch_management(&caller.house, &caller.actor, id(&tenant)?, body.management).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The day of the patron saint; none when both are missing.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PatronBody {
    /// Month, 1 to 12.
    #[serde(default)]
    month: Option<i8>,
    /// Day of the month.
    #[serde(default)]
    day: Option<i8>,
}

async fn patron(
    caller: Caller,
    Path(tenant): Path<String>,
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

//! Held mail, for programs.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::api::input::{ApiPath, ApiQuery};
#[cfg(feature = "document")]
use crate::api::shapes;
use crate::locale::Lang;
use crate::pages::mail::{domain_row, held_row, reasons, shown};
use crate::pages::rows::id;
use crate::routes::routes;
use crate::view::mail::{DomainRow, HeldMailRow, MailContent, MailReason};
use axum::Json;
use axum::http::StatusCode;
use baluardo_model::mail::{HeldState, MailPolicy};
use baluardo_service::mail::{self, HeldFilter};
use serde::{Deserialize, Serialize};

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(held, message, content, release, delete, policy, change_policy, domains, claim))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/tenants/{tenant}/mail" held, Signed;
        get "/api/v1/tenants/{tenant}/mail/policy" policy, Signed;
        put "/api/v1/tenants/{tenant}/mail/policy" change_policy, Signed;
        get "/api/v1/tenants/{tenant}/mail/domains" domains, Signed;
        post "/api/v1/tenants/{tenant}/mail/domains" claim, Signed;
        get "/api/v1/tenants/{tenant}/mail/{id}" message, Signed;
        get "/api/v1/tenants/{tenant}/mail/{id}/content" content, Signed;
        post "/api/v1/tenants/{tenant}/mail/{id}/release" release, Signed;
        post "/api/v1/tenants/{tenant}/mail/{id}/delete" delete, Signed;
    }
    tenant {}
}

/// What a held message can be.
const CLASSES: [&str; 4] = ["malware", "phishing", "fraud", "spam"];

/// Lists held messages: those that wait first, then the most hostile.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/mail",
    params(("q" = Option<String>, Query, description = "Text in subject or addresses."), ("state" = Option<String>, Query, description = "`held`, `releasing`, `released` or `deleted`."), ("class" = Option<String>, Query, description = "`malware`, `phishing`, `fraud` or `spam`.")),
    responses((status = 200, description = "What was asked for.", body = Vec<HeldMailRow>)),
    security(("token" = ["mail.read"])),
))]
async fn held(caller: Caller, ApiPath(tenant): ApiPath<String>, query: ApiQuery) -> ApiResult<Json<Vec<HeldMailRow>>> {
    let filter = HeldFilter {
        text: query.text("q"),
        state: query.word("state", HeldState::from_code)?,
        class: query
            .word("class", |word| CLASSES.into_iter().find(|class| *class == word))?
            .unwrap_or_default()
            .to_owned(),
    };
    let found = mail::list_held(&caller.house, &caller.actor, id(&tenant)?, &filter).await?;
    Ok(Json(found.iter().map(held_row).collect()))
}

/// A held message and why it is held.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct HeldMail {
    #[serde(flatten)]
    row: HeldMailRow,
    /// Why, the weightiest first, in Italian.
    reasons: Vec<MailReason>,
}

/// Shows one held message, without what it says.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/mail/{id}",
    responses((status = 200, description = "What was asked for.", body = HeldMail)),
    security(("token" = ["mail.read"])),
))]
async fn message(caller: Caller, ApiPath((tenant, held)): ApiPath<(String, String)>) -> ApiResult<Json<HeldMail>> {
    let row = mail::get_held(&caller.house, &caller.actor, id(&tenant)?, id(&held)?).await?;
    Ok(Json(HeldMail { reasons: reasons(&row.reasons, Lang::It), row: held_row(&row) }))
}

/// Shows what a held message says, as text.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/mail/{id}/content",
    responses((status = 200, description = "What was asked for.", body = MailContent)),
    security(("token" = ["mail.content"])),
))]
async fn content(caller: Caller, ApiPath((tenant, held)): ApiPath<(String, String)>) -> ApiResult<Json<MailContent>> {
    let content = mail::read_held(&caller.house, &caller.actor, id(&tenant)?, id(&held)?).await?;
    Ok(Json(shown(content)))
}

/// Lets a held message go to its recipients.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/mail/{id}/release",
    responses((status = 202, description = "It is on its way to the mail server.")),
    security(("token" = ["mail.write"])),
))]
async fn release(caller: Caller, ApiPath((tenant, held)): ApiPath<(String, String)>) -> ApiResult<StatusCode> {
    mail::release_held(&caller.house, &caller.actor, id(&tenant)?, id(&held)?).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Throws a held message away.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/mail/{id}/delete",
    responses((status = 204, description = "Done.")),
    security(("token" = ["mail.write"])),
))]
async fn delete(caller: Caller, ApiPath((tenant, held)): ApiPath<(String, String)>) -> ApiResult<StatusCode> {
    mail::delete_held(&caller.house, &caller.actor, id(&tenant)?, id(&held)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows what a comune wants to happen to its mail.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/mail/policy",
    responses((status = 200, description = "What was asked for.", body = shapes::MailPolicy)),
    security(("token" = ["mail.policy"])),
))]
async fn policy(caller: Caller, ApiPath(tenant): ApiPath<String>) -> ApiResult<Json<MailPolicy>> {
    Ok(Json(mail::get_mail_policy(&caller.house, &caller.actor, id(&tenant)?).await?))
}

/// Changes it; what is left out becomes ordinary.
#[cfg_attr(feature = "document", utoipa::path(
    put,
    path = "/api/v1/tenants/{tenant}/mail/policy",
    request_body = shapes::MailPolicy,
    responses((status = 200, description = "As it stands now.", body = shapes::MailPolicy)),
    security(("token" = ["mail.policy"])),
))]
async fn change_policy(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    ApiJson(wanted): ApiJson<MailPolicy>,
) -> ApiResult<Json<MailPolicy>> {
    Ok(Json(mail::change_mail_policy(&caller.house, &caller.actor, id(&tenant)?, &wanted).await?))
}

/// Lists the mail domains that a comune says are its own.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/mail/domains",
    responses((status = 200, description = "What was asked for.", body = Vec<DomainRow>)),
    security(("token" = ["mail.policy"])),
))]
async fn domains(caller: Caller, ApiPath(tenant): ApiPath<String>) -> ApiResult<Json<Vec<DomainRow>>> {
    let found = mail::list_domains(&caller.house, &caller.actor, id(&tenant)?).await?;
    Ok(Json(found.iter().map(domain_row).collect()))
}

/// A claim to a domain.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct ClaimBody {
    /// What stands behind the @.
    #[serde(default)]
    domain: String,
}

/// Claims a mail domain. It counts once an operator of the consortium approved it.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/mail/domains",
    request_body = ClaimBody,
    responses((status = 202, description = "An operator has to look at it.")),
    security(("token" = ["mail.policy"])),
))]
async fn claim(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    ApiJson(body): ApiJson<ClaimBody>,
) -> ApiResult<StatusCode> {
    mail::claim_domain(&caller.house, &caller.actor, id(&tenant)?, &body.domain).await?;
    Ok(StatusCode::ACCEPTED)
}

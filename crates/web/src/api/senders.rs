//! Rules for senders, for programs.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::api::input::{ApiPath, ApiQuery};
use crate::pages::rows::id;
use crate::pages::senders::{rule_row, shown};
use crate::routes::routes;
use crate::view::senders::{SenderPreview, SenderRuleRow};
use axum::Json;
use axum::http::StatusCode;
use baluardo_model::mail::senders::{SenderAct, USUAL_RULE_DAYS};
use baluardo_service::Error;
use baluardo_service::mail::{self, NewSenderRule};
use serde::Deserialize;

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(rules, make, preview, withdraw))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/tenants/{tenant}/mail/senders" rules, Signed;
        post "/api/v1/tenants/{tenant}/mail/senders" make, Signed;
        post "/api/v1/tenants/{tenant}/mail/senders/preview" preview, Signed;
        post "/api/v1/tenants/{tenant}/mail/senders/{id}/withdraw" withdraw, Signed;
    }
    tenant {}
}

/// Lists the rules for senders, those that hold first.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/mail/senders",
    params(("q" = Option<String>, Query, description = "Text in address, domain or reason.")),
    responses((status = 200, description = "What was asked for.", body = Vec<SenderRuleRow>)),
    security(("token" = ["mail.senders"])),
))]
async fn rules(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    query: ApiQuery,
) -> ApiResult<Json<Vec<SenderRuleRow>>> {
    let found = mail::list_sender_rules(&caller.house, &caller.actor, id(&tenant)?, &query.text("q")).await?;
    let now = caller.house.now();
    Ok(Json(found.iter().map(|rule| rule_row(rule, now)).collect()))
}

/// A rule for a sender.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct SenderRuleBody {
    /// `allow` or `block`.
    #[serde(default)]
    act: String,
    /// An address, or a domain with all below it.
    #[serde(default)]
    subject: String,
    /// Why; not needed for a preview.
    #[serde(default)]
    reason: String,
    /// For how many days, 1 to 365; 90 where nothing is said.
    days: Option<u32>,
}

impl SenderRuleBody {
    fn rule(self) -> Result<NewSenderRule, Error> {
        let act = SenderAct::from_code(&self.act)
            .ok_or_else(|| Error::invalid("act", "choice_missing", "give allow or block"))?;
        let days = self.days.unwrap_or(USUAL_RULE_DAYS);
        Ok(NewSenderRule { act, subject: self.subject, reason: self.reason, days })
    }
}

/// Allows or blocks a sender for some time; an earlier rule on the same subject ends.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/mail/senders",
    request_body = SenderRuleBody,
    responses((status = 200, description = "The rule.", body = SenderRuleRow)),
    security(("token" = ["mail.senders"])),
))]
async fn make(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    ApiJson(body): ApiJson<SenderRuleBody>,
) -> ApiResult<Json<SenderRuleRow>> {
    let made = mail::make_sender_rule(&caller.house, &caller.actor, id(&tenant)?, &body.rule()?).await?;
    Ok(Json(rule_row(&made, caller.house.now())))
}

/// Tells what a rule would have changed among the mail of the last 30 days.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/mail/senders/preview",
    request_body = SenderRuleBody,
    responses((status = 200, description = "What it would have changed.", body = SenderPreview)),
    security(("token" = ["mail.senders"])),
))]
async fn preview(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    ApiJson(body): ApiJson<SenderRuleBody>,
) -> ApiResult<Json<SenderPreview>> {
    let preview = mail::preview_sender_rule(&caller.house, &caller.actor, id(&tenant)?, &body.rule()?).await?;
    Ok(Json(shown(&preview)))
}

/// Ends a rule before its time.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/mail/senders/{id}/withdraw",
    responses((status = 204, description = "Done.")),
    security(("token" = ["mail.senders"])),
))]
async fn withdraw(caller: Caller, ApiPath((tenant, rule)): ApiPath<(String, String)>) -> ApiResult<StatusCode> {
    mail::withdraw_sender_rule(&caller.house, &caller.actor, id(&tenant)?, id(&rule)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

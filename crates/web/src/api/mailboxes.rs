//! Mailboxes at providers and suspicious certified mail, for programs.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::api::input::ApiPath;
use crate::locale::Lang;
use crate::pages::mailboxes::{line, pec_line};
use crate::pages::rows::id;
use crate::routes::routes;
use crate::view::mailboxes::{MailboxLine, PecLine};
use axum::Json;
use axum::http::StatusCode;
use baluardo_model::mailbox::{MailboxAuth, MailboxKind, MailboxTls};
use baluardo_service::mailbox::{self, NewMailbox};
use serde::{Deserialize, Serialize};

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, add, change, test, remove, pec, pec_seen))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/tenants/{tenant}/mailboxes" list, Signed;
        post "/api/v1/tenants/{tenant}/mailboxes" add, Signed;
        put "/api/v1/tenants/{tenant}/mailboxes/{id}" change, Signed;
        post "/api/v1/tenants/{tenant}/mailboxes/{id}/test" test, Signed;
        get "/api/v1/tenants/{tenant}/mail/pec" pec, Signed;
        post "/api/v1/tenants/{tenant}/mail/pec/seen" pec_seen, Signed;
        post "/api/v1/tenants/{tenant}/mailboxes/{id}/remove" remove, Signed;
    }
    tenant {}
}

/// Lists the mailboxes at providers and how they stand. No secret is in it.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/mailboxes",
    responses((status = 200, description = "What was asked for.", body = Vec<MailboxLine>)),
    security(("token" = ["mail.mailboxes"])),
))]
async fn list(caller: Caller, ApiPath(tenant): ApiPath<String>) -> ApiResult<Json<Vec<MailboxLine>>> {
    let found = mailbox::list_mailboxes(&caller.house, &caller.actor, id(&tenant)?).await?;
    Ok(Json(found.iter().map(line).collect()))
}

/// A mailbox at a provider. Secrets go in, and never come out; one that is left out stays as it was.
#[derive(Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct MailboxBody {
    /// `mailbox` (ordinary mail) or `pec` (certified mail, which is never touched).
    #[serde(default)]
    #[cfg_attr(feature = "document", schema(value_type = String))]
    kind: MailboxKind,
    /// Its address.
    #[serde(default)]
    address: String,
    /// The IMAP server.
    #[serde(default)]
    host: String,
    /// Its port.
    #[serde(default = "usual_port")]
    port: u16,
    /// `implicit`, `starttls`, or `plain` on the very machine only.
    #[serde(default)]
    #[cfg_attr(feature = "document", schema(value_type = String))]
    tls: MailboxTls,
    /// The name by which one signs in; the address when it is left out.
    #[serde(default)]
    login: String,
    /// `password` or `oauth2`.
    #[serde(default)]
    #[cfg_attr(feature = "document", schema(value_type = String))]
    auth: MailboxAuth,
    /// The password.
    #[serde(default)]
    password: String,
    /// OAuth 2: the client's name.
    #[serde(default)]
    client: String,
    /// OAuth 2: its secret.
    #[serde(default)]
    client_secret: String,
    /// OAuth 2: what renews tokens.
    #[serde(default)]
    refresh_token: String,
    /// OAuth 2: where they are renewed, by https.
    #[serde(default)]
    token_url: String,
    /// The folder for quarantine.
    #[serde(default)]
    folder: String,
    /// The name under which the provider writes what it found of SPF, DKIM and DMARC.
    #[serde(default)]
    authserv: String,
    /// Whether it is guarded.
    #[serde(default = "yes")]
    enabled: bool,
}

const fn usual_port() -> u16 {
    993
}

const fn yes() -> bool {
    true
}

impl From<MailboxBody> for NewMailbox {
    fn from(body: MailboxBody) -> Self {
        Self {
            kind: body.kind,
            address: body.address,
            host: body.host,
            port: body.port,
            tls: body.tls,
            login: body.login,
            auth: body.auth,
            password: body.password,
            client: body.client,
            client_secret: body.client_secret,
            refresh_token: body.refresh_token,
            token_url: body.token_url,
            folder: body.folder,
            authserv: body.authserv,
            enabled: body.enabled,
        }
    }
}

/// The id of what was made.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct AddedMailbox {
    /// The id.
    id: String,
}

/// Adds a mailbox, to be guarded from now on.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/mailboxes",
    request_body = MailboxBody,
    responses((status = 201, description = "It is guarded from now on.", body = AddedMailbox)),
    security(("token" = ["mail.mailboxes"])),
))]
async fn add(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    ApiJson(body): ApiJson<MailboxBody>,
) -> ApiResult<(StatusCode, Json<AddedMailbox>)> {
    let added = mailbox::add_mailbox(&caller.house, &caller.actor, id(&tenant)?, &body.into()).await?;
    Ok((StatusCode::CREATED, Json(AddedMailbox { id: added.to_string() })))
}

/// Changes a mailbox.
#[cfg_attr(feature = "document", utoipa::path(
    put,
    path = "/api/v1/tenants/{tenant}/mailboxes/{id}",
    request_body = MailboxBody,
    responses((status = 204, description = "Done.")),
    security(("token" = ["mail.mailboxes"])),
))]
async fn change(
    caller: Caller,
    ApiPath((tenant, which)): ApiPath<(String, String)>,
    ApiJson(body): ApiJson<MailboxBody>,
) -> ApiResult<StatusCode> {
    mailbox::change_mailbox(&caller.house, &caller.actor, id(&tenant)?, id(&which)?, &body.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether a mailbox can be reached.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct MailboxCheck {
    /// Whether it can.
    reached: bool,
    /// What is wrong: a stable code; empty for nothing.
    trouble: String,
    /// What the server said of it.
    said: String,
    /// What the server cannot do, as stable codes.
    remarks: Vec<String>,
}

/// Tries whether a mailbox can be reached; changes nothing in it.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/mailboxes/{id}/test",
    responses((status = 200, description = "What came of it.", body = MailboxCheck)),
    security(("token" = ["mail.mailboxes"])),
))]
async fn test(caller: Caller, ApiPath((tenant, which)): ApiPath<(String, String)>) -> ApiResult<Json<MailboxCheck>> {
    let answer = mailbox::test_mailbox(&caller.house, &caller.actor, id(&tenant)?, id(&which)?).await?;
    let remarks = answer.as_ref().map_or(&[][..], |checked| &checked.remarks);
    let remarks = remarks.iter().map(|remark| remark.code().to_owned()).collect();
    let (trouble, said) = match &answer {
        Ok(_) => (String::new(), String::new()),
        Err(trouble) => (trouble.trouble.code().to_owned(), trouble.said.clone()),
    };
    Ok(Json(MailboxCheck { reached: answer.is_ok(), trouble, said, remarks }))
}

/// Forgets a mailbox and its secret. What lies in it stays as it is.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/mailboxes/{id}/remove",
    responses((status = 204, description = "Done.")),
    security(("token" = ["mail.mailboxes"])),
))]
async fn remove(caller: Caller, ApiPath((tenant, which)): ApiPath<(String, String)>) -> ApiResult<StatusCode> {
    mailbox::remove_mailbox(&caller.house, &caller.actor, id(&tenant)?, id(&which)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists suspicious certified mail (PEC), without what it says; reasons in Italian.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/mail/pec",
    responses((status = 200, description = "What was asked for.", body = Vec<PecLine>)),
    security(("token" = ["mail.read"])),
))]
async fn pec(caller: Caller, ApiPath(tenant): ApiPath<String>) -> ApiResult<Json<Vec<PecLine>>> {
    let found = mailbox::list_pec(&caller.house, &caller.actor, id(&tenant)?).await?;
    Ok(Json(found.iter().map(|row| pec_line(row, Lang::It)).collect()))
}

/// A certified message.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct PecBody {
    /// By what it is known.
    #[serde(default)]
    identity: String,
}

/// Says that somebody knows of a hostile certified message.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/mail/pec/seen",
    request_body = PecBody,
    responses((status = 204, description = "Done.")),
    security(("token" = ["mail.write"])),
))]
async fn pec_seen(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    ApiJson(body): ApiJson<PecBody>,
) -> ApiResult<StatusCode> {
    mailbox::mark_pec_seen(&caller.house, &caller.actor, id(&tenant)?, &body.identity).await?;
    Ok(StatusCode::NO_CONTENT)
}

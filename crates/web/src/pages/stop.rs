//! Lets somebody stop and remove the agent of a device.

use crate::answer::{PageError, PageResult};
use crate::pages::fleet::{back, commanded, device_id};
use crate::posted::SignedForm;
use crate::render::page;
use crate::routes::routes;
use crate::view::chrome::Section;
use crate::view::stop::StopPage;
use crate::visit::Signed;
use axum::extract::Path;
use baluardo_service::fleet;
use std::collections::HashMap;

routes! {
    own {}
    tenant {
        get "/devices/{id}/stop" explain;
        post "/devices/{id}/stop" show;
        post "/devices/{id}/stop/allow" allow;
    }
}

type Names = HashMap<String, String>;

async fn explain(signed: Signed, Path(path): Path<Names>) -> PageResult {
    let view = view(&signed, &path, None).await?;
    Ok(page(signed.lang(), &view))
}

async fn view(signed: &Signed, path: &Names, code: Option<Option<String>>) -> Result<StopPage, PageError> {
    let (id, hostname) = commanded(signed, path).await?;
    let chrome = signed.chrome(Section::Devices).await?;
    Ok(StopPage { chrome, device: id.to_string(), hostname, asked: code.is_some(), code: code.flatten() })
}

async fn show(Path(path): Path<Names>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id = device_id(&path).map_err(|e| signed.fail(e))?;
    let code = fleet::see_stop_code(signed.house(), &signed.actor, signed.tenant, id).await;
    let view = view(&signed, &path, Some(code.map_err(|e| signed.fail(e))?)).await?;
    Ok(page(signed.lang(), &view))
}

async fn allow(Path(path): Path<Names>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id = device_id(&path).map_err(|e| signed.fail(e))?;
    fleet::allow_stop(signed.house(), &signed.actor, signed.tenant, id).await.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, &format!("/devices/{id}?done=stop_allowed")))
}

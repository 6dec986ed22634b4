//! Packs of rules and indicators beside those that ship.

use crate::answer::PageResult;
use crate::pages::fleet::{back, may};
use crate::pages::rows;
use crate::posted::SignedForm;
use crate::render::{page, page_with};
use crate::routes::routes;
use crate::view::chrome::Section;
use crate::view::form::FieldErrors;
use crate::view::packs::{PackForm, PacksPage};
use crate::visit::Signed;
use axum::http::StatusCode;
use baluardo_service::fleet::{self, Gathered, NewPack};
use baluardo_service::rights::Act;

routes! {
    own {}
    tenant {
        get "/policy/packs" packs;
        post "/policy/packs" import;
        post "/policy/packs/remove" remove;
    }
}

async fn packs(signed: Signed) -> PageResult {
    let view = packs_page(&signed, PackForm::default(), FieldErrors::default()).await?;
    Ok(page(signed.lang(), &view))
}

async fn packs_page(
    signed: &Signed,
    form: PackForm,
    errors: FieldErrors,
) -> Result<PacksPage, crate::answer::PageError> {
    let packs = fleet::list_packs(signed.house(), &signed.actor, signed.tenant).await.map_err(|e| signed.fail(e))?;
    Ok(PacksPage {
        chrome: signed.chrome(Section::Policy).await?,
        own: packs.own.into_iter().map(rows::pack).collect(),
        consortiums: packs.consortiums.into_iter().map(rows::pack).collect(),
        form,
        errors,
        may_change: may(signed, Act::ChangePolicy).await,
    })
}

async fn import(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let typed = PackForm { name: fields.text("name"), content: fields.text("content") };
    let mut content = Gathered::default();
    content.add(&typed.name, typed.content.as_bytes());
    let new = NewPack { name: typed.name.clone(), content };
    match fleet::import_pack(signed.house(), &signed.actor, signed.tenant, new).await {
        Ok(_) => Ok(back(&signed, "/policy/packs?done=pack_imported")),
        Err(error) => {
            let errors = super::identity::field_errors(error, &signed.visit)?;
            let view = packs_page(&signed, typed, errors).await?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, signed.lang(), &view))
        }
    }
}

async fn remove(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let removed = fleet::remove_pack(signed.house(), &signed.actor, signed.tenant, &fields.text("name")).await;
    removed.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, "/policy/packs?done=pack_removed"))
}

//! Packs of rules and indicators beside those that ship.

use crate::answer::PageResult;
use crate::pages::fleet::{back, may};
use crate::pages::rows;
use crate::posted::SignedForm;
use crate::render::{page, page_with};
use crate::routes::routes;
use crate::view::chrome::Section;
use crate::view::form::FieldErrors;
use crate::view::packs::{PackForm, PacksPage, SourceForm};
use crate::visit::Signed;
use axum::http::StatusCode;
use baluardo_service::fleet::{self, Gathered, NewPack, NewSource};
use baluardo_service::rights::Act;

routes! {
    own {}
    tenant {
        get "/policy/packs" packs;
        post "/policy/packs" import;
        post "/policy/packs/source" set_source;
        post "/policy/packs/remove" remove;
    }
}

async fn packs(signed: Signed) -> PageResult {
    let view = packs_page(&signed).await?;
    Ok(page(signed.lang(), &view))
}

async fn packs_page(signed: &Signed) -> Result<PacksPage, crate::answer::PageError> {
    let packs = fleet::list_packs(signed.house(), &signed.actor, signed.tenant).await.map_err(|e| signed.fail(e))?;
    Ok(PacksPage {
        chrome: signed.chrome(Section::Policy).await?,
        own: packs.own.into_iter().map(rows::pack).collect(),
        consortiums: packs.consortiums.into_iter().map(rows::pack).collect(),
        sources: packs.sources.into_iter().map(rows::pack_source).collect(),
        form: PackForm::default(),
        errors: FieldErrors::default(),
        source: SourceForm { every_hours: "24".to_owned(), ..SourceForm::default() },
        source_errors: FieldErrors::default(),
        may_fetch: packs.fetches,
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
            let view = PacksPage { form: typed, errors, ..packs_page(&signed).await? };
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, signed.lang(), &view))
        }
    }
}

async fn set_source(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let typed = SourceForm {
        name: fields.text("source_name"),
        address: fields.text("address"),
        every_hours: fields.text("every_hours"),
    };
    // What is no number is more than any that is allowed, and is refused as such.
    let every_hours = typed.every_hours.trim().parse().unwrap_or(u64::MAX);
    let new = NewSource { name: typed.name.clone(), address: typed.address.clone(), every_hours };
    match fleet::set_pack_source(signed.house(), &signed.actor, signed.tenant, &new).await {
        Ok(()) => Ok(back(&signed, "/policy/packs?done=pack_source")),
        Err(error) => {
            let mut source_errors = super::identity::field_errors(error, &signed.visit)?;
            // Two forms of one page each have a field for a name.
            source_errors
                .0
                .iter_mut()
                .filter(|it| it.field == "name")
                .for_each(|it| it.field = "source_name".to_owned());
            let view = PacksPage { source: typed, source_errors, ..packs_page(&signed).await? };
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

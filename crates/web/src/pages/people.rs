//! Who may sign in, and inviting one more.

use crate::answer::{PageError, PageResult};
use crate::csv;
use crate::pages::identity::field_errors;
use crate::pages::{lists, rows};
use crate::posted::SignedForm;
use crate::render::{page, page_with};
use crate::routes::routes;
use crate::view::FieldErrors;
use crate::view::chrome::Section;
use crate::view::people::{InviteForm, PeoplePage, PersonRow, PersonState};
use crate::visit::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use baluardo_model::identity::{Actor, Role};
use baluardo_service::identity::{self, Invitation, PersonView};
use baluardo_service::rights::{self, Act};
use baluardo_service::{Error, identity::PersonState as Stands};

routes! {
    own {
        get "/people" people, Signed;
        post "/people" invite, Signed;
        post "/people/{id}/resend" resend, Signed;
        post "/people/{id}/sign-out" sign_out, Signed;
        post "/people/{id}/disable" disable, Signed;
        post "/people/{id}/enable" enable, Signed;
    }
    tenant {}
}

async fn people(signed: Signed) -> PageResult {
    if lists::query(&signed.visit).raw("format") == "csv" {
        let rows = found(&signed).await?;
        return Ok(csv::answer(
            "persone",
            &["id", "nome", "email", "ruolo", "ufficio", "stato"],
            rows.iter().map(cells),
        ));
    }
    let view = people_page(&signed, InviteForm::default(), FieldErrors::default()).await?;
    Ok(page(signed.lang(), &view))
}

/// The people whom the query of the page names.
async fn found(signed: &Signed) -> Result<Vec<PersonRow>, PageError> {
    let all = identity::list_people(signed.house(), &signed.actor, signed.tenant).await;
    let mut rows: Vec<_> = all.map_err(|e| signed.fail(e))?.iter().map(|one| person_row(one, &signed.actor)).collect();
    let wanted = lists::query(&signed.visit).text("q").to_lowercase();
    rows.retain(|row| row.name.to_lowercase().contains(&wanted) || row.email.contains(&wanted));
    Ok(rows)
}

async fn people_page(signed: &Signed, form: InviteForm, errors: FieldErrors) -> Result<PeoplePage, PageError> {
    let (rows, paging) = lists::cut(&signed.visit, found(signed).await?);
    let kind = signed.visit.signed.as_ref().map(|session| session.tenant.kind);
    Ok(PeoplePage {
        chrome: signed.chrome(Section::People).await?,
        rows,
        q: lists::query(&signed.visit).text("q"),
        paging,
        may_change: rights::may(signed.house(), &signed.actor, Act::ManagePeople, signed.tenant).await,
        roles: kind.map(identity::roles_of).unwrap_or_default(),
        form,
        errors,
    })
}

/// A person in a list, as `reader` sees them.
#[must_use]
pub fn person_row(view: &PersonView, reader: &Actor) -> PersonRow {
    PersonRow {
        id: view.id.to_string(),
        name: view.name.clone(),
        email: view.email.clone(),
        role: view.role,
        office: view.office.clone().unwrap_or_default(),
        state: match view.state {
            Stands::Active => PersonState::Active,
            Stands::Invited => PersonState::Invited,
            Stands::Disabled => PersonState::Disabled,
        },
        last_seen: view.last_seen,
        sessions: view.sessions,
        is_me: matches!(reader, Actor::Person { id, .. } if *id == view.id),
    }
}

fn cells(row: &PersonRow) -> Vec<String> {
    let (role, state) = (row.role.code().to_owned(), row.state.code().to_owned());
    vec![row.id.clone(), row.name.clone(), row.email.clone(), role, row.office.clone(), state]
}

async fn invite(posted: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = posted;
    let text = |name| fields.text(name);
    let form = InviteForm { name: text("name"), email: text("email"), role: text("role"), office: text("office") };
    let done = match invitation(&form) {
        Ok(invitation) => identity::invite_person(signed.house(), &signed.actor, signed.tenant, &invitation).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(back("invited")),
        Err(error @ (Error::Forbidden | Error::NotFound)) => Err(signed.fail(error)),
        Err(error) => {
            let errors = field_errors(error, &signed.visit)?;
            let view = people_page(&signed, form, errors).await?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, signed.lang(), &view))
        }
    }
}

fn invitation(form: &InviteForm) -> Result<Invitation, Error> {
    let role = Role::from_code(&form.role)
        .ok_or_else(|| Error::invalid("role", "role_not_here", format!("{:?} is no role", form.role)))?;
    Ok(Invitation { email: form.email.clone(), name: form.name.clone(), role, office: form.office.clone() })
}

async fn resend(Path(id): Path<String>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id = rows::id(&id).map_err(|e| signed.fail(e))?;
    let done = identity::resend_link(signed.house(), &signed.actor, signed.tenant, id).await;
    told(&signed, done, "link_sent").await
}

async fn sign_out(Path(id): Path<String>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id = rows::id(&id).map_err(|e| signed.fail(e))?;
    let done = identity::sign_out_everywhere(signed.house(), &signed.actor, id).await;
    told(&signed, done.map(drop), "person_signed_out").await
}

async fn disable(Path(id): Path<String>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id = rows::id(&id).map_err(|e| signed.fail(e))?;
    let done = identity::disable_person(signed.house(), &signed.actor, signed.tenant, id).await;
    told(&signed, done, "person_disabled").await
}

async fn enable(Path(id): Path<String>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id = rows::id(&id).map_err(|e| signed.fail(e))?;
    let done = identity::enable_person(signed.house(), &signed.actor, signed.tenant, id).await;
    told(&signed, done, "person_enabled").await
}

/// Back to the list, which tells what was done or what stands in the way.
async fn told(signed: &Signed, done: Result<(), Error>, word: &str) -> PageResult {
    match done {
        Ok(()) => Ok(back(word)),
        Err(Error::Conflict { code, .. }) => {
            let view = people_page(signed, InviteForm::default(), FieldErrors::one("form", code)).await?;
            Ok(page_with(StatusCode::CONFLICT, signed.lang(), &view))
        }
        Err(error) => Err(signed.fail(error)),
    }
}

fn back(word: &str) -> Response {
    Redirect::to(&format!("/people?done={word}")).into_response()
}

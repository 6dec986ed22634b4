//! How the tenant is run: the switch of management, the patron's day, tokens for the API, and one's own sessions.

use crate::answer::{PageError, PageResult};
use crate::cookie;
use crate::pages::identity::{field_errors, set_cookie};
use crate::pages::rows;
use crate::posted::{Fields, SignedForm};
use crate::render::{page, page_with};
use crate::routes::routes;
use crate::view::FieldErrors;
use crate::view::chrome::Section;
use crate::view::form::FieldError;
use crate::view::people::{SettingsPage, TokenRow};
use crate::visit::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use baluardo_model::identity::{Actor, Management, TenantKind};
use baluardo_service::Error;
use baluardo_service::identity::{self, NewToken, TokenView};
use baluardo_service::rights::{self, Act};

routes! {
    own {
        get "/settings" settings, Signed;
        post "/settings/management" management, Signed;
        post "/settings/patron" patron, Signed;
        post "/settings/tokens" make_token, Signed;
        post "/settings/tokens/{id}/revoke" revoke_token, Signed;
        post "/sign-out-everywhere" sign_out_everywhere, Signed;
    }
    tenant {}
}

/// How long a token from this page may be good, in days; the API and the command line take any number up to the longest.
const LIVES: [u32; 3] = [30, 90, 365];

/// What is proposed: long enough for a season, short enough for a forgotten one to end by itself.
const LIFE: u32 = 90;

async fn settings(signed: Signed) -> PageResult {
    let view = settings_page(&signed, None, FieldErrors::default()).await?;
    Ok(page(signed.lang(), &view))
}

async fn settings_page(
    signed: &Signed,
    new_token: Option<String>,
    errors: FieldErrors,
) -> Result<SettingsPage, PageError> {
    let (house, actor, tenant) = (signed.house(), &signed.actor, signed.tenant);
    if !rights::may(house, actor, Act::ChangeSettings, tenant).await {
        return Err(signed.fail(Error::Forbidden));
    }
    // Read anew: the switch may have moved since the session was looked up.
    let body = identity::get_tenant(house, actor, tenant).await.map_err(|e| signed.fail(e))?;
    let consortium = identity::first_consortium(house).await.map_err(|e| signed.fail(e))?;
    let patron = identity::patron(house, actor, tenant).await.map_err(|e| signed.fail(e))?;
    let tokens = identity::list_tokens(house, actor, tenant).await.map_err(|e| signed.fail(e))?;
    let role = signed.visit.signed.as_ref().map(|session| session.person.role);
    Ok(SettingsPage {
        chrome: signed.chrome(Section::Settings).await?,
        management: (body.kind == TenantKind::Comune).then_some(body.management),
        may_switch: rights::may(house, actor, Act::SwitchManagement, tenant).await,
        consortium: consortium.name,
        patron: patron.map_or((0, 0), |day| (day.month().unsigned_abs(), day.day().unsigned_abs())),
        tokens: tokens.iter().filter(|token| token.works).map(token_row).collect(),
        scopes: role.map(identity::scopes_of).unwrap_or_default().into_iter().map(str::to_owned).collect(),
        lives: LIVES.map(|days| (days, days == LIFE)).to_vec(),
        new_token,
        may_tokens: rights::may(house, actor, Act::ManageTokens, tenant).await,
        errors,
    })
}

/// A token in a list.
#[must_use]
pub fn token_row(view: &TokenView) -> TokenRow {
    TokenRow {
        id: view.id.to_string(),
        name: view.name.clone(),
        role: view.role,
        scopes: view.scopes.clone(),
        created_at: view.created_at,
        expires_at: view.expires_at,
        last_used: view.used_at,
    }
}

/// The word of a management, as the form and the API write it.
///
/// # Errors
/// `choose` in the field `management`.
pub fn management_of(word: &str) -> Result<Management, Error> {
    match word {
        "central" => Ok(Management::Central),
        "local" => Ok(Management::Local),
        _ => Err(Error::invalid("management", "choose", "write central or local")),
    }
}

async fn management(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let done = match management_of(fields.raw("management")) {
        Ok(to) => identity::switch_management(signed.house(), &signed.actor, signed.tenant, to).await,
        Err(error) => Err(error),
    };
    told(&signed, done, "management_changed").await
}

async fn patron(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let done = match patron_day(&fields) {
        Ok(day) => identity::set_patron(signed.house(), &signed.actor, signed.tenant, day).await,
        Err(error) => Err(error),
    };
    told(&signed, done, "settings_saved").await
}

/// Month and day as typed; none when both are left empty.
fn patron_day(fields: &Fields) -> Result<Option<(i8, i8)>, Error> {
    let number = |name: &str| match fields.text(name).as_str() {
        "" => Ok(0),
        text => text.parse::<i8>().map_err(|_| Error::invalid("patron", "patron_day", "a day of a month")),
    };
    let day = (number("month")?, number("day")?);
    Ok((day != (0, 0)).then_some(day))
}

/// The page that answers is the only one that ever shows the secret.
async fn make_token(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let new = NewToken {
        tenant: signed.tenant,
        name: fields.text("name"),
        role: None,
        scopes: fields.all("scopes"),
        days: match fields.text("days").as_str() {
            "" => LIFE,
            text => text.parse().unwrap_or(0),
        },
    };
    match identity::create_token(signed.house(), &signed.actor, &new).await {
        Ok(token) => {
            let view = settings_page(&signed, Some(token.secret), FieldErrors::default()).await?;
            Ok(page(signed.lang(), &view))
        }
        Err(error) => told(&signed, Err(error), "").await,
    }
}

async fn revoke_token(Path(id): Path<String>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id = rows::id(&id).map_err(|e| signed.fail(e))?;
    let done = identity::revoke_token(signed.house(), &signed.actor, signed.tenant, id).await;
    told(&signed, done, "token_revoked").await
}

async fn sign_out_everywhere(form: SignedForm) -> PageResult {
    let signed = form.signed;
    let Actor::Person { id, .. } = &signed.actor else { return Err(signed.fail(Error::Forbidden)) };
    identity::sign_out_everywhere(signed.house(), &signed.actor, *id).await.map_err(|e| signed.fail(e))?;
    let mut response = Redirect::to("/sign-in?done=signed_out").into_response();
    set_cookie(&mut response, Some(cookie::end_session()));
    Ok(response)
}

/// Back to the settings, which tell what was done or what is wrong beside its field.
async fn told(signed: &Signed, done: Result<(), Error>, word: &str) -> PageResult {
    let error = match done {
        Ok(()) => return Ok(back(word)),
        Err(error @ (Error::Forbidden | Error::NotFound)) => return Err(signed.fail(error)),
        Err(error) => error,
    };
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let place = |error: FieldError| match error.field.as_str() {
        "patron" => FieldError { field: "day".to_owned(), ..error },
        _ => error,
    };
    let errors = field_errors(error, &signed.visit)?.0.into_iter().map(place).collect();
    let view = settings_page(signed, None, FieldErrors(errors)).await?;
    Ok(page_with(status, signed.lang(), &view))
}

fn back(word: &str) -> Response {
    Redirect::to(&format!("/settings?done={word}")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patrons_day_is_a_day_or_nothing() {
        let read = |text: &str| patron_day(&Fields::read(text.as_bytes())).map_err(|error| error.code());
        assert_eq!(read("month=12&day=1"), Ok(Some((12, 1))));
        assert_eq!(read("month=0&day="), Ok(None));
        assert_eq!(read("month=2&day="), Ok(Some((2, 0))));
        assert_eq!(read("month=2&day=first"), Err("patron_day"));
        assert_eq!(read("month=2&day=4000"), Err("patron_day"));
    }
}

//! How a signed-in person signs in: passkeys, password, second factor, and the way back for who lost them all.

use crate::answer::{PageError, PageResult};
use crate::pages::identity::{client, drawing, field_errors};
use crate::posted::SignedForm;
use crate::render::{page, page_with};
use crate::routes::routes;
use crate::view::FieldErrors;
use crate::view::access::{AccessPage, NewTotp, PasskeyRow, PasswordRow};
use crate::view::chrome::Section;
use crate::visit::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use baluardo_service::Error;
use baluardo_service::identity::{self, PasskeyView, PasswordView};

routes! {
    own {
        get "/access" access, Signed;
        post "/access/prove" prove, Signed;
        post "/access/password" change_password, Signed;
        post "/access/password/add" add_password, Signed;
        post "/access/password/remove" remove_password, Signed;
        post "/access/totp" change_totp, Signed;
        post "/access/passkeys/{id}/rename" rename, Signed;
        post "/access/passkeys/{id}/remove" remove, Signed;
        post "/access/link" send_link, Signed;
    }
    tenant {}
}

async fn access(signed: Signed) -> PageResult {
    let view = access_page(&signed, FieldErrors::default()).await?;
    Ok(page(signed.lang(), &view))
}

async fn access_page(signed: &Signed, errors: FieldErrors) -> Result<AccessPage, PageError> {
    let me = signed.me()?;
    let mine = identity::list_credentials(signed.house(), me).await.map_err(|e| signed.fail(e))?;
    let passkey =
        |one: PasskeyView| PasskeyRow { id: one.id, name: one.name, created_at: one.created_at, used_at: one.used_at };
    let password =
        |one: PasswordView| PasswordRow { set_at: one.set_at, totp_set_at: one.totp_set_at, used_at: one.used_at };
    Ok(AccessPage {
        chrome: signed.chrome(Section::None).await?,
        email: me.person.email.clone(),
        passkeys: mine.passkeys.into_iter().map(passkey).collect(),
        password: mine.password.map(password),
        new_totp: mine.totp.map(|totp| NewTotp { qr_data_uri: drawing(&totp), secret: totp.secret }),
        several: mine.several,
        passkeys_possible: mine.passkeys_possible,
        errors,
    })
}

async fn prove(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let (password, code) = (fields.raw("password"), fields.text("code"));
    let done = identity::prove_password(signed.house(), signed.me()?, password, &code).await;
    told(&signed, done, "proved").await
}

async fn change_password(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let new = fields.raw("password");
    let done = match same(new, fields.raw("repeat")) {
        Ok(()) => identity::change_password(signed.house(), signed.me()?, fields.raw("present"), new).await,
        Err(error) => Err(error),
    };
    told(&signed, done, "password_changed").await
}

async fn add_password(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let new = fields.raw("password");
    let done = match same(new, fields.raw("repeat")) {
        Ok(()) => identity::add_password(signed.house(), signed.me()?, new, &fields.text("code")).await,
        Err(error) => Err(error),
    };
    told(&signed, done, "credentials_saved").await
}

/// Whether a new password was typed twice alike.
///
/// # Errors
/// `passwords_differ` in the field `repeat`.
pub(crate) fn same(password: &str, repeat: &str) -> Result<(), Error> {
    if password == repeat {
        return Ok(());
    }
    Err(Error::invalid("repeat", "passwords_differ", "the two passwords differ"))
}

async fn remove_password(form: SignedForm) -> PageResult {
    let signed = form.signed;
    let done = identity::remove_password(signed.house(), signed.me()?).await;
    told(&signed, done, "password_removed").await
}

async fn change_totp(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let done = identity::change_totp(signed.house(), signed.me()?, &fields.text("code")).await;
    told(&signed, done, "totp_changed").await
}

async fn rename(Path(id): Path<String>, form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let done = identity::rename_passkey(signed.house(), signed.me()?, &id, &fields.text("name")).await;
    told(&signed, done, "passkey_renamed").await
}

async fn remove(Path(id): Path<String>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let done = identity::remove_passkey(signed.house(), signed.me()?, &id).await;
    told(&signed, done, "passkey_removed").await
}

async fn send_link(form: SignedForm) -> PageResult {
    let signed = form.signed;
    let email = &signed.me()?.person.email;
    let done = identity::request_link(signed.house(), email, &client(&signed.visit)).await;
    told(&signed, done, "link_sent").await
}

/// Back to the page, which tells what was done or what is wrong beside its field.
async fn told(signed: &Signed, done: Result<(), Error>, word: &str) -> PageResult {
    let error = match done {
        Ok(()) => return Ok(Redirect::to(&format!("/access?done={word}")).into_response()),
        Err(Error::Conflict { code: "proof_needed", .. }) => {
            return Ok(Redirect::to("/access?done=prove_first").into_response());
        }
        Err(error @ (Error::Forbidden | Error::NotFound | Error::SignIn)) => return Err(signed.fail(error)),
        Err(error) => error,
    };
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let view = access_page(signed, field_errors(error, &signed.visit)?).await?;
    Ok(page_with(status, signed.lang(), &view))
}

//! Mailboxes at providers, and suspicious certified mail.

use crate::answer::{PageError, PageResult};
use crate::locale::Lang;
use crate::pages::fleet::{back, may};
use crate::pages::identity::field_errors;
use crate::pages::{mail as held, rows};
use crate::posted::{Fields, SignedForm};
use crate::render::{page, page_with};
use crate::routes::routes;
use crate::view::FieldErrors;
use crate::view::chrome::Section;
use crate::view::mailboxes::{MailboxForm, MailboxLine, MailboxPage, MailboxesPage, PecLine, PecPage};
use crate::visit::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use baluardo_model::MailboxId;
use baluardo_model::mailbox::{MailboxAuth, MailboxKind, MailboxTls, MailboxTrouble, QUARANTINE_FOLDER};
use baluardo_service::Error;
use baluardo_service::mailbox::{self, MailboxRow, NewMailbox, PecNote};
use baluardo_service::rights::Act;
use std::collections::HashMap;

routes! {
    own {}
    tenant {
        get "/mail/mailboxes" list;
        post "/mail/mailboxes" add;
        get "/mail/mailboxes/new" fresh;
        get "/mail/mailboxes/{id}" one;
        post "/mail/mailboxes/{id}" change;
        post "/mail/mailboxes/{id}/test" test;
        post "/mail/mailboxes/{id}/remove" remove;
        get "/mail/pec" pec;
        post "/mail/pec" pec_seen;
    }
}

/// A mailbox in a list.
pub(crate) fn line(row: &MailboxRow) -> MailboxLine {
    let settings = &row.settings;
    MailboxLine {
        id: row.id.to_string(),
        kind: settings.kind.code().to_owned(),
        address: settings.address.clone(),
        host: settings.host.clone(),
        port: settings.port,
        tls: settings.tls.code().to_owned(),
        login: settings.login.clone(),
        auth: settings.auth.code().to_owned(),
        client: settings.client.clone(),
        token_url: settings.token_url.clone(),
        folder: settings.folder.clone(),
        authserv: settings.authserv.clone(),
        enabled: settings.enabled,
        read_at: row.read_at,
        checked_at: row.checked_at,
        trouble: row.trouble.map_or("", MailboxTrouble::code).to_owned(),
        said: row.said.clone(),
        remarks: row.remarks.iter().map(|remark| remark.code().to_owned()).collect(),
    }
}

/// A certified message in a list.
pub(crate) fn pec_line(row: &PecNote, lang: Lang) -> PecLine {
    let note = &row.note;
    PecLine {
        identity: note.identity.clone(),
        mailbox: row.address.clone(),
        kind: note.kind.clone(),
        sender: note.sender.clone(),
        provider: note.provider.clone(),
        subject: note.subject.clone(),
        sent: note.sent.clone(),
        identifier: note.identifier.clone(),
        class: note.class.clone(),
        percent: note.score / 10,
        hostile: note.hostile,
        reasons: held::reasons(&note.reasons, lang),
        taken_at: row.taken_at,
        seen_by: row.seen_by.clone(),
    }
}

async fn list(signed: Signed) -> PageResult {
    let found = mailbox::list_mailboxes(signed.house(), &signed.actor, signed.tenant).await;
    let rows = found.map_err(|e| signed.fail(e))?.iter().map(line).collect();
    Ok(page(signed.lang(), &MailboxesPage { chrome: signed.chrome(Section::Mail).await?, rows }))
}

async fn fresh(signed: Signed) -> PageResult {
    if !may(&signed, Act::ManageMailboxes).await {
        return Err(signed.fail(Error::Forbidden));
    }
    let form = MailboxForm {
        kind: MailboxKind::default().code().to_owned(),
        tls: MailboxTls::default().code().to_owned(),
        auth: MailboxAuth::default().code().to_owned(),
        port: "993".to_owned(),
        folder: QUARANTINE_FOLDER.to_owned(),
        enabled: true,
        ..MailboxForm::default()
    };
    let view = form_page(&signed, String::new(), form, FieldErrors::default()).await?;
    Ok(page(signed.lang(), &view))
}

async fn one(signed: Signed, Path(path): Path<HashMap<String, String>>) -> PageResult {
    let id = mailbox_id(&signed, &path)?;
    let row = mailbox::get_mailbox(signed.house(), &signed.actor, signed.tenant, id).await;
    let line = line(&row.map_err(|e| signed.fail(e))?);
    let form = MailboxForm {
        kind: line.kind,
        address: line.address,
        host: line.host,
        port: line.port.to_string(),
        tls: line.tls,
        login: line.login,
        auth: line.auth,
        client: line.client,
        token_url: line.token_url,
        folder: line.folder,
        authserv: line.authserv,
        enabled: line.enabled,
    };
    let view = form_page(&signed, line.id, form, FieldErrors::default()).await?;
    Ok(page(signed.lang(), &view))
}

async fn form_page(
    signed: &Signed,
    id: String,
    form: MailboxForm,
    errors: FieldErrors,
) -> Result<MailboxPage, PageError> {
    Ok(MailboxPage { chrome: signed.chrome(Section::Mail).await?, id, form, errors })
}

async fn add(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    // Who may not is told so before what they typed is looked at.
    mailbox::list_mailboxes(signed.house(), &signed.actor, signed.tenant).await.map_err(|e| signed.fail(e))?;
    let done = match new(&fields) {
        Ok(new) => mailbox::add_mailbox(signed.house(), &signed.actor, signed.tenant, &new).await.map(drop),
        Err(error) => Err(error),
    };
    end(&signed, &fields, String::new(), done).await
}

async fn change(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let id = mailbox_id(&signed, &path)?;
    mailbox::get_mailbox(signed.house(), &signed.actor, signed.tenant, id).await.map_err(|e| signed.fail(e))?;
    let done = match new(&fields) {
        Ok(new) => mailbox::change_mailbox(signed.house(), &signed.actor, signed.tenant, id, &new).await,
        Err(error) => Err(error),
    };
    end(&signed, &fields, id.to_string(), done).await
}

async fn end(signed: &Signed, fields: &Fields, id: String, done: Result<(), Error>) -> PageResult {
    match done {
        Ok(()) => Ok(back(signed, "/mail/mailboxes?done=mailbox_saved")),
        Err(Error::Forbidden) => Err(signed.fail(Error::Forbidden)),
        Err(error) => {
            let errors = field_errors(error, &signed.visit)?;
            let view = form_page(signed, id, typed(fields), errors).await?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, signed.lang(), &view))
        }
    }
}

/// What was typed, without its secrets.
fn typed(fields: &Fields) -> MailboxForm {
    MailboxForm {
        kind: fields.text("kind"),
        address: fields.text("address"),
        host: fields.text("host"),
        port: fields.text("port"),
        tls: fields.text("tls"),
        login: fields.text("login"),
        auth: fields.text("auth"),
        client: fields.text("client"),
        token_url: fields.text("token_url"),
        folder: fields.text("folder"),
        authserv: fields.text("authserv"),
        enabled: fields.ticked("enabled"),
    }
}

fn new(fields: &Fields) -> Result<NewMailbox, Error> {
    let wrong = |field: &'static str| Error::invalid(field, "choice_missing", "choose one of those that are offered");
    let typed = typed(fields);
    Ok(NewMailbox {
        kind: MailboxKind::from_code(&typed.kind).ok_or_else(|| wrong("kind"))?,
        address: typed.address,
        host: typed.host,
        port: typed.port.parse().map_err(|_| Error::invalid("port", "mailbox.port_bad", "give a number"))?,
        tls: MailboxTls::from_code(&typed.tls).ok_or_else(|| wrong("tls"))?,
        login: typed.login,
        auth: MailboxAuth::from_code(&typed.auth).ok_or_else(|| wrong("auth"))?,
        password: fields.raw("password").to_owned(),
        client: typed.client,
        client_secret: fields.text("client_secret"),
        refresh_token: fields.text("refresh_token"),
        token_url: typed.token_url,
        folder: typed.folder,
        authserv: typed.authserv,
        enabled: typed.enabled,
    })
}

async fn test(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id = mailbox_id(&signed, &path)?;
    let answer = mailbox::test_mailbox(signed.house(), &signed.actor, signed.tenant, id).await;
    let done = if answer.map_err(|e| signed.fail(e))?.is_ok() { "mailbox_reached" } else { "mailbox_trouble" };
    Ok(back(&signed, &format!("/mail/mailboxes?done={done}")))
}

async fn remove(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id = mailbox_id(&signed, &path)?;
    match mailbox::remove_mailbox(signed.house(), &signed.actor, signed.tenant, id).await {
        Ok(()) => Ok(back(&signed, "/mail/mailboxes?done=mailbox_removed")),
        Err(Error::Conflict { .. }) => Ok(back(&signed, "/mail/mailboxes?done=mailbox_has_held")),
        Err(error) => Err(signed.fail(error)),
    }
}

fn mailbox_id(signed: &Signed, path: &HashMap<String, String>) -> Result<MailboxId, PageError> {
    rows::id(path.get("id").map_or("", String::as_str)).map_err(|e| signed.fail(e))
}

async fn pec(signed: Signed) -> PageResult {
    let found = mailbox::list_pec(signed.house(), &signed.actor, signed.tenant).await.map_err(|e| signed.fail(e))?;
    let rows = found.iter().map(|row| pec_line(row, signed.lang())).collect();
    let may_change = may(&signed, Act::ChangeHeldMail).await;
    Ok(page(signed.lang(), &PecPage { chrome: signed.chrome(Section::Mail).await?, rows, may_change }))
}

async fn pec_seen(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let done = mailbox::mark_pec_seen(signed.house(), &signed.actor, signed.tenant, &fields.text("identity")).await;
    done.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, "/mail/pec?done=settings_saved"))
}

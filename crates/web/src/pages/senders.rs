//! Rules for senders.

use crate::answer::PageResult;
use crate::csv;
use crate::pages::fleet::back;
use crate::pages::identity::field_errors;
use crate::pages::mail::held_row;
use crate::pages::{lists, rows};
use crate::posted::{Fields, SignedForm};
use crate::render::{page, page_with, wants_live};
use crate::routes::routes;
use crate::view::FieldErrors;
use crate::view::chrome::Section;
use crate::view::senders::{SenderForm, SenderPage, SenderPreview, SenderRuleRow, SendersPage};
use crate::visit::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use baluardo_model::mail::senders::{SenderAct, USUAL_RULE_DAYS};
use baluardo_service::Error;
use baluardo_service::mail::{self, NewSenderRule, RulePreview, SenderRule};
use std::collections::HashMap;

routes! {
    own {}
    tenant {
        get "/mail/senders" list;
        post "/mail/senders" make;
        get "/mail/senders/new" form;
        post "/mail/senders/new" preview;
        post "/mail/senders/{id}/withdraw" withdraw;
    }
}

/// A rule in a list.
pub(crate) fn rule_row(rule: &SenderRule, now: baluardo_model::Timestamp) -> SenderRuleRow {
    SenderRuleRow {
        id: rule.id.to_string(),
        act: rule.act,
        subject: rule.subject.clone(),
        reason: rule.reason.clone(),
        made_by: rule.made_by.clone(),
        made_at: rule.made_at,
        ends_at: rule.ended_at.unwrap_or(rule.ends_at),
        stands: rule.stands(now),
        ended_by: rule.ended_by.clone(),
    }
}

/// What a rule would have changed.
pub(crate) fn shown(preview: &RulePreview) -> SenderPreview {
    SenderPreview {
        subject: preview.subject.as_str().to_owned(),
        days: preview.days,
        freed: preview.freed.iter().map(held_row).collect(),
        still_held: preview.still_held,
        stopped: preview.stopped,
        replaces: preview.replaces.is_some(),
    }
}

async fn list(signed: Signed) -> PageResult {
    let query = lists::query(&signed.visit);
    let q = query.text("q");
    let found = mail::list_sender_rules(signed.house(), &signed.actor, signed.tenant, &q).await;
    let now = signed.house().now();
    let found: Vec<_> = found.map_err(|e| signed.fail(e))?.iter().map(|rule| rule_row(rule, now)).collect();
    if query.raw("format") == "csv" {
        return Ok(csv::answer(
            "mittenti",
            &["id", "regola", "mittente", "motivo", "di", "dal", "al", "vale"],
            found.iter().map(|row| {
                vec![
                    row.id.clone(),
                    row.act.code().to_owned(),
                    row.subject.clone(),
                    row.reason.clone(),
                    row.made_by.clone(),
                    row.made_at.rfc3339(),
                    row.ends_at.rfc3339(),
                    row.stands.to_string(),
                ]
            }),
        ));
    }
    let (rows, paging) = lists::cut(&signed.visit, found);
    let view = SendersPage { chrome: signed.chrome(Section::Mail).await?, rows, q, paging };
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

/// The form, empty or begun from a held message (`?mail=…&act=…`): its sender is not in the address.
async fn form(signed: Signed) -> PageResult {
    let query = lists::query(&signed.visit);
    let held = query.text("mail");
    let subject = if held.is_empty() {
        // Whoever may not make rules is told so here, not after they typed one.
        mail::list_sender_rules(signed.house(), &signed.actor, signed.tenant, "").await.map_err(|e| signed.fail(e))?;
        String::new()
    } else {
        let id = rows::id(&held).map_err(|e| signed.fail(e))?;
        let found = mail::sender_of_held(signed.house(), &signed.actor, signed.tenant, id).await;
        found.map_err(|e| signed.fail(e))?.address
    };
    let act = SenderAct::from_code(&query.text("act")).unwrap_or_default();
    let form =
        SenderForm { act: act.code().to_owned(), subject, reason: String::new(), days: USUAL_RULE_DAYS.to_string() };
    let preview = match form.subject.is_empty() {
        true => None,
        false => previewed(&signed, &form).await.ok(),
    };
    let view =
        SenderPage { chrome: signed.chrome(Section::Mail).await?, form, errors: FieldErrors::default(), preview };
    Ok(page(signed.lang(), &view))
}

async fn preview(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let typed = read(&fields);
    match previewed(&signed, &typed).await {
        Ok(preview) => {
            let (errors, preview) = (FieldErrors::default(), Some(preview));
            let view = SenderPage { chrome: signed.chrome(Section::Mail).await?, form: typed, errors, preview };
            Ok(page(signed.lang(), &view))
        }
        Err(error) => refused(&signed, typed, error).await,
    }
}

async fn previewed(signed: &Signed, typed: &SenderForm) -> Result<SenderPreview, Error> {
    // The reason may come after the preview.
    let new = NewSenderRule { days: USUAL_RULE_DAYS, ..new_rule(typed)? };
    let preview = mail::preview_sender_rule(signed.house(), &signed.actor, signed.tenant, &new).await?;
    Ok(shown(&preview))
}

async fn make(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let typed = read(&fields);
    let made = match new_rule(&typed) {
        Ok(new) => mail::make_sender_rule(signed.house(), &signed.actor, signed.tenant, &new).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(_) => Ok(back(&signed, "/mail/senders?done=sender_ruled")),
        Err(error) => refused(&signed, typed, error).await,
    }
}

async fn refused(signed: &Signed, form: SenderForm, error: Error) -> PageResult {
    if matches!(error, Error::Forbidden | Error::NotFound) {
        return Err(signed.fail(error));
    }
    let errors = field_errors(error, &signed.visit)?;
    let preview = previewed(signed, &form).await.ok();
    let view = SenderPage { chrome: signed.chrome(Section::Mail).await?, form, errors, preview };
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, signed.lang(), &view))
}

async fn withdraw(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id = rows::id(path.get("id").map_or("", String::as_str)).map_err(|e| signed.fail(e))?;
    let done = mail::withdraw_sender_rule(signed.house(), &signed.actor, signed.tenant, id).await;
    done.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, "/mail/senders?done=sender_rule_withdrawn"))
}

fn read(fields: &Fields) -> SenderForm {
    SenderForm {
        act: fields.text("act"),
        subject: fields.text("subject"),
        reason: fields.text("reason"),
        days: fields.text("days"),
    }
}

fn new_rule(typed: &SenderForm) -> Result<NewSenderRule, Error> {
    let act = SenderAct::from_code(&typed.act);
    Ok(NewSenderRule {
        act: act.ok_or_else(|| Error::invalid("act", "choice_missing", "choose one of those that are offered"))?,
        subject: typed.subject.clone(),
        reason: typed.reason.clone(),
        // What is no number is out of every range.
        days: typed.days.parse().unwrap_or(0),
    })
}

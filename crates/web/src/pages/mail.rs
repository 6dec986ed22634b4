//! Held mail, the rules of a comune for its mail, and the domains of all comuni.

use crate::answer::{PageError, PageResult};
use crate::csv;
use crate::locale::Lang;
use crate::pages::fleet::{back, may};
use crate::pages::identity::field_errors;
use crate::pages::{lists, rows};
use crate::posted::{Fields, SignedForm};
use crate::render::{page, page_with, wants_live};
use crate::routes::routes;
use crate::view::FieldErrors;
use crate::view::chrome::Section;
use crate::view::mail::{
    DomainRow, HeldAct, HeldConfirmPage, HeldMailFilter, HeldMailPage, HeldMailRow, HeldMessagePage, HeldPartRow,
    MailContent, MailDomainsPage, MailEnd, MailFile, MailLink, MailReason, MailRules, MailSettingsPage,
};
use crate::visit::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use baluardo_model::HeldMailId;
use baluardo_model::mail::digest::{DigestDays, RecipientsMay};
use baluardo_model::mail::{ConsortiumSees, HeldState, MailPolicy, OnSuspicion, OnTrouble};
use baluardo_service::Error;
use baluardo_service::mail::{self, HeldContent, HeldFilter, HeldReason, HeldRow, MailDomain};
use baluardo_service::mailbox;
use baluardo_service::rights::Act;
use std::collections::HashMap;

routes! {
    own {
        get "/mail/domains" domains, Signed;
        post "/mail/domains" decide, Signed;
    }
    tenant {
        get "/mail" list;
        get "/mail/settings" settings;
        post "/mail/settings" save;
        post "/mail/settings/domains" claim;
        get "/mail/{id}" message;
        get "/mail/{id}/content" content;
        get "/mail/{id}/release" ask_to_release;
        post "/mail/{id}/release" release;
        get "/mail/{id}/delete" ask_to_delete;
        post "/mail/{id}/delete" delete;
    }
}

/// A held message in a list.
pub(crate) fn held_row(row: &HeldRow) -> HeldMailRow {
    HeldMailRow {
        id: row.id.to_string(),
        author: row.author.clone(),
        sender: row.sender.clone(),
        recipients: row.recipients.clone(),
        subject: row.subject.clone(),
        class: row.class.clone(),
        percent: row.score / 10,
        size: row.size,
        times: row.times,
        taken_at: row.taken_at,
        state: row.state,
        asked_by: row.asked_by.clone(),
    }
}

/// The reasons in the reader's language.
pub(crate) fn reasons(reasons: &[HeldReason], lang: Lang) -> Vec<MailReason> {
    let text = |reason: &HeldReason| if lang == Lang::It { reason.it.clone() } else { reason.en.clone() };
    reasons.iter().map(|reason| MailReason { code: reason.code.clone(), text: text(reason) }).collect()
}

/// What a message says.
pub(crate) fn shown(content: HeldContent) -> MailContent {
    let link = |link: mail::HeldLink| MailLink { shown: link.shown, target: link.target };
    let file = |file: mail::HeldFile| MailFile { name: file.name, media_type: file.media_type };
    MailContent {
        text: content.text,
        cut: content.cut,
        links: content.links.into_iter().map(link).collect(),
        files: content.files.into_iter().map(file).collect(),
    }
}

/// A claim to a domain.
pub(crate) fn domain_row(row: &MailDomain) -> DomainRow {
    DomainRow {
        tenant: row.tenant.to_string(),
        tenant_name: row.tenant_name.clone(),
        domain: row.domain.clone(),
        state: row.state,
        claimed_at: row.claimed_at,
    }
}

async fn list(signed: Signed) -> PageResult {
    let query = lists::query(&signed.visit);
    let filter = HeldMailFilter { q: query.text("q"), state: query.text("state"), class: query.text("class") };
    let asked =
        HeldFilter { text: filter.q.clone(), state: HeldState::from_code(&filter.state), class: filter.class.clone() };
    let found = mail::list_held(signed.house(), &signed.actor, signed.tenant, &asked).await;
    let found: Vec<_> = found.map_err(|e| signed.fail(e))?.iter().map(held_row).collect();
    if query.raw("format") == "csv" {
        return Ok(csv::answer(
            "posta-fermata",
            &[
                "id",
                "oggetto",
                "autore",
                "mittente",
                "destinatari",
                "tipo",
                "certezza",
                "fermata",
                "stato",
                "chiesta da",
            ],
            found.iter().map(|row| {
                vec![
                    row.id.clone(),
                    row.subject.clone(),
                    row.author.clone(),
                    row.sender.clone(),
                    row.recipients.join(" "),
                    row.class.clone(),
                    row.percent.to_string(),
                    row.taken_at.rfc3339(),
                    row.state.code().to_owned(),
                    row.asked_by.join(" "),
                ]
            }),
        ));
    }
    let (rows, paging) = lists::cut(&signed.visit, found);
    let counts = mail::mail_counts(signed.house(), &signed.actor, signed.tenant).await.map_err(|e| signed.fail(e))?;
    let ends = counts.iter().map(|end| MailEnd { outcome: end.outcome, count: end.count }).collect();
    let view = HeldMailPage {
        chrome: signed.chrome(Section::Mail).await?,
        rows,
        filter,
        paging,
        ends,
        may_rule: may(&signed, Act::ChangeMailPolicy).await,
        may_rule_senders: may(&signed, Act::RuleSenders).await,
        reported: mail::reports_waiting(signed.house(), &signed.actor, signed.tenant).await.ok(),
        may_report: signed.visit.base.is_empty() && may(&signed, Act::ReportMail).await,
    };
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

async fn message(signed: Signed, Path(path): Path<HashMap<String, String>>) -> PageResult {
    let view = message_page(&signed, &path, None).await?;
    Ok(page(signed.lang(), &view))
}

async fn content(signed: Signed, Path(path): Path<HashMap<String, String>>) -> PageResult {
    let id = held_id(&signed, &path)?;
    let content = mail::read_held(signed.house(), &signed.actor, signed.tenant, id).await;
    let view = message_page(&signed, &path, Some(shown(content.map_err(|e| signed.fail(e))?))).await?;
    Ok(page(signed.lang(), &view))
}

async fn message_page(
    signed: &Signed,
    path: &HashMap<String, String>,
    content: Option<MailContent>,
) -> Result<HeldMessagePage, PageError> {
    let row = held(signed, path).await?;
    let parts = mail::held_parts(signed.house(), &signed.actor, signed.tenant, row.id).await;
    let part = |part: mail::HeldPart| HeldPartRow {
        recipient: part.recipient,
        state: part.state,
        released_at: part.released_at,
        trouble: part.last_error,
    };
    Ok(HeldMessagePage {
        chrome: signed.chrome(Section::Mail).await?,
        reasons: reasons(&row.reasons, signed.lang()),
        changed_at: row.changed_at,
        changed_by: row.changed_by.clone(),
        trouble: row.last_error.clone(),
        place: mailbox::held_place(signed.house(), &signed.actor, signed.tenant, row.id)
            .await
            .map_err(|e| signed.fail(e))?,
        parts: parts.map_err(|e| signed.fail(e))?.into_iter().map(part).collect(),
        may_read: may(signed, Act::ReadHeldMail).await,
        may_change: may(signed, Act::ChangeHeldMail).await,
        may_rule_senders: may(signed, Act::RuleSenders).await,
        row: held_row(&row),
        content,
    })
}

fn held_id(signed: &Signed, path: &HashMap<String, String>) -> Result<HeldMailId, PageError> {
    rows::id(path.get("id").map_or("", String::as_str)).map_err(|e| signed.fail(e))
}

async fn held(signed: &Signed, path: &HashMap<String, String>) -> Result<HeldRow, PageError> {
    let id = held_id(signed, path)?;
    mail::get_held(signed.house(), &signed.actor, signed.tenant, id).await.map_err(|e| signed.fail(e))
}

async fn ask_to_release(signed: Signed, Path(path): Path<HashMap<String, String>>) -> PageResult {
    confirm(&signed, &path, HeldAct::Release).await
}

async fn ask_to_delete(signed: Signed, Path(path): Path<HashMap<String, String>>) -> PageResult {
    confirm(&signed, &path, HeldAct::Delete).await
}

async fn confirm(signed: &Signed, path: &HashMap<String, String>, act: HeldAct) -> PageResult {
    if !may(signed, Act::ChangeHeldMail).await {
        return Err(signed.fail(Error::NotFound));
    }
    let row = held_row(&held(signed, path).await?);
    Ok(page(signed.lang(), &HeldConfirmPage { chrome: signed.chrome(Section::Mail).await?, act, row }))
}

async fn release(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id = held_id(&signed, &path)?;
    mail::release_held(signed.house(), &signed.actor, signed.tenant, id).await.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, "/mail?done=mail_released"))
}

async fn delete(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id = held_id(&signed, &path)?;
    mail::delete_held(signed.house(), &signed.actor, signed.tenant, id).await.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, "/mail?done=mail_deleted"))
}

async fn settings(signed: Signed) -> PageResult {
    let policy = mail::get_mail_policy(signed.house(), &signed.actor, signed.tenant).await;
    let rules = written(&policy.map_err(|e| signed.fail(e))?);
    let view = settings_page(&signed, rules, FieldErrors::default(), String::new()).await?;
    Ok(page(signed.lang(), &view))
}

async fn settings_page(
    signed: &Signed,
    rules: MailRules,
    errors: FieldErrors,
    typed: String,
) -> Result<MailSettingsPage, PageError> {
    let domains = mail::list_domains(signed.house(), &signed.actor, signed.tenant).await;
    let domains = domains.map_err(|e| signed.fail(e))?.iter().map(domain_row).collect();
    Ok(MailSettingsPage { chrome: signed.chrome(Section::Mail).await?, rules, errors, domains, typed })
}

async fn save(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let typed = read_rules(&fields);
    let saved = match policy_of(&typed) {
        Ok(policy) => mail::change_mail_policy(signed.house(), &signed.actor, signed.tenant, &policy).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(_) => Ok(back(&signed, "/mail/settings?done=settings_saved")),
        Err(error) => {
            let errors = field_errors(error, &signed.visit)?;
            let view = settings_page(&signed, typed, errors, String::new()).await?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, signed.lang(), &view))
        }
    }
}

async fn claim(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let given_up = fields.text("give_up");
    if !given_up.is_empty() {
        let done = mail::give_up_domain(signed.house(), &signed.actor, signed.tenant, &given_up).await;
        done.map_err(|e| signed.fail(e))?;
        return Ok(back(&signed, "/mail/settings?done=settings_saved"));
    }
    let typed = fields.text("domain");
    match mail::claim_domain(signed.house(), &signed.actor, signed.tenant, &typed).await {
        Ok(()) => Ok(back(&signed, "/mail/settings?done=mail_domain_claimed")),
        Err(error) => {
            let errors = match error {
                Error::Conflict { code, .. } => FieldErrors::one("domain", code),
                error => field_errors(error, &signed.visit)?,
            };
            let policy = mail::get_mail_policy(signed.house(), &signed.actor, signed.tenant).await;
            let rules = written(&policy.map_err(|e| signed.fail(e))?);
            let view = settings_page(&signed, rules, errors, typed).await?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, signed.lang(), &view))
        }
    }
}

fn written(policy: &MailPolicy) -> MailRules {
    MailRules {
        on_suspicion: policy.on_suspicion.code().to_owned(),
        on_trouble: policy.on_trouble.code().to_owned(),
        prefix: policy.prefix.clone(),
        consortium: policy.consortium.code().to_owned(),
        keep_days: policy.keep_days.to_string(),
        legal_basis: policy.legal_basis.clone(),
        share_reports: policy.share_reports,
        digest: policy.digest.code().to_owned(),
        digest_hour: policy.digest_hour.to_string(),
        recipients_may: policy.recipients_may.code().to_owned(),
    }
}

fn read_rules(fields: &Fields) -> MailRules {
    MailRules {
        on_suspicion: fields.text("on_suspicion"),
        on_trouble: fields.text("on_trouble"),
        prefix: fields.text("prefix"),
        consortium: fields.text("consortium"),
        keep_days: fields.text("keep_days"),
        legal_basis: fields.text("legal_basis"),
        share_reports: fields.ticked("share_reports"),
        digest: fields.text("digest"),
        digest_hour: fields.text("digest_hour"),
        recipients_may: fields.text("recipients_may"),
    }
}

fn policy_of(rules: &MailRules) -> Result<MailPolicy, Error> {
    let wrong = |field: &'static str| Error::invalid(field, "choice_missing", "choose one of those that are offered");
    Ok(MailPolicy {
        on_suspicion: OnSuspicion::from_code(&rules.on_suspicion).ok_or_else(|| wrong("on_suspicion"))?,
        on_trouble: OnTrouble::from_code(&rules.on_trouble).ok_or_else(|| wrong("on_trouble"))?,
        prefix: rules.prefix.clone(),
        consortium: ConsortiumSees::from_code(&rules.consortium).ok_or_else(|| wrong("consortium"))?,
        keep_days: rules
            .keep_days
            .parse()
            .map_err(|_| Error::invalid("keep_days", "not_a_number", "give a number of days"))?,
        legal_basis: rules.legal_basis.clone(),
        share_reports: rules.share_reports,
        digest: DigestDays::from_code(&rules.digest).ok_or_else(|| wrong("digest"))?,
        digest_hour: rules
            .digest_hour
            .parse()
            .map_err(|_| Error::invalid("digest_hour", "mail.hour_bad", "give an hour from 0 to 23"))?,
        recipients_may: RecipientsMay::from_code(&rules.recipients_may).ok_or_else(|| wrong("recipients_may"))?,
    })
}

async fn domains(signed: Signed) -> PageResult {
    let view = domains_page(&signed, FieldErrors::default()).await?;
    Ok(page(signed.lang(), &view))
}

async fn domains_page(signed: &Signed, errors: FieldErrors) -> Result<MailDomainsPage, PageError> {
    let rows = mail::list_all_domains(signed.house(), &signed.actor).await.map_err(|e| signed.fail(e))?;
    let chrome = signed.chrome(Section::Mail).await?;
    Ok(MailDomainsPage { chrome, rows: rows.iter().map(domain_row).collect(), errors })
}

async fn decide(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let member = rows::id(&fields.text("comune")).map_err(|e| signed.fail(e))?;
    let approve = fields.raw("decision") == "approve";
    let done = mail::decide_domain(signed.house(), &signed.actor, member, &fields.text("domain"), approve).await;
    match done {
        Ok(()) => Ok(Redirect::to("/mail/domains?done=settings_saved").into_response()),
        Err(Error::Conflict { code, .. }) => {
            let view = domains_page(&signed, FieldErrors::one("domain", code)).await?;
            Ok(page_with(StatusCode::CONFLICT, signed.lang(), &view))
        }
        Err(error) => Err(signed.fail(error)),
    }
}

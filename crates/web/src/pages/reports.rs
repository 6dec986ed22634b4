//! Messages that people report: the form with its answer for everybody, the list for the RTD.

use crate::answer::{PageError, PageResult};
use crate::csv;
use crate::locale::Lang;
use crate::pages::fleet::{back, may};
use crate::pages::identity::field_errors;
use crate::pages::mail::reasons;
use crate::pages::{lists, rows};
use crate::posted::{SignedForm, SignedUpload};
use crate::render::{page, page_with, wants_live};
use crate::routes::routes;
use crate::view::FieldErrors;
use crate::view::chrome::Section;
use crate::view::reports::{ReportAnswer, ReportListFilter, ReportListRow, ReportPage, ReportsPage, SegnalaPage};
use crate::visit::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use baluardo_model::ReportId;
use baluardo_model::mail::reports::ReportState;
use baluardo_service::Error;
use baluardo_service::mail::{self, ReportFilter, ReportRow};
use baluardo_service::rights::Act;
use std::collections::HashMap;

routes! {
    own {
        get "/report" ask, Signed;
        post "/report" report, Signed;
    }
    tenant {
        get "/mail/reports" list;
        get "/mail/reports/{id}" one;
        post "/mail/reports/{id}" decide;
    }
}

/// What a reporter is told.
pub(crate) fn answer(row: &ReportRow, lang: Lang) -> ReportAnswer {
    let report = &row.report;
    ReportAnswer {
        id: report.id.to_string(),
        class: report.class.clone(),
        action: report.action.clone(),
        percent: report.score / 10,
        author: report.author.clone(),
        subject: report.subject.clone(),
        reasons: reasons(&report.reasons, lang),
        holding: row.holding,
    }
}

/// A report in a list.
pub(crate) fn report_row(row: &ReportRow) -> ReportListRow {
    let report = &row.report;
    ReportListRow {
        id: report.id.to_string(),
        author: report.author.clone(),
        subject: report.subject.clone(),
        class: report.class.clone(),
        action: report.action.clone(),
        percent: report.score / 10,
        reporter: report.reporter_name.clone(),
        way: report.way,
        counts: report.counts,
        reported_at: report.reported_at,
        state: row.state,
        holding: row.holding,
        reporters: row.reporters,
    }
}

async fn ask(signed: Signed) -> PageResult {
    let view = segnala(&signed, String::new(), FieldErrors::default(), None).await?;
    Ok(page(signed.lang(), &view))
}

async fn segnala(
    signed: &Signed,
    typed: String,
    errors: FieldErrors,
    answer: Option<ReportAnswer>,
) -> Result<SegnalaPage, PageError> {
    let desk = mail::report_desk(signed.house(), &signed.actor, signed.tenant).await.map_err(|e| signed.fail(e))?;
    Ok(SegnalaPage { chrome: signed.chrome(Section::Report).await?, typed, errors, desk, answer })
}

async fn report(form: SignedUpload) -> PageResult {
    let SignedUpload { signed, fields, file } = form;
    let typed = fields.raw("message").to_owned();
    let bytes = if file.is_empty() { typed.clone().into_bytes() } else { file };
    match mail::report_message(signed.house(), &signed.actor, signed.tenant, bytes).await {
        Ok(row) => {
            let answer = Some(answer(&row, signed.lang()));
            let view = segnala(&signed, String::new(), FieldErrors::default(), answer).await?;
            Ok(page(signed.lang(), &view))
        }
        Err(Error::Forbidden) => Err(signed.fail(Error::Forbidden)),
        Err(error) => {
            let errors = field_errors(error, &signed.visit)?;
            let view = segnala(&signed, typed, errors, None).await?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, signed.lang(), &view))
        }
    }
}

async fn list(signed: Signed) -> PageResult {
    let query = lists::query(&signed.visit);
    let filter = ReportListFilter { q: query.text("q"), state: query.text("state") };
    let asked = ReportFilter { text: filter.q.clone(), state: ReportState::from_code(&filter.state) };
    let found = mail::list_reports(signed.house(), &signed.actor, signed.tenant, &asked).await;
    let found: Vec<_> = found.map_err(|e| signed.fail(e))?.iter().map(report_row).collect();
    if query.raw("format") == "csv" {
        return Ok(csv::answer(
            "segnalazioni",
            &["id", "oggetto", "autore", "tipo", "certezza", "segnalata_da", "quando", "stato"],
            found.iter().map(|row| {
                vec![
                    row.id.clone(),
                    row.subject.clone(),
                    row.author.clone(),
                    row.class.clone(),
                    row.percent.to_string(),
                    row.reporter.clone(),
                    row.reported_at.rfc3339(),
                    row.state.code().to_owned(),
                ]
            }),
        ));
    }
    let (rows, paging) = lists::cut(&signed.visit, found);
    let view = ReportsPage { chrome: signed.chrome(Section::Mail).await?, rows, filter, paging };
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

fn report_id(signed: &Signed, path: &HashMap<String, String>) -> Result<ReportId, PageError> {
    rows::id(path.get("id").map_or("", String::as_str)).map_err(|e| signed.fail(e))
}

async fn one(signed: Signed, Path(path): Path<HashMap<String, String>>) -> PageResult {
    let view = report_page(&signed, report_id(&signed, &path)?, FieldErrors::default()).await?;
    Ok(page(signed.lang(), &view))
}

async fn report_page(signed: &Signed, id: ReportId, errors: FieldErrors) -> Result<ReportPage, PageError> {
    let found = mail::get_report(signed.house(), &signed.actor, signed.tenant, id).await;
    let found = found.map_err(|e| signed.fail(e))?;
    Ok(ReportPage {
        chrome: signed.chrome(Section::Mail).await?,
        reasons: reasons(&found.report.reasons, signed.lang()),
        row: report_row(&found),
        decided_by: found.decided_by,
        decided_at: found.decided_at,
        note: found.note,
        may_decide: may(signed, Act::DecideReport).await,
        errors,
    })
}

async fn decide(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let id = report_id(&signed, &path)?;
    let state = ReportState::from_code(&fields.text("state")).unwrap_or_default();
    let note = fields.text("note");
    match mail::decide_report(signed.house(), &signed.actor, signed.tenant, id, state, &note).await {
        Ok(()) => Ok(back(&signed, "/mail/reports?done=report_decided")),
        Err(error @ (Error::Forbidden | Error::NotFound)) => Err(signed.fail(error)),
        Err(error) => {
            let view = report_page(&signed, id, field_errors(error, &signed.visit)?).await?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, signed.lang(), &view))
        }
    }
}

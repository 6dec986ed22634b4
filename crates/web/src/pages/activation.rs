//! What a comune asks for in public, and its receipt: the forms of codes 17 and 17.1, the search in the register, the page
//! of kept and missed terms.

use crate::answer::{PageError, PageResult};
use crate::pages::clock::{clock, trace};
use crate::pages::identity::{client, field_errors};
use crate::pages::{lists, rows};
use crate::posted::{Fields, PublicForm};
use crate::render::{page, page_with};
use crate::routes::routes;
use crate::view::Chrome;
use crate::view::activation::{
    ActivateForm, ActivatePage, ComuneChoice, ReceiptPage, RegisterPage, SlaCase, SlaPage, SlaRow,
};
use crate::view::chrome::Section;
use crate::view::form::{FieldError, FieldErrors};
use crate::visit::Visit;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use baluardo_model::Timestamp;
use baluardo_model::activation::{Application, ServiceCode};
use baluardo_model::register::{Comune, Register};
use baluardo_service::Error;
use baluardo_service::activation::{self, RECEIPT_PATH, ReceiptStatus, SlaFigures, SlaOutcome, SubmitRequest};

routes! {
    own {
        get "/activate" activate, Public;
        post "/activate" ask_activation, Public;
        get "/update" update, Public;
        post "/update" ask_update, Public;
        get "/register" register, Public;
        get "/receipt/{id}" receipt, Public;
        get "/sla" sla, Public;
    }
    tenant {}
}

/// How many comuni a search shows.
pub const FOUND: usize = 20;

async fn activate(visit: Visit) -> PageResult {
    empty_form(&visit, ServiceCode::Activation)
}

async fn update(visit: Visit) -> PageResult {
    empty_form(&visit, ServiceCode::Update)
}

async fn ask_activation(form: PublicForm) -> PageResult {
    ask(form, ServiceCode::Activation).await
}

async fn ask_update(form: PublicForm) -> PageResult {
    ask(form, ServiceCode::Update).await
}

/// A new form; the search without scripts has chosen the comune already (`?comune=I726`).
fn empty_form(visit: &Visit, service: ServiceCode) -> PageResult {
    let chosen = Register::shipped().comune(&lists::query(visit).text("comune"));
    let form = ActivateForm {
        cadastral_code: chosen.map(|comune| comune.cadastral_code.clone()).unwrap_or_default(),
        comune: chosen.map(|comune| comune.name.clone()).unwrap_or_default(),
        ..ActivateForm::default()
    };
    let chrome = visit.chrome(Section::None);
    Ok(page(visit.lang, &ActivatePage { chrome, service, form, errors: FieldErrors::default() }))
}

async fn ask(posted: PublicForm, service: ServiceCode) -> PageResult {
    let PublicForm { visit, fields } = posted;
    let form = typed(&fields);
    let comune = chosen(&form);
    let request = SubmitRequest { service, application: application(&form, comune.as_ref().ok().copied()) };
    match activation::submit_request(&visit.app.house, &request, &client(&visit)).await {
        Ok(receipt) => Ok(Redirect::to(&format!("{RECEIPT_PATH}{}", receipt.id)).into_response()),
        Err(error) => {
            let errors = beside_fields(field_errors(error, &visit)?, comune.err().map(|error| error.code()));
            let view = ActivatePage { chrome: visit.chrome(Section::None), service, form, errors };
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, visit.lang, &view))
        }
    }
}

fn typed(fields: &Fields) -> ActivateForm {
    ActivateForm {
        cadastral_code: fields.text("cadastral_code"),
        comune: fields.text("comune"),
        rtd_name: fields.text("rtd_name"),
        rtd_role: fields.text("rtd_role"),
        email: fields.text("email"),
        pec: fields.text("pec"),
        devices: fields.text("devices"),
        note: fields.text("note"),
    }
}

/// The form as the service floor takes it, which tells of every field that is wrong, a missing comune included.
fn application(form: &ActivateForm, comune: Option<&Comune>) -> Application {
    Application {
        cadastral_code: comune.map(|comune| comune.cadastral_code.clone()).unwrap_or_default(),
        rtd_name: form.rtd_name.clone(),
        rtd_role: form.rtd_role.clone(),
        email: form.email.clone(),
        pec: form.pec.clone(),
        // No device is out of range, and so is what is no number.
        devices: form.devices.parse().unwrap_or(0),
        note: form.note.clone(),
    }
}

/// The comune of a form: the one that was picked, else the only one of that name.
///
/// Without scripts the code of an earlier choice stays in the form while the name is typed over, so the code counts only
/// together with its name.
fn chosen(form: &ActivateForm) -> Result<&'static Comune, Error> {
    let register = Register::shipped();
    let same = |comune: &&Comune| comune.name.to_lowercase() == form.comune.to_lowercase();
    if let Some(comune) = register.comune(&form.cadastral_code).filter(same) {
        return Ok(comune);
    }
    let found = register.search(&form.comune, FOUND);
    let exact: Vec<&Comune> = found.iter().copied().filter(|comune| same(comune)).collect();
    match (exact.as_slice(), found.as_slice()) {
        ([one], _) | ([], [one]) => Ok(one),
        ([], []) => Err(Error::invalid("comune", "comune_unknown", "no comune of the register has this name")),
        _ => Err(Error::invalid("comune", "comune_ambiguous", "several comuni fit this name: choose one")),
    }
}

/// The form has one field for the comune, where the service floor knows its code; `unclear` is what is wrong with what
/// was typed there.
fn beside_fields(errors: FieldErrors, unclear: Option<&'static str>) -> FieldErrors {
    let place = |error: FieldError| match error.field.as_str() {
        "cadastral_code" => FieldError { field: "comune".to_owned(), code: unclear.map_or(error.code, str::to_owned) },
        _ => error,
    };
    FieldErrors(errors.0.into_iter().map(place).collect())
}

async fn register(visit: Visit) -> PageResult {
    let query = lists::query(&visit);
    let service = ServiceCode::from_code(query.raw("service")).unwrap_or(ServiceCode::Activation);
    let text = query.text("q");
    let found = Register::shipped().search(&text, FOUND).into_iter().map(choice).collect();
    let view = RegisterPage { chrome: visit.chrome(Section::None), service, query: text, found };
    Ok(page(visit.lang, &view))
}

/// A comune of the register, as search shows it.
#[must_use]
pub fn choice(comune: &Comune) -> ComuneChoice {
    ComuneChoice {
        cadastral_code: comune.cadastral_code.clone(),
        name: comune.name.clone(),
        province: comune.province_code.clone(),
        region: comune.region.clone(),
    }
}

async fn receipt(visit: Visit, Path(id): Path<String>) -> PageResult {
    let id = rows::id(&id).map_err(|error| fail(&visit, error))?;
    let status = activation::receipt_status(&visit.app.house, id).await.map_err(|error| fail(&visit, error))?;
    let view = receipt_view(status, visit.chrome(Section::None));
    Ok(page(visit.lang, &view))
}

/// A receipt with all that its holder may know.
#[must_use]
pub fn receipt_view(status: ReceiptStatus, chrome: Chrome) -> ReceiptPage {
    ReceiptPage {
        chrome,
        receipt: status.id.to_string(),
        service: status.service,
        comune: status.comune,
        email_hint: status.email_hint,
        clock: clock(&status.sla, status.state),
        trace: trace(&status.sla),
        reason: status.reason.unwrap_or_default(),
    }
}

async fn sla(visit: Visit) -> PageResult {
    let query = lists::query(&visit);
    let figures = activation::sla_figures(&visit.app.house).await.map_err(|error| fail(&visit, error))?;
    let cases = match (ServiceCode::from_code(query.raw("service")), outcome(query.raw("outcome"))) {
        (Some(service), Some(outcome)) => {
            let found = activation::sla_cases(&visit.app.house, query.raw("month"), service, outcome).await;
            let case = |case: &activation::SlaCase| SlaCase {
                comune: case.comune.clone(),
                clock: clock(&case.sla, case.state),
            };
            Some(found.map_err(|error| fail(&visit, error))?.iter().map(case).collect())
        }
        _ => None,
    };
    Ok(page(visit.lang, &SlaPage { chrome: visit.chrome(Section::None), rows: sla_rows(&figures), cases }))
}

fn outcome(word: &str) -> Option<SlaOutcome> {
    match word {
        "kept" => Some(SlaOutcome::Kept),
        "missed" => Some(SlaOutcome::Missed),
        "open" => Some(SlaOutcome::Running),
        _ => None,
    }
}

/// The public table, newest month first.
#[must_use]
pub fn sla_rows(figures: &SlaFigures) -> Vec<SlaRow> {
    let row = |month: &activation::SlaMonth| {
        let ended = month.kept + month.missed;
        SlaRow {
            month: first_noon(&month.month),
            service: month.service,
            kept: month.kept.into(),
            missed: month.missed.into(),
            open: month.running.into(),
            kept_percent: (u64::from(month.kept) * 100).checked_div(ended.into()).map(|share| share as u32),
        }
    };
    figures.months.iter().map(row).collect()
}

/// The noon of the first day of a month (`2026-11`), which every text of the service floor is.
fn first_noon(month: &str) -> Timestamp {
    format!("{month}-01").parse().map_or(Timestamp::from_micros(0), Timestamp::noon)
}

fn fail(visit: &Visit, error: Error) -> PageError {
    PageError { lang: visit.lang, path: visit.path.clone(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(code: &str, name: &str) -> Result<String, &'static str> {
        let form = ActivateForm { cadastral_code: code.to_owned(), comune: name.to_owned(), ..ActivateForm::default() };
        chosen(&form).map(|comune| comune.cadastral_code.clone()).map_err(|error| error.code())
    }

    #[test]
    fn a_picked_comune_is_taken_and_a_typed_one_if_only_one_fits() {
        assert_eq!(code_of("I726", "Siena"), Ok("I726".to_owned()));
        assert_eq!(code_of("", "siena"), Ok("I726".to_owned()));
        assert_eq!(code_of("", "Forli'"), Err("comune_ambiguous"));
        assert_eq!(code_of("", "Castro"), Err("comune_ambiguous"));
        assert_eq!(code_of("", "Atlantide"), Err("comune_unknown"));
        assert_eq!(code_of("", ""), Err("comune_unknown"));
    }

    #[test]
    fn a_name_typed_over_an_earlier_choice_wins_over_its_code() {
        assert_eq!(code_of("I726", "Grosseto"), Ok("E202".to_owned()));
        assert_eq!(code_of("I726", "Atlantide"), Err("comune_unknown"));
    }

    #[test]
    fn a_month_is_a_noon_of_it() {
        let rome = first_noon("2026-11").rome();
        assert_eq!((rome.year(), rome.month(), rome.day()), (2026, 11, 1));
        assert_eq!(first_noon("x").micros(), 0);
    }
}

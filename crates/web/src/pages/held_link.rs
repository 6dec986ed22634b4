//! The links of the letter about held mail: anybody may knock, the link says for whom.

use crate::answer::{PageError, PageResult};
use crate::pages::identity::client;
use crate::pages::mail::reasons;
use crate::posted::PublicForm;
use crate::render::page_with;
use crate::routes::routes;
use crate::view::chrome::Section;
use crate::view::held_link::{HeldLinkMessage, HeldLinkPage, HeldLinkState};
use crate::visit::Visit;
use axum::extract::Path;
use axum::http::StatusCode;
use baluardo_service::Error;
use baluardo_service::mail::{self, HELD_LINK_PATH, HeldLanding};

routes! {
    own {
        get "/held/{token}" land, Public;
        post "/held/{token}/release" release, Public;
        post "/held/{token}/ask" ask, Public;
    }
    tenant {}
}

async fn land(visit: Visit, Path(token): Path<String>) -> PageResult {
    let found = mail::open_held_link(&visit.app.house, &token, &client(&visit)).await;
    show(&visit, token, found, |landing| match (landing.may_release, landing.asked) {
        (true, _) => HeldLinkState::Release,
        (false, true) => HeldLinkState::Asked,
        (false, false) => HeldLinkState::Ask,
    })
}

/// A person, not a scanner, wants it.
async fn release(Path(token): Path<String>, form: PublicForm) -> PageResult {
    let visit = form.visit;
    let done = mail::release_by_link(&visit.app.house, &token, &client(&visit)).await;
    show(&visit, token, done, |_| HeldLinkState::Released)
}

async fn ask(Path(token): Path<String>, form: PublicForm) -> PageResult {
    let visit = form.visit;
    let done = mail::ask_by_link(&visit.app.house, &token, &client(&visit)).await;
    show(&visit, token, done, |_| HeldLinkState::Asked)
}

fn show(
    visit: &Visit,
    token: String,
    found: Result<HeldLanding, Error>,
    state: impl FnOnce(&HeldLanding) -> HeldLinkState,
) -> PageResult {
    let (status, state, refusal, message) = match found {
        Ok(landing) => (StatusCode::OK, state(&landing), String::new(), Some(message(visit, landing))),
        Err(Error::Conflict { code, .. }) => (status(code), HeldLinkState::Refused, code.to_owned(), None),
        Err(error) => return Err(PageError { lang: visit.lang, path: visit.path.clone(), error }),
    };
    let mut chrome = visit.chrome(Section::None);
    // Whoever changes the language afterwards asks for the page again, and sends no form.
    chrome.path = format!("{HELD_LINK_PATH}{token}");
    Ok(page_with(status, visit.lang, &HeldLinkPage { chrome, token, state, refusal, message }))
}

fn message(visit: &Visit, landing: HeldLanding) -> HeldLinkMessage {
    HeldLinkMessage {
        tenant: landing.tenant,
        author: landing.author,
        subject: landing.subject,
        taken_at: landing.taken_at,
        reasons: reasons(&landing.reasons, visit.lang),
        expires_at: landing.expires_at,
    }
}

fn status(code: &str) -> StatusCode {
    match code {
        "mail.link_bad" => StatusCode::NOT_FOUND,
        "mail.link_expired" | "mail.link_deleted" | "mail.link_gone" => StatusCode::GONE,
        "mail.link_not_yours" => StatusCode::FORBIDDEN,
        _ => StatusCode::CONFLICT,
    }
}

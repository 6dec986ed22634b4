//! The public pages that hold no data, the switch of language, and the sign of life.

use crate::answer::PageResult;
use crate::cookie;
use crate::locale::Lang;
use crate::posted::Fields;
use crate::render::page;
use crate::routes::routes;
use crate::view::chrome::Section;
use crate::view::home::{AccessibilityPage, HomePage, PrivacyPage, SourcePage};
use crate::visit::Visit;
use axum::http::header;
use axum::response::{IntoResponse as _, Redirect, Response};
use baluardo_service::identity;

routes! {
    own {
        get "/" home, Public;
        get "/accessibility" accessibility, Public;
        get "/privacy" privacy, Public;
        get "/source" source, Public;
        get "/language" language, Public;
        get "/healthz" healthz, Public;
    }
    tenant {}
}

async fn home(visit: Visit) -> PageResult {
    let consortium = consortium(&visit).await?;
    Ok(page(visit.lang, &HomePage { chrome: visit.chrome(Section::None), consortium }))
}

async fn accessibility(visit: Visit) -> PageResult {
    let contact = visit.app.house.settings().mail_from.clone();
    Ok(page(visit.lang, &AccessibilityPage { chrome: visit.chrome(Section::None), contact }))
}

async fn privacy(visit: Visit) -> PageResult {
    let consortium = consortium(&visit).await?;
    let contact = visit.app.house.settings().mail_from.clone();
    Ok(page(visit.lang, &PrivacyPage { chrome: visit.chrome(Section::None), consortium, contact }))
}

async fn source(visit: Visit) -> PageResult {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let url = env!("CARGO_PKG_REPOSITORY").to_owned();
    Ok(page(visit.lang, &SourcePage { chrome: visit.chrome(Section::None), version, url }))
}

/// Keeps the chosen language and goes back to the page.
async fn language(visit: Visit) -> Response {
    let query = Fields::read(visit.path.split_once('?').map_or("", |(_, query)| query).as_bytes());
    let lang = Lang::from_code(query.raw("to")).unwrap_or_default();
    let back = own_path(query.raw("back"));
    let mut response = Redirect::to(&back).into_response();
    if let Some(cookie) = cookie::choose_lang(lang) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// A path of this house, or its front door: a link from outside cannot send a visitor elsewhere.
#[must_use]
pub fn own_path(path: &str) -> String {
    let ours = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\n', '\r']);
    if ours { path.to_owned() } else { "/".to_owned() }
}

async fn healthz() -> &'static str {
    "ok\n"
}

async fn consortium(visit: &Visit) -> Result<String, crate::answer::PageError> {
    let found = identity::first_consortium(&visit.app.house).await;
    let fail = |error| crate::answer::PageError { lang: visit.lang, path: visit.path.clone(), error };
    found.map(|tenant| tenant.name).map_err(fail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_out_of_the_house() {
        assert_eq!(own_path("/devices?q=a"), "/devices?q=a");
        for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "", "javascript:alert(1)"] {
            assert_eq!(own_path(elsewhere), "/", "{elsewhere}");
        }
    }
}

//! The parts that many pages repeat: header, navigation, notices, the fields of a form.
//!
//! Each is a template of its own. Written into every page by inheritance or by a macro, they would be compiled once for
//! each of the pages, and took a third of the time that this crate needs to build.

use crate::view::{Chrome, FieldErrors, Paging};
use askama::Template;
use baluardo_model::Timestamp;
use serde::Serialize;
use std::fmt::Display;

macro_rules! parts_of_chrome {
    ($($(#[doc = $doc:literal])+ $method:ident $part:ident $path:literal;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Template)]
            #[template(path = $path)]
            pub struct $part<'a> {
                chrome: &'a Chrome,
            }
        )+

        impl Chrome {
            $(
                $(#[doc = $doc])+
                #[must_use]
                pub const fn $method(&self) -> $part<'_> {
                    $part { chrome: self }
                }
            )+
        }
    };
}

parts_of_chrome! {
    /// Styles, icon and scripts.
    head Head "parts/head.html";
    /// Everything above the content: links that skip to it, the bar with the reader's name, the brand.
    header Header "parts/header.html";
    /// The side navigation of the console.
    side Side "parts/nav.html";
    /// What an act that was just done has to say.
    notices Notices "parts/notices.html";
    /// Everything below the content.
    footer Footer "parts/footer.html";
}

/// The attributes of a form that asks for a passkey.
#[derive(Debug, Template)]
#[template(path = "parts/passkey.html")]
pub struct Passkey<'a> {
    chrome: &'a Chrome,
    act: &'a str,
    start: &'a str,
    finish: &'a str,
}

impl Chrome {
    /// The attributes of a form that asks for a passkey: `act` is `create` or `get`, the others are the addresses where
    /// the ceremony begins and ends.
    #[must_use]
    pub const fn passkey<'a>(&'a self, act: &'a str, start: &'a str, finish: &'a str) -> Passkey<'a> {
        Passkey { chrome: self, act, start, finish }
    }
}

/// Everything that is wrong with a form, above it.
#[derive(Debug, Template)]
#[template(path = "parts/errors.html")]
pub struct Errors<'a> {
    chrome: &'a Chrome,
    errors: &'a FieldErrors,
}

/// Everything that is wrong with a form, above it; nothing when nothing is.
#[must_use]
pub const fn errors<'a>(chrome: &'a Chrome, errors: &'a FieldErrors) -> Errors<'a> {
    Errors { chrome, errors }
}

/// A field of one line, with its label, hint and error.
#[derive(Debug, Template)]
#[template(path = "parts/field.html")]
pub struct Field<'a> {
    chrome: &'a Chrome,
    errors: &'a FieldErrors,
    name: &'a str,
    kind: &'a str,
    label: &'a str,
    value: String,
    hint: &'a str,
    required: bool,
    complete: &'a str,
}

/// A field of one line: `kind` is the type of its input, `complete` what the browser may fill in; `label` and `hint` are
/// keys of texts, and an empty hint is none.
#[must_use]
#[expect(clippy::too_many_arguments, reason = "templates call it, and they have no named arguments")]
pub fn field<'a>(
    chrome: &'a Chrome,
    errors: &'a FieldErrors,
    name: &'a str,
    kind: &'a str,
    label: &'a str,
    value: &(impl Display + ?Sized),
    hint: &'a str,
    required: bool,
    complete: &'a str,
) -> Field<'a> {
    Field { chrome, errors, name, kind, label, value: value.to_string(), hint, required, complete }
}

/// A field of several lines.
#[derive(Debug, Template)]
#[template(path = "parts/area.html")]
pub struct Area<'a> {
    chrome: &'a Chrome,
    errors: &'a FieldErrors,
    name: &'a str,
    label: &'a str,
    value: String,
    hint: &'a str,
    rows: u8,
    required: bool,
}

/// A field of several lines, with the arguments of [`field`].
#[must_use]
#[expect(clippy::too_many_arguments, reason = "templates call it, and they have no named arguments")]
pub fn area<'a>(
    chrome: &'a Chrome,
    errors: &'a FieldErrors,
    name: &'a str,
    label: &'a str,
    value: &(impl Display + ?Sized),
    hint: &'a str,
    rows: u8,
    required: bool,
) -> Area<'a> {
    Area { chrome, errors, name, label, value: value.to_string(), hint, rows, required }
}

/// What stands below a list: how many rows there are, and the way to the others.
#[derive(Debug, Template)]
#[template(path = "parts/paging.html")]
pub struct ListFoot<'a> {
    chrome: &'a Chrome,
    paging: &'a Paging,
    shown: u64,
}

/// What stands below a list of which `shown` rows are on the page.
#[must_use]
pub const fn paging<'a>(chrome: &'a Chrome, paging: &'a Paging, shown: u64) -> ListFoot<'a> {
    ListFoot { chrome, paging, shown }
}

/// A new second factor, to scan or to type.
#[derive(Debug, Template)]
#[template(path = "parts/totp.html")]
pub struct Totp<'a> {
    chrome: &'a Chrome,
    qr: &'a str,
    secret: &'a str,
}

/// A new second factor: its code as a `data:` address, and the same secret in Base32.
#[must_use]
pub const fn totp<'a>(chrome: &'a Chrome, qr: &'a str, secret: &'a str) -> Totp<'a> {
    Totp { chrome, qr, secret }
}

/// The buttons of a filter.
#[derive(Debug, Template)]
#[template(path = "parts/filter_end.html")]
pub struct FilterEnd<'a> {
    chrome: &'a Chrome,
    path: &'a str,
}

/// The buttons of a filter of the list at `path`.
#[must_use]
pub const fn filter_end<'a>(chrome: &'a Chrome, path: &'a str) -> FilterEnd<'a> {
    FilterEnd { chrome, path }
}

/// A kind of call that was refused at the agents' door.
#[derive(Clone, Debug, Serialize)]
pub struct RefusalLine {
    /// Its stable code; the locale files hold the words under `refusal.<code>`.
    pub code: String,
    /// How often.
    pub count: u64,
    /// When last.
    pub last_at: Timestamp,
    /// What was answered last: may hold foreign text.
    pub last_detail: String,
}

/// What was refused at the agents' door; nothing when nothing was.
#[derive(Debug, Template)]
#[template(path = "parts/refusals.html")]
pub struct Refusals<'a> {
    chrome: &'a Chrome,
    rows: &'a [RefusalLine],
}

/// What was refused at the agents' door, the newest first.
#[must_use]
pub const fn refusals<'a>(chrome: &'a Chrome, rows: &'a [RefusalLine]) -> Refusals<'a> {
    Refusals { chrome, rows }
}

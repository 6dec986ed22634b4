//! What forms and lists share: errors beside their fields, and the way to the next rows.

use crate::view::Chrome;
use serde::Serialize;

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The name of the field in the form.
    pub field: String,
    /// A stable code; the locale files hold the words under `error.<code>`.
    pub code: String,
}

impl FieldError {
    /// The id of the field on the page. The service calls some fields by what they hold, the form by what is typed.
    #[must_use]
    pub fn shown_at(&self) -> &str {
        match self.field.as_str() {
            "cadastral_code" => "comune",
            "vault_bytes" => "vault_mb",
            "max_file_bytes" => "max_file_mb",
            "patron" => "day",
            field => field,
        }
    }
}

impl FieldError {
    /// The key of the field's own words, for a summary far from the field; none where one name stands for several.
    #[must_use]
    pub fn label(&self) -> Option<&'static str> {
        Some(match (self.field.as_str(), self.code.as_str()) {
            ("comune" | "cadastral_code", _) => "activate.comune",
            ("pec", _) => "activate.pec",
            ("rtd_name", _) => "activate.rtd_name",
            ("rtd_role", _) => "activate.rtd_role",
            ("email", _) => "activate.email",
            ("devices", _) => "activate.devices",
            ("note", "required") => "activate.changed",
            ("note", _) => "activate.note",
            _ => return None,
        })
    }
}

/// Everything that is wrong with a form; empty when it is good or new.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    /// One wrong field.
    #[must_use]
    pub fn one(field: &str, code: &str) -> Self {
        Self(vec![FieldError { field: field.to_owned(), code: code.to_owned() }])
    }

    /// The words for what is wrong with a field; nothing when it is good.
    #[must_use]
    pub fn of(&self, chrome: &Chrome, field: &str) -> Option<String> {
        self.0.iter().find(|error| error.shown_at() == field).map(|error| chrome.word_or_code("error.", &error.code))
    }

    /// Whether the field is wrong.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.0.iter().any(|error| error.shown_at() == field)
    }

    /// Whether anything is wrong.
    #[must_use]
    pub fn any(&self) -> bool {
        !self.0.is_empty()
    }
}

/// Which rows of a list are shown, and where the others are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Paging {
    /// How many rows there are in all, with the filter that is set.
    pub total: u64,
    /// Address of the newer rows.
    pub previous: Option<String>,
    /// Address of the older rows.
    pub next: Option<String>,
    /// Address of the same rows as CSV; none where the list has no export.
    pub export: Option<String>,
}

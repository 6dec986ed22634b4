//! Pages about who may come in and how the tenant is run: people and settings.

use crate::view::{Chrome, FieldErrors, Paging};
use askama::Template;
use baluardo_model::Timestamp;
use baluardo_model::identity::{Management, Role};
use serde::Serialize;

/// Where a person's access stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PersonState {
    /// Has signed in.
    Active,
    /// Was invited and has not come yet.
    Invited,
    /// May no longer sign in.
    Disabled,
}

impl PersonState {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Invited => "invited",
            Self::Disabled => "disabled",
        }
    }
}

/// A person in the list.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct PersonRow {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// What they are.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub role: Role,
    /// Their office; empty where it does not matter.
    pub office: String,
    /// Where their access stands.
    pub state: PersonState,
    /// When they were last seen.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub last_seen: Option<Timestamp>,
    /// How many browsers they are signed in with.
    pub sessions: u64,
    /// Whether it is the reader.
    pub is_me: bool,
}

/// What the invitation form holds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct InviteForm {
    /// Name.
    pub name: String,
    /// Address.
    pub email: String,
    /// A role's code.
    pub role: String,
    /// Office.
    pub office: String,
}

/// Who may sign in (`/people`), with the form that invites one more (`POST /people`).
#[derive(Debug, Template, Serialize)]
#[template(path = "people/people.html")]
pub struct PeoplePage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The people.
    pub rows: Vec<PersonRow>,
    /// Text that the list is narrowed to.
    pub q: String,
    /// The other rows.
    pub paging: Paging,
    /// Whether the reader may invite and change.
    pub may_change: bool,
    /// The roles that may be given here.
    pub roles: Vec<Role>,
    /// What was typed.
    pub form: InviteForm,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// A token for the JSON API.
#[derive(Clone, Debug, Serialize)]
pub struct TokenRow {
    /// Its id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// The role it acts as.
    pub role: Role,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used.
    pub last_used: Option<Timestamp>,
}

/// The settings of the tenant (`/settings`).
#[derive(Debug, Template, Serialize)]
#[template(path = "people/settings.html")]
pub struct SettingsPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// Who manages the comune; none for a body that has no such switch.
    pub management: Option<Management>,
    /// Whether the reader may move the switch.
    pub may_switch: bool,
    /// The consortium on the other side of the switch.
    pub consortium: String,
    /// The patron's day as month (1-12) and day, each 0 while none is set.
    pub patron: (u8, u8),
    /// Tokens that are alive.
    pub tokens: Vec<TokenRow>,
    /// The scopes that a new token may have.
    pub scopes: Vec<String>,
    /// How many days a new token may be good, with whether that is what is proposed.
    pub lives: Vec<(u32, bool)>,
    /// The token that was made just now, shown this once.
    pub new_token: Option<String>,
    /// Whether the reader may make and revoke tokens.
    pub may_tokens: bool,
    /// What is wrong: fields `day`, `name`, `days`, `scopes`.
    pub errors: FieldErrors,
}

impl SettingsPage {
    /// Whether the consortium manages.
    #[must_use]
    pub fn is_central(&self) -> bool {
        self.management == Some(Management::Central)
    }

    /// The months with whether each is the patron's.
    #[must_use]
    pub fn months(&self) -> Vec<(u8, bool)> {
        (1..=12).map(|month| (month, month == self.patron.0)).collect()
    }
}

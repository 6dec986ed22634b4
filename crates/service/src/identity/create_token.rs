//! Makes a token for the JSON API.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::address::check_line;
use crate::identity::invite_person::has_role;
use crate::rights::{Act, over_member, own, tenant_scope};
use crate::secret;
use baluardo_model::identity::{Actor, Management, Role, TenantKind};
use baluardo_model::{ApiTokenId, TenantId};
use baluardo_store::identity::StoredToken;
use std::time::Duration;

/// What every token begins with, so that scanners of repositories recognise one that leaked.
pub(crate) const PREFIX: &str = "baluardo_";
/// The longest life of a token, in days.
const LONGEST_DAYS: u32 = 365;

/// A token to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// Whose rows it reaches.
    pub tenant: TenantId,
    /// What its maker calls it.
    pub name: String,
    /// The role that it acts as; nothing for the maker's own (the platform's tokens: operator or RTD).
    pub role: Option<Role>,
    /// What it may do, by the words of [`Act`]s.
    pub scopes: Vec<String>,
    /// How long it is good, 1 to 365.
    pub days: u32,
}

/// A token that was made.
#[derive(Clone, PartialEq, Eq)]
pub struct CreatedToken {
    /// Names it in lists and logs.
    pub id: ApiTokenId,
    /// The bearer secret; shown this once.
    pub secret: String,
}

impl std::fmt::Debug for CreatedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedToken").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Makes a token. A person makes tokens that may do at most what the person may; a token makes no tokens.
///
/// # Errors
/// As [`tenant_scope`]; `role_not_here` and `role_above` in the field `role`; `scopes_empty`, `scope_unknown` and
/// `scope_above` in the field `scopes`; `days_range` in the field `days`; those of the name.
#[crate::act]
pub async fn create_token(house: &House, actor: &Actor, new: &NewToken) -> Result<CreatedToken, Error> {
    if matches!(actor, Actor::Token { .. }) {
        return Err(Error::Forbidden);
    }
    let name = check_line("name", &new.name, 80)?;
    if !(1..=LONGEST_DAYS).contains(&new.days) {
        return Err(Error::invalid("days", "days_range", format!("a token is good for 1 to {LONGEST_DAYS} days")));
    }
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ManageTokens, new.tenant).await?;
    let tenant = tx.platform().find_tenant(new.tenant).await?.ok_or(Error::NotFound)?;
    let role = role_for(actor, tenant.kind, new.role)?;
    let scopes = scopes_for(role, &new.scopes)?;
    let now = house.now();
    let secret = format!("{PREFIX}{}", secret::fresh(&*house.chance));
    let token = StoredToken {
        tenant: tenant.id,
        id: ApiTokenId::new(now, &*house.chance),
        name,
        role,
        scopes,
        created_at: now,
        expires_at: now.plus(Duration::from_secs(u64::from(new.days) * 24 * 60 * 60)),
        revoked_at: None,
        used_at: None,
    };
    tx.tenant(scope).insert_token(&token, &secret::hash(&secret)).await?;
    let detail = format!("{}: {}", role.code(), token.scopes.join(" "));
    record(house, &mut tx, scope, actor, "tokens.create", format!("token {}", token.id), &detail).await?;
    tx.commit().await?;
    Ok(CreatedToken { id: token.id, secret })
}

fn role_for(actor: &Actor, kind: TenantKind, asked: Option<Role>) -> Result<Role, Error> {
    let highest = match actor {
        Actor::Person { role, .. } => *role,
        _ => match kind {
            TenantKind::Consortium => Role::Operator,
            TenantKind::Comune => Role::Rtd,
            TenantKind::Police => Role::PoliceAnalyst,
            TenantKind::Association => Role::Coordinator,
        },
    };
    let role = asked.unwrap_or(highest);
    if !has_role(kind, role) {
        return Err(Error::invalid("role", "role_not_here", "this body has no such role"));
    }
    if Act::ALL.iter().any(|act| may(role, *act) && !may(highest, *act)) {
        return Err(Error::invalid("role", "role_above", "this role may do more than you may"));
    }
    Ok(role)
}

/// Whether a role may ever do an act, at home or as an operator in a member comune.
fn may(role: Role, act: Act) -> bool {
    own(role, act) || (role == Role::Operator && over_member(Management::Central, act))
}

/// The words of everything that a token of this role may be given.
#[must_use]
pub fn scopes_of(role: Role) -> Vec<&'static str> {
    Act::ALL.iter().filter(|act| may(role, **act)).map(|act| act.code()).collect()
}

fn scopes_for(role: Role, asked: &[String]) -> Result<Vec<String>, Error> {
    if asked.is_empty() {
        return Err(Error::invalid("scopes", "scopes_empty", "a token needs at least one scope"));
    }
    let mut scopes = Vec::with_capacity(asked.len());
    for word in asked {
        let act = Act::ALL.iter().find(|act| act.code() == word).ok_or_else(|| {
            Error::invalid("scopes", "scope_unknown", format!("{word:?} is no scope, see the list in the API's manual"))
        })?;
        if !may(role, *act) {
            let why = format!("the role {} may not do {word}", role.code());
            return Err(Error::invalid("scopes", "scope_above", why));
        }
        scopes.push(word.clone());
    }
    scopes.sort_unstable();
    scopes.dedup();
    Ok(scopes)
}

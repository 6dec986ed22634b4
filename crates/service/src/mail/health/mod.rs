//! How the mail domains of a comune stand, by what the DNS says of them: looked at every day by a job of the server, and whenever
//! somebody asks.
//!
//! What asks the DNS is the server's own code behind [`NamesDoor`]; what is found is judged by `mail::health`. While the DNS is away
//! the last look stays, and nobody is told that anything got worse.

mod door;
mod due;
mod keep;
mod list;
mod look;
mod selectors;

pub use door::{Looking, NamesDoor};
pub use due::{due_domains, look_at_due};
pub use list::{CheckText, DomainHealth, HealthCheck, list_health, see_fall};
pub use look::look_at_domain;
pub use selectors::name_selectors;
pub(in crate::mail) use selectors::note_selectors;

use crate::error::Error;
use baluardo_model::mail::DomainState;
use baluardo_store::{TenantScope, Tx};

/// The domain in the form in which it is kept, if the tenant answers for it.
async fn own_domain(tx: &mut Tx, scope: TenantScope, domain: &str) -> Result<String, Error> {
    let domain = domain.trim().trim_end_matches('.').to_lowercase();
    let own = tx.tenant(scope).mail_domains().await?;
    let found = own.into_iter().find(|own| own.state == DomainState::Approved && own.domain == domain);
    found.map(|own| own.domain).ok_or(Error::NotFound)
}

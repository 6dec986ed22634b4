//! What asks the DNS on behalf of a use case: the server's own code, because the network is its business.

use baluardo_mail::health::{Health, Subject};
use std::pin::Pin;

/// A look, some time.
pub type Looking<'a> = Pin<Box<dyn Future<Output = Health> + Send + 'a>>;

/// Asks the DNS.
pub trait NamesDoor: Send + Sync {
    /// Looks at a domain, within a bounded time. What cannot be found out is unknown.
    fn look<'a>(&'a self, subject: &'a Subject) -> Looking<'a>;
}

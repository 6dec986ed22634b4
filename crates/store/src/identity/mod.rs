//! People, their credentials, links, sessions, tokens, and the counters that slow guessing down.

pub(crate) mod ceremonies;
pub(crate) mod credentials;
pub(crate) mod links;
pub(crate) mod people;
pub(crate) mod sessions;
pub(crate) mod throttle;
pub(crate) mod tokens;

pub use ceremonies::Ceremony;
pub use credentials::{Credential, CredentialKind};
pub use links::StoredLink;
pub use people::{ListedPerson, StoredPerson};
pub use sessions::StoredSession;
pub use throttle::Tries;
pub use tokens::StoredToken;

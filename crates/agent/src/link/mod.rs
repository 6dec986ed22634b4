//! The link to the server: events up, orders down, a wake-up line in between. The agent calls out only.

pub mod backoff;
pub mod call;
pub mod contact;
pub mod drive;
pub mod exchange;
pub mod journal;
pub mod orders;
mod packs;
pub mod renew;
mod teller;
pub mod tls;
pub mod upload;
pub mod wake;

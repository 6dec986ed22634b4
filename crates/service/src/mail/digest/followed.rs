//! A link that somebody follows: whom and what it is for, or why it does not open. What does not open is counted and told in the log.

use super::token::Claim;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::{ClientHint, REFUSED_LINKS_OF_NETWORK, charge_network};
use crate::mail::HeldRow;
use crate::rights::platform_scope;
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_model::mail::{HeldState, domain_of};
use baluardo_store::{TenantScope, Tx};

/// What is counted for the consortium when a link is none of ours.
const FORGED: &str = "mail.link_forged";

/// A link that opens.
pub(super) struct Followed {
    pub(super) claim: Claim,
    pub(super) scope: TenantScope,
    pub(super) row: HeldRow,
    /// Whom it is for, in lower case.
    pub(super) recipient: String,
}

impl Followed {
    /// Whether the message has no other recipient.
    pub(super) fn is_sole(&self) -> bool {
        self.row.recipients.iter().all(|recipient| recipient.to_lowercase() == self.recipient)
    }
}

/// Why a link does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Forged,
    Expired(TenantId),
    Used(TenantId),
    Deleted(TenantId),
    /// The message is forgotten, or the address is none of the comune's any more.
    Gone(TenantId),
}

impl Refused {
    fn tenant(self) -> Option<TenantId> {
        match self {
            Self::Forged => None,
            Self::Expired(tenant) | Self::Used(tenant) | Self::Deleted(tenant) | Self::Gone(tenant) => Some(tenant),
        }
    }

    fn error(self) -> Error {
        match self {
            Self::Forged => {
                Error::conflict("mail.link_bad", "this link is not whole, or not ours: open it from the letter")
            }
            Self::Expired(_) => Error::conflict("mail.link_expired", "this link is over: ask the RTD for the message"),
            Self::Used(_) => {
                Error::conflict("mail.link_used", "this message was delivered already: look for it in the mailbox")
            }
            Self::Deleted(_) => Error::conflict("mail.link_deleted", "the RTD deleted this message: ask them"),
            Self::Gone(_) => {
                Error::conflict("mail.link_gone", "this message is not kept any more: ask its sender for it")
            }
        }
    }
}

/// Looks at a link. Nothing is written.
pub(super) async fn follow(house: &House, tx: &mut Tx, token: &str) -> Result<Result<Followed, Refused>, Error> {
    let Some(claim) = Claim::read(&house.seal, token) else { return Ok(Err(Refused::Forged)) };
    let (tenant, scope) = (claim.tenant, platform_scope(claim.tenant));
    let Some(row) = tx.tenant(scope).held_mail(claim.held).await? else { return Ok(Err(Refused::Gone(tenant))) };
    let Some(recipient) = claim.recipient(&house.seal, &row.recipients).map(|found| found.to_lowercase()) else {
        return Ok(Err(Refused::Gone(tenant)));
    };
    let owner = match domain_of(&recipient) {
        Some(domain) => tx.platform().domain_owner(&domain).await?,
        None => None,
    };
    let went = tx.tenant(scope).held_parts(claim.held).await?.iter().any(|part| part.recipient == recipient);
    Ok(match row.state {
        _ if owner != Some(tenant) => Err(Refused::Gone(tenant)),
        HeldState::Releasing | HeldState::Released => Err(Refused::Used(tenant)),
        _ if went => Err(Refused::Used(tenant)),
        HeldState::Deleted => Err(Refused::Deleted(tenant)),
        HeldState::Held if claim.expires_at <= house.now() => Err(Refused::Expired(tenant)),
        HeldState::Held => Ok(Followed { claim, scope, row, recipient }),
    })
}

/// Counts a link that does not open, tells it in the log of its comune, and gives what the visitor is told: that, or to wait, when their
/// network brought too many.
pub(super) async fn refuse(house: &House, why: Refused, client: &ClientHint) -> Error {
    match note(house, why, client).await {
        Ok(()) => why.error(),
        Err(error) => error,
    }
}

async fn note(house: &House, why: Refused, client: &ClientHint) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    charge_network(house, &mut tx, &REFUSED_LINKS_OF_NETWORK, client).await?;
    match why.tenant() {
        Some(tenant) => {
            let (scope, error) = (platform_scope(tenant), why.error());
            record(house, &mut tx, scope, &Actor::Public, "mail.link_refused", "mail", error.code()).await?;
        }
        None => {
            if let Some(consortium) = tx.platform().first_consortium().await? {
                tx.tenant(platform_scope(consortium.id)).count_refusals(FORGED, 1, house.now(), "").await?;
            }
        }
    }
    tx.commit().await?;
    Ok(())
}

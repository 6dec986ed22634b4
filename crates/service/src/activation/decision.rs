//! What every act of an operator on a request has in common: the right, the turn, the log, the line in the audit.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::live::Topic;
use crate::rights::{Act, consortium_scope, platform_scope};
use baluardo_model::activation::{Request, RequestEvent, RequestEventKind, RequestState};
use baluardo_model::identity::Actor;
use baluardo_model::{OutboxId, RequestId};
use baluardo_store::outbox::Mail;
use baluardo_store::{ConsortiumScope, Tx};

/// A request in the hands of an operator, inside a transaction.
pub(super) struct Decision<'h> {
    house: &'h House,
    actor: &'h Actor,
    pub(super) tx: Tx,
    pub(super) scope: ConsortiumScope,
    pub(super) request: Request,
}

impl<'h> Decision<'h> {
    /// Takes the request in hand: from here to the end nobody else can.
    ///
    /// # Errors
    /// As [`consortium_scope`]; [`Error::NotFound`].
    pub(super) async fn begin(house: &'h House, actor: &'h Actor, id: RequestId) -> Result<Self, Error> {
        let mut tx = house.store.write().await?;
        let scope = consortium_scope(&mut tx, actor, Act::DecideRequest).await?;
        tx.consortium(scope).hold_request(id).await?;
        let request = tx.consortium(scope).request(id).await?.ok_or(Error::NotFound)?;
        Ok(Self { house, actor, tx, scope, request })
    }

    /// Adds an event to the log and the line to the audit.
    ///
    /// # Errors
    /// `request_concluded`, `request_paused` or `request_not_paused` when the log does not allow it any more.
    pub(super) async fn add(&mut self, kind: RequestEventKind) -> Result<(), Error> {
        check_allowed(RequestState::of(&self.request.log), &kind)?;
        let by = match self.actor {
            Actor::Person { id, .. } => Some(*id),
            _ => None,
        };
        let (act, detail) = match &kind {
            RequestEventKind::Paused { reason } | RequestEventKind::Refused { reason } => (kind.code(), reason.clone()),
            _ => (kind.code(), String::new()),
        };
        let act = format!("requests.{act}");
        let event = RequestEvent { at: self.house.now(), by, kind };
        self.tx.consortium(self.scope).append_request_event(self.request.id, self.request.log.len(), &event).await?;
        self.request.log.push(event);
        let scope = platform_scope(self.scope.consortium());
        let target = format!("request {}", self.request.id);
        record(self.house, &mut self.tx, scope, self.actor, &act, target, &detail).await
    }

    /// Puts a letter into the consortium's outbox, once for each `occasion` of this request.
    ///
    /// # Errors
    /// What the store says.
    pub(super) async fn write(&mut self, occasion: &str, mail: &Mail) -> Result<(), Error> {
        let now = self.house.now();
        let id = OutboxId::new(now, &*self.house.chance);
        let key = format!("request {} {occasion}", self.request.id);
        self.tx.tenant(platform_scope(self.scope.consortium())).put_mail(id, &key, mail, now).await?;
        Ok(())
    }

    /// Keeps everything and tells who is looking.
    ///
    /// # Errors
    /// What the store says; then nothing was kept.
    pub(super) async fn end(self) -> Result<(), Error> {
        self.tx.commit().await?;
        self.house.live.tell(self.scope.consortium(), Topic::Request, self.request.id);
        Ok(())
    }
}

/// Whether a request that stands somewhere can take an event.
fn check_allowed(state: RequestState, kind: &RequestEventKind) -> Result<(), Error> {
    use RequestEventKind as Kind;
    match (state, kind) {
        (RequestState::Open, Kind::Paused { .. })
        | (RequestState::Paused, Kind::Resumed)
        | (RequestState::Open | RequestState::Paused, Kind::Approved | Kind::Refused { .. }) => Ok(()),
        (RequestState::Approved | RequestState::Refused, _) => {
            Err(Error::conflict("request_concluded", "this request was answered meanwhile: look at its log"))
        }
        (RequestState::Paused, _) => Err(Error::conflict("request_paused", "this request is paused already")),
        (RequestState::Open, _) => Err(Error::conflict("request_not_paused", "this request is not paused")),
    }
}

//! What a hunt over many comuni found, on one page: each comune's share, and what was found most often. Only of those that leave the
//! consortium the management today: who took it back is counted, and no more.

use super::get_hunt::stands;
use super::list_hunts::HuntOverview;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, consortium_scope};
use baluardo_model::hunt::HuntState;
use baluardo_model::identity::Actor;
use baluardo_model::{HuntId, TenantId, Timestamp};
use baluardo_store::ConsortiumTx;
use baluardo_store::fleet::hunt_rounds::{MemberHuntRow, RoundFound};
use baluardo_store::fleet::hunts::HuntRow;

/// The most rounds of one answer.
const MAX_ROUNDS: u32 = 50;
/// How much of what was found most often is named.
const NAMED: u32 = 50;

/// The share of one comune.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberHunt {
    /// Whose.
    pub tenant: TenantId,
    /// Its name.
    pub name: String,
    /// How far it came.
    pub overview: HuntOverview,
    /// On how many devices something was found.
    pub hit_devices: u64,
}

/// A hunt over many comuni.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HuntRound {
    /// Which.
    pub id: HuntId,
    /// What was asked, as one of its hunts has it.
    pub asked: HuntRow,
    /// Each comune's share, by name.
    pub members: Vec<MemberHunt>,
    /// How many comuni took their management back since.
    pub left: u64,
    /// What was found most often.
    pub found: Vec<RoundFound>,
}

impl HuntRound {
    /// Devices, how many of them are through, and how much was found, of all.
    #[must_use]
    pub fn sums(&self) -> (u64, u64, u64) {
        let sum = |of: fn(&HuntOverview) -> u64| self.members.iter().map(|member| of(&member.overview)).sum();
        (sum(|it| it.devices), sum(|it| it.over), sum(|it| it.hits))
    }
}

/// The newest hunts over many comuni, newest first.
///
/// # Errors
/// As [`consortium_scope`].
#[crate::act]
pub async fn list_member_hunts(house: &House, actor: &Actor) -> Result<Vec<HuntRound>, Error> {
    let mut tx = house.store.read().await?;
    let scope = consortium_scope(&mut tx, actor, Act::SeeHunts).await?;
    let mut rows = tx.consortium(scope);
    let mut rounds = Vec::new();
    for (id, _) in rows.hunt_rounds(MAX_ROUNDS).await? {
        rounds.extend(round(&mut rows, id, house.now(), false).await?);
    }
    Ok(rounds)
}

/// One of them.
///
/// # Errors
/// [`Error::NotFound`] when the consortium has no such round, or every comune of it took its management back; as [`consortium_scope`].
#[crate::act]
pub async fn get_member_hunt(house: &House, actor: &Actor, id: HuntId) -> Result<HuntRound, Error> {
    let mut tx = house.store.read().await?;
    let scope = consortium_scope(&mut tx, actor, Act::SeeHunts).await?;
    round(&mut tx.consortium(scope), id, house.now(), true).await?.ok_or(Error::NotFound)
}

async fn round(
    rows: &mut ConsortiumTx<'_>,
    id: HuntId,
    now: Timestamp,
    whole: bool,
) -> Result<Option<HuntRound>, Error> {
    let hunts = rows.round_hunts(id).await?;
    let Some(asked) = hunts.first().map(|member| member.hunt.clone()) else { return Ok(None) };
    let (states, hits) = (rows.round_states(id).await?, rows.round_hits(id).await?);
    let members = hunts.into_iter().map(|member| share(member, &states, &hits, now)).collect();
    let found = if whole { rows.round_found(id, NAMED).await? } else { Vec::new() };
    Ok(Some(HuntRound { id, asked, members, left: rows.round_left(id).await?, found }))
}

fn share(
    member: MemberHuntRow,
    states: &[(HuntId, HuntState, u64)],
    hits: &[(HuntId, u64, u64)],
    now: Timestamp,
) -> MemberHunt {
    let MemberHuntRow { tenant, name, hunt } = member;
    let own = || states.iter().filter(|(id, _, _)| *id == hunt.id);
    let devices = own().map(|(_, _, count)| count).sum();
    let over = own().filter(|(_, state, _)| stands(&hunt, *state, now).is_over()).map(|(_, _, count)| count).sum();
    let (hits, hit_devices) = hits.iter().find(|(id, _, _)| *id == hunt.id).map_or((0, 0), |(_, all, on)| (*all, *on));
    MemberHunt { tenant, name, overview: HuntOverview { hunt, devices, over, hits }, hit_devices }
}

//! The key that orders are signed with: one for each installation.

use super::certify::{failed, keep, open_key};
use super::root::consortium_of_house;
use crate::error::Error;
use crate::house::House;
use baluardo_store::Tx;
use baluardo_store::fleet::authority::AuthorityKind;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

/// The key, with the public half that devices get when they enrol.
pub(crate) struct OrderKey {
    pub(crate) pair: Ed25519KeyPair,
    /// Base64 without padding.
    pub(crate) public: String,
}

/// The key of orders within a transaction, made now if there is none yet.
pub(crate) async fn order_key(house: &House, tx: &mut Tx) -> Result<OrderKey, Error> {
    let home = consortium_of_house(tx).await?;
    let whose = (home, AuthorityKind::Orders);
    let kept = match tx.platform().authority(whose.0, whose.1).await? {
        Some(kept) => kept,
        None => {
            let mut seed = [0_u8; 32];
            house.chance.fill(&mut seed);
            let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(failed)?;
            keep(house, tx, whose, BASE64.encode(pair.public_key().as_ref()), &seed).await?
        }
    };
    let seed = open_key(house, whose, &kept)?;
    let public = BASE64.decode(&kept.certificate).map_err(failed)?;
    let pair = Ed25519KeyPair::from_seed_and_public_key(&seed, &public).map_err(failed)?;
    Ok(OrderKey { pair, public: kept.certificate })
}

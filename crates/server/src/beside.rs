//! The house of an installation for a command that works beside the server, or without it: it sends no mail and serves nobody.

use crate::ambient::{SystemChance, SystemClock};
use crate::run::open_store;
use crate::state::StateFolder;
use baluardo_model::Chance;
use baluardo_service::seal::SealKey;
use baluardo_service::{House, Settings};
use baluardo_store::Store;
use std::path::Path;
use std::sync::Arc;

/// Opens the house of the state folder, and its store, which whoever ends in good order closes.
///
/// # Errors
/// What stands in the way, with the remedy.
pub(crate) async fn open_house(state: &Path, database: Option<&str>) -> anyhow::Result<(House, Store)> {
    let state = StateFolder::beside(state)?;
    let chance: Arc<dyn Chance> = Arc::new(SystemChance::default());
    let seal = SealKey::from_bytes(&state.seal_key(chance.as_ref())?)?;
    let store = open_store(database, &state).await?;
    let settings = Settings {
        public_url: String::from("https://localhost:8443"),
        agent_address: String::new(),
        mail_from: String::new(),
        local_mail: false,
        starting_folders: Vec::new(),
    };
    let house = House::new(store.clone(), Arc::new(SystemClock), chance, settings, seal)?;
    Ok((house, store))
}

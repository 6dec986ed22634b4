//! A house whose every part a test holds in its hand.

use crate::ambient::{SeededChance, TestClock};
use baluardo_model::{DeviceId, TenantId};
use baluardo_service::seal::SealKey;
use baluardo_service::{House, Settings};
use baluardo_store::Store;
use std::sync::Arc;

/// A house with the handles that tests move.
#[derive(Debug)]
pub struct TestHouse {
    /// The house.
    pub house: Arc<House>,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// Its store, to look behind the use cases.
    pub store: Store,
}

impl TestHouse {
    /// On SQLite in memory.
    pub async fn in_memory() -> Self {
        Self::on("sqlite::memory:").await
    }

    /// On any database, which is migrated first.
    pub async fn on(address: &str) -> Self {
        let store = Store::open(address).await.expect("the test database opens");
        let clock = Arc::new(TestClock::default());
        Self { house: Self::house(&store, &clock, 42), clock, store }
    }

    /// Another house over the same database and clock, as a command that works beside the server has.
    #[must_use]
    pub fn beside(&self) -> Arc<House> {
        Self::house(&self.store, &self.clock, 43)
    }

    fn house(store: &Store, clock: &Arc<TestClock>, seed: u64) -> Arc<House> {
        let settings = Settings {
            public_url: "https://localhost:8443".to_owned(),
            agent_address: "localhost:8444".to_owned(),
            mail_from: "baluardo@consorzio.example".to_owned(),
            local_mail: true,
            starting_folders: Vec::new(),
        };
        let seal = SealKey::from_bytes(&[7; 32]).expect("32 bytes are a key");
        let house = House::new(store.clone(), clock.clone(), Arc::new(SeededChance::new(seed)), settings, seal);
        Arc::new(house.expect("the settings are good"))
    }

    /// Puts a device's row back from one acknowledged number to an older one, as a backup that is restored under a running
    /// server does.
    #[expect(clippy::disallowed_methods, reason = "a database that was put back is no act of anybody with rights")]
    pub async fn put_back(&self, tenant: TenantId, device: DeviceId, from: u64, to: u64) {
        let scope = baluardo_store::TenantScope::granted(tenant);
        let mut tx = self.store.write().await.expect("the store can be written");
        let moved = tx.tenant(scope).device_passes_over(device, from, to).await.expect("the row is there");
        assert!(moved, "the device does not stand at {from}");
        tx.commit().await.expect("the store can be written");
    }
}

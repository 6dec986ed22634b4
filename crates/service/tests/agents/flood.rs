//! A device that calls without end is slowed and named; the others keep their pace.

use crate::world::stories;
use baluardo_service::fleet;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::time::Duration;

stories! {
    async fn a_device_that_floods_is_slowed_and_named_and_others_keep_their_pace(world) {
        let (loud, calm) = (world.agent().await, world.agent().await);
        let leaf = |agent: &crate::world::Agent| {
            CertificateDer::from_pem_slice(agent.enrolled.certificate_chain.as_bytes()).unwrap()
        };
        let (louds, calms) = (leaf(&loud), leaf(&calm));
        let mut served = 0;
        while fleet::identify_device(&world.house, &louds).await.is_ok() {
            served += 1;
            assert!(served < 100_000, "nothing bounds it");
        }
        assert!(served >= 1_000, "an agent that brings home a backlog is no flood: {served}");
        for _ in 0..50 {
            let refusal = fleet::identify_device(&world.house, &louds).await.unwrap_err();
            assert_eq!((refusal.code, refusal.status), ("device.flood", 429));
            fleet::identify_device(&world.house, &calms).await.unwrap();
        }
        let rows = fleet::list_refusals(&world.house, &world.rtd, world.siena).await.unwrap();
        let row = rows.iter().find(|row| row.code == "device.flood").unwrap();
        assert_eq!(row.count, 51);
        assert!(row.last_detail.contains(&loud.device.to_string()), "{}", row.last_detail);
        // A second later it is heard again, and a clock that goes back gives nothing away.
        world.test.clock.advance(Duration::from_secs(1));
        fleet::identify_device(&world.house, &louds).await.unwrap();
        world.test.clock.set(world.house.now().minus(Duration::from_secs(2 * 365 * 86_400)));
        let mut more = 0;
        while fleet::identify_device(&world.house, &louds).await.is_ok() {
            more += 1;
        }
        assert!(more < 200, "{more}");
    }
}

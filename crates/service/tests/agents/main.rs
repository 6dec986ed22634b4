//! Stories of agents and of what they find: each runs on SQLite, and on PostgreSQL where the tests have one.

mod campaigns;
mod certificates;
mod clock;
mod enrolment;
mod exchange;
mod flood;
mod group_commit;
mod hunts;
mod inventory;
mod isolation;
mod kill;
mod members;
mod orders;
mod packs;
mod policy;
mod protection;
mod renewal;
mod responses;
mod resync;
mod stopping;
mod traces;
mod world;

//! Who this computer is to the server: its state folder, its key, its enrolment and what was saved of it.

pub mod enrol;
pub mod key;
pub mod machine;
pub mod policy;
pub mod saved;
pub mod sealed;
pub mod state_dir;

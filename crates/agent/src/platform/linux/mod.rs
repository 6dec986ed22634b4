//! Linux: fanotify where the agent may, inotify where it may not, /proc for processes, the journal for log-ins.

pub mod changes;
mod connector;
pub mod file;
mod gate;
pub mod gather;
mod handle;
mod inotify;
pub mod journal;
pub mod kin;
pub mod limits;
pub mod notify;
pub mod packaging;
pub mod process;
pub mod sensor;
pub mod starts;
pub mod stir;
pub mod stop;
pub mod suspects;
pub mod tail;
mod tree;
pub mod walk;
pub mod wall;

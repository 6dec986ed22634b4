//! Linux: fanotify where the agent may, inotify where it may not, /proc for processes.

pub mod file;
mod gate;
mod handle;
mod inotify;
pub mod kin;
pub mod limits;
pub mod process;
pub mod sensor;
pub mod stop;
pub mod suspects;
mod tree;
pub mod walk;
pub mod wall;

//! The operating system as protection sees it: the same nouns for every system, and one folder that knows the real one.
//!
//! What lies beside this file is neutral; what lies in `linux/` may use the kernel. Another system becomes another folder
//! with the same functions.

pub mod event;
mod linux;
pub mod place;
pub mod raw_path;

pub use linux::{
    changes, file, gather, journal, kin, limits, notify, packaging, process, sensor, starts, stir, stop, suspects,
    tail, walk, wall,
};

//! The binary baluardo: configuration, wiring, background jobs, command line.
fn main() {}

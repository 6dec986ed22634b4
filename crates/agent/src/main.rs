//! The binary baluardo-agent: sensors, responders, vault, spool, transport.
fn main() {}

//! Engines: bytes and events in, findings out. Pure: no IO, no async, fuzzed.

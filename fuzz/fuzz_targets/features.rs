//! Any bytes have features, whether they follow the plan of a sample or not.
#![no_main]

use baluardo_detect::content::{Features, Sample};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u64, &[u8], &[u8], &[u8])| {
    let (len, head, middle, tail) = input;
    for sample in [Sample::of_bytes(head), Sample::new(len, head, middle, tail)] {
        let seen = Features::of(&sample);
        assert!((0.0..=8.0).contains(&seen.entropy));
        assert!(seen.random_blocks <= seen.blocks);
    }
});

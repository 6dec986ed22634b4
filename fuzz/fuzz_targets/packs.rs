//! Packs of rules and digests: any bytes give a pack or words, also behind the true first bytes; what was read is written and read back the
//! same; and any file is gathered into one.
#![no_main]

use baluardo_detect::indicators::IndicatorsBuilder;
use baluardo_detect::packs::{Gathered, MAGIC, read, write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for begun in [&[][..], MAGIC.as_slice()] {
        let pack = [begun, bytes].concat();
        let mut indicators = IndicatorsBuilder::default();
        if let Ok(rules) = read(&mut pack.as_slice(), &mut indicators) {
            let again = write(&rules, &indicators);
            let mut known = IndicatorsBuilder::default();
            let back = read(&mut again.as_slice(), &mut known).unwrap();
            assert_eq!((back.len(), known.len()), (rules.len(), indicators.len()));
        }
    }
    let mut gathered = Gathered::default();
    gathered.add("a", bytes);
    let _ = write(&gathered.rules, &gathered.indicators);
});

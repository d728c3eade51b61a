//! Fuzz targets for everything that parses bytes from outside. `run` beside this builds them and runs each for a while.
//!
//! They are one program, because linking it takes longer than anything else; OCISCOPE_FUZZ names the target.

#![no_main]

mod targets;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

use targets::{TARGETS, Target};

fuzz_target!(|data: &[u8]| {
    static CHOSEN: OnceLock<Target> = OnceLock::new();
    let target = CHOSEN.get_or_init(|| {
        let name = std::env::var("OCISCOPE_FUZZ").expect("OCISCOPE_FUZZ names a target");
        let known = TARGETS.iter().find(|(known, _)| *known == name);
        known.unwrap_or_else(|| panic!("there is no target {name}")).1
    });
    target(data);
});

//! The fuzz targets, built with everything else and run over what is kept of their inputs. `tests/fuzz/run` looks for new ones.

use std::fs;
use std::path::Path;

// Some say which part of an answer they need by a path that only they use.
#[path = "../fuzz/targets/mod.rs"]
mod targets;

#[test]
fn targets_hold_for_every_input_that_is_kept() {
    for (name, target) in targets::TARGETS {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(name);
        let mut kept = 0;
        for entry in fs::read_dir(&corpus).unwrap_or_else(|error| panic!("{}: {error}", corpus.display())) {
            let input = fs::read(entry.unwrap().path()).unwrap();
            target(&input);
            kept += 1;
        }
        assert!(kept > 0, "{name} has no inputs");
    }
}

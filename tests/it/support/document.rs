//! Documents that tests write: compared with what they should be, and renewed where that is asked for.

use std::path::Path;

/// Compares a file of the repository with what it should be. With `UPDATE_DOCS` set it is renewed first.
#[track_caller]
pub fn assert_up_to_date(file: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, expected).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == expected, "{file} is stale; run UPDATE_DOCS=1 cargo test");
}

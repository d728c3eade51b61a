//! Reports that are pasted into an issue: whatever a server said is code there, and nothing else.

use super::payloads::{self, MARK, PLACES, VERBS};
use super::{checked, plain};
use crate::support::gfm;
use crate::support::ociscope::{Run, here};

/// The titles of what a diagnosis folds.
const FOLDS: [&str; 5] = ["Contents", "Authentication", "Accept variants", "Answers", "Requests"];

#[test]
fn whatever_a_server_says_is_code() {
    for (place, verb) in PLACES.into_iter().flat_map(|place| VERBS.map(|verb| (place, verb))) {
        let server = payloads::server(place);
        for _ in 0..payloads::runs() {
            assert_only_code(place, &checked(here(&[verb, "--format", "markdown", &plain(&server)])));
        }
    }
}

#[test]
fn whatever_all_answers_of_a_server_say_is_code() {
    for (place, payload) in PLACES.into_iter().flat_map(|place| (0..payloads::count()).map(move |at| (place, at))) {
        let server = payloads::server_saying(place, payload);
        assert_only_code(place, &checked(here(&["diagnose", "--format", "markdown", &plain(&server)])));
    }
}

/// Checks that what a server said is in code, and that nothing outside of it is markup of more than ours.
#[track_caller]
pub fn assert_only_code(place: &str, run: &Run) {
    let made = gfm::made_of(&run.stdout, &FOLDS);
    assert_eq!(made, Vec::<String>::new(), "{place}: outside of code, in:\n{}", run.stdout);
    // Single plain words may stand in a table as they are; a whole payload never does.
    let text = gfm::text(&run.stdout);
    let words = text.lines().find(|line| line.contains(MARK) && line.contains("rm -rf"));
    assert_eq!(words, None, "{place}: {}", run.stdout);
}

//! Lists of a real registry, which has pages of its catalog and none of its tags.

use crate::support::content;
use crate::support::ociscope::ociscope;
use crate::support::registry::{Options, Registry};

#[test]
fn repositories_of_a_registry_are_listed_to_their_end() {
    let registry = Registry::start(Options::default());
    let names = ["a", "a/b", "team/app", "team/other", "z"];
    let image = content::recorded("index");
    for name in names {
        // A repository is listed by its blobs.
        registry.push_blob(name, name.as_bytes());
        registry.push(name, "1.0", &image);
    }
    let host = registry.reference("a", "1.0").split('/').next().expect("a host").to_owned();
    let run = ociscope(&["catalog", "--plain-http", &host]).run();
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
    assert!(run.stdout.lines().eq(names), "{run:?}");
    let run = ociscope(&["catalog", "--plain-http", "--limit", "2", "--json", &host]).run();
    assert_eq!((run.status, &run.json()["complete"]), (0, &serde_json::json!(false)), "{run:?}");
    assert_eq!(run.json()["repositories"], serde_json::json!(["a", "a/b"]), "{run:?}");
}

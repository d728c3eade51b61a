//! `compare` on pairs that are staged on two real registries: copied, converted, recompressed and pushed anew.

mod pairs;
mod staging;

use serde_json::Value;

use self::pairs::{PAIRS, Pair};
use self::staging::{Stage, repository};
use super::REPOSITORY;
use crate::support::content::{Field, docker_image, oci_index};
use crate::support::document::assert_described;
use crate::support::ociscope::{Run, ociscope};
use crate::support::registry::{Access, Options, PASSWORD, Registry, USER};

fn compare(a: &str, b: &str, more: &[&str]) -> Run {
    let fixed = ["compare", "--json", "--plain-http", "--platform", "linux/amd64"];
    ociscope(&[&fixed, more, &[a, b]].concat()).run()
}

fn texts<'a>(object: &'a Value, list: &str, name: &str) -> Vec<&'a str> {
    let entries = object[list].as_array().expect("a list").iter();
    entries.map(|entry| entry[name].as_str().expect("a text")).collect()
}

/// What is said of a pair that is not what was staged, in words.
fn faults(stage: &Stage, pair: &Pair) -> Vec<String> {
    let repository = if pair.tag == "layer-deleted" { format!("{REPOSITORY}-layers") } else { repository(pair.tag) };
    let [a, b] = [&stage.a, &stage.b].map(|registry| registry.reference(&repository, pair.tag));
    let run = compare(&a, &b, &[]);
    assert_described("docs/comparison.schema.json", &run.stdout);
    let found = run.json();
    let differences = found["differences"].as_array().expect("a list").iter();
    let noticed = differences.filter(|difference| difference["noticed"] == true);
    let mut reasons: Vec<_> = noticed.map(|difference| difference["kind"].as_str().expect("a kind")).collect();
    reasons.retain(|kind| *kind != "accept-variants");
    let sentences = texts(&found, "differences", "text").join("\n");
    let consequences: Vec<_> =
        texts(&found, "consequences", "who").into_iter().zip(texts(&found, "consequences", "effect")).collect();
    let mut faults = Vec::new();
    if run.status != pair.status || found["exit_code"] != pair.status {
        faults.push(format!("status {} and not {}", run.status, pair.status));
    }
    if reasons != pair.reasons {
        faults.push(format!("reasons {reasons:?} and not {:?}", pair.reasons));
    }
    faults.extend(pair.words.iter().filter(|words| !sentences.contains(**words)).map(|words| format!("not: {words}")));
    let missing = pair.consequences.iter().filter(|one| !consequences.contains(one));
    faults.extend(missing.map(|one| format!("consequences {consequences:?} without {one:?}")));
    faults.iter().map(|fault| format!("{}: {fault}\n{sentences}", pair.tag)).collect()
}

#[test]
fn reason_is_right_for_every_staged_pair() {
    assert!(PAIRS.len() >= 20);
    let stage = Stage::new();
    PAIRS.iter().for_each(|pair| (pair.stage)(&stage, pair.tag));
    let faults: Vec<_> = PAIRS.iter().flat_map(|pair| faults(&stage, pair)).collect();
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

/// A cache adds nothing that clients notice.
#[test]
fn cache_in_front_is_the_same_for_every_client() {
    let origin = Registry::start(Options::default());
    origin.push(REPOSITORY, "stable", &oci_index(&["amd64", "arm64"], Field::Present));
    let cache = Registry::start(Options { cache_of: Some(format!("http://{}", origin.address)), ..Options::default() });
    let run = compare(&origin.reference(REPOSITORY, "stable"), &cache.reference(REPOSITORY, "stable"), &[]);
    assert_eq!((run.status, run.json()["outcome"].as_str()), (0, Some("same")), "{run:?}");
}

#[test]
fn header_that_no_client_uses_is_a_difference_that_no_client_notices() {
    let [a, b] = [vec![], vec![("X-Served-From", "here")]]
        .map(|headers| Registry::start(Options { headers, ..Options::default() }));
    [&a, &b].iter().for_each(|registry| registry.push(REPOSITORY, "stable", &docker_image("amd64")));
    let run = compare(&a.reference(REPOSITORY, "stable"), &b.reference(REPOSITORY, "stable"), &[]);
    assert_eq!((run.status, run.json()["outcome"].as_str()), (3, Some("unnoticed")), "{run:?}");
    let found = run.json();
    assert_eq!(texts(&found, "differences", "text"), ["B alone sends x-served-from."]);
}

#[test]
fn side_that_cannot_be_read_decides_the_status() {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    let [good, gone] = ["stable", "nope"].map(|tag| registry.reference(REPOSITORY, tag));
    for (a, b, status) in [(&good, &gone, 10), (&gone, &good, 10), (&gone, &gone, 10)] {
        let run = compare(a, b, &[]);
        assert_eq!((run.status, run.json()["outcome"].as_str()), (status, Some("unread")), "{run:?}");
    }
    drop(registry);
    assert_eq!(compare(&good, &gone, &[]).status, 15);
}

/// Only one side asks for a password; its own login reads it, and anonymous clients cannot.
#[test]
fn side_that_wants_a_password_is_closed_to_anonymous_clients() {
    let open = Registry::start(Options::default());
    let closed = Registry::start(Options { access: Access::Password, ..Options::default() });
    [&open, &closed].iter().for_each(|registry| registry.push(REPOSITORY, "stable", &docker_image("amd64")));
    let [a, b] = [&open, &closed].map(|registry| registry.reference(REPOSITORY, "stable"));
    let login = ["--username", USER, "--password-stdin", "--login-host", &closed.address.to_string()];
    let fixed = ["compare", "--json", "--plain-http", "--platform", "linux/amd64"];
    let run = ociscope(&[&fixed[..], &login, &[&a, &b]].concat()).input(&format!("{PASSWORD}\n")).run();
    assert_eq!(run.status, 4, "{run:?}");
    run.assert_hides(&[PASSWORD]);
    let found = run.json();
    assert_eq!(texts(&found, "differences", "kind"), ["anonymous-access", "authentication"]);
    assert_eq!(texts(&found, "consequences", "text"), ["Clients without credentials cannot pull from B."]);
}

#[test]
fn two_identities_of_one_reference_are_compared() {
    let closed = Registry::start(Options { access: Access::Password, ..Options::default() });
    closed.push(REPOSITORY, "stable", &docker_image("amd64"));
    let reference = closed.reference(REPOSITORY, "stable");
    let fixed = ["compare", "--json", "--plain-http", "--identities"];
    let login = ["--username", USER, "--password-stdin"];
    let run = ociscope(&[&fixed[..], &login, &[&reference]].concat()).input(&format!("{PASSWORD}\n")).run();
    // The anonymous side cannot be read.
    assert_eq!((run.status, run.json()["outcome"].as_str()), (12, Some("unread")), "{run:?}");
    let found = run.json();
    let served: Vec<_> = found["sides"].as_array().expect("two").iter().map(|side| side["served"].is_null()).collect();
    assert_eq!(served, [true, false]);
    run.assert_hides(&[PASSWORD]);
    let open = Registry::start(Options::default());
    open.push(REPOSITORY, "stable", &docker_image("amd64"));
    let reference = open.reference(REPOSITORY, "stable");
    let run = ociscope(&[&fixed[..], &login, &[&reference]].concat()).input(&format!("{PASSWORD}\n")).run();
    assert_eq!((run.status, run.json()["outcome"].as_str()), (0, Some("same")), "{run:?}");
    let none = ociscope(&[&fixed[..], &[&reference]].concat()).run();
    assert_eq!((none.status, none.stdout.as_str()), (2, ""), "{none:?}");
    assert!(none.stderr.contains("there are no credentials for"), "{none:?}");
}

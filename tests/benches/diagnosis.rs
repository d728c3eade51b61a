//! What a diagnosis costs a registry of the lab: rounds, requests, counted pulls and bytes of bodies.
//!
//! The lab answers without delay, so these are counts and not times; a round is a round trip of whatever length.

use ociscope::Reference;
use ociscope::internals::{KnownRegistry, known_registry};
use serde_json::Value;

use crate::limits::Counts;
use crate::measured::rounds;
use crate::program::Program;

/// The rows: a name, and a scenario of the lab.
pub const CASES: [(&str, &str); 5] = [
    ("lab, a healthy image", "docker-image"),
    ("lab, a healthy index, token", "distribution-3-token-healthy"),
    ("lab, a healthy index on Docker Hub", "docker-hub-2025-healthy"),
    ("lab, a missing tag", "tag-v-prefix"),
    ("lab, an index of 20 platforms", "index-20-platforms"),
];

/// The counts of one of them. Bytes are those of bodies.
pub fn counts(scenario: &str) -> Counts {
    let scenario = ociscope::internals::scenario(scenario).unwrap_or_else(|error| panic!("{error}"));
    let report: Value = serde_json::from_str(&run(scenario, &["--json"])).expect("a report");
    let exchanges = report["exchanges"].as_array().expect("exchanges");
    let bytes = exchanges.iter().filter_map(|exchange| exchange["response"]["body"]["size"].as_u64()).sum();
    let is_pull = |exchange: &&Value| {
        let url = exchange["request"]["url"].as_str().unwrap_or_default();
        exchange["request"]["method"] == "GET" && url.contains("/manifests/") && exchange["response"]["status"] == 200
    };
    let reference = scenario.reference.parse::<Reference>().ok();
    let counting = reference.and_then(|reference| known_registry(reference.registry().name()));
    let counting = counting.is_some_and(KnownRegistry::counts_gets_as_pulls);
    Counts {
        rounds: rounds(&run(scenario, &["--verbose"])),
        requests: Some(exchanges.len() as u64),
        pulls: counting.then(|| exchanges.iter().filter(is_pull).count() as u64),
        received: Some(bytes),
        ..Counts::default()
    }
}

fn run(scenario: &ociscope::internals::Scenario, more: &[&str]) -> String {
    let lab = format!("--lab={}", scenario.name);
    let words = [lab.as_str(), "diagnose", "--platform", "linux/amd64"];
    let words = words.iter().chain(more).map(|&word| word.to_owned());
    Program::ociscope(words.chain([scenario.reference.clone()]).collect()).run(usize::MAX, false).stdout
}

//! What a diagnosis costs a registry: rounds, requests and bytes, for what people ask most.
//!
//! The lab answers, so these are counts and not times; a round is a round trip of whatever length.

use std::process::{Command, Stdio};

use ociscope::Reference;
use ociscope::internals::{KnownRegistry, known_registry};
use serde_json::Value;

use crate::figures::print_table;

/// What is diagnosed, as a scenario of the lab; how many rounds authentication takes there, and the aim beyond them.
const CASES: [(&str, &str, usize, usize); 5] = [
    ("a healthy image", "docker-image", 0, 3),
    ("a healthy index, with a token", "distribution-3-token-healthy", 2, 3),
    ("a healthy index on Docker Hub", "docker-hub-2025-healthy", 2, 3),
    ("a missing tag", "tag-v-prefix", 0, 4),
    ("an index of 20 platforms", "index-20-platforms", 0, 3),
];

/// Prints the table.
pub fn print_costs() {
    let rows: Vec<_> = CASES.iter().map(|(name, scenario, ahead, aim)| row(name, scenario, *ahead, *aim)).collect();
    print_table(
        &["diagnosis of", "rounds", "aim", "requests", "pulls", "bytes of bodies", "in 50 ms round trips"],
        &rows,
    );
}

fn row(name: &str, scenario: &str, ahead: usize, aim: usize) -> Vec<String> {
    let scenario = ociscope::internals::scenario(scenario).unwrap_or_else(|error| panic!("{error}"));
    let shown = run(scenario, &[]);
    let words: Vec<_> = shown.split_whitespace().collect();
    let at = words.iter().position(|word| word.starts_with("round")).expect("the report says it");
    let rounds: usize = words[at - 1].parse().expect("a number");
    let report: Value = serde_json::from_str(&run(scenario, &["--json"])).expect("a report");
    let exchanges = report["exchanges"].as_array().expect("exchanges");
    let bytes: u64 = exchanges.iter().filter_map(|exchange| exchange["response"]["body"]["size"].as_u64()).sum();
    let is_pull = |exchange: &&Value| {
        let url = exchange["request"]["url"].as_str().unwrap_or_default();
        exchange["request"]["method"] == "GET" && url.contains("/manifests/") && exchange["response"]["status"] == 200
    };
    let counts =
        scenario.reference.parse::<Reference>().ok().and_then(|reference| known_registry(reference.registry().name()));
    let pulls = if counts.is_some_and(KnownRegistry::counts_gets_as_pulls) {
        exchanges.iter().filter(is_pull).count().to_string()
    } else {
        "not counted".to_owned()
    };
    let verdict = if rounds > ahead + aim { " MISSED" } else { "" };
    vec![
        name.to_owned(),
        rounds.to_string(),
        format!("{} + {aim}{verdict}", ahead),
        exchanges.len().to_string(),
        pulls,
        bytes.to_string(),
        format!("{} ms", rounds * 50),
    ]
}

fn run(scenario: &ociscope::internals::Scenario, more: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ociscope"))
        .args([&format!("--lab={}", scenario.name), "diagnose", "--platform", "linux/amd64"])
        .args(more)
        .arg(&scenario.reference)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .expect("to start the program");
    String::from_utf8(output.stdout).expect("text")
}

//! `diagnose` at the process: several references, what is no reference, and what it costs.

use serde_json::Value;

use crate::support::hostile::pty::run_on_a_terminal;
use crate::support::ociscope::{Run, ociscope};

fn diagnose(arguments: &[&str]) -> Run {
    let fixed = ["diagnose", "--platform", "linux/amd64"];
    ociscope(&[&fixed, arguments].concat()).run()
}

/// The reports that a run wrote as JSON, one a line.
fn reports(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect()
}

fn rules(report: &Value) -> Vec<&str> {
    report["findings"].as_array().expect("findings").iter().filter_map(|finding| finding["rule"].as_str()).collect()
}

/// How many rounds a report for people names, and how many requests.
fn cost(run: &Run) -> (usize, usize) {
    let words: Vec<_> = run.stdout.split_whitespace().collect();
    let before = |word: &str| {
        let at = words.iter().position(|other| other.starts_with(word)).expect("it is said");
        words[at - 1].parse().expect("a number")
    };
    (before("round"), before("request"))
}

#[test]
fn several_references_are_reported_in_their_order_and_the_first_that_fails_decides() {
    let run = diagnose(&[
        "--lab=index-cleaned-up",
        "--json",
        "registry.example/swept-twice/greeting:nope",
        "registry.example/swept-twice/greeting:1.0",
    ]);
    let reports = reports(&run);
    let tags: Vec<_> = reports.iter().map(|report| &report["reference"]["tag"]).collect();
    assert_eq!(tags, ["nope", "1.0"], "{run:?}");
    assert_eq!(run.status, 10, "{run:?}");
}

#[test]
fn capital_letters_are_what_is_wrong_and_the_image_is_looked_for_in_small_ones() {
    let run = diagnose(&["--lab=ghcr-healthy", "--json", "ghcr.io/Example/Greeting:1.0"]);
    assert_eq!(run.status, 2, "{run:?}");
    let report = &reports(&run)[0];
    assert_eq!(rules(report)[0], "uppercase-in-name");
    assert_eq!(report["reference"]["input"], "ghcr.io/Example/Greeting:1.0");
    assert_eq!(report["reference"]["repository"], "example/greeting");
    assert_eq!(report["exit_code"], 2);
}

#[test]
fn what_is_no_reference_is_looked_at_as_what_was_probably_meant() {
    let run = diagnose(&["--lab=hub-2025-oci-index", "--json", "https://hub.docker.com/r/library/alpine"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert_eq!(rules(&reports(&run)[0])[0], "not-a-reference");
}

/// The others are diagnosed all the same.
#[test]
fn what_nobody_can_read_is_refused_and_the_rest_is_reported() {
    let run =
        diagnose(&["--lab=index-cleaned-up", "--json", "shub://a/b", "registry.example/swept-twice/greeting:1.0"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert_eq!(reports(&run).len(), 1, "{run:?}");
    assert!(run.stderr.contains("shub://a/b"), "{run:?}");
}

/// Beyond authentication: where it is asked for, the first request and the one for a token.
#[test]
fn a_healthy_image_takes_at_most_three_rounds() {
    for (scenario, authentication) in [
        ("distribution-3-healthy", 0),
        ("distribution-2-healthy", 0),
        ("distribution-3-token-healthy", 2),
        ("ghcr-healthy", 2),
        ("quay-healthy", 0),
        ("docker-hub-2025-healthy", 2),
        ("docker-hub-2020-healthy", 2),
        ("docker-image", 0),
        ("index-20-platforms", 0),
    ] {
        let reference = ociscope::internals::scenario(scenario).expect("a scenario").reference.clone();
        let run = diagnose(&["--verbose", &format!("--lab={scenario}"), &reference]);
        assert_eq!(run.status, 0, "{run:?}");
        let (rounds, _) = cost(&run);
        assert!(rounds <= 3 + authentication, "{scenario}: {rounds} rounds\n{}", run.stdout);
    }
}

#[test]
fn a_healthy_image_on_docker_hub_costs_two_pulls() {
    for scenario in
        ["docker-hub-2025-healthy", "docker-hub-2024-healthy", "docker-hub-2020-healthy", "hub-2025-oci-index"]
    {
        let reference = ociscope::internals::scenario(scenario).expect("a scenario").reference.clone();
        let run = diagnose(&[&format!("--lab={scenario}"), "--json", &reference]);
        let report = &reports(&run)[0];
        let exchanges = report["exchanges"].as_array().expect("exchanges");
        let is_pull = |exchange: &&Value| {
            let request = &exchange["request"];
            request["method"] == "GET"
                && request["url"].as_str().is_some_and(|url| url.contains("/manifests/"))
                && exchange["response"]["status"] == 200
        };
        let pulls = exchanges.iter().filter(is_pull).count();
        assert!((1..=2).contains(&pulls), "{scenario}: {pulls} pulls");
        let said = diagnose(&[&format!("--lab={scenario}"), &reference]).stdout;
        let counted = if pulls == 1 { "1 pull.".to_owned() } else { format!("{pulls} pulls.") };
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(&counted), "{scenario}: it says {counted}\n{said}");
    }
}

/// Of one of several references, the client that asks is the only one that is tried, unless something is wrong.
#[test]
fn one_of_several_is_asked_for_as_the_asking_client_does() {
    let sent = |report: &Value| {
        let probes = report["probes"].as_array().expect("probes");
        probes.iter().filter(|probe| !probe["exchange"].is_null()).count()
    };
    let good = "registry.example/library/greeting:1.0";
    let run = diagnose(&["--lab=docker-image", "--json", good, "registry.example/library/greeting:none", good]);
    assert_eq!(run.status, 10, "{run:?}");
    let reports = reports(&run);
    let seen: Vec<_> = reports.iter().map(|report| (report["index"].clone(), report["depth"].clone())).collect();
    let batch = || Value::from("batch");
    assert_eq!(seen, [(0.into(), batch()), (1.into(), Value::Null), (2.into(), batch())]);
    assert_eq!(reports.iter().map(sent).collect::<Vec<_>>(), [1, 12, 1]);
    let alone = diagnose(&["--lab=docker-image", "--json", good]);
    let alone: Value = serde_json::from_str(&alone.stdout).expect("a report");
    assert_eq!((&alone["index"], &alone["depth"], sent(&alone)), (&Value::Null, &Value::Null, 12));
}

/// A registry that hangs does not keep the others from being told.
#[test]
fn reference_that_holds_up_the_others_is_told_when_it_comes() {
    let hangs = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let reference = |listener: &std::net::TcpListener| format!("{}/a/b:1", listener.local_addr().expect("an address"));
    let (slow, fast) = (reference(&hangs), reference(&closed));
    drop(closed);
    let run = ociscope(&["diagnose", "--json", "--plain-http", "--timeout", "3", &slow, &fast, &fast]).run();
    let told: Vec<_> = reports(&run).iter().map(|report| report["index"].clone()).collect();
    assert_eq!((run.status, told), (15, vec![1.into(), 2.into(), 0.into()]), "{run:?}");
    assert_eq!(run.stderr, format!("ociscope: still waiting for {slow}\n"));
}

#[test]
fn a_tree_of_a_hundred_images_is_looked_at_within_bounds() {
    let reference = "registry.example/many/greeting:1.0";
    let reference =
        ociscope::internals::scenario("index-100-children").map_or(reference, |scenario| &scenario.reference);
    let run = diagnose(&["-v", "--lab=index-100-children", reference]);
    assert_eq!(run.status, 0, "{run:?}");
    let (rounds, requests) = cost(&run);
    assert!(rounds <= 3 && (113..=125).contains(&requests), "{rounds} rounds, {requests} requests");
    assert!(run.stdout.contains("more, all there"), "{}", run.stdout);
}

/// On a terminal one line says how far it is, and goes away; nobody else is told.
#[test]
fn long_work_shows_how_far_it_is_on_a_terminal() {
    let arguments = ["--lab=index-100-children", "diagnose", "registry.example/hundred/greeting:1.0"];
    let reference =
        ociscope::internals::scenario("index-100-children").map_or(arguments[2], |scenario| &scenario.reference);
    let arguments = [arguments[0], arguments[1], reference];
    let (_, written) = run_on_a_terminal(&arguments, 80, &[]);
    let said: Vec<_> = written.match_indices("looking at what it is made of: ").collect();
    assert!(said.len() > 10, "{written}");
    let (last, _) = said[said.len() - 1];
    assert!(written[last..].contains("\r\u{1b}[K"), "it goes away: {written:?}");
    let (_, dumb) = run_on_a_terminal(&arguments, 80, &[("TERM", "dumb")]);
    assert!(!dumb.contains("looking at"), "{dumb}");
    let piped = ociscope(&arguments).run();
    assert!(piped.stderr.is_empty(), "{piped:?}");
}

/// A row each, in their order; then what there is to tell of those that failed.
#[test]
fn several_references_are_a_table_and_then_what_failed() {
    let good = "registry.example/library/greeting:1.0";
    let run = diagnose(&["--lab=docker-image", good, "registry.example/library/greeting:none"]);
    assert_eq!(run.status, 10, "{run:?}");
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines[0], "lab: simulated registries, no network traffic", "{run:?}");
    assert_eq!(lines[2].split_whitespace().collect::<Vec<_>>(), ["✓", good, "linux/amd64"], "{run:?}");
    assert!(lines[3].starts_with("  ✗ registry.example/library/greeting:none  tag-not-found  "), "{run:?}");
    assert!(lines[4].starts_with("  2 images · 1 cannot be pulled · "), "{run:?}");
    let failed: Vec<_> = lines.iter().filter(|line| line.starts_with('✗')).collect();
    assert_eq!(failed.len(), 1, "{run:?}");
    assert!(run.stdout.contains("\n  tag-not-found · certain\n"), "{run:?}");
    // Rows alone where nothing failed.
    let run = diagnose(&["--lab=docker-image", good, good]);
    assert_eq!((run.status, run.stdout.lines().count()), (0, 5), "{run:?}");
    assert!(run.stdout.contains("  2 images · all can be pulled · "), "{run:?}");
}

/// The answer is what a terminal shows, and `--verbose` brings the evidence along.
#[test]
fn evidence_is_shown_where_it_is_wanted() {
    let reference = "registry.example/prefixed/greeting:1.2.3";
    let short = diagnose(&["--lab=tag-v-prefix", reference]);
    let long = diagnose(&["--lab=tag-v-prefix", "--verbose", reference]);
    assert_eq!((short.status, long.status), (10, 10));
    assert!(short.stdout.lines().count() <= 24, "{short:?}");
    for part in ["tag-v-prefix · ", "#14", "evidence: --verbose"] {
        assert!(short.stdout.contains(part), "{part}: {short:?}");
    }
    for section in ["Accept variants", "Answers side by side", "Requests"] {
        assert!(!short.stdout.lines().any(|line| line == section), "{section}: {short:?}");
        assert!(long.stdout.lines().any(|line| line == section), "{section}: {long:?}");
    }
}

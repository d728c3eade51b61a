//! Every scenario, asked by the real program in the words of its own command, and found to be what its file says.

use std::io::Write;
use std::sync::Mutex;

use ociscope::internals::{Scenario, scenarios};
use serde_json::Value;

use crate::support::ociscope::{Run, in_a_shell};

/// The command of a scenario as it is pasted into a shell, with a report as JSON, and for the same platform everywhere.
fn run(scenario: &Scenario, verb: &str, more: &str) -> Run {
    let command = scenario.command_to(verb);
    let platform = if command.contains("--platform") { "" } else { " --platform linux/amd64" };
    in_a_shell(&format!("{command} --json{platform}{more}")).run()
}

/// The report of a run, and what of it is not as in every run.
fn report(scenario: &Scenario, run: &Run, exit: u8) -> (Value, Vec<String>) {
    let mut found = Vec::new();
    if run.status != i32::from(exit) {
        found.push(format!("exit status {} and not {exit}; {}", run.status, run.stderr));
    }
    let Ok(report) = serde_json::from_str::<Value>(&run.stdout) else {
        found.push("there is no report".to_owned());
        return (Value::Null, found);
    };
    if report["simulation"] != scenario.name.as_str() {
        found.push(format!("another scenario answered: {}", report["simulation"]));
    }
    for exchange in report["exchanges"].as_array().into_iter().flatten() {
        if exchange["failure"]["kind"] == "interrupted" || exchange["failure"]["kind"] == "deadline" {
            found.push(format!("a request came to no end: {exchange}"));
        }
    }
    (report, found)
}

/// What a probe finds that is not as the scenario's file says, in words.
fn of_a_probe(scenario: &Scenario) -> Vec<String> {
    let (report, mut found) = report(scenario, &run(scenario, "probe", ""), scenario.exit);
    let rules: Vec<_> = report["findings"].as_array().into_iter().flatten().map(|finding| &finding["rule"]).collect();
    let missing: Vec<_> =
        scenario.finds.iter().filter(|rule| !rules.iter().any(|other| *other == rule.as_str())).collect();
    if !missing.is_empty() || rules.first().and_then(|rule| rule.as_str()) != scenario.finds.first().map(String::as_str)
    {
        found.push(format!("a probe found {rules:?} and not {:?}", scenario.finds));
    }
    found
}

/// What a diagnosis finds that is not as the scenario's file says, in words: it names all of it.
fn of_a_diagnosis(scenario: &Scenario) -> Vec<String> {
    let Some(expected) = &scenario.diagnosis else { return vec!["nobody says what a diagnosis comes to".to_owned()] };
    let (report, mut found) = report(scenario, &run(scenario, "diagnose", ""), expected.exit);
    let word = |finding: &Value, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().into_iter().flatten();
    for finding in findings.clone() {
        let has_fix = finding["fix"].as_array().is_some_and(|fixes| !fixes.is_empty());
        if word(finding, "cause").is_empty() || (finding["severity"] == "error" && !has_fix) {
            found.push(format!("neither why nor what to do: {finding}"));
        }
    }
    let in_words = |finding| ["rule", "severity", "certainty"].map(|name| word(finding, name)).join(" ");
    let findings: Vec<_> = findings.map(in_words).collect();
    let wanted: Vec<_> = expected.finds.iter().map(ToString::to_string).collect();
    if findings != wanted {
        found.push(format!("a diagnosis found {findings:?} and not {wanted:?}"));
    }
    found
}

/// What a report for everybody has lost that is private to nobody: rules, media types, digests.
fn of_a_report_for_everybody(scenario: &Scenario) -> Vec<String> {
    let (report, mut found) = report(scenario, &run(scenario, "probe", " --public"), scenario.exit);
    let rules = report["findings"].as_array().and_then(|findings| findings.first()).map(|finding| &finding["rule"]);
    if rules.and_then(Value::as_str) != scenario.finds.first().map(String::as_str) {
        found.push(format!("for everybody, a probe found {rules:?}"));
    }
    let labels = ["HOST", "USER", "NAME", "EMAIL", "GUID", "MAC", "ACCOUNT", "IPV4-", "IPV6-"];
    let mut waiting = vec![("", &report)];
    while let Some((name, value)) = waiting.pop() {
        match value {
            Value::Object(fields) => waiting.extend(fields.iter().map(|(name, value)| (name.as_str(), value))),
            Value::Array(elements) => waiting.extend(elements.iter().map(|element| (name, element))),
            Value::String(text) if ["rule", "media_type", "served_type", "digest", "accept"].contains(&name) => {
                found.extend(labels.iter().any(|label| text.contains(label)).then(|| format!("{name}: {text}")));
            }
            _ => {}
        }
    }
    found
}

/// Runs a check of every scenario, several at a time, and fails with all that it found.
#[track_caller]
fn check_all(verb: &str, check: impl Fn(&Scenario) -> Vec<String> + Sync) {
    let waiting = Mutex::new(scenarios());
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let next = || waiting.lock().expect("no thread panics while it takes one").next();
                while let Some(scenario) = next() {
                    let lines = check(scenario).into_iter().map(|what| format!("{}: {what}", scenario.name));
                    found.lock().expect("no thread panics while it adds").extend(lines);
                }
            });
        }
    });
    let mut found = found.into_inner().expect("all threads have ended");
    found.sort();
    let all = scenarios().len();
    // Past the test harness, which keeps what passing tests print.
    let _ =
        writeln!(std::io::stderr(), "{all} scenarios {verb}, {} of them as they should be", all - found.len().min(all));
    assert!(found.is_empty(), "{all} scenarios: {} differences\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_scenario_is_probed_to_what_its_file_says() {
    check_all("probed", of_a_probe);
}

#[test]
fn every_scenario_is_diagnosed_to_exactly_what_its_file_says() {
    check_all("diagnosed", of_a_diagnosis);
}

/// Case E36: look-alikes of what is private.
#[test]
fn every_scenario_keeps_media_types_digests_and_rules_for_everybody() {
    check_all("probed for everybody", of_a_report_for_everybody);
}

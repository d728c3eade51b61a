//! Every scenario, asked by the real program in the words of its own command, and found to be what its file says.

use std::sync::Mutex;

use ociscope::lab::{Scenario, scenarios};

use crate::support::ociscope::{Run, in_a_shell};

/// The command of a scenario as it is pasted into a shell, with a report as JSON, and for the same platform everywhere.
fn run(scenario: &Scenario) -> Run {
    let command = scenario.command();
    let platform = if command.contains("--platform") { "" } else { " --platform linux/amd64" };
    in_a_shell(&format!("{command} --json{platform}")).run()
}

/// What is not as the scenario's file says, in words.
fn differences(scenario: &Scenario) -> Vec<String> {
    let run = run(scenario);
    let mut found = Vec::new();
    let mut differs = |what: String| found.push(format!("{}: {what}", scenario.name));
    if run.status != i32::from(scenario.exit) {
        differs(format!("exit status {} and not {}; {}", run.status, scenario.exit, run.stderr));
    }
    let Ok(report) = serde_json::from_str::<serde_json::Value>(&run.stdout) else {
        differs("there is no report".to_owned());
        return found;
    };
    if report["simulation"] != scenario.name.as_str() {
        differs(format!("another scenario answered: {}", report["simulation"]));
    }
    let rules: Vec<_> = report["findings"].as_array().into_iter().flatten().map(|finding| &finding["rule"]).collect();
    let missing: Vec<_> =
        scenario.finds.iter().filter(|rule| !rules.iter().any(|other| *other == rule.as_str())).collect();
    if !missing.is_empty() || rules.first().and_then(|rule| rule.as_str()) != scenario.finds.first().map(String::as_str)
    {
        differs(format!("found {rules:?} and not {:?}", scenario.finds));
    }
    for exchange in report["exchanges"].as_array().into_iter().flatten() {
        if exchange["failure"]["kind"] == "interrupted" || exchange["failure"]["kind"] == "deadline" {
            differs(format!("a request came to no end: {exchange}"));
        }
    }
    found
}

#[test]
fn every_scenario_is_found_to_be_what_its_file_says() {
    let waiting = Mutex::new(scenarios().iter());
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let next = || waiting.lock().expect("no thread panics while it takes one").next();
                while let Some(scenario) = next() {
                    found.lock().expect("no thread panics while it adds").extend(differences(scenario));
                }
            });
        }
    });
    let found = found.into_inner().expect("all threads have ended");
    assert!(found.is_empty(), "{} scenarios: {} differences\n{}", scenarios().len(), found.len(), found.join("\n"));
}

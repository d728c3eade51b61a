//! Every rule is documented, found in the lab, and named once; and no document names a rule that there is not.
//!
//! That each finds something in a test is asked where those tests are (`src/diagnosis/catalogue.rs`), and that a scenario comes
//! to what its file says in `lab::scenarios`.
//!
//! In the manner of rustc's tidy: the sources are read as text, and what is missing is listed in one go.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ociscope::internals::{catalogue, scenarios};

/// Rules that no scenario of the lab can show, each with why, and the file of the test that asks the program for it.
const ELSEWHERE: [(&str, &str, &str); 17] = [
    ("uppercase-in-name", "a scenario is asked for by a reference, and what breaks this rule is none", "diagnose.rs"),
    ("not-a-reference", "the same", "diagnose.rs"),
    ("proxy-required-or-refusing", "the lab goes around every proxy", "hostile/proxies.rs"),
    (
        "certificate-trusted-directly",
        "the lab has its own authority, and --cacert is not for it",
        "hostile/certificates.rs",
    ),
    ("no-certificate-store", "it is about the machine that asks", "hostile/environment.rs"),
    ("document-of-two-kinds", "no registry and no tool is known to have made one", "hostile/content.rs"),
    ("response-header-sent-as-request", "only a header of the user's own is one", "inspect/requests.rs"),
    ("some-addresses-fail", "a name has one address in the lab", "hostile/addresses.rs"),
    ("credential-helper-missing", "it is about the machine that asks", "stored/findings.rs"),
    ("credential-bytes-damaged", "the same", "stored/findings.rs"),
    ("credential-under-wrong-key", "the same", "stored/findings.rs"),
    ("credential-file-unusable", "the same", "stored/findings.rs"),
    ("other-users-config", "the same", "stored/findings.rs"),
    ("pull-secret-not-found", "the same", "stored/findings.rs"),
    ("pull-secret-malformed", "the same", "stored/findings.rs"),
    ("pull-secret-has-no-credential", "the same", "stored/findings.rs"),
    ("pull-secret-wrong-host", "the same", "stored/findings.rs"),
];

/// Words between backticks that are made like names of rules, and are something else.
const NO_RULES: [&str; 0] = [];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files below a folder with this ending.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[track_caller]
fn assert_none(what: &str, found: &BTreeSet<String>) {
    assert!(found.is_empty(), "{what}:\n{}", found.iter().cloned().collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_rule_is_named_once() {
    let sources: Vec<_> = files("src/diagnosis/rules", ".rs").iter().map(|path| read(path)).collect();
    let mut declared: BTreeMap<&str, usize> = BTreeMap::new();
    for rule in catalogue() {
        let declaration = format!("\"{}\" in ", rule.name);
        declared.insert(rule.name, sources.iter().map(|source| source.matches(&declaration).count()).sum());
    }
    let odd = declared.iter().filter(|(_, count)| **count != 1).map(|(name, count)| format!("{name}: {count} times"));
    assert_none("declared not once", &odd.collect());
}

#[test]
fn every_rule_is_found_in_a_scenario_and_is_quiet_in_another() {
    let mut missing = BTreeSet::new();
    for rule in catalogue() {
        let finds = |scenario: &&ociscope::internals::Scenario| {
            let found = scenario.diagnosis.iter().flat_map(|expected| &expected.finds);
            found.into_iter().any(|found| found.rule == rule.name)
        };
        let shown = scenarios().filter(finds).count();
        let elsewhere = ELSEWHERE.iter().find(|(name, ..)| *name == rule.name);
        match elsewhere {
            Some((_, _, file)) => {
                assert!(read(&root().join("tests/it").join(file)).contains(rule.name), "{file} lacks {}", rule.name);
            }
            None if shown == 0 || shown == scenarios().len() => {
                missing.insert(format!("{}: {shown} of {} scenarios", rule.name, scenarios().len()));
            }
            None => {}
        }
    }
    assert_none("rules without a scenario", &missing);
}

#[test]
fn every_name_of_a_rule_in_the_documentation_is_that_of_a_rule() {
    let names: BTreeSet<_> = catalogue().iter().map(|rule| rule.name).collect();
    let mut unknown = BTreeSet::new();
    let documents = files("docs", ".md").into_iter().chain([root().join("README.md")]);
    for path in documents {
        for line in read(&path).lines() {
            for (at, _) in line.match_indices("ociscope explain ") {
                let name = line[at + "ociscope explain ".len()..].split(|c: char| !(c.is_alphanumeric() || c == '-'));
                let name = name.into_iter().next().unwrap_or_default();
                let is_like_a_rule = name.contains('-') && !NO_RULES.contains(&name);
                if is_like_a_rule && !names.contains(name) {
                    unknown.insert(format!("{}: {name}", path.display()));
                }
            }
        }
    }
    for scenario in scenarios() {
        let found = scenario.diagnosis.iter().flat_map(|expected| &expected.finds).map(|found| found.rule.as_str());
        for name in found.chain(scenario.finds.iter().map(String::as_str)).filter(|name| !names.contains(name)) {
            unknown.insert(format!("scenario {}: {name}", scenario.name));
        }
    }
    assert_none("names of no rule", &unknown);
}

/// A healthy image is one that every current client can pull, whatever the dialect of its registry.
#[test]
fn healthy_images_give_no_warning_and_no_error() {
    let healthy: Vec<_> = scenarios().filter(|scenario| scenario.name.ends_with("-healthy")).collect();
    assert!(healthy.len() > 25, "{} healthy scenarios", healthy.len());
    for scenario in healthy {
        let expected = scenario.diagnosis.as_ref().expect("every scenario says what a diagnosis comes to");
        assert_eq!(expected.exit, 0, "{}", scenario.name);
        assert!(expected.finds.iter().all(|found| found.severity == "info"), "{}", scenario.name);
    }
}

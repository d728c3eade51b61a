//! Every rule is documented, found in the lab, and named once; and no document names a rule that there is not.
//!
//! That each finds something in a test is asked where those tests are (`src/diagnosis/catalogue.rs`), and that a scenario comes
//! to what its file says in `lab::scenarios`.
//!
//! In the manner of rustc's tidy: the sources are read as text, and what is missing is listed in one go.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use ociscope::internals::{catalogue, scenarios};

use crate::support::found::FOUND;

/// Rules that no scenario of the lab can show, each with why, and the test in which the program finds something with it.
const ELSEWHERE: [(&str, &str, &str); 17] = [
    (
        "uppercase-in-name",
        "a scenario is asked for by a reference, and what breaks this rule is none",
        "diagnose::capital_letters_are_what_is_wrong_and_the_image_is_looked_for_in_small_ones",
    ),
    ("not-a-reference", "the same", "diagnose::what_is_no_reference_is_looked_at_as_what_was_probably_meant"),
    (
        "proxy-required-or-refusing",
        "the lab goes around every proxy",
        "hostile::proxies::a_proxy_that_refuses_is_a_network_fault",
    ),
    (
        "certificate-trusted-directly",
        "the lab has its own authority, and --cacert is not for it",
        "hostile::certificates::self_signed_certificate_is_accepted_where_cacert_names_it",
    ),
    (
        "no-certificate-store",
        "it is about the machine that asks",
        "hostile::environment::without_any_certificate_store_https_says_so",
    ),
    (
        "document-of-two-kinds",
        "no registry and no tool is known to have made one",
        "hostile::content::a_document_that_is_an_index_and_an_image_is_refused",
    ),
    (
        "response-header-sent-as-request",
        "only a header of the user's own is one",
        "inspect::requests::digest_in_a_request_header_is_no_secret_and_is_said_to_do_nothing",
    ),
    (
        "some-addresses-fail",
        "a name has one address in the lab",
        "hostile::addresses::of_three_addresses_the_one_that_answers_is_found_and_all_are_told",
    ),
    ("credential-helper-missing", "it is about the machine that asks", "stored::findings::a_helper_that_is_missing"),
    ("credential-bytes-damaged", "the same", "stored::findings::bytes_that_are_damaged"),
    ("credential-under-wrong-key", "the same", "stored::findings::a_key_with_another_port"),
    ("credential-file-unusable", "the same", "stored::findings::file_that_is_not_json"),
    ("other-users-config", "the same", "stored::findings::a_file_that_is_not_looked_at"),
    ("pull-secret-not-found", "the same", "stored::findings::pull_secrets_each_with_its_own_fault"),
    ("pull-secret-malformed", "the same", "stored::findings::pull_secrets_each_with_its_own_fault"),
    ("pull-secret-has-no-credential", "the same", "stored::findings::pull_secrets_each_with_its_own_fault"),
    ("pull-secret-wrong-host", "the same", "stored::findings::pull_secrets_each_with_its_own_fault"),
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
        let is_elsewhere = ELSEWHERE.iter().any(|(name, ..)| *name == rule.name);
        if !is_elsewhere && (shown == 0 || shown == scenarios().len()) {
            missing.insert(format!("{}: {shown} of {} scenarios", rule.name, scenarios().len()));
        }
        if is_elsewhere && shown > 0 {
            missing.insert(format!("{}: {shown} scenarios, and it is listed as one without", rule.name));
        }
    }
    assert_none("rules without a scenario", &missing);
}

/// Runs the tests of the rules that no scenario shows, and asks which rules the program found something with: that a test
/// names a rule is not enough.
#[test]
fn every_rule_without_a_scenario_finds_something_in_its_test() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let mut missing = BTreeSet::new();
    let tests: BTreeSet<_> = ELSEWHERE.iter().map(|(_, _, test)| *test).collect();
    for (number, test) in tests.into_iter().enumerate() {
        let file = folder.path().join(number.to_string());
        let mut run = Command::new(std::env::current_exe().expect("the program of the tests"));
        let output = run.args(["--exact", test]).env(FOUND, &file).output().expect("to start it");
        assert!(output.status.success(), "{test}: {}", String::from_utf8_lossy(&output.stdout));
        let found = std::fs::read_to_string(file).unwrap_or_default();
        let rules = ELSEWHERE.iter().filter(|(_, _, other)| *other == test).map(|(rule, ..)| *rule);
        missing.extend(
            rules.filter(|rule| !found.lines().any(|name| name == *rule)).map(|rule| format!("{rule}: {test}")),
        );
    }
    assert_none("rules that their test does not find", &missing);
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

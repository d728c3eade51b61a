//! The hostile cases, counted: which there are, which tests hold them, and which are not held and why.
//!
//! A table that names tests is worth as much as the tests are there, so it is held against the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toml::Value;

/// How many cases a letter has.
const CASES: [(&str, usize); 7] = [("A", 49), ("B", 22), ("C", 35), ("D", 25), ("E", 36), ("F", 34), ("G", 30)];

/// How many are held. It only ever rises.
const HELD: usize = 216;

fn table() -> BTreeMap<String, BTreeMap<String, Value>> {
    toml::from_str(include_str!("cases.toml")).expect("a table of cases")
}

fn tests(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Every test function below a folder, by the path that the test harness calls it by.
fn tests_below(folder: &str, found: &mut BTreeSet<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut folders = vec![root.clone()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(&at).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let below = path.strip_prefix(&root).expect("a path below the folder").with_extension("");
                let mut module: Vec<_> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
                module.retain(|part| part != "mod");
                of_file(&std::fs::read_to_string(&path).expect("text"), &module, found);
            }
        }
    }
}

/// The test functions of a file, each below the modules that are open where it stands.
fn of_file(text: &str, module: &[String], found: &mut BTreeSet<String>) {
    let mut inner: Vec<(usize, String)> = Vec::new();
    let mut is_test = false;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let words = line.trim_start();
        if words.starts_with('}') {
            inner.retain(|(depth, _)| *depth < indent);
        }
        let declared = words.trim_start_matches("pub ").trim_start_matches("async ");
        if let Some(name) = words.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(" {")) {
            inner.push((indent, name.to_owned()));
        } else if let Some(rest) = declared.strip_prefix("fn ") {
            if is_test {
                let name = rest.split('(').next().unwrap_or_default();
                let path = module.iter().chain(inner.iter().map(|(_, name)| name)).map(String::as_str);
                found.insert(path.chain([name]).collect::<Vec<_>>().join("::"));
            }
            is_test = false;
        } else if words == "#[test]" || words.starts_with("#[tokio::test") {
            is_test = true;
        } else if words.starts_with("#[ignore") {
            is_test = false;
        }
    }
}

/// Run with `--nocapture`, it says how many cases are held, by letter.
#[test]
fn every_case_is_held_by_tests_that_there_are_or_says_why_not() {
    let mut known = BTreeSet::new();
    tests_below("src", &mut known);
    tests_below("tests/it", &mut known);
    let table = table();
    let letters: Vec<_> = table.keys().map(String::as_str).collect();
    assert_eq!(letters, CASES.map(|(letter, _)| letter));
    let mut counts = Vec::new();
    let mut missing = Vec::new();
    for (letter, count) in CASES {
        let cases = &table[letter];
        let numbers: Vec<_> = (1..=count).map(|number| format!("{number:02}")).collect();
        assert_eq!(cases.keys().cloned().collect::<Vec<_>>(), numbers, "the cases of {letter}");
        for (number, value) in cases {
            let named = tests(value);
            assert!(
                !named.is_empty() || value.as_str().is_some_and(|why| why.len() > 15),
                "{letter}{number}: {value:?}"
            );
            missing.extend(
                named.into_iter().filter(|test| !known.contains(*test)).map(|test| format!("{letter}{number}: {test}")),
            );
        }
        counts.push((letter, cases.values().filter(|value| value.is_array()).count(), count));
    }
    assert!(missing.is_empty(), "there are no such tests:\n{}", missing.join("\n"));
    let held: usize = counts.iter().map(|(_, held, _)| held).sum();
    let all: usize = CASES.iter().map(|(_, count)| count).sum();
    let by_letter: Vec<_> = counts.iter().map(|(letter, held, count)| format!("{letter} {held} of {count}")).collect();
    say(&format!("hostile cases held: {}; {held} of {all}", by_letter.join(", ")));
    assert_eq!(held, HELD, "{by_letter:?}");
}

#[expect(clippy::print_stdout, reason = "the count is for whoever runs the tests")]
fn say(words: &str) {
    println!("{words}");
}

/// The tests that the promises rest on are there.
#[test]
fn every_test_that_the_promises_name_is_there() {
    let mut known = BTreeSet::new();
    tests_below("src", &mut known);
    tests_below("tests/it", &mut known);
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/security.md")).expect("the document");
    let named: Vec<_> = text.split('`').skip(1).step_by(2).filter(|word| word.matches("::").count() >= 2).collect();
    assert!(named.len() > 25, "{named:?}");
    let missing: Vec<_> = named.iter().filter(|test| !known.contains(**test)).collect();
    assert!(missing.is_empty(), "there are no such tests: {missing:?}");
    assert_eq!(text.matches("\n### ").count(), text.matches("\nHeld by ").count(), "each promise says what holds it");
}

#[test]
fn a_test_is_known_by_its_path() {
    let mut found = BTreeSet::new();
    let text = "#[test]\nfn one() {}\nfn helper() {}\nmod inner {\n    #[tokio::test]\n    async fn two() {\n    }\n}\n#[test]\nfn three() {}\n#[test]\n#[ignore]\nfn four() {}\n";
    of_file(text, &["a".to_owned()], &mut found);
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["a::inner::two", "a::one", "a::three"]);
}

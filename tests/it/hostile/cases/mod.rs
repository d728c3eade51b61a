//! The hostile cases, counted: which there are, which tests hold them, and which are not held and why.
//!
//! A table that names tests is worth as much as the tests are there, so it is held against the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use toml::Value;

/// The cases of each letter by their numbers: the tests of a case, or why it is not held.
type Table = BTreeMap<String, BTreeMap<String, Value>>;

fn table() -> Table {
    toml::from_str(include_str!("cases.toml")).expect("a table of cases")
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

/// What is wrong with a table of cases, where there are these tests: numbers that are missing, cases that name a test
/// that there is not, and cases that name none and do not say why.
fn faults(table: &Table, known: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    let letters: Vec<_> = ('A'..).take(table.len()).map(String::from).collect();
    if !table.keys().eq(&letters) {
        found.push(format!("the letters are {:?} and not {letters:?}", table.keys()));
    }
    for (letter, cases) in table {
        let numbers: Vec<_> = (1..=cases.len()).map(|number| format!("{number:02}")).collect();
        if !cases.keys().eq(&numbers) {
            found.push(format!("the numbers of {letter} have a gap: {:?}", cases.keys()));
        }
        for (number, value) in cases {
            match value {
                Value::String(why) if why.len() > 15 => {}
                Value::Array(tests) if !tests.is_empty() => found.extend(
                    tests
                        .iter()
                        .filter(|test| !test.as_str().is_some_and(|test| known.contains(test)))
                        .map(|test| format!("{letter}{number}: there is no test {test:?}")),
                ),
                _ => found.push(format!("{letter}{number}: neither tests nor a reason: {value:?}")),
            }
        }
    }
    found
}

/// It says how many cases are held, by letter.
#[test]
fn every_case_is_held_by_tests_that_there_are_or_says_why_not() {
    let mut known = BTreeSet::new();
    tests_below("src", &mut known);
    tests_below("tests/it", &mut known);
    let table = table();
    assert_eq!(faults(&table, &known), [""; 0]);
    let held = |cases: &BTreeMap<String, Value>| cases.values().filter(|value| value.is_array()).count();
    let by_letter: Vec<_> =
        table.iter().map(|(letter, cases)| format!("{letter} {} of {}", held(cases), cases.len())).collect();
    let (held, all) = table.values().fold((0, 0), |(sum, all), cases| (sum + held(cases), all + cases.len()));
    // Past the test harness, which keeps what passing tests print.
    let _ = writeln!(std::io::stderr(), "hostile cases held: {}; {held} of {all}", by_letter.join(", "));
}

#[test]
fn table_with_a_gap_or_without_its_tests_is_refused() {
    let known = BTreeSet::from(["a::held".to_owned()]);
    let faults = |text: &str| faults(&toml::from_str(text).expect("a table"), &known);
    for text in [
        "[A]\n01 = [\"a::held\"]",
        "[A]\n01 = \"there are no pushes\"\n02 = [\"a::held\"]",
        "[A]\n01 = [\"a::held\", \"a::held\"]\n[B]\n01 = [\"a::held\"]",
    ] {
        assert_eq!(faults(text), [""; 0], "{text}");
    }
    for (text, expected) in [
        ("[A]\n01 = [\"a::gone\"]", "A01: there is no test"),
        ("[A]\n01 = [\"a::held\", \"held\"]", "A01: there is no test"),
        ("[A]\n01 = [\"a::held\"]\n03 = [\"a::held\"]", "the numbers of A have a gap"),
        ("[A]\n02 = [\"a::held\"]", "the numbers of A have a gap"),
        ("[A]\n01 = []", "A01: neither tests nor a reason"),
        ("[A]\n01 = \"later\"", "A01: neither tests nor a reason"),
        ("[A]\n01 = 7", "A01: neither tests nor a reason"),
        ("[B]\n01 = [\"a::held\"]", "the letters are"),
    ] {
        let found = faults(text);
        assert!(matches!(&found[..], [one] if one.starts_with(expected)), "{text}: {found:?}");
    }
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

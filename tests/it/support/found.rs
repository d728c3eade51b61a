//! Which rules the program really found something with in a test, for whoever collects them.

use std::fs::OpenOptions;
use std::io::Write as _;

use serde_json::Value;

/// The variable with the file into which the names of these rules go.
pub const FOUND: &str = "OCISCOPE_FOUND_RULES";

/// Writes down the rules of the findings in what the program has printed, where somebody collects them.
pub fn note(printed: &str) {
    let Some(path) = std::env::var_os(FOUND) else { return };
    let Ok(printed) = serde_json::from_str(printed) else { return };
    let names = rules(&printed);
    let file = OpenOptions::new().append(true).create(true).open(path);
    // In one write, because tests run at the same time.
    file.expect("a file").write_all(names.concat().as_bytes()).expect("room for a few names");
}

/// The rules of all findings in a report, or in several, a line each.
fn rules(printed: &Value) -> Vec<String> {
    let own = printed["findings"].as_array().into_iter().flatten();
    let own = own.filter_map(|finding| finding["rule"].as_str()).map(|name| format!("{name}\n"));
    let others = printed["reports"].as_array().into_iter().flatten().flat_map(rules);
    own.chain(others).collect()
}

#[test]
fn rules_of_findings_are_collected_and_other_names_are_not() {
    let of = |text: &str| rules(&serde_json::from_str(text).expect("JSON"));
    assert_eq!(of(r#"{"findings":[{"rule":"a-b"},{"rule":"c"}],"rules":["d"]}"#), ["a-b\n", "c\n"]);
    assert_eq!(of(r#"{"reports":[{"findings":[{"rule":"a"}]},{"findings":[]}]}"#), ["a\n"]);
    for other in [r#"{"rule":"a"}"#, r#"[{"findings":[]}]"#, "7", r#"{"findings":"a"}"#, r#"{"findings":[{"rule":7}]}"#]
    {
        assert_eq!(of(other), [""; 0], "{other}");
    }
}

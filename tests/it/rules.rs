//! `ociscope rules`: the catalogue, as people and programs see it.

use ociscope::internals::catalogue;

use crate::support::document::assert_described;
use crate::support::ociscope::ociscope;

#[test]
fn every_rule_is_listed_in_its_family_in_the_order_of_causes() {
    let run = ociscope(&["rules"]).env("COLUMNS", "200").run();
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let mut lines = run.stdout.lines().filter(|line| !line.is_empty());
    for family in catalogue().chunk_by(|one, next| one.family == next.family) {
        assert_eq!(lines.next(), Some(family[0].family.as_str()));
        for rule in family {
            let line = lines.next().expect("a line for every rule");
            let summary = rule.summary().trim_end_matches('.');
            assert!(line.trim_start().starts_with(rule.name) && line.ends_with(summary), "{line}");
        }
    }
    assert!(lines.next().is_some_and(|line| line.starts_with(&format!("{} rules", catalogue().len()))), "{run:?}");
}

#[test]
fn as_json_it_is_one_object_as_described() {
    let run = ociscope(&["rules", "--json"]).run();
    assert_described("docs/rules.schema.json", &run.stdout);
    let listed = run.json();
    let names: Vec<_> = listed["rules"].as_array().unwrap().iter().map(|rule| &rule["name"]).collect();
    let expected: Vec<_> = catalogue().iter().map(|rule| rule.name).collect();
    assert_eq!(names, expected);
    // Every page is there, and is about the rule.
    for rule in listed["rules"].as_array().unwrap() {
        let page = format!("{}/{}", env!("CARGO_MANIFEST_DIR"), rule["page"].as_str().unwrap());
        let text = std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{page}: {error}"));
        assert_eq!(text.lines().next(), Some(format!("# {}", rule["name"].as_str().unwrap()).as_str()));
    }
}

#[test]
fn the_list_can_be_narrowed() {
    let run = ociscope(&["rules", "TAG", "name"]).run();
    assert!(run.stdout.contains("tag-not-found") && !run.stdout.contains("dns-failure"), "{run:?}");
    let nothing = ociscope(&["rules", "nothing-has-this"]).run();
    assert!(nothing.status == 0 && nothing.stdout.contains("No rule matches"), "{nothing:?}");
    assert_eq!(ociscope(&["rules", "nothing-has-this", "--json"]).run().json()["rules"], serde_json::json!([]));
}

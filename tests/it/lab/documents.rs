//! The documents about the lab: the numbers in `docs/lab.md`, and the schemas of its JSON.

use std::fmt::Write as _;

use ociscope::internals::{content, dialects, scenarios};

use super::fidelity;
use crate::support::document::{assert_described, assert_up_to_date};
use crate::support::ociscope::ociscope;

/// `docs/lab.md`.
pub fn text() -> String {
    let mut text = "# The lab\n\nGenerated from the scenarios and the tests by `cargo xtask generate`.\n\n".to_owned();
    let (two, three) = (fidelity::compared_with_two(), fidelity::compared_with_three());
    let _ = write!(
        text,
        "| | |\n|---|---:|\n| scenarios | {} |\n| dialects | {} |\n| kinds of content | {} |\n\
         | requests compared with a running CNCF distribution 2.8 | {two} |\n\
         | requests compared with recordings of CNCF distribution 3 | {three} |\n",
        scenarios().len(),
        dialects().count(),
        content().count(),
    );
    text.push_str("\nThe tests of every other dialect quote captured answers that it must reproduce.\n");
    text.push_str("\n## Scenarios\n\n`ociscope lab show NAME` describes one in detail.\n");
    let all: Vec<_> = scenarios().collect();
    for group in all.chunk_by(|one, next| one.registry == next.registry) {
        let _ = write!(text, "\n### {}\n\n| name | title | when | known |\n|---|---|---|---|\n", group[0].registry);
        for scenario in group {
            let title = scenario.title.replace('|', "\\|").replace('*', "\\*");
            let known = scenario.known.as_str();
            let _ = writeln!(text, "| `{}` | {title} | {} | {known} |", scenario.name, scenario.year);
        }
    }
    text.push_str("\n## Dialects\n\n| name | behaves like |\n|---|---|\n");
    for (name, title) in dialects() {
        let _ = writeln!(text, "| `{name}` | {title} |");
    }
    text.push_str("\n## Content\n\n| name | description |\n|---|---|\n");
    for (name, about) in content() {
        let _ = writeln!(text, "| `{name}` | {about} |");
    }
    text
}

#[test]
fn the_list_of_scenarios_is_up_to_date() {
    assert_up_to_date("docs/lab.md", &text());
}

#[test]
fn the_list_as_json_is_as_described() {
    let run = ociscope(&["lab", "list", "--json"]).run();
    assert_described("docs/lab.schema.json", &run.stdout);
    assert_eq!(run.json()["scenarios"].as_array().map(Vec::len), Some(scenarios().len()));
    let run = ociscope(&["lab", "show", "gcr-deepvariant", "--json"]).run();
    assert_described("docs/lab.schema.json", &run.stdout);
}

#[test]
fn what_serve_says_as_json_is_as_described() {
    let mut running = ociscope(&["lab", "serve", "gcr-deepvariant", "--json"]).start();
    assert_described("docs/lab-serve.schema.json", &running.line_that(|_| true));
    running.interrupt();
    assert_eq!(running.finish().status, 0);
}

#[test]
fn the_list_can_be_narrowed() {
    let run = ociscope(&["lab", "list", "Google", "deepvariant"]).run();
    assert!(run.stdout.contains("gcr-deepvariant") && run.stdout.contains("1 scenario;"), "{run:?}");
    let (groups, all) = (ociscope(&["lab"]).run(), ociscope(&["lab", "list"]).run());
    assert!(groups.stdout.contains("Harbor") && groups.stdout.contains("`ociscope lab list WORD`"), "{groups:?}");
    assert!(groups.stdout.lines().count() < 60 && all.stdout.lines().count() > 700, "{groups:?}");
    assert_eq!(ociscope(&["lab", "--json"]).run().stdout, ociscope(&["lab", "list", "--json"]).run().stdout);
    let nothing = ociscope(&["lab", "list", "nothing-has-this"]).run();
    assert!(nothing.status == 0 && nothing.stdout.contains("No scenario"), "{nothing:?}");
}

//! `tags`: lists of a registry, as people and programs see them.

use serde_json::json;

use crate::support::document::assert_described;
use crate::support::hostile::pty::run_on_a_terminal;
use crate::support::hostile::{Server, answer};
use crate::support::ociscope::{Run, ociscope};

const TAGS: &str = "docs/tags.schema.json";

const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];

fn in_the_lab(scenario: &str, words: &[&str]) -> Run {
    ociscope(&[&["--lab", scenario], words].concat()).run()
}

#[test]
fn a_program_gets_the_tags_of_all_pages_one_a_line_and_nothing_else() {
    let run = in_the_lab("quay-second-page", &["tags", "quay.io/example/nightly"]);
    let mut tags: Vec<_> = run.stdout.lines().collect();
    assert_eq!((run.status, tags.len()), (0, 150), "{run:?}");
    // Quay lists in the order of bytes, and that order is kept.
    assert!(tags.is_sorted() && tags[0] == "v1.0" && tags[1] == "v1.1" && tags[2] == "v1.10", "{run:?}");
    tags.dedup();
    assert_eq!(tags.len(), 150);
    assert_eq!(run.stderr.lines().count(), 1);
    assert!(run.stderr.contains("simulated registries"), "{run:?}");
}

#[test]
fn on_a_terminal_the_tags_stand_in_columns_that_fit() {
    let arguments = ["--lab=quay-second-page", "tags", "quay.io/example/nightly"];
    let (status, written) = run_on_a_terminal(&arguments, 60, &[("NO_COLOR", "1")]);
    assert_eq!(status, 0);
    let lines: Vec<_> = written.lines().collect();
    let first = lines.iter().find(|line| line.starts_with("  v1.0 ")).expect("the first row");
    assert_eq!(first.split_whitespace().count(), 7, "{written}");
    assert!(lines.iter().all(|line| line.chars().count() <= 60), "{written}");
    assert!(written.contains("150 tags on 2 pages"), "{written}");
}

#[test]
fn as_json_a_list_says_whether_it_is_complete() {
    for (scenario, reference, count, complete) in [
        ("quay-second-page", "quay.io/example/nightly:v1.150", 150, true),
        ("tag-list-cut", "registry.example/endless/greeting", 1000, false),
    ] {
        let run = in_the_lab(scenario, &["tags", "--json", reference]);
        assert_described(TAGS, &run.stdout);
        let list = run.json();
        assert_eq!((run.status, list["tags"].as_array().map(Vec::len)), (0, Some(count)));
        assert_eq!((&list["complete"], &list["left_out"]), (&json!(complete), &json!(0)));
        assert_eq!(list["simulation"], scenario);
    }
}

#[test]
fn a_list_that_was_likely_cut_is_said_to_be() {
    let run = in_the_lab("tag-list-cut", &["tags", "registry.example/endless/greeting"]);
    assert_eq!((run.status, run.stdout.lines().count()), (0, 1000));
    assert!(run.stderr.contains("likely cut: it ends after 1000 tags"), "{run:?}");
    let run = in_the_lab("tag-list-cut", &["tags", "--format", "markdown", "registry.example/endless/greeting"]);
    assert!(run.stdout.contains("likely cut") && run.stdout.contains("tags/list?n=1000"), "{run:?}");
}

/// That a list is refused says nothing about pulling, and no advice about pulling is given.
#[test]
fn a_refused_list_is_told_in_the_words_of_the_registry() {
    let reference = "registry.example/unlistable/greeting";
    let run = in_the_lab("tags-denied", &["tags", reference]);
    assert_eq!(run.status, 13, "{run:?}");
    assert!(run.stdout.contains("403") && run.stdout.contains("requested access to the resource is denied"), "{run:?}");
    assert!(!run.stdout.contains("iam-denied"), "{run:?}");
    let run = in_the_lab("tags-denied", &["tags", "--json", reference]);
    assert_described(TAGS, &run.stdout);
    assert_eq!((run.status, run.json().get("tags")), (13, None));
    let run = in_the_lab("docker-hub-2025-healthy", &["tags", "docker.io/library/there-is-none"]);
    assert!(matches!(run.status, 10 | 12), "{run:?}");
}

#[test]
fn raw_is_what_the_registry_sent() {
    let body = "{\"name\":\"a/b\",  \"tags\":[\"1\"]}\n";
    let server = Server::answering(move |_| answer("200 OK", JSON, body));
    let run = ociscope(&["tags", "--raw", &format!("{}/a/b", server.origin("http"))]).run();
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, body, ""));
}

#[test]
fn what_is_no_tag_is_counted_and_not_repeated() {
    let body = r#"{"tags":["ok","\u001b[2Jowned","a/b","","--help","x\u202ey",7,null]}"#;
    let server = Server::answering(move |_| answer("200 OK", JSON, body));
    let reference = format!("{}/a/b", server.origin("http"));
    let run = ociscope(&["tags", &reference]).run();
    assert_eq!((run.status, run.stdout.as_str()), (0, "ok\n"));
    assert!(run.stderr.contains("7 entries are no tags"), "{run:?}");
    for format in ["markdown", "json"] {
        let run = ociscope(&["tags", "--format", format, &reference]).run();
        run.assert_hides(&["owned", "--help", "\u{202e}"]);
    }
    assert_eq!(ociscope(&["tags", "--json", &reference]).run().json()["left_out"], 7);
}

/// A registry that breaks off has its first pages shown; the exit status says that it did.
#[test]
fn a_list_that_breaks_off_is_shown_as_far_as_it_came() {
    let server = Server::answering(|sent| match sent.path.contains("last=") {
        false => {
            let link = "</v2/a/b/tags/list?last=1>; rel=\"next\"";
            answer("200 OK", &[("Content-Type", "application/json"), ("Link", link)], r#"{"tags":["1"]}"#)
        }
        true => answer("503 Service Unavailable", &[], "later"),
    });
    let run = ociscope(&["tags", &format!("{}/a/b", server.origin("http"))]).run();
    assert_eq!((run.status, run.stdout.as_str()), (19, "1\n"));
    assert!(run.stderr.contains("503 for a further page"), "{run:?}");
}

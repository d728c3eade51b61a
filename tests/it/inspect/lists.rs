//! `tags` and `referrers`: lists of a registry, as people and programs see them.

use serde_json::json;

use crate::support::document::assert_described;
use crate::support::hostile::pty::run_on_a_terminal;
use crate::support::hostile::{Server, answer};
use crate::support::ociscope::{Run, ociscope};

const TAGS: &str = "docs/tags.schema.json";
const REFERRERS: &str = "docs/referrers.schema.json";

/// The digest of no bytes at all.
const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

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
    assert!(run.stderr.contains(": simulated, no network traffic"), "{run:?}");
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
    assert!(run.stderr.contains("skipped 7 entries that are not valid tags"), "{run:?}");
    for format in ["markdown", "html", "json"] {
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
    assert!(run.stderr.contains("503 for the next page"), "{run:?}");
}

#[test]
fn what_is_attached_to_an_image_is_listed() {
    for (scenario, reference) in
        [("harbor-referrers", "harbor.example/library/signed:1.0"), ("zot-referrers", "zot.example/tools/signed:1.0")]
    {
        let run = in_the_lab(scenario, &["referrers", "--json", reference]);
        assert_described(REFERRERS, &run.stdout);
        let list = run.json();
        let types: Vec<_> = list["referrers"].as_array().unwrap().iter().map(|one| &one["artifact_type"]).collect();
        assert_eq!(types, ["application/spdx+json", "application/vnd.dev.sigstore.bundle.v0.3+json"], "{run:?}");
        assert_eq!((run.status, &list["tag"], &list["complete"]), (0, &json!(null), &json!(true)));
        let run = in_the_lab(scenario, &["referrers", reference]);
        let digest = list["referrers"][0]["digest"].as_str().unwrap();
        assert!(run.stdout.contains("2 referrers for") && run.stdout.contains(digest), "{run:?}");
    }
}

/// A registry that does not know the question has a tag in place of the answer, or may have one.
#[test]
fn where_the_registry_does_not_know_the_question_the_tag_is_asked_for() {
    let reference = "registry.example/demo/signed:1.0";
    let run = in_the_lab("distribution-3-no-referrers", &["referrers", reference]);
    assert_eq!(run.status, 0, "{run:?}");
    let words = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("has no referrers API; the fallback tag sha256-"), "{run:?}");
    assert!(words.contains("does not exist either") && words.contains("no referrers for sha256:"), "{run:?}");
    let run = in_the_lab("distribution-3-no-referrers", &["referrers", "--json", reference]);
    assert_described(REFERRERS, &run.stdout);
    let list = run.json();
    let tag = list["digest"].as_str().unwrap().replace(':', "-");
    assert_eq!((&list["tag"], &list["referrers"]), (&json!(tag), &json!([])));
}

/// A registry with so many pages of what refers to a manifest, and this answer for the one behind them.
fn paged(pages: usize, behind: &'static [u8]) -> Server {
    let behind = behind.to_vec();
    Server::answering(move |sent| {
        let page: usize = sent.path.split_once("last=").map_or(0, |(_, number)| number.parse().expect("a number"));
        if page >= pages {
            return behind.clone();
        }
        let entry = json!({ "mediaType": "m", "digest": format!("sha256:{page:064}"), "size": page });
        let link = format!("<{}?last={}>; rel=\"next\"", sent.path.split('?').next().unwrap_or_default(), page + 1);
        let index = json!({ "schemaVersion": 2, "manifests": [entry] }).to_string();
        answer("200 OK", &[JSON, &[("Link", &link)]].concat(), index)
    })
}

#[test]
fn what_refers_to_a_manifest_is_fetched_page_by_page() {
    const END: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    const GONE: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
    const PAGE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>";
    for (pages, behind, count, status, words) in [
        (3, END, 3, 0, None),
        (2, GONE, 2, 10, Some("the list continues: the registry answered 404 for the next page")),
        (2, BUSY, 2, 19, Some("the list continues: the registry answered 503 for the next page")),
        (2, PAGE, 2, 20, Some("the list continues: the next page is not a list")),
        (40, END, 40, 0, None),
    ] {
        let server = paged(pages, behind);
        let reference = format!("{}/a/b@{DIGEST}", server.origin("http"));
        let run = ociscope(&["referrers", "--json", &reference]).run();
        assert_described(REFERRERS, &run.stdout);
        let list = run.json();
        assert_eq!((run.status, list["referrers"].as_array().map(Vec::len)), (status, Some(count)), "{run:?}");
        assert_eq!((&list["complete"], &list["tag"]), (&json!(words.is_none()), &json!(null)));
        let run = ociscope(&["referrers", &reference]).run();
        let shown = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.is_none_or(|words| shown.contains(words)), "{run:?}");
    }
}

#[test]
fn a_list_under_the_tag_is_read_and_its_text_is_made_safe() {
    let entry = json!({
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": "application/\u{1b}[2Jowned",
        "digest": "sha256:\u{202e}short",
        "size": 7,
        "annotations": { "note": "\u{9b}2J", "number": 7 },
    });
    let index = json!({ "schemaVersion": 2, "manifests": [entry, "no descriptor"] }).to_string();
    let server = Server::answering(move |sent| match sent.path.contains("/manifests/sha256-") {
        true => answer("200 OK", JSON, &index),
        false => answer("404 Not Found", &[], "404 page not found\n"),
    });
    let reference = format!("{}/a/b@{DIGEST}", server.origin("http"));
    for format in ["terminal", "markdown", "html", "json"] {
        let run = ociscope(&["referrers", "--format", format, &reference]).run();
        assert_eq!(run.status, 0, "{run:?}");
        run.assert_hides(&["\u{1b}", "\u{202e}", "\u{9b}"]);
    }
    let run = ociscope(&["referrers", "--json", &reference]).run();
    assert_described(REFERRERS, &run.stdout);
    let list = run.json();
    assert_eq!(list["tag"], DIGEST.replace(':', "-"));
    assert_eq!(list["referrers"].as_array().map(Vec::len), Some(1));
    assert_eq!(list["referrers"][0]["annotations"], json!({ "note": "\u{9b}2J" }));
    let paths: Vec<_> = server.requests().into_iter().map(|sent| sent.path).collect();
    assert!(paths[0].ends_with(&format!("/v2/a/b/referrers/{DIGEST}")), "{paths:?}");
}

#[test]
fn what_does_not_exist_has_no_referrers_to_list() {
    let run = in_the_lab("harbor-referrers", &["referrers", "harbor.example/library/signed:9"]);
    assert!(run.status == 10 && run.stdout.contains("tag-not-found"), "{run:?}");
    let run = in_the_lab("zot-referrers", &["referrers", "--json", &format!("zot.example/tools/none@{DIGEST}")]);
    assert_described(REFERRERS, &run.stdout);
    assert_eq!((run.status, run.json().get("referrers")), (10, None));
    assert_eq!(run.json()["findings"][0]["rule"], "repository-not-found");
}

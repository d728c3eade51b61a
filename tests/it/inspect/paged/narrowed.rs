//! A part of a list: `--limit`, `--filter` and `--sort`.

use serde_json::json;

use super::{DIGEST, numbered, page_of, pages, tags};
use crate::support::document::assert_described;
use crate::support::hostile::Server;
use crate::support::ociscope::ociscope;

fn listed(pages_of: &[&[&str]], options: &[&str]) -> (Vec<String>, serde_json::Value, usize) {
    let owned = |page: &&[&str]| page.iter().map(|&name| name.to_owned()).collect();
    let server = pages("tags", pages_of.iter().map(owned).collect());
    let run = tags(&server, options);
    assert_eq!(run.status, 0, "{options:?}: {run:?}");
    let requests = server.requests().len();
    let json = tags(&server, &[options, &["--json"]].concat());
    assert_described("docs/tags.schema.json", &json.stdout);
    let lines: Vec<_> = run.stdout.lines().map(str::to_owned).collect();
    assert_eq!(json!(lines), json.json()["tags"], "{options:?}");
    (lines, json.json(), requests)
}

#[test]
fn limit_ends_asking_when_there_are_enough_names() {
    for (limit, requests, complete) in
        [(1, 1, false), (3, 1, false), (4, 2, false), (7, 3, false), (29, 10, false), (30, 10, true), (31, 10, true)]
    {
        let server = pages("tags", numbered(10, 3));
        let limit = limit.to_string();
        let run = tags(&server, &["--limit", &limit]);
        let lines = run.stdout.lines().count();
        assert_eq!(
            (run.status, lines, run.stderr.as_str()),
            (0, limit.parse::<usize>().expect("a number").min(30), "")
        );
        assert_eq!(server.requests().len(), requests, "--limit {limit}");
        let list = tags(&server, &["--limit", &limit, "--json"]).json();
        assert_eq!((&list["complete"], list["tags"].as_array().map(Vec::len)), (&json!(complete), Some(lines)));
        let why = list["why_incomplete"].as_str().unwrap_or_default();
        assert_eq!(why.contains(&format!("--limit {limit}")), !complete, "{why}");
    }
}

#[test]
fn limit_holds_for_referrers() {
    for (limit, requests, complete) in
        [("1", 1, false), ("2", 1, false), ("3", 2, false), ("5", 3, false), ("6", 3, true)]
    {
        let server = Server::answering(|sent| {
            let at = super::number(&sent.path);
            let entry = json!({ "mediaType": "m", "digest": DIGEST, "size": at });
            let next = format!("/v2/team/app/referrers/{DIGEST}?last={}", at + 1);
            page_of("manifests", &json!([entry, entry]), (at < 2).then_some(next.as_str()))
        });
        let reference = format!("{}/team/app@{DIGEST}", server.origin("http"));
        let run = ociscope(&["referrers", "--json", "--limit", limit, &reference]).run();
        assert_described("docs/referrers.schema.json", &run.stdout);
        let list = run.json();
        assert_eq!((run.status, &list["complete"]), (0, &json!(complete)), "{limit}");
        assert_eq!(json!(list["referrers"].as_array().map(Vec::len)).to_string(), limit);
        assert_eq!(server.requests().iter().filter(|sent| sent.method == "GET").count(), requests, "{limit}");
    }
}

#[test]
fn limit_of_nothing_is_wrong_usage() {
    for limit in ["0", "-1", "many", "1.5", ""] {
        for command in ["tags", "referrers", "catalog"] {
            let run = ociscope(&[command, "--limit", limit, "127.0.0.1:1/a"]).run();
            assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{command} {limit}: {run:?}");
        }
    }
}

#[test]
fn sorted_names_are_in_the_order_of_their_numbers() {
    for (given, sorted) in [
        (&[&["1.10", "1.9"][..], &["1.2"]][..], &["1.2", "1.9", "1.10"][..]),
        (&[&["v10", "v9", "latest"], &["v1"]], &["latest", "v1", "v9", "v10"]),
        (&[&["2024-1-9", "2024-1-10"], &["2023-12-31"]], &["2023-12-31", "2024-1-9", "2024-1-10"]),
        (
            &[&["18446744073709551616", "99"], &["18446744073709551617"]],
            &["99", "18446744073709551616", "18446744073709551617"],
        ),
        (&[&["1.0-rc10", "1.0-rc2", "1.0"], &["1.0.1"]], &["1.0", "1.0-rc2", "1.0-rc10", "1.0.1"]),
        (&[&["007", "7", "07"]], &["7", "07", "007"]),
    ] {
        assert_eq!(listed(given, &["--sort"]).0, sorted);
        // As the registry has them, without the option.
        assert_eq!(listed(given, &[]).0, given.concat());
    }
    // The whole list is read before the first of it are known.
    let (first, list, requests) = listed(&[&["b", "c"], &["a"], &["d"]], &["--sort", "--limit", "2"]);
    assert_eq!((first, requests), (vec!["a".to_owned(), "b".to_owned()], 3));
    assert_eq!(list["complete"], false);
}

#[test]
fn filter_takes_what_contains_a_text_or_fits_a_pattern() {
    let given: &[&[&str]] = &[&["1.0", "1.0-alpine", "1.1-alpine"], &["alpine", "ALPINE", "edge-alpine-1"], &["1.10"]];
    for (filter, expected) in [
        ("alpine", &["1.0-alpine", "1.1-alpine", "alpine", "edge-alpine-1"][..]),
        ("1.1", &["1.1-alpine", "1.10"]),
        ("*-alpine", &["1.0-alpine", "1.1-alpine"]),
        ("1.*", &["1.0", "1.0-alpine", "1.1-alpine", "1.10"]),
        ("*", &["1.0", "1.0-alpine", "1.1-alpine", "alpine", "ALPINE", "edge-alpine-1", "1.10"]),
        ("1*1*e", &["1.1-alpine"]),
        ("alpine*", &["alpine"]),
        ("**0", &["1.0", "1.10"]),
        ("1.?", &[]),
    ] {
        let (names, list, requests) = listed(given, &["--filter", filter]);
        assert_eq!((names, requests), (expected.iter().map(|&name| name.to_owned()).collect(), 3), "{filter}");
        // All of the list was looked at, and what does not fit is not missing.
        assert_eq!((&list["complete"], &list["left_out"]), (&json!(true), &json!(0)), "{filter}");
    }
    let (names, _, requests) = listed(given, &["--filter", "alpine", "--limit", "3"]);
    assert_eq!((names, requests), (vec!["1.0-alpine".to_owned(), "1.1-alpine".to_owned(), "alpine".to_owned()], 2));
}

#[test]
fn pages_as_they_came_are_neither_sorted_nor_filtered() {
    for options in [&["--sort"][..], &["--filter", "a"]] {
        let run = ociscope(&[&["tags", "--raw", "127.0.0.1:1/a"], options].concat()).run();
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
    }
}

/// In the shell, a number means the entry of the list as it was shown.
#[test]
fn number_means_the_entry_that_was_shown() {
    for (options, number, tag) in [
        ("", 1, "2.0"),
        ("--sort", 1, "1.9"),
        ("--sort", 2, "1.10"),
        ("--filter 1.", 1, "1.10"),
        ("--filter *9 --limit 1", 1, "1.9"),
    ] {
        let all = vec![vec!["2.0".to_owned(), "1.10".to_owned()], vec!["1.9".to_owned()]];
        let server = pages("tags", all);
        let origin = server.origin("http");
        let script = format!("tags {options} {origin}/team/app > tags.txt\nmanifest {number}\n");
        ociscope(&["shell"]).input(&script).run();
        let asked = server.requests().pop().expect("a request").path;
        assert!(asked.ends_with(&format!("/manifests/{tag}")), "{options}: {asked}");
    }
}

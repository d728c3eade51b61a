//! Where lists end, and what is said of it.

use serde_json::json;

use super::{DIGEST, JSON, number, numbered, page, page_of, pages, tags};
use crate::support::document::assert_described;
use crate::support::hostile::{Server, answer, refusal};
use crate::support::ociscope::ociscope;

#[test]
fn tags_of_every_page_are_listed_in_order() {
    for (count, length) in [(1, 3), (10, 1), (11, 7), (40, 25), (130, 2), (12, 1000)] {
        let all = numbered(count, length);
        let server = pages("tags", all.clone());
        let run = tags(&server, &[]);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{count} pages");
        assert!(run.stdout.lines().eq(all.iter().flatten()), "{count} pages: {} lines", run.stdout.lines().count());
        assert_eq!(server.requests().len(), count);
        let run = tags(&server, &["--json"]);
        assert_described("docs/tags.schema.json", &run.stdout);
        let list = run.json();
        assert_eq!((&list["complete"], &list["why_incomplete"]), (&json!(true), &json!(null)), "{count} pages");
        assert_eq!(list["tags"].as_array().map(Vec::len), Some(count * length));
    }
}

#[test]
fn referrers_of_every_page_are_listed_in_order() {
    for (count, length) in [(1, 1), (11, 1), (30, 40), (3, 500), (2, 2500)] {
        let server = Server::answering(move |sent| {
            let at = number(&sent.path);
            let entry = |entry: usize| json!({ "mediaType": "m", "digest": format!("sha256:{:064x}", at * length + entry), "size": 1 });
            let next = format!("/v2/team/app/referrers/{DIGEST}?last={}", at + 1);
            let entries: Vec<_> = (0..length).map(entry).collect();
            page_of("manifests", &json!(entries), (at + 1 < count).then_some(next.as_str()))
        });
        let reference = format!("{}/team/app@{DIGEST}", server.origin("http"));
        let run = ociscope(&["referrers", "--json", &reference]).run();
        assert_described("docs/referrers.schema.json", &run.stdout);
        let list = run.json();
        let digests: Vec<_> = list["referrers"].as_array().expect("a list").iter().map(|one| &one["digest"]).collect();
        let expected: Vec<_> = (0..count * length).map(|at| json!(format!("sha256:{at:064x}"))).collect();
        assert!(digests.iter().copied().eq(&expected), "{count} pages: {}", digests.len());
        assert_eq!((run.status, &list["complete"], &list["why_incomplete"]), (0, &json!(true), &json!(null)));
        assert_eq!(server.requests().iter().filter(|sent| sent.method == "GET").count(), count);
    }
}

#[test]
fn list_longer_than_a_manifest_may_be_is_shown() {
    for (field, command) in [("tags", "tags"), ("repositories", "catalog")] {
        let names: Vec<_> = (0..70_000).map(|at| format!("{}-{at}", "n".repeat(60))).collect();
        let server = pages(field, vec![names.clone()]);
        let reference = match command {
            "catalog" => server.origin("http"),
            _ => format!("{}/team/app", server.origin("http")),
        };
        let run = ociscope(&[command, &reference]).run();
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{command}");
        assert!(run.stdout.lines().eq(&names), "{command}: {} lines", run.stdout.lines().count());
    }
}

/// A list that goes round in circles has an end all the same.
#[test]
fn list_that_names_a_page_again_ends_and_is_said_to_be_incomplete() {
    let first = "/v2/team/app/tags/list?n=1000";
    for (name, next, requests) in [
        ("itself", &[first][..], 1),
        ("the second itself", &["/2?last=1", "/2?last=1"], 2),
        ("back to the first", &["/v2/a?last=1", first], 2),
        ("a circle of three", &["/a?last=1", "/b?last=2", "/a?last=1"], 3),
        ("in full", &["/x?last=1", "/y?last=2#part", "/y?last=2#other"], 3),
        ("after an empty page", &["/a?last=1", "/b?last=2", "/c?last=3", "/b?last=2"], 4),
    ] {
        let next: Vec<_> = next.iter().map(|&address| address.to_owned()).collect();
        let server = Server::answering(move |sent| {
            let at = number(&sent.path);
            let tags: &[&str] = if at == 2 { &[] } else { &["one", "two"][..1 + at % 2] };
            page(tags, next.get(at).map(String::as_str))
        });
        let run = tags(&server, &[]);
        assert_eq!(run.status, 20, "{name}: {run:?}");
        assert!(run.stderr.contains("links a page that was fetched before"), "{name}: {run:?}");
        assert_eq!(server.requests().len(), requests, "{name}");
        let run = tags(&server, &["--json"]);
        assert_described("docs/tags.schema.json", &run.stdout);
        let (status, list) = (run.status, run.json());
        assert_eq!((status, &list["complete"]), (20, &json!(false)), "{name}");
        let why = list["why_incomplete"].as_str().unwrap_or_default();
        assert!(why.contains("shown") && why.contains("links a page that was fetched before"), "{name}: {why}");
    }
}

/// One sentence says what is shown, what is not, and why.
#[test]
fn list_that_the_registry_cuts_says_what_is_missing_and_why() {
    let seventh = |bytes: Vec<u8>| {
        Server::answering(move |sent| match number(&sent.path) {
            6 => bytes.clone(),
            at => page(&["a", "b"], Some(&format!("/v2/team/app/tags/list?last={}", at + 1))),
        })
    };
    for (bytes, status, why) in [
        (refusal("500 Internal Server Error", &[], "UNKNOWN", "it broke"), 19, "answered 500 for the next page"),
        (refusal("429 Too Many Requests", &[], "TOOMANYREQUESTS", "later"), 14, "answered 429 for the next page"),
        (refusal("403 Forbidden", &[], "DENIED", "no"), 13, "answered 403 for the next page"),
        (refusal("404 Not Found", &[], "NAME_UNKNOWN", "gone"), 10, "answered 404 for the next page"),
        (answer("200 OK", &[("Content-Type", "text/html")], "<html>"), 20, "the next page is not a list"),
        (answer("200 OK", JSON, "{\"tags\":\"x\"}"), 20, "the next page is not a list"),
        (page(&["c"], Some("https://elsewhere.test/v2/team/app/tags/list?last=8")), 20, "is on another origin"),
        (page(&["c"], Some("//elsewhere.test/v2/")), 20, "is on another origin"),
    ] {
        let server = seventh(bytes);
        let run = tags(&server, &[]);
        let shown = run.stdout.lines().count();
        assert_eq!(run.status, status, "{run:?}");
        let sentence = format!("{shown} tags are shown, the list continues: ");
        assert!(run.stderr.contains(&sentence) && run.stderr.contains(why), "{run:?}");
        assert!((12..=13).contains(&shown) && run.stderr.lines().count() == 1, "{run:?}");
        let run = tags(&server, &["--json"]);
        assert_described("docs/tags.schema.json", &run.stdout);
        assert_eq!((run.status, &run.json()["complete"]), (status, &json!(false)));
        assert!(run.json()["why_incomplete"].as_str().is_some_and(|words| words.contains(why)), "{run:?}");
        let run = tags(&server, &["--format", "markdown"]);
        assert!(run.status == status && run.stdout.contains(why), "{run:?}");
    }
}

/// What ends where registries end a page was likely cut; a list that was served in pages was not.
#[test]
fn list_that_ends_where_pages_do_is_likely_cut_only_if_it_is_one_page() {
    for (count, length, is_cut) in
        [(1, 50, true), (1, 100, true), (1, 1000, true), (1, 99, false), (2, 50, false), (10, 100, false)]
    {
        let server = pages("tags", numbered(count, length));
        let run = tags(&server, &["--json"]);
        let list = run.json();
        assert_eq!((run.status, &list["complete"]), (0, &json!(!is_cut)), "{count} of {length}");
        assert_eq!(list["why_incomplete"].is_string(), is_cut, "{count} of {length}");
        assert_eq!(tags(&server, &[]).stderr.contains("likely cut"), is_cut, "{count} of {length}");
    }
}

/// Where one request may have fewer names than are asked for, the registry says so, and its own number is good enough.
#[test]
fn page_size_that_the_registry_refuses_is_left_to_it() {
    for code in ["PAGINATION_NUMBER_INVALID", "UNSUPPORTED"] {
        let server = Server::answering(move |sent| match sent.path.contains("n=") {
            true => refusal("400 Bad Request", &[], code, "invalid number of results requested"),
            false => page(&["a", "b"], None),
        });
        let run = tags(&server, &[]);
        let is_followed = code.starts_with("PAGINATION");
        assert_eq!((run.status == 0, run.stdout == "a\nb\n"), (is_followed, is_followed), "{run:?}");
        assert_eq!(server.requests().len(), if is_followed { 2 } else { 1 }, "{code}");
    }
}

//! Names are written as they come, and no page is asked for that nobody reads.

use std::io::{BufRead, BufReader};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;

use super::{DIGEST, number, numbered, page, page_of, pages, tags};
use crate::support::document::assert_described;
use crate::support::hostile::{Server, answer, bearer, token, unauthorized};
use crate::support::ociscope::{in_a_shell, ociscope};

/// A registry whose pages take as long as over a network.
fn slow(field: &'static str, all: Vec<Vec<String>>) -> Server {
    Server::answering(move |sent| {
        std::thread::sleep(Duration::from_millis(60));
        let at = number(&sent.path);
        let path = sent.path.split('?').next().unwrap_or_default();
        let next = (at + 1 < all.len()).then(|| format!("{path}?last={}", at + 1));
        page_of(field, &json!(all[at]), next.as_deref())
    })
}

#[test]
fn names_of_a_page_are_written_before_the_next_page_has_come() {
    for (first, second) in [(&["1.0"][..], "2.0"), (&["a", "b", "c"], "d"), (&["x"; 700], "y")] {
        let (sender, receiver) = mpsc::channel::<()>();
        let receiver = Arc::new(Mutex::new(receiver));
        let server = Server::answering(move |sent| match number(&sent.path) {
            0 => page(first, Some("/v2/team/app/tags/list?last=1")),
            _ => {
                // Until the reader has all of the first page.
                let is_read = receiver.lock().expect("no panic").recv_timeout(Duration::from_secs(20)).is_ok();
                if is_read { page(&[second], None) } else { answer("503 Service Unavailable", &[], "") }
            }
        });
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let running = ociscope(&["tags", &format!("{}/team/app", server.origin("http"))]).start_with_stdout(writer);
        let mut lines = BufReader::new(reader).lines();
        for name in first {
            assert_eq!(lines.next().expect("a line").expect("text"), *name);
        }
        sender.send(()).expect("a server that waits");
        assert_eq!(lines.next().expect("a line").expect("text"), second);
        assert_eq!(running.finish().status, 0);
    }
}

#[test]
fn no_page_is_asked_for_once_the_reader_has_gone() {
    for (options, lines, most) in [
        ("", 3, 2),
        ("", 1, 2),
        ("", 7, 3),
        // Nothing is left to be written, so nothing tells that nobody reads.
        ("--filter t0.1", 1, 3),
        ("--filter t1.*", 2, 4),
    ] {
        let server = slow("tags", numbered(30, 5));
        let line = format!("ociscope tags {options} {}/team/app | head -{lines}", server.origin("http"));
        let run = in_a_shell(&line).run();
        assert_eq!((run.stdout.lines().count(), run.stderr.as_str()), (lines, ""), "{line}: {run:?}");
        assert!(server.requests().len() <= most, "{line}: {} requests", server.requests().len());
    }
    let server = slow("repositories", numbered(30, 5));
    let run = in_a_shell(&format!("ociscope catalog {} | head -3", server.origin("http"))).run();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("t0.0\nt0.1\nt0.2\n", ""));
    assert!(server.requests().len() <= 2, "{} requests", server.requests().len());
}

/// The digest of an entry of a list of referrers.
fn digest(page: usize, at: usize) -> String {
    format!("sha256:{page:032}{at:032}")
}

/// A page with this many entries of a list of referrers; `next` is the URL of the next page.
fn referrers(page: usize, count: usize, next: Option<&str>) -> Vec<u8> {
    let entry = |at: usize| json!({ "mediaType": "m", "digest": digest(page, at), "size": at });
    page_of("manifests", &(0..count).map(entry).collect(), next)
}

#[test]
fn referrers_of_a_page_are_written_before_the_next_page_arrives() {
    for (first, second) in [(1, 1), (3, 2), (40, 1), (700, 3), (2, 0)] {
        let (sender, receiver) = mpsc::channel::<()>();
        let receiver = Arc::new(Mutex::new(receiver));
        let server = Server::answering(move |sent| match number(&sent.path) {
            0 => referrers(0, first, Some(&format!("/v2/team/app/referrers/{DIGEST}?last=1"))),
            _ => {
                let is_read = receiver.lock().expect("no panic").recv_timeout(Duration::from_secs(20)).is_ok();
                if is_read { referrers(1, second, None) } else { answer("503 Service Unavailable", &[], "") }
            }
        });
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let reference = format!("{}/team/app@{DIGEST}", server.origin("http"));
        let running = ociscope(&["referrers", &reference]).start_with_stdout(writer);
        let mut lines = BufReader::new(reader).lines().map(|line| line.expect("text"));
        for at in 0..first {
            assert!(lines.any(|line| line.trim() == digest(0, at)), "{first}: {at}");
        }
        sender.send(()).expect("a server that waits");
        let rest: Vec<_> = lines.collect();
        let shown = |at: &usize| rest.iter().any(|line| line.trim() == digest(1, *at));
        assert_eq!((0..second + 1).filter(shown).count(), second, "{rest:?}");
        let words = rest.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
        let refer = if first + second == 1 { "1 referrer for" } else { "referrers for" };
        assert!(words.contains(&format!("{refer} {DIGEST}")), "{words}");
        assert_eq!(running.finish().status, 0);
    }
}

#[test]
fn no_page_of_referrers_is_requested_after_the_reader_has_gone() {
    for (count, lines) in [(5, 3), (1, 2), (20, 12), (9, 1), (3, 8)] {
        let server = Server::answering(move |sent| {
            std::thread::sleep(Duration::from_millis(60));
            let at = number(&sent.path);
            let next = format!("/v2/team/app/referrers/{DIGEST}?last={}", at + 1);
            referrers(at, count, (at < 29).then_some(next.as_str()))
        });
        let line = format!("ociscope referrers {}/team/app@{DIGEST} | head -{lines}", server.origin("http"));
        let run = in_a_shell(&line).run();
        assert_eq!((run.stdout.lines().count(), run.stderr.as_str()), (lines, ""), "{line}: {run:?}");
        // Two lines for each entry, after two of the title; one more page, because only a write shows that the reader has gone;
        // and the requests for cosign's tags.
        let most = lines.div_ceil(2 * count) + 1 + 3;
        assert!(server.requests().len() <= most, "{line}: {} requests", server.requests().len());
    }
}

/// In JSON and Markdown a list is one document with the entries of all pages.
#[test]
fn referrers_of_all_pages_are_in_one_document() {
    for (pages, count) in [(1, 1), (3, 2), (2, 300), (1, 513), (5, 1)] {
        let server = Server::answering(move |sent| {
            let at = number(&sent.path);
            let next = format!("/v2/team/app/referrers/{DIGEST}?last={}", at + 1);
            referrers(at, count, (at + 1 < pages).then_some(next.as_str()))
        });
        let reference = format!("{}/team/app@{DIGEST}", server.origin("http"));
        let run = ociscope(&["referrers", "--json", &reference]).run();
        assert_described("docs/referrers.schema.json", &run.stdout);
        let list = run.json();
        let digests: Vec<_> = list["referrers"].as_array().expect("a list").iter().map(|one| &one["digest"]).collect();
        let expected: Vec<_> = (0..pages).flat_map(|page| (0..count).map(move |at| json!(digest(page, at)))).collect();
        assert!(digests.iter().copied().eq(&expected), "{pages} pages of {count}");
        let run = ociscope(&["referrers", "--format", "markdown", &reference]).run();
        let shown: Vec<_> = run.stdout.lines().filter(|line| line.contains("`sha256:0")).collect();
        assert_eq!(shown.len(), pages * count, "{run:?}");
    }
}

/// A list that the deadline ends is written even if preparing it takes longer than a second.
#[test]
fn long_list_that_the_deadline_ends_is_written_whole() {
    const ON_A_PAGE: usize = 5000;
    let server = Server::answering(move |sent| {
        let at = number(&sent.path);
        if at == 24 {
            std::thread::sleep(Duration::from_secs(20));
        }
        let names: Vec<_> = (0..ON_A_PAGE).map(|number| format!("v{at}.{number}-build")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        page(&names, Some(&format!("/v2/team/app/tags/list?last={}", at + 1)))
    });
    for options in [
        &["--format", "json"][..],
        &["--format", "json", "--sort"],
        &["--format", "json", "--filter", "v"],
        &["--format", "markdown"],
        &["--sort"],
    ] {
        let run = tags(&server, &[options, &["--timeout", "5"]].concat());
        assert_eq!(run.status, 20, "{options:?}: {}", run.stderr);
        let count = if options.contains(&"json") {
            assert_eq!(run.json()["complete"], false);
            run.json()["tags"].as_array().expect("a list").len()
        } else {
            run.stdout.matches("-build").count()
        };
        assert!(count >= ON_A_PAGE && count.is_multiple_of(ON_A_PAGE), "{options:?}: {count}");
    }
}

/// Whoever wants one document gets one.
#[test]
fn markdown_and_json_are_written_at_the_end() {
    let server = pages("tags", numbered(12, 2));
    for format in ["json", "markdown", "html"] {
        let run = tags(&server, &["--format", format]);
        assert!(run.status == 0 && run.stdout.contains("t0.0") && run.stdout.contains("t11.1"), "{run:?}");
    }
    assert_eq!(tags(&server, &["--json"]).stdout.lines().count(), 1);
    let run = tags(&server, &["--raw"]);
    assert_eq!(run.stdout.matches("\"tags\":").count(), 12);
}

/// A secret that a server breaks into names is found also where a page ends within it.
#[test]
fn token_that_is_broken_over_two_pages_is_not_written() {
    const TOKEN: &str = "CANARY1234-abcdefghijk-LMNOPQRSTUV-wxyz";
    for (first, second) in [
        (&["1.0", "CANARY1234", "-abcdefghi"][..], &["jk-LMNOPQR", "STUV-wxyz", "2.0"][..]),
        (&["C"], &["ANARY1234-", "abcdefghij", "k-LMNOPQRS", "TUV-wxyz"]),
        (&["a", "CANARY1234", "_"], &["x"]),
        (&["CANARY1234", "-abcdefghi", "jk-LMNOPQR", "STUV-wxy"], &["z", "1"]),
        (&["Q0FOQVJZM", "TIzNC1hYmN"], &["kZWZnaGlqa", "y1MTU5PUFF", "SU1RVVi13e", "Hl6"]),
    ] {
        let server = Server::answering(move |sent| {
            let host = sent.all("Host")[0].to_owned();
            match (sent.path.starts_with("/token"), sent.all("Authorization").is_empty()) {
                (true, _) => token(TOKEN),
                (_, true) => unauthorized(&bearer(&format!("http://{host}/token"))),
                _ => match number(&sent.path) {
                    0 => page(first, Some("/v2/team/app/tags/list?last=1")),
                    _ => page(second, None),
                },
            }
        });
        let run = tags(&server, &[]);
        assert_eq!(run.status, 0, "{run:?}");
        let joined: String = run.stdout.lines().collect();
        assert!(!joined.contains(TOKEN) && !joined.contains("Q0FOQVJZMTIzNC1hYmNkZWZnaGlqay1MTU5PUFFSU1RVVi13eHl6"));
        // Look-alikes stay.
        for name in ["1.0", "2.0", "a", "_", "x", "1"] {
            let is_listed = first.contains(&name) || second.contains(&name);
            assert_eq!(run.stdout.lines().any(|line| line == name), is_listed, "{name}: {run:?}");
        }
    }
}

/// What has no names on it says so, and the reader of names gets none.
#[test]
fn list_without_names_is_said_to_have_none() {
    for (body, field) in [("{\"tags\":[]}", "tags"), ("{\"tags\":null}", "tags"), ("{\"tags\":[\"a b\"]}", "tags")] {
        let server = Server::answering(move |_| answer("200 OK", super::JSON, body));
        let run = tags(&server, &[]);
        assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{field}: {run:?}");
        assert!(run.stderr.contains("no tags"), "{run:?}");
    }
}

/// What has come is shown, however the asking ends.
#[test]
fn list_that_is_ended_from_outside_shows_what_came() {
    for (pages_before, options, is_interrupted, status, why) in [
        (1, &[][..], true, 130, "1 tag is shown, the list continues: interrupted"),
        (3, &["--filter", "t*"], true, 130, "3 tags are shown, the list continues: interrupted"),
        (1, &["--timeout", "1"], false, 20, "1 tag is shown, the list continues: the time limit"),
        (5, &["--timeout", "1", "--limit", "9"], false, 20, "5 tags are shown, the list continues: the time"),
        (2, &["--timeout", "1", "--sort"], false, 20, "2 tags are shown, the list continues: the time"),
    ] {
        let server = Server::answering(move |sent| {
            let at = number(&sent.path);
            if at == pages_before {
                std::thread::sleep(Duration::from_secs(8));
            }
            page(&[&format!("t{at}")], Some(&format!("/v2/team/app/tags/list?last={}", at + 1)))
        });
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let reference = format!("{}/team/app", server.origin("http"));
        let running = ociscope(&[&["tags"], options, &[&reference]].concat()).start_with_stdout(writer);
        let mut lines = BufReader::new(reader).lines();
        for at in 0..pages_before {
            assert_eq!(lines.next().expect("a line").expect("text"), format!("t{at}"));
        }
        if is_interrupted {
            running.interrupt();
        }
        let run = running.finish();
        assert!(run.status == status && run.stderr.contains(why), "{options:?}: {run:?}");
    }
}

/// Which label a host gets depends on all names, so what is for everybody is written at the end.
#[test]
fn anonymized_names_are_those_of_all_pages() {
    for (first, second) in [("1.0", "2.0"), ("registry.test", "edge"), ("a", "registry.test-build")] {
        let server = pages("tags", vec![vec![first.to_owned()], vec![second.to_owned()]]);
        let port = server.address.port();
        let resolve = format!("registry.test:{port}:127.0.0.1");
        let reference = format!("http://registry.test:{port}/team/app");
        let run = ociscope(&["tags", "--public", "--resolve", &resolve, &reference]).run();
        assert_eq!((run.status, run.stdout.lines().count()), (0, 2), "{run:?}");
        run.assert_hides(&["registry.test"]);
        for name in [first, second].iter().filter(|name| !name.contains("registry")) {
            assert!(run.stdout.lines().any(|line| line == *name), "{name}: {run:?}");
        }
    }
}

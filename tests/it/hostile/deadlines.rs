//! What has to be judged, taken out and written when the answers are there: within the deadline, within memory, and until
//! somebody presses Ctrl-C.

use std::io::Read;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{asking, checked, plain};
use crate::support::content::media_type;
use crate::support::hostile::{Server, answer, head};
use crate::support::ociscope::ociscope;

/// Generous to a machine that is busy with other tests, and less than the 45 s that it took before there was a bound.
const BUSY: Duration = Duration::from_secs(25);

/// A server that redirects each request so often, each time to an address with so many values that may be signatures.
fn redirecting(times: usize, values: usize, length: usize) -> Server {
    Server::answering(move |sent| {
        let query = sent.path.split_once("hop=").map(|(_, rest)| rest);
        let hop = query.and_then(|rest| rest.split('&').next()?.parse().ok()).unwrap_or(0);
        if hop >= times {
            return answer("404 Not Found", &[], "nothing");
        }
        let from = sent.all("Accept").join("").len();
        let value = |number| format!("&s{number}={from:x}x{hop}x{number}{}", "v".repeat(length));
        let values: String = (0..values).map(value).collect();
        let location = format!("{}?hop={}{values}", sent.path.split('?').next().unwrap_or_default(), hop + 1);
        head("307 Temporary Redirect", &[("Location", &location), ("Content-Length", "0")], b"")
    })
}

/// Case C32: values that a server redirects to cost no more than reading them.
#[test]
fn values_in_redirects_keep_nobody_waiting() {
    for (times, values, length) in [(9, 20, 40), (9, 100, 20), (3, 400, 12), (1, 3000, 12), (9, 2, 8000)] {
        let server = redirecting(times, values, length);
        for command in ["manifest", "probe"] {
            let began = Instant::now();
            let run = checked(ociscope(&[command, "--timeout", "20", &plain(&server)]).run());
            let name = format!("{command}, {values} values of {length}, {times} times");
            assert!(began.elapsed() < BUSY, "{name}: {:?}: {run:?}", began.elapsed());
            assert!(!run.stdout.contains(&"v".repeat(12)), "{name}: {run:?}");
        }
    }
}

/// Case C32: Ctrl-C ends what is computed as well as what is waited for.
#[test]
fn ctrl_c_ends_a_run_that_computes() {
    let server = redirecting(9, 200, 40);
    for after in [300, 800, 1500] {
        let running = asking(&plain(&server), &["--timeout", "60"]).start();
        std::thread::sleep(Duration::from_millis(after));
        let pressed = Instant::now();
        running.interrupt();
        let run = running.finish();
        assert!(pressed.elapsed() < Duration::from_secs(4), "after {after} ms: {:?}", pressed.elapsed());
        assert!(run.status == 130 || run.status >= 10, "after {after} ms: {run:?}");
    }
}

/// Case C33: a reader who does not read holds up nobody who presses Ctrl-C, once.
#[test]
fn ctrl_c_ends_a_run_that_waits_for_its_reader() {
    for (command, words) in [
        ("probe", "x".repeat(60_000)),
        ("probe", "x y ".repeat(15_000)),
        ("diagnose", "\u{1b}[2J".repeat(15_000)),
        ("manifest", "é".repeat(120_000)),
        ("get", "x\n".repeat(120_000)),
    ] {
        let document = json!({ "schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST, "words": words }).to_string();
        let server = Server::answering(move |sent| match sent.path.ends_with("/1.0") {
            true if command == "get" => answer("200 OK", &[("Content-Type", "text/plain")], &words),
            true if command == "manifest" => answer("200 OK", &[("Content-Type", media_type::OCI_MANIFEST)], &document),
            _ => answer("500 Internal Server Error", &[("Content-Type", "text/plain")], &words),
        });
        let what = match command {
            "get" => format!("{}/v2/team/app/manifests/1.0", server.origin("http")),
            _ => plain(&server),
        };
        let (mut reader, writer) = std::io::pipe().expect("a pipe");
        let running = ociscope(&[command, "--json", "--timeout", "60", &what]).start_with_stdout(writer);
        // More than a pipe holds is on its way once the first byte is here.
        reader.read_exact(&mut [0]).expect("the beginning of the report");
        std::thread::sleep(Duration::from_millis(500));
        let pressed = Instant::now();
        running.interrupt();
        let run = running.finish();
        assert!(pressed.elapsed() < Duration::from_secs(4), "{command}: {:?}", pressed.elapsed());
        assert_eq!(run.status, 130, "{command}: {run:?}");
    }
}

/// Case C34: a list of millions is read as far as anybody needs it, and it is said that it goes on.
#[test]
fn list_of_millions_is_read_within_bounds() {
    let page = |number: usize| {
        let names: Vec<_> = (0..300_000).map(|at| format!("t{number}-{at:07}")).collect();
        json!({ "name": "team/app", "tags": names }).to_string()
    };
    let pages: Vec<_> = (0..10).map(page).collect();
    let server = Server::answering(move |sent| {
        let number =
            sent.path.split_once("last=").and_then(|(_, last)| last.parse::<usize>().ok()).map_or(0, |at| at + 1);
        let link = format!("</v2/team/app/tags/list?last={number}>; rel=\"next\"");
        let next: &[(&str, &str)] = if number < 9 { &[("Link", &link)] } else { &[] };
        answer("200 OK", &[&[("Content-Type", "application/json")], next].concat(), &pages[number.min(9)])
    });
    let reference = plain(&server);
    let limit = &["tags", "--format", "json", "--limit", "100000"];
    for (options, status, bound) in [(&["tags"][..], 20, "the limit is 1000000 tags"), (limit, 0, "--limit 100000")] {
        let began = Instant::now();
        let arguments = [options, &["--timeout", "30", &reference]].concat();
        let (run, memory) = ociscope(&arguments).start().finish_and_weigh();
        assert_eq!(run.status, status, "{options:?}: {}", run.stderr);
        assert!(memory.is_none_or(|bytes| bytes < 192 << 20), "{options:?}: {memory:?}");
        assert!(began.elapsed() < Duration::from_secs(35), "{options:?}: {:?}", began.elapsed());
        let (shown, why) = match status {
            20 => (run.stdout.lines().count(), run.stderr.clone()),
            _ => (run.json()["tags"].as_array().map_or(0, Vec::len), run.json()["why_incomplete"].to_string()),
        };
        // Where the machine is busy, the time is used up first.
        let is_bounded = matches!(shown, 100_000 | 1_000_000) && why.contains(bound);
        let is_cut = shown >= 300_000 && why.contains("the time for the whole run");
        assert!(is_bounded || is_cut, "{options:?}: {shown}: {why}");
    }
}

/// Case C35: documents as long as they may be, full of small things.
#[test]
fn documents_full_of_small_things_are_read_within_bounds() {
    let manifest = |more: serde_json::Value| {
        let mut manifest = json!({ "schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST, "layers": [] });
        let fields = more.as_object().expect("an object").clone();
        manifest.as_object_mut().expect("an object").extend(fields);
        manifest.to_string()
    };
    let layers: Vec<_> = (0..35_000).map(|at| json!({ "digest": format!("sha256:{at:064x}"), "size": 1 })).collect();
    let annotations: serde_json::Map<_, _> = (0..110_000).map(|at| (format!("a{at}"), "b".into())).collect();
    for (name, document) in [
        ("layers", manifest(json!({ "layers": layers }))),
        ("annotations", manifest(json!({ "annotations": annotations }))),
        ("texts", manifest(json!({ "x": vec!["a"; 700_000] }))),
        ("lists", manifest(json!({ "x": vec![json!([]); 700_000] }))),
        ("numbers", manifest(json!({ "x": vec![1; 1_500_000] }))),
    ] {
        assert!(document.len() < 4 << 20, "{name}: {}", document.len());
        let server =
            Server::answering(move |_| answer("200 OK", &[("Content-Type", media_type::OCI_MANIFEST)], &document));
        for command in ["manifest", "probe"] {
            let (run, memory) = ociscope(&[command, "--timeout", "40", &plain(&server)]).start().finish_and_weigh();
            let run = checked(run);
            assert!(run.stdout.lines().count() < 2_500, "{command} {name}: {} lines", run.stdout.lines().count());
            assert!(memory.is_none_or(|bytes| bytes < 256 << 20), "{command} {name}: {memory:?}");
        }
    }
}

/// Case C34: what is attached to an image is listed as far as somebody reads it.
#[test]
fn list_of_referrers_is_read_within_bounds() {
    let entry =
        |at: usize| json!({ "mediaType": media_type::OCI_MANIFEST, "digest": format!("sha256:{at:064x}"), "size": at });
    for (count, shown, complete) in
        [(0, 0, true), (1, 1, true), (1001, 1001, true), (25_000, 25_000, true), (45_000, 28_571, false)]
    {
        let entries: Vec<_> = (0..count).map(entry).collect();
        let body = json!({ "schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": entries }).to_string();
        let server = Server::answering(move |_| answer("200 OK", &[("Content-Type", media_type::OCI_INDEX)], &body));
        let reference = format!("{}/team/app@sha256:{}", server.origin("http"), "ab".repeat(32));
        let (run, memory) = ociscope(&["referrers", "--json", &reference]).start().finish_and_weigh();
        let json = checked(run).json();
        assert_eq!(json["referrers"].as_array().map(Vec::len), Some(shown), "{count}");
        assert_eq!(json["complete"], complete, "{count}");
        assert!(memory.is_none_or(|bytes| bytes < 256 << 20), "{count}: {memory:?}");
        let run = checked(ociscope(&["referrers", &reference]).run());
        assert_eq!(run.status, if complete { 0 } else { 20 }, "{count}: {}", run.stderr);
        assert_eq!(run.stderr.contains("the limit is 28571 referrers"), !complete, "{count}: {}", run.stderr);
    }
}

/// Case C35: another document for each variant, each as long as it may be. Those that are not compared are counted.
#[test]
fn different_documents_are_compared_within_bounds() {
    let layers: Vec<_> = (0..30_000).map(|at| json!({ "digest": format!("sha256:{at:064x}"), "size": 1 })).collect();
    let layers = serde_json::Value::from(layers).to_string();
    let server = Server::answering(move |sent| {
        let accept = sent.all("Accept").join(",");
        let document = format!("{{\"schemaVersion\":2,\"layers\":{layers},\"x\":{}}}", json!(accept));
        answer("200 OK", &[("Content-Type", media_type::OCI_MANIFEST)], document)
    });
    let (run, memory) = ociscope(&["probe", "--timeout", "60", &plain(&server)]).start().finish_and_weigh();
    let run = checked(run);
    assert!(run.stdout.contains("were not read or compared"), "{run:?}");
    assert!(memory.is_none_or(|bytes| bytes < 320 << 20), "{memory:?}");
}

//! Documents as long as they may be, full of as many values as fit: what they cost in memory and time is bounded.

use std::time::{Duration, Instant};

use super::{checked, plain};
use crate::support::content::media_type;
use crate::support::hostile::{Server, answer};
use crate::support::ociscope::ociscope;

/// How long a document is that is still read.
const LENGTH: usize = 4 << 20;
/// The most memory that any of them may take.
const MEMORY: u64 = 150 << 20;

/// A manifest of nearly 4 MiB: this field, which begins so, has as many of these as fit, and ends so.
fn full(begin: &str, one: &dyn Fn(usize) -> String, end: &str) -> String {
    let mut document = format!("{{\"schemaVersion\":2,\"mediaType\":\"{}\",{begin}", media_type::OCI_MANIFEST);
    let mut number = 0;
    loop {
        let next = one(number);
        if document.len() + next.len() + end.len() + 2 > LENGTH {
            break;
        }
        if number > 0 {
            document.push(',');
        }
        document += &next;
        number += 1;
    }
    document + end + "}"
}

fn documents() -> Vec<(&'static str, String)> {
    let same = |text: &'static str| move |_: usize| text.to_owned();
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let nested = move |_: usize| deep.clone();
    let escaped = format!("\"{}\"", "[[0],[0]]".repeat(4));
    let history = format!("{{\"v1Compatibility\":\"{{\\\"x\\\":[{}0]}}\"}}", "[0],".repeat(40_000));
    vec![
        ("empty objects", full("\"x\":[", &same("{}"), "]")),
        ("objects of one field", full("\"x\":[", &same("{\"\":0}"), "]")),
        ("lists of one number", full("\"layers\":[", &same("[0]"), "]")),
        ("deep lists", full("\"x\":[", &nested, "]")),
        ("fields", full("\"annotations\":{", &|at| format!("\"{at:x}\":0"), "}")),
        ("fields at the top", full("\"x\":0,", &|at| format!("\"{at:x}\":{{}}"), "")),
        ("short texts", full("\"manifests\":[", &same("\"\""), "]")),
        ("texts that look like lists", full("\"x\":[", &move |_| escaped.clone(), "]")),
        ("documents in texts", full("\"fsLayers\":[],\"history\":[", &move |_| history.clone(), "]")),
        ("objects in objects", full("\"config\":[", &same("{\"a\":{\"b\":{\"c\":{}}}}"), "]")),
    ]
}

/// Whether a document has more values than are read: texts are one value each, whatever is in them.
fn has_too_many_values(name: &str) -> bool {
    !matches!(name, "texts that look like lists" | "documents in texts")
}

/// Case C39: whatever a document of 4 MiB is full of, it takes little memory, and the run comes to its end.
#[test]
fn document_full_of_values_takes_little_memory() {
    for (name, document) in documents() {
        assert!(document.len() <= LENGTH && document.len() > LENGTH - 200_000, "{name}: {}", document.len());
        let server =
            Server::answering(move |_| answer("200 OK", &[("Content-Type", media_type::OCI_MANIFEST)], &document));
        let reference = plain(&server);
        // What differs is what is read: the document, a list in it, what it is made of.
        let more: &[&[&str]] = match name {
            "objects of one field" => &[&["diagnose", "--json"], &["referrers"]],
            "lists of one number" => &[&["probe"], &["config"]],
            "short texts" => &[&["tags"]],
            _ => &[],
        };
        for &arguments in [&["manifest", "--json"][..]].iter().chain(more) {
            // Long enough for a machine that is busy with other tests.
            let arguments = [arguments, &["--timeout", "55", &reference]].concat();
            let (run, memory) = ociscope(&arguments).start().finish_and_weigh();
            let run = checked(run);
            assert!(memory.is_none_or(|bytes| bytes < MEMORY), "{arguments:?} {name}: {memory:?}");
            assert!(!run.stderr.contains("before the answers were judged"), "{arguments:?} {name}: {run:?}");
            // What is not read as a whole is told by its own fields.
            if arguments[0] == "manifest" && has_too_many_values(name) {
                let json = run.json();
                assert_eq!(json["media_type"], media_type::OCI_MANIFEST, "{name}");
                assert_eq!(json["manifest"], serde_json::Value::Null, "{name}");
            }
        }
    }
}

/// Case C39: what is not read is said, with its bound, and what a reader needs is read.
#[test]
fn document_with_too_many_values_is_read_as_far_as_its_own_fields() {
    for (name, document) in documents() {
        if !has_too_many_values(name) {
            continue;
        }
        let server =
            Server::answering(move |_| answer("200 OK", &[("Content-Type", media_type::OCI_MANIFEST)], &document));
        let run = checked(ociscope(&["manifest", &plain(&server)]).run());
        assert!(run.stdout.contains("more than 200000 values"), "{name}: {}", run.stdout.len());
    }
}

/// Case C39: Ctrl-C ends what reads and judges such a document at once.
#[test]
fn ctrl_c_ends_what_reads_a_document_full_of_values() {
    for (name, document) in documents().into_iter().step_by(3) {
        let server =
            Server::answering(move |_| answer("200 OK", &[("Content-Type", media_type::OCI_MANIFEST)], &document));
        let running = ociscope(&["probe", "--timeout", "60", &plain(&server)]).start();
        std::thread::sleep(Duration::from_millis(600));
        let pressed = Instant::now();
        running.interrupt();
        let run = running.finish();
        // Generous to a machine that is busy with other tests: the bound itself is 0.2 s.
        assert!(pressed.elapsed() < Duration::from_millis(1500), "{name}: {:?}", pressed.elapsed());
        assert!(run.status == 130 || run.status >= 10 || run.status == 0, "{name}: {run:?}");
    }
}

/// Case C40: where the time ends before the answers are judged, what was asked and answered is still printed.
#[test]
fn answers_that_were_not_judged_in_time_are_listed() {
    let layers: Vec<_> =
        (0..30_000).map(|at| serde_json::json!({ "digest": format!("sha256:{at:064x}"), "size": 1 })).collect();
    let layers = serde_json::Value::from(layers).to_string();
    let server = Server::answering(move |sent| {
        let accept = serde_json::json!(sent.all("Accept").join(","));
        let document = format!("{{\"schemaVersion\":2,\"layers\":{layers},\"x\":{accept}}}");
        answer("200 OK", &[("Content-Type", media_type::OCI_MANIFEST)], document)
    });
    let run = checked(ociscope(&["diagnose", "--timeout", "1", &plain(&server)]).run());
    // A fast machine judges them in time.
    if run.status == 1 {
        assert!(
            run.stderr.contains("before the answers were judged") && run.stderr.contains("answered 200"),
            "{run:?}"
        );
    }
}

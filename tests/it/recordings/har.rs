//! HAR files: written by `--record FILE.har`, read again by `--from`, and by an independent reader.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{Folder, MISSING, SCENARIO, mode};

/// Prints what haralyzer gets of each request, in order.
const READER: &str = r#"
import json, sys
from haralyzer import HarParser
parser = HarParser.from_file(sys.argv[1])
entries = [entry for page in parser.pages for entry in page.entries] or parser.har_data["entries"]
assert parser.creator["name"] == "ociscope" and parser.version == "1.2", (parser.creator, parser.version)
for entry in entries:
    steps = [entry.timings[step] for step in ("blocked", "dns", "connect", "send", "wait", "receive")]
    assert abs(sum(step for step in steps if step > 0) - entry.time) < 0.01, (steps, entry.time)
    text = entry.response.raw_entry["content"].get("text", "")
    print(json.dumps([entry.request.method, entry.url, entry.status, entry.response.mimeType, text]))
"#;

/// The requests in a file, as the reader prints them.
fn expected(har: &Value) -> Vec<Value> {
    let entries = har["log"]["entries"].as_array().expect("entries");
    let facts = entries.iter().map(|entry| {
        let content = &entry["response"]["content"];
        let (request, response) = (&entry["request"], &entry["response"]);
        let text = content["text"].as_str().unwrap_or_default();
        Value::from(vec![
            request["method"].clone(),
            request["url"].clone(),
            response["status"].clone(),
            content["mimeType"].clone(),
            text.into(),
        ])
    });
    facts.collect()
}

#[test]
fn recording_as_har_is_judged_as_the_run_was() {
    let folder = Folder::new();
    let live = folder.run(&format!("{SCENARIO} diagnose {MISSING} --record run.har"));
    assert_eq!((live.status, mode(&folder.at("run.har"))), (10, 0o600));
    assert!(live.stderr.contains("recorded in run.har"), "{}", live.stderr);
    let read = folder.run("diagnose --from run.har");
    assert_eq!(read.status, 10);
    assert!(read.stdout.starts_with("unverified answers of "), "{}", read.stdout);
    assert!(read.stdout.contains("from a HAR file") && read.stdout.contains("tag-not-found"), "{}", read.stdout);
    // The same file again, and another one only if it is forced.
    assert_eq!(folder.run(&format!("{SCENARIO} diagnose {MISSING} --record run.har")).status, 10);
    std::fs::write(folder.at("other.har"), "{\"log\":{\"creator\":{\"name\":\"browser\"}}}").expect("to write");
    assert_eq!(folder.run(&format!("{SCENARIO} diagnose {MISSING} --record other.har")).status, 2);
    // A recording becomes one, without any request.
    folder.run(&format!("{SCENARIO} diagnose {MISSING} --record run.json"));
    folder.run("diagnose --from run.json --record again.har");
    let har = folder.json("again.har");
    assert_eq!(har["log"]["entries"].as_array().expect("entries").len(), 14);
}

#[test]
#[ignore = "it needs haralyzer; run tests/run --with har"]
fn har_file_is_read_by_another_program() {
    let folder = Folder::new();
    let scenarios = [
        (SCENARIO, MISSING),
        ("--lab=ghcr-healthy", "ghcr.io/example/greeting:1.0"),
        ("--lab=storage-expired-signature", "registry.example/cached-redirect/app:1.0"),
        ("--lab=host-misspelt", "regsitry.example/misspelt/app:1.0"),
    ];
    for (scenario, reference) in scenarios {
        folder.run(&format!("{scenario} diagnose {reference} --record run.har --force"));
        let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/har");
        let mut reader = Command::new("python3");
        reader.args(["-c", READER]).arg(folder.at("run.har")).env("PYTHONPATH", packages);
        let read = reader.output().expect("python3");
        assert!(read.status.success(), "{scenario}: {}", String::from_utf8_lossy(&read.stderr));
        let lines = String::from_utf8(read.stdout).expect("text");
        let mut read: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let mut expected = expected(&folder.json("run.har"));
        // Requests of the same millisecond are in any order.
        [&mut read, &mut expected].into_iter().for_each(|requests| requests.sort_by_key(Value::to_string));
        assert!(!expected.is_empty() && read == expected, "{scenario}: {read:?}\n{expected:?}");
    }
}

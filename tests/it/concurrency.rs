//! What is sent without waiting for answers that it does not depend on. The servers here hold one answer back until they
//! have seen another request, so a run that waits for the answer first never ends well.

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use serde_json::Value;

use crate::support::content::{Document, Field, oci_index};
use crate::support::hostile::{Names, Server, answer, refusal};
use crate::support::ociscope::ociscope;
use crate::support::relay::Sent;

/// Longer than a run may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Opens once a request was seen.
#[derive(Default)]
struct Gate {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn open(&self) {
        *self.is_open.lock().expect("no panic in a server") = true;
        self.opened.notify_all();
    }

    fn wait(&self) {
        let is_open = self.is_open.lock().expect("no panic in a server");
        drop(self.opened.wait_timeout_while(is_open, PATIENCE, |is_open| !*is_open).expect("no panic in a server"));
    }
}

/// What an honest registry answers that has this document under every tag.
fn honest(document: &Document, sent: &Sent) -> Vec<u8> {
    let at = sent.path.rsplit('/').next().unwrap_or_default();
    let served = |document: &Document| {
        let headers = [("Content-Type", document.media_type), ("Docker-Content-Digest", document.digest.as_str())];
        answer("200 OK", &headers, &document.bytes)
    };
    if sent.path.contains("/manifests/") {
        let child = document.children.iter().find(|child| child.digest == at);
        return match (child, at.starts_with("sha256:") && at != document.digest) {
            (Some(child), _) => served(child),
            (None, true) => refusal("404 Not Found", &[], "MANIFEST_UNKNOWN", "manifest unknown"),
            (None, false) => served(document),
        };
    }
    let blobs = || document.children.iter().flat_map(|child| &child.blobs);
    match blobs().find(|blob| crate::support::digest_of(blob) == at) {
        Some(blob) => answer("200 OK", &[("Content-Type", "application/octet-stream")], blob),
        None => answer("200 OK", &[("Content-Type", "application/json")], "{}"),
    }
}

/// Method, path and status of each exchange of a report, in its order.
fn exchanges(report: &Value) -> Vec<(String, String, u64)> {
    let exchanges = report["exchanges"].as_array().expect("exchanges");
    let of = |exchange: &Value| {
        let url = exchange["request"]["url"].as_str().expect("an address");
        let path = url.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
        let method = exchange["request"]["method"].as_str().expect("a method").to_owned();
        (method, path, exchange["response"]["status"].as_u64().unwrap_or_default())
    };
    exchanges.iter().map(of).collect()
}

/// The config and the layers belong to the next round all the same: the report has the order of a run that waited.
#[test]
fn config_does_not_wait_for_the_last_entry_of_an_index() {
    let index = oci_index(&["amd64", "arm64", "s390x"], Field::Present);
    let config = index.children[0].config_digest();
    for is_over_tls in [false, true] {
        let mut reports = Vec::new();
        for is_held_back in [true, false] {
            let gate = Gate::default();
            let (last, config, index) = (index.children[2].digest.clone(), config.clone(), index.clone());
            let make = move |sent: &Sent| {
                if sent.path.ends_with(&config) {
                    gate.open();
                }
                if is_held_back && sent.path.ends_with(&last) {
                    gate.wait();
                }
                honest(&index, sent)
            };
            let mut names = Names::new();
            let server = match is_over_tls {
                true => Server::answering_over_tls(&names.authority, &["registry.test"], make),
                false => Server::answering(make),
            };
            names.lead(if is_over_tls { "registry.test" } else { "registry.test:80" }, &server);
            let mut arguments = vec!["diagnose", "--json", "--platform", "linux/amd64", "--timeout", "20"];
            arguments.extend(names.options());
            arguments.extend((!is_over_tls).then_some("--plain-http"));
            arguments.push("registry.test/team/app:1.0");
            let run = ociscope(&arguments).run();
            assert_eq!(run.status, 0, "over TLS: {is_over_tls}, held back: {is_held_back}: {run:?}");
            reports.push(exchanges(&serde_json::from_str(&run.stdout).expect("a report")));
        }
        let place =
            |digest: &str| reports[0].iter().position(|(_, path, _)| path.ends_with(digest)).expect("it is sent");
        assert!(place(&index.children[2].digest) < place(&config), "{:?}", reports[0]);
        assert_eq!(reports[0], reports[1], "over TLS: {is_over_tls}");
    }
}

/// Over TLS one variant goes ahead. If it is told that there is no such tag, the list of tags is wanted in any case.
#[test]
fn tags_are_listed_along_with_the_variants_once_a_tag_is_missing() {
    let gate = Gate::default();
    let mut names = Names::new();
    let server = Server::answering_over_tls(&names.authority, &["registry.test"], move |sent| {
        if sent.path.contains("/tags/list") {
            gate.open();
            let tags = r#"{"name":"team/app","tags":["1.0.0","1.0.1"]}"#;
            return answer("200 OK", &[("Content-Type", "application/json")], tags);
        }
        let accept = sent.all("Accept");
        if accept.len() == 1 && !accept[0].contains(", ") {
            gate.wait();
        }
        refusal("404 Not Found", &[], "MANIFEST_UNKNOWN", "manifest unknown")
    });
    names.lead("registry.test", &server);
    let mut arguments = vec!["diagnose", "--json", "--timeout", "20"];
    arguments.extend(names.options());
    arguments.push("registry.test/team/app:1.0.2");
    let run = ociscope(&arguments).run();
    let report: Value = serde_json::from_str(&run.stdout).expect("a report");
    assert_eq!((run.status, &report["findings"][0]["rule"]), (10, &"tag-not-found".into()), "{run:?}");
    let exchanges = exchanges(&report);
    assert!(exchanges.iter().all(|(_, _, status)| [200, 404].contains(status)), "{exchanges:?}");
    let tags = exchanges.iter().position(|(_, path, _)| path.contains("/tags/list")).expect("they are listed");
    assert_eq!(tags, 13, "after twelve variants and the HEAD of one: {exchanges:?}");
}

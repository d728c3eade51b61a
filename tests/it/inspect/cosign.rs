//! `referrers`: the tags under which cosign stores what belongs to an image.

use serde_json::json;

use crate::support::document::assert_described;
use crate::support::hostile::{Server, answer, bearer, head, token, unauthorized};
use crate::support::ociscope::{Run, ociscope};

/// The digest of no bytes at all.
const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const INDEX: &[(&str, &str)] = &[("Content-Type", "application/vnd.oci.image.index.v1+json")];
const NONE: &str = r#"{"schemaVersion":2,"manifests":[]}"#;

fn flat(run: &Run) -> String {
    run.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Cosign's signature and attestation of an image, on a registry without a referrers API.
#[test]
fn cosign_tags_are_listed_although_there_are_no_referrers() {
    let reference = "registry.example/sigstore/greeting:1.0";
    let run = ociscope(&["--lab=cosign-signature", "referrers", "--json", reference]).run();
    assert_described("docs/referrers.schema.json", &run.stdout);
    let list = run.json();
    let subject = list["digest"].as_str().expect("a digest").replace(':', "-");
    let tags = list["cosign_tags"].as_array().expect("a list");
    let exist: Vec<_> = tags.iter().map(|tag| (tag["tag"].clone(), tag["exists"].clone())).collect();
    let expected = [(".sig", true), (".att", true), (".sbom", false)];
    assert_eq!(exist, expected.map(|(end, exists)| (json!(format!("{subject}{end}")), json!(exists))));
    assert_eq!(list["referrers"], json!([]));
    // The digest of the signature, by its own reference.
    let signature = format!("registry.example/sigstore/greeting:{subject}.sig");
    let manifest = ociscope(&["--lab=cosign-signature", "manifest", "--json", &signature]).run().json();
    assert_eq!((&tags[0]["digest"], &tags[0]["size"]), (&manifest["digest"], &manifest["size"]));
    let run = ociscope(&["--lab=cosign-signature", "referrers", reference]).run();
    let words = flat(&run);
    assert!(
        words.contains("cosign signatures") && words.contains(&format!("{subject}.sig cosign attestations")),
        "{run:?}"
    );
    assert!(words.contains("cosign 3, oras and notation ask for the referrers"), "{run:?}");
    let none = ociscope(&["--lab=zot-referrers", "referrers", "zot.example/tools/signed:1.0"]).run();
    assert!(flat(&none).contains("There are no cosign tags either"), "{none:?}");
}

/// What was sent, without what the digest adds to it.
fn sent(server: &Server) -> Vec<String> {
    let short = |path: &str| path.replace(HEX, "…").split('?').next().unwrap_or_default().to_owned();
    server.requests().iter().map(|request| format!("{} {}", request.method, short(&request.path))).collect()
}

#[track_caller]
fn assert_sent(server: &Server, expected: &[&str]) {
    let mut sent = sent(server);
    let tags = sent.len().saturating_sub(3).max(1);
    // The three are sent at once, in any order.
    sent[tags..].sort();
    assert_eq!(sent, expected);
}

#[test]
fn three_head_requests_are_sent_beyond_those_for_the_list() {
    let server = Server::answering(|sent| match sent.method.as_str() {
        "HEAD" => head("404 Not Found", &[("Content-Length", "0")], b""),
        _ => answer("200 OK", INDEX, NONE),
    });
    let run = ociscope(&["referrers", "--json", &format!("{}/a/b@{DIGEST}", server.origin("http"))]).run();
    assert_eq!((run.status, run.json()["cosign_tags"].as_array().map(Vec::len)), (0, Some(3)), "{run:?}");
    assert_sent(
        &server,
        &[
            "GET /v2/a/b/referrers/sha256:…",
            "HEAD /v2/a/b/manifests/sha256-….att",
            "HEAD /v2/a/b/manifests/sha256-….sbom",
            "HEAD /v2/a/b/manifests/sha256-….sig",
        ],
    );
}

/// They need the token as well, and are sent when it is there, with the list.
#[test]
fn challenge_is_answered_before_the_head_requests_are_sent() {
    let server = Server::answering(|sent| {
        let host = sent.all("Host")[0].to_owned();
        match (sent.path.starts_with("/token"), sent.all("Authorization").is_empty(), sent.method.as_str()) {
            (true, ..) => token("CANARY"),
            (_, true, _) => unauthorized(&bearer(&format!("http://{host}/token"))),
            (_, _, "HEAD") => head("404 Not Found", &[("Content-Length", "0")], b""),
            _ => answer("200 OK", INDEX, NONE),
        }
    });
    let run = ociscope(&["referrers", &format!("{}/a/b@{DIGEST}", server.origin("http"))]).run();
    assert_eq!(run.status, 0, "{run:?}");
    let sent = sent(&server);
    assert_eq!((sent.len(), sent.iter().filter(|sent| sent.starts_with("HEAD")).count()), (6, 3), "{sent:?}");
    assert!(sent[..2] == ["GET /v2/a/b/referrers/sha256:…", "GET /token"], "{sent:?}");
}

/// What is no answer about a tag is not taken for one.
#[test]
fn tag_is_unknown_where_its_answer_does_not_say() {
    for (status, headers, expected) in [
        ("200 OK", &[("Content-Type", "text/html"), ("Content-Length", "9")][..], json!(null)),
        ("403 Forbidden", &[("Content-Length", "0")], json!(null)),
        ("500 Oops", &[("Content-Length", "0")], json!(null)),
        ("404 Not Found", &[("Content-Length", "0")], json!(false)),
        (
            "200 OK",
            &[("Content-Type", "application/vnd.oci.image.manifest.v1+json"), ("Content-Length", "7")],
            json!(true),
        ),
    ] {
        let server = Server::answering(move |sent| match sent.method.as_str() {
            "HEAD" => head(status, headers, b""),
            _ => answer("200 OK", INDEX, NONE),
        });
        let run = ociscope(&["referrers", "--json", &format!("{}/a/b@{DIGEST}", server.origin("http"))]).run();
        assert_eq!((run.status, &run.json()["cosign_tags"][0]["exists"]), (0, &expected), "{status}: {run:?}");
    }
}

#[test]
fn list_and_not_a_tag_is_what_show_means_afterwards() {
    let run = ociscope(&["--lab=cosign-signature"])
        .input("use registry.example/sigstore/greeting:1.0\nreferrers\nshow\n")
        .run();
    let (_, shown) = run.stdout.rsplit_once("referrers for").expect("a list");
    assert!(shown.contains("GET ") && !shown.contains("HEAD "), "{run:?}");
}

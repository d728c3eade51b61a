//! `get` and `head`: requests of the user's own, and what comes back.

use serde_json::Value;

use crate::support::document::assert_described;
use crate::support::hostile::{Names, Server, answer, bearer, manifest, redirect, refusal, token, unauthorized};
use crate::support::ociscope::{Run, ociscope};

const EXCHANGE: &str = "docs/exchange.schema.json";
const PASSWORD: &str = "CANARYpw+x/y=z";
const TOKEN: &str = "CANARYtoken0123456789";

fn in_the_lab(scenario: &str, words: &[&str]) -> Run {
    ociscope(&[&["--lab", scenario], words].concat()).run()
}

/// A server at this name, over TLS.
fn at(names: &mut Names, name: &str, server: impl FnOnce(&Names) -> Server) -> Server {
    let server = server(names);
    names.lead(name, &server);
    server
}

fn schema(file: &str) -> Value {
    let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("the schema")).expect("JSON")
}

#[test]
fn an_exchange_is_described_as_those_of_a_report() {
    let (alone, report) = (schema(EXCHANGE), schema("docs/report.schema.json"));
    assert_eq!(alone["$defs"]["exchange"], report["$defs"]["exchange"]);
    for (name, field) in report["$defs"]["exchange"]["properties"].as_object().expect("its fields") {
        assert_eq!(alone["properties"][name], *field, "{name}");
    }
}

#[test]
fn get_shows_status_headers_and_body() {
    let path = "https://quay.io/v2/example/nightly/tags/list?n=3";
    let run = in_the_lab("quay-second-page", &["get", path]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    for line in ["  │ HTTP/2 200\n", "  │ content-type: application/json\n", "  │   \"name\": \"example/nightly\",\n"]
    {
        assert!(run.stdout.contains(line), "{line:?} is not in {run:?}");
    }
    let run = in_the_lab("quay-second-page", &["get", "--json", path]);
    assert_described(EXCHANGE, &run.stdout);
    let shown = run.json();
    assert_eq!((run.status, &shown["request"]["url"]), (0, &path.into()));
    let body: Value = serde_json::from_str(shown["response"]["body"]["text"].as_str().unwrap()).unwrap();
    assert_eq!(body["tags"], serde_json::json!(["v1.0", "v1.1", "v1.10"]));
    // Without the scheme it is the same address.
    let run = in_the_lab("quay-second-page", &["get", "--raw", path.trim_start_matches("https://")]);
    assert_eq!((run.status, serde_json::from_str::<Value>(&run.stdout).ok()), (0, Some(body)));
}

#[test]
fn head_has_headers_and_no_body() {
    let path = "registry.example/v2/demo/signed/manifests/1.0";
    let oci = "application/vnd.oci.image.manifest.v1+json";
    let run = in_the_lab("distribution-3-no-referrers", &["head", path, "--accept", oci, "--accept", "a/b"]);
    assert!(run.status == 0 && run.stdout.contains("HEAD https://registry.example/v2/demo/"), "{run:?}");
    assert!(run.stdout.contains("│ docker-content-digest:") && !run.stdout.contains("no body"), "{run:?}");
    let run = in_the_lab("distribution-3-no-referrers", &["head", "--json", path, "--accept", oci, "--accept", "a/b"]);
    assert_described(EXCHANGE, &run.stdout);
    let headers = run.json()["request"]["headers"].clone();
    assert!(headers.as_array().unwrap().contains(&serde_json::json!(["accept", format!("{oci}, a/b")])), "{headers}");
}

#[test]
fn the_exit_status_says_how_it_was_answered() {
    for (status, expected) in [
        ("200 OK", 0),
        ("304 Not Modified", 0),
        ("401 Unauthorized", 12),
        ("403 Forbidden", 13),
        ("404 Not Found", 10),
        ("405 Method Not Allowed", 19),
        ("429 Too Many Requests", 14),
        ("500 Internal Server Error", 19),
    ] {
        let server = Server::answering(move |_| refusal(status, &[], "SOME_CODE", "some words"));
        for path in ["_catalog", "a/b/tags/list"] {
            let run = ociscope(&["get", "--json", &format!("{}/v2/{path}", server.origin("http"))]).run();
            assert_described(EXCHANGE, &run.stdout);
            assert_eq!(run.status, expected, "{status} {path}: {run:?}");
        }
    }
    let gone = Server::answering(|_| manifest()).origin("http");
    assert_eq!(ociscope(&["get", &format!("{gone}/v2/")]).run().status, 15);
}

/// Of a manifest the rules know more than its status.
#[test]
fn a_manifest_that_is_refused_is_judged_by_the_rules() {
    let run = in_the_lab("tag-v-prefix", &["get", "--json", "registry.example/v2/prefixed/greeting/manifests/1.2.3"]);
    assert_described(EXCHANGE, &run.stdout);
    let findings = run.json()["findings"].clone();
    assert!(run.status == 10 && findings[0]["severity"] == "error", "{run:?}");
}

#[test]
fn an_address_that_would_not_be_sent_as_it_stands_is_wrong_usage() {
    for (path, words) in [
        ("alpine:3.22", "https://HOST/v2/"),
        ("/v2/a/tags/list", "https://HOST/v2/"),
        ("https://r.test/admin", "https://HOST/v2/"),
        ("https://r.test/v2/a/../../admin", ". or .."),
        ("https://r.test/v2/%2e%2e/admin", ". or .."),
        ("https://me:CANARYpw@r.test/v2/", "credentials do not belong"),
        ("https://r.test/v2/#CANARYpw", "%23"),
        ("https://r.test/v2/a b", "%20"),
    ] {
        for command in ["get", "head"] {
            let run = ociscope(&[command, path]).run();
            assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{path}");
            assert!(run.stderr.contains(words), "{path}: {run:?}");
            run.assert_hides(&["CANARYpw"]);
        }
    }
}

#[test]
fn a_token_is_asked_for_the_repository_of_the_path_or_for_none() {
    for (path, proposed, scopes) in [
        ("team/app/tags/list", "repository:team/app:pull,push", vec!["scope=repository%3Ateam%2Fapp%3Apull"]),
        ("_catalog", "registry:catalog:*", vec!["scope=registry%3Acatalog%3A*"]),
        ("", "repository:user/image:pull", vec![]),
        ("_catalog", "repository:other/app:push", vec![]),
    ] {
        let mut names = Names::new();
        let server = at(&mut names, "registry.test", |names| {
            Server::answering_over_tls(&names.authority, &["registry.test"], move |sent| {
                let realm = "https://registry.test/token";
                match sent.all("Authorization").is_empty() {
                    _ if sent.path.starts_with("/token") => token(TOKEN),
                    true => unauthorized(&format!("Bearer realm=\"{realm}\",service=\"s\",scope=\"{proposed}\"")),
                    false => answer("200 OK", &[("Content-Type", "application/json")], "{}"),
                }
            })
        });
        let run = ociscope(&[&["get"], &names.options()[..], &[&format!("registry.test/v2/{path}")]].concat()).run();
        assert_eq!(run.status, 0, "{run:?}");
        run.assert_hides(&[TOKEN]);
        let asked = server.requests().into_iter().find(|sent| sent.path.starts_with("/token")).expect("a request");
        let sent: Vec<_> = asked.path.split(['?', '&']).filter(|part| part.starts_with("scope=")).collect();
        assert_eq!(sent, scopes, "{path} {proposed}");
    }
}

#[test]
fn what_belongs_to_the_registry_does_not_travel_and_is_not_shown() {
    let mut names = Names::new();
    let storage = at(&mut names, "storage.test", |names| {
        Server::answering_over_tls(&names.authority, &["storage.test"], |_| {
            answer("200 OK", &[("Set-Cookie", "CANARYck=1"), ("X-Auth-Token", "CANARYheader")], b"\x00\xff\x01")
        })
    });
    let registry = at(&mut names, "registry.test", |names| {
        Server::answering_over_tls(&names.authority, &["registry.test"], |sent| {
            match sent.all("Authorization").is_empty() {
                _ if sent.path.starts_with("/token") => token(TOKEN),
                true => unauthorized(&bearer("https://registry.test/token")),
                false => {
                    redirect("307 Temporary Redirect", "https://storage.test/data?X-Amz-Signature=CANARYsig0123456789")
                }
            }
        })
    });
    for format in ["terminal", "markdown", "html", "json"] {
        let options = ["get", "--format", format, "--username", "alice", "--password-stdin"];
        let path = ["--header", "X-Api-Key: CANARYkey01", "registry.test/v2/team/app/blobs/sha256:0"];
        let run = ociscope(&[&options[..], &names.options(), &path].concat()).input(PASSWORD).run();
        assert_eq!(run.status, 0, "{run:?}");
        run.assert_hides(&[PASSWORD, TOKEN, "CANARYck", "CANARYheader", "CANARYsig", "CANARYkey"]);
        if format != "json" {
            assert!(run.stdout.contains("3 bytes that are not text") && run.stdout.contains("307"), "{run:?}");
        } else {
            assert_described(EXCHANGE, &run.stdout);
            assert_eq!(run.json()["redirects"].as_array().map(Vec::len), Some(1));
        }
    }
    assert!(!registry.requests().is_empty() && !storage.requests().is_empty());
    for secret in [PASSWORD, TOKEN, "CANARYkey01"] {
        storage.assert_never_told(secret);
    }
}

#[test]
fn what_a_terminal_would_act_on_is_made_visible_and_long_bodies_end() {
    let long = format!("{{\"a\":\"\\u001b[2J\u{202e}\",\"b\":\"{}\"}}", "x".repeat(100_000));
    for body in [long, format!("\u{1b}]0;owned\u{7}\n{}", "y".repeat(100_000))] {
        let sent = body.clone();
        let server = Server::answering(move |_| answer("200 OK", &[("X-Note", "\u{9b}31m\u{202e}red")], &sent));
        let path = format!("{}/v2/", server.origin("http"));
        for format in ["terminal", "markdown", "html", "json"] {
            let run = ociscope(&["get", "--format", format, &path]).run();
            run.assert_hides(&["\u{1b}", "\u{7}", "\u{9b}", "\u{202e}"]);
            assert!(run.stdout.len() < 90_000, "{} characters", run.stdout.len());
        }
        let run = ociscope(&["get", "--raw", &path]).run();
        assert_eq!((run.status, run.stdout), (0, body));
    }
}

/// The experiment of 2018: the digest of the config as `Docker-Content-Digest` of a request for the manifest.
#[test]
fn digest_in_a_request_header_is_no_secret_and_is_said_to_do_nothing() {
    let digest = "sha256:4a7b3c1e31bdb25dc59f6687d2d852420a5c222cd40d553aa08049a66c99e687";
    let header = format!("Docker-Content-Digest: {digest}");
    let path = "gcr.io/v2/deepvariant-docker/deepvariant/manifests/0.5.0";
    let run = in_the_lab("gcr-deepvariant", &["get", path, "--accept", "docker-v2", "--header", &header]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains(digest), "the manifest names its config by this digest: {run:?}");
    assert!(run.stdout.contains("response-header-sent-as-request: request header docker-content-digest"), "{run:?}");

    let reference = "gcr.io/deepvariant-docker/deepvariant:0.5.0";
    let report = in_the_lab("gcr-deepvariant", &["probe", "--json", reference, "--header", &header]).json();
    let rules = |report: &Value| {
        let findings = report["findings"].as_array().expect("findings").iter();
        findings.map(|finding| finding["rule"].as_str().expect("a rule").to_owned()).collect::<Vec<_>>()
    };
    assert!(rules(&report).contains(&"response-header-sent-as-request".to_owned()), "{report}");
    assert_eq!(report["redactions"], serde_json::json!([]));
}

#[test]
fn header_that_registries_read_is_not_said_to_do_nothing() {
    let reference = "gcr.io/deepvariant-docker/deepvariant:0.5.0";
    for header in ["If-None-Match: \"a\"", "X-Request-Id: abc", "Range: bytes=0-1", "Location-Hint: a", "X-Server: b"] {
        let run = in_the_lab("gcr-deepvariant", &["probe", "--json", reference, "--header", header]);
        assert!(!run.stdout.contains("response-header-sent-as-request"), "{header}: {run:?}");
    }
}

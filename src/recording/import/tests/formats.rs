//! Each format: the exchanges, the image, and the finding that a person would expect.

use super::super::{NotImported, imported};
use super::{exchanges, one, report, rules, transcript};
use crate::evidence::{CredentialUse, GrantForm, Method, Record};

const DIGEST: &str = "sha256:69f6e1bcc5bc31799cee34084e1153c6c5bae537191e85fbd99a342f101547ec";

/// A transcript of one image, with its exchanges, its reference and its findings.
#[track_caller]
fn check(name: &str, reference: &str, expected: &[&str], findings: &[&str]) -> Record {
    let record = one(&transcript(name));
    assert_eq!(record.reference.to_string(), reference, "{name}");
    assert_eq!(exchanges(&record), expected, "{name}");
    assert_eq!(rules(&record), findings, "{name}");
    record
}

#[test]
fn curl_transcript_of_a_missing_tag_is_read_and_judged() {
    let record = check(
        "curl-v-404.txt",
        "127.0.0.1:5610/demo/app:nope",
        &["GET http://127.0.0.1:5610/v2/demo/app/manifests/nope 404"],
        &["tag-not-found likely"],
    );
    let (_, exchange) = record.journal.iter().next().unwrap();
    let response = exchange.response.as_ref().unwrap();
    assert_eq!(response.http_version, "HTTP/1.1");
    assert_eq!(response.reason.as_ref().unwrap().as_str(), "Not Found");
    assert_eq!(response.header("docker-distribution-api-version").unwrap().as_str(), "registry/2.0");
    let body = "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\",\"detail\":{\"Tag\":\"nope\"}}]}\n";
    assert_eq!(response.body.bytes, body.as_bytes());
    assert!(!response.body.truncated);
    assert_eq!(exchange.connection.remote, Some("127.0.0.1:5610".parse().unwrap()));
    assert_eq!(record.options.accept, ["*/*"]);
    assert_eq!((record.now, record.options.credential), (None, CredentialUse::Anonymous));
}

/// In a terminal, a body follows the remark that the connection is left open, and the prompt follows the body.
#[test]
fn curl_in_a_terminal_is_read_with_its_bodies() {
    let records = imported(&transcript("curl-v-tty.txt")).unwrap();
    let [missing, served] = &records[..] else { panic!("two images") };
    assert_eq!(rules(missing), ["tag-not-found likely"]);
    assert_eq!(served.options.accept, ["application/vnd.docker.distribution.manifest.v2+json"]);
    let (_, exchange) = served.journal.iter().next().unwrap();
    let body = &exchange.response.as_ref().unwrap().body;
    assert!(!body.truncated && body.digest(crate::oci::Algorithm::Sha256).to_string() == DIGEST);
    assert!(rules(served).is_empty());

    let redirected = one(&transcript("curl-vL-tty.txt"));
    let blob = "sha256:d86be314d17c6b9022389600def20455457a11d01bce7f70aa424664df6a76ca";
    let shown = exchanges(&redirected);
    assert_eq!(shown[1], format!("GET https://registry.example/v2/cached-redirect/app/blobs/{blob} 302"));
    assert!(
        shown[2].starts_with(&format!("GET https://d111111abcdef8.cloudfront.example/sha256/{blob}?")),
        "{shown:?}"
    );
    assert!(!shown[2].contains("bGFi") && shown[2].ends_with(" 403"), "the signature is not kept: {}", shown[2]);
    assert_eq!(rules(&redirected)[0], "presigned-url-expired certain");
    assert!(redirected.options.accept.is_empty(), "a current client's types");
}

/// `-i` prints no request: it is in the command.
#[test]
fn curl_without_its_requests_needs_its_commands() {
    let record = check(
        "curl-i-tty.txt",
        "127.0.0.1:5610/demo/app:1.0",
        &["GET http://127.0.0.1:5610/v2/demo/app/manifests/1.0 200"],
        // The registry converts the image for a client that names no type; that says nothing about other clients.
        &[],
    );
    assert!(report(&record).exit == crate::diagnosis::ExitStatus::Success);
    check(
        "curl-i-basic-tty.txt",
        "127.0.0.1:5611/demo/app:1.0",
        &["GET http://127.0.0.1:5611/v2/demo/app/manifests/1.0 401"],
        &["login-required certain"],
    );
    let followed = one(&transcript("curl-iL-tty.txt"));
    assert_eq!(followed.journal.len(), 3);
    assert_eq!(rules(&followed)[0], "presigned-url-expired certain");
    assert_eq!(imported(b"HTTP/1.1 404 Not Found\r\n\r\n").unwrap_err(), NotImported::Unaddressed);
}

#[test]
fn head_that_is_printed_twice_is_one() {
    let shown = one(&transcript("curl-vI.txt"));
    assert_eq!(exchanges(&shown), ["HEAD http://127.0.0.1:5610/v2/demo/app/manifests/multi 200"]);
    assert_eq!(shown.journal.iter().next().unwrap().1.response.as_ref().unwrap().headers.len(), 6);
    let record = check(
        "curl-vi-h2-tty.txt",
        "registry.test:5614/demo/app:1.0",
        &["GET https://registry.test:5614/v2/demo/app/manifests/1.0 401"],
        &["unexplained-answer likely"],
    );
    let (_, exchange) = record.journal.iter().next().unwrap();
    let response = exchange.response.as_ref().unwrap();
    assert_eq!((&*response.http_version, response.headers.len()), ("HTTP/2", 5));
    assert!(report(&record).findings[0].title.contains("challenge was not answered"));
}

#[test]
fn authentication_with_curl_is_seen_in_its_requests() {
    let token = "http://tokens.test:5613/token?service=registry.test&scope=repository:demo/app:pull";
    let manifest = "GET http://registry.test:5612/v2/demo/app/manifests/1.0";
    let record = check(
        "curl-v-token-piped.txt",
        "registry.test:5612/demo/app:1.0",
        &[&format!("{manifest} 401"), &format!("GET {token} 200"), &format!("{manifest} 200")],
        &[],
    );
    let before = record.authenticated_before.as_ref().unwrap();
    assert_eq!(before.challenge.as_ref().unwrap().realm.as_ref().unwrap().as_str(), "http://tokens.test:5613/token");
    assert_eq!((before.granted, record.options.credential), (Some(GrantForm::Bearer), CredentialUse::Anonymous));
    assert!(before.challenged_by.is_some() && before.token.is_some());

    let unused = one(&transcript("curl-v-token-unused-tty.txt"));
    assert_eq!(rules(&unused), ["unexplained-answer likely"]);
    assert!(unused.stories[0].token_shape.as_ref().unwrap().contains("grants “pull” of “demo/app”"));

    let right = one(&transcript("curl-v-password.txt"));
    assert_eq!((right.options.credential, rules(&right).len()), (CredentialUse::Given, 0));
    assert_eq!(rules(&one(&transcript("curl-v-password-wrong.txt"))), ["bad-credentials certain"]);
}

/// Without `>` there is no request line, and the address is that of the command.
#[test]
fn failure_of_curl_is_that_of_its_command() {
    let records = imported(&transcript("curl-v-failures-tty.txt")).unwrap();
    let found: Vec<_> = records.iter().map(|record| (exchanges(record).remove(0), rules(record).remove(0))).collect();
    let expected = [
        ("GET http://127.0.0.1:1/v2/demo/app/manifests/1.0 refused", "tcp-timeout-or-refused certain"),
        ("GET http://nowhere.test/v2/demo/app/manifests/1.0 dns", "dns-failure certain"),
        ("GET https://registry.test:5614/v2/demo/app/manifests/1.0 certificate", "unknown-ca certain"),
        ("GET https://127.0.0.1:5610/v2/demo/app/manifests/1.0 not-tls", "http-registry-asked-as-https certain"),
    ];
    assert_eq!(found, expected.map(|(exchange, rule)| (exchange.to_owned(), rule.to_owned())));
}

/// crane tries both schemes on loopback, and takes the challenge from `/v2/`.
#[test]
fn crane_log_is_read_and_judged() {
    let ping = |status: &str| format!("GET http://127.0.0.1:5610/v2/ {status}");
    let first = "GET https://127.0.0.1:5610/v2/ not-tls".to_owned();
    let manifest = |tag: &str, status: &str| format!("GET http://127.0.0.1:5610/v2/demo/app/manifests/{tag} {status}");
    let record = check(
        "crane-404.txt",
        "127.0.0.1:5610/demo/app:nope",
        &[&first, &ping("200"), &manifest("nope", "404")],
        &["tag-not-found likely"],
    );
    let (_, last) = record.journal.iter().next_back().unwrap();
    assert!(last.duration.as_micros() > 100, "{:?}", last.duration);
    assert_eq!(record.options.accept.len(), 6);
    let served = one(&transcript("crane-manifest.txt"));
    let (_, exchange) = served.journal.iter().next_back().unwrap();
    assert!(!exchange.response.as_ref().unwrap().body.truncated);

    let token = one(&transcript("crane-token.txt"));
    let before = token.authenticated_before.as_ref().unwrap();
    assert_eq!(token.journal.get(before.challenged_by.unwrap()).request.url.path(), "/v2/");
    // crane leaves out the token and what was sent, so neither is known, and that it was sent is.
    assert_eq!((before.granted, before.token_shape.as_deref()), (Some(GrantForm::Bearer), None));
    assert_eq!(token.options.credential, CredentialUse::Anonymous);
    let (_, asked) = token.journal.iter().next_back().unwrap();
    let sent = asked.request.headers.iter().find(|header| header.name == "authorization").unwrap();
    assert_eq!(sent.value.to_string(), "‹removed›");
    assert!(rules(&token).is_empty());
    assert_eq!(rules(&one(&transcript("crane-token-denied.txt"))), ["existence-masked likely"]);
    let password = one(&transcript("crane-password-wrong.txt"));
    assert_eq!(
        (password.options.credential, rules(&password)),
        (CredentialUse::Given, vec!["bad-credentials certain".into()])
    );
}

#[test]
fn image_that_crane_did_not_get_to_is_in_its_error() {
    check(
        "crane-refused.txt",
        "127.0.0.1:1/demo/app:1.0",
        &["GET https://127.0.0.1:1/v2/ refused", "GET http://127.0.0.1:1/v2/ refused"],
        &["tcp-timeout-or-refused certain"],
    );
}

/// The client's platform is that of the entry that it fetched, and its parts are known by their descriptors.
#[test]
fn pull_of_an_index_is_followed_to_its_layers() {
    let record = one(&transcript("crane-pull.txt"));
    assert_eq!(record.platform.to_string(), "linux/arm64");
    let report = report(&record);
    assert_eq!(report.exit, crate::diagnosis::ExitStatus::Success);
    let tree = crate::report::to_json(&report);
    let manifest = tree["tree"]["children"].as_array().unwrap().iter().find(|child| child["wanted"] == true).unwrap();
    let found: Vec<_> = manifest["children"].as_array().unwrap().iter().map(|part| &part["found"]).collect();
    assert_eq!(found, ["verified", "present"]);
}

#[test]
fn oras_log_is_read_and_judged() {
    let record = check(
        "oras-404.txt",
        "127.0.0.1:5610/demo/app:nope",
        &["GET http://127.0.0.1:5610/v2/demo/app/manifests/nope 404"],
        &["tag-not-found likely"],
    );
    // 2026-12-01T01:33:34.946678186Z
    assert_eq!(record.now, Some(1_796_088_814));
    let (_, exchange) = record.journal.iter().next().unwrap();
    assert_eq!(exchange.duration.as_nanos(), 949_027_342 - 946_678_186);
    let token = one(&transcript("oras-token.txt"));
    assert_eq!(token.options.credential, CredentialUse::Anonymous);
    assert!(rules(&token).is_empty() && token.authenticated_before.is_some());
    assert_eq!(one(&transcript("oras-password.txt")).options.credential, CredentialUse::Given);
    assert_eq!(rules(&one(&transcript("oras-denied.txt"))), ["existence-masked likely"]);
    assert_eq!(rules(&one(&transcript("oras-refused.txt"))), ["tcp-timeout-or-refused certain"]);
}

/// A HAR file of mitmproxy, of requests of curl.
#[test]
fn har_file_of_a_proxy_is_read_and_judged() {
    let records = imported(&transcript("mitmproxy.har")).unwrap();
    let [served, refused] = &records[..] else { panic!("two images") };
    assert_eq!(served.reference.to_string(), "registry.test:5612/demo/app:1.0");
    let statuses: Vec<_> = served.journal.iter().map(|(_, exchange)| exchange.status().unwrap()).collect();
    assert_eq!(statuses, [401, 200, 200, 200]);
    // 2026-12-01T02:35:28.975887+00:00
    assert_eq!(served.now, Some(1_796_092_528));
    let (_, first) = served.journal.iter().next().unwrap();
    assert_eq!((first.duration.as_micros(), first.connection.remote), (5334, Some("127.0.0.1:5612".parse().unwrap())));
    assert!(served.authenticated_before.as_ref().unwrap().token_shape.as_ref().unwrap().starts_with("jwt, "));
    assert_eq!(served.options.credential, CredentialUse::Anonymous);
    // The config names no platform; its bytes are known by the file.
    assert_eq!(rules(served), ["config-lacks-platform certain"]);
    assert_eq!(rules(refused), ["tcp-timeout-or-refused certain"]);
}

/// containerd resolves a tag by HEAD and fetches its document by the digest.
#[test]
fn ctr_log_is_read_and_judged() {
    check(
        "ctr-404.txt",
        "127.0.0.1:5610/demo/app:nope",
        &["HEAD http://127.0.0.1:5610/v2/demo/app/manifests/nope 404"],
        &["tag-not-found likely"],
    );
    let record = one(&transcript("ctr-token.txt"));
    let methods: Vec<_> = record.journal.iter().map(|(_, exchange)| exchange.request.method).collect();
    assert_eq!(methods[..3], [Method::Head, Method::Get, Method::Head]);
    let report = report(&record);
    assert_eq!(report.exit, crate::diagnosis::ExitStatus::Success);
    let tree = crate::report::to_json(&report);
    let found: Vec<_> = tree["tree"]["children"].as_array().unwrap().iter().map(|part| &part["found"]).collect();
    // The line ends of the layer are lost in the log.
    assert_eq!(found, ["verified", "present"]);
    let before = record.authenticated_before.as_ref().unwrap();
    assert!(before.token_shape.as_ref().unwrap().starts_with("jwt, "));
    assert_eq!(record.options.credential, CredentialUse::Anonymous);
    assert_eq!(rules(&one(&transcript("ctr-password-wrong.txt"))), ["bad-credentials certain"]);
    // With `--debug` the scheme is known, in a terminal it is not: containerd speaks TLS but on loopback.
    assert_eq!(one(&transcript("ctr-trace.txt")).journal.iter().next().unwrap().1.request.url.scheme(), "http");
    assert_eq!(
        exchanges(&one(&transcript("ctr-tty.txt")))[0],
        "HEAD https://registry.test:5612/v2/demo/app/manifests/amd 401"
    );
}

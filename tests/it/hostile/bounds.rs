//! Bounds that only many things together reach: pages, entries, attempts, tiny pieces.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::{assert_status, checked, probe_server};
use crate::support::content::media_type;
use crate::support::digest_of;
use crate::support::hostile::{Names, Server, answer, bearer, token, unauthorized};
use crate::support::ociscope::ociscope;
use crate::support::relay::Sent;

/// Case C10: an index as long as a manifest may be; what is looked at and what is shown are bounded.
#[test]
fn an_index_of_twenty_thousand_entries_is_looked_at_within_bounds() {
    let entry = |number: usize| json!({ "mediaType": media_type::OCI_MANIFEST, "size": 2, "digest": digest_of(&number.to_be_bytes()) });
    let entries: Vec<_> = (0..20_000).map(entry).collect();
    let body = json!({ "schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": entries }).to_string();
    assert!(body.len() < 4 << 20);
    let make = move |sent: &Sent| match sent.path.ends_with("/1.0") {
        true => answer("200 OK", &[("Content-Type", media_type::OCI_INDEX)], &body),
        false => answer("404 Not Found", &[], ""),
    };
    let server = Server::answering(make.clone());
    let reference = format!("{}/team/app:1.0", server.origin("http"));
    for command in ["diagnose", "platforms"] {
        let (run, memory) = ociscope(&[command, &reference]).start().finish_and_weigh();
        let run = checked(run);
        // A thousand entries, some of them on two lines, and that there are more.
        assert!(run.stdout.lines().count() < 2_500, "{} lines", run.stdout.lines().count());
        assert!(memory.is_none_or(|bytes| bytes < 256 << 20), "{memory:?}");
    }
    assert!(server.requests().len() < 300, "{}", server.requests().len());
    // Over TLS the entries are requested along with the variants.
    let mut names = Names::new();
    let server = Server::answering_over_tls(&names.authority, &["registry.test"], make);
    names.lead("registry.test", &server);
    checked(ociscope(&[&["diagnose"][..], &names.options(), &["registry.test/team/app:1.0"]].concat()).run());
    assert!(server.requests().len() < 300, "{}", server.requests().len());
}

/// Case A24: whoever names the next page does not say where requests go. What is known by then is shown.
#[test]
fn a_further_page_on_another_origin_is_not_fetched() {
    let elsewhere = Server::answering(|_| answer("200 OK", &[("Content-Type", "application/json")], "{}"));
    let other = elsewhere.origin("http");
    for command in ["tags", "referrers"] {
        let link = format!("<{other}/v2/team/app/{command}?last=a>; rel=\"next\"");
        let server = Server::answering(move |_| {
            let body =
                json!({ "name": "team/app", "tags": ["a"], "schemaVersion": 2, "manifests": [{ "digest": "d" }] });
            answer("200 OK", &[("Content-Type", "application/json"), ("Link", &link)], body.to_string())
        });
        let reference = format!("{}/team/app@sha256:{}", server.origin("http"), "ab".repeat(32));
        let run = checked(ociscope(&[command, "--json", &reference]).run());
        assert_status(&run, 20);
        assert_eq!(run.json()["complete"], false, "{run:?}");
        let why = run.json()["why_incomplete"].as_str().unwrap_or_default().to_owned();
        assert!(why.contains("on another origin") && !why.contains(&other), "{why}");
        // Cosign's tags are no pages.
        let pages = server.requests().into_iter().filter(|sent| !sent.path.contains("/manifests/")).count();
        assert_eq!(pages, 1, "{command}");
    }
    elsewhere.assert_untouched();
}

/// Case C12: lists that lead nowhere, each ended by its own rule.
#[test]
fn a_list_of_tags_ends_however_it_goes_on() {
    let page = |link: String, tags: serde_json::Value| {
        let body = json!({ "name": "team/app", "tags": tags }).to_string();
        answer("200 OK", &[("Content-Type", "application/json"), ("Link", &link)], body)
    };
    let next = |to: String| format!("</v2/team/app/tags/list?last={to}>; rel=\"next\"");
    let count = std::sync::Arc::new(AtomicUsize::new(0));
    let counting = std::sync::Arc::clone(&count);
    type Way = Box<dyn Fn(&str) -> Vec<u8> + Send + Sync>;
    let ways: Vec<(&str, Way)> = vec![
        ("itself", Box::new(move |_| page(next("a".to_owned()), json!(["a"])))),
        (
            "back and forth",
            Box::new(move |path| {
                let to = if path.ends_with("last=a") { "b" } else { "a" };
                page(next(to.to_owned()), json!([to]))
            }),
        ),
        (
            "ever further",
            Box::new(move |_| {
                let number = counting.fetch_add(1, Ordering::SeqCst);
                page(next(format!("t{number}")), json!([format!("t{number}")]))
            }),
        ),
        ("empty", Box::new(move |_| page(next("e".to_owned()), json!([])))),
        ("null", Box::new(move |_| page(next("n".to_owned()), json!(null)))),
        (
            "another name, twice the same, and no tags",
            Box::new(move |_| {
                let body =
                    json!({ "name": "other", "tags": ["b", "a", "a", "-bad", "x y", 1, "\u{1b}[2J"] }).to_string();
                answer("200 OK", &[("Content-Type", "application/json")], body)
            }),
        ),
    ];
    for (name, way) in ways {
        let server = Server::answering(move |sent| way(&sent.path));
        let reference = format!("{}/team/app", server.origin("http"));
        let run = checked(ociscope(&["tags", "--timeout", "3", &reference]).run());
        let has_end = name != "ever further";
        let most = if has_end { 3 } else { 10_000 };
        assert!(server.requests().len() <= most, "{name}: {} requests", server.requests().len());
        assert_eq!(run.status, if name.starts_with("another name") { 0 } else { 20 }, "{name}: {run:?}");
        assert_eq!(
            run.stderr.contains("links a page that was fetched before"),
            has_end && run.status == 20,
            "{name}: {}",
            run.stderr
        );
        assert!(!run.stdout.contains("-bad") && !run.stdout.contains("x y"), "{name}: {run:?}");
    }
    // A page of many names is read as far as a body goes.
    let many: Vec<_> = (0..300_000).map(|number| format!("t{number}")).collect();
    let body = json!({ "name": "team/app", "tags": many }).to_string();
    let server = Server::answering(move |_| answer("200 OK", &[("Content-Type", "application/json")], &body));
    let (run, memory) = ociscope(&["tags", &format!("{}/team/app", server.origin("http"))]).start().finish_and_weigh();
    checked(run);
    assert!(memory.is_none_or(|bytes| bytes < 256 << 20), "{memory:?}");
}

/// Case C14: a challenge that is another one each time is answered once.
#[test]
fn a_challenge_that_changes_is_answered_once() {
    let count = AtomicUsize::new(0);
    let server = Server::answering(move |sent| {
        if sent.path.starts_with("/token") {
            return token("opaque-token");
        }
        let number = count.fetch_add(1, Ordering::SeqCst);
        let host = sent.all("Host")[0].to_owned();
        let scope = if number.is_multiple_of(2) { "repository:team/app:pull,push" } else { "registry:catalog:*" };
        unauthorized(&format!("{},scope=\"{scope}\"", bearer(&format!("http://{host}/token"))))
    });
    let run = probe_server(&server, &[]);
    assert_status(&run, 12);
    let requests = server.requests();
    let tokens: Vec<_> = requests.iter().filter(|sent| sent.path.starts_with("/token")).collect();
    assert!(tokens.len() <= 2, "{requests:#?}");
    assert!(tokens.iter().all(|sent| !sent.path.contains("push") && !sent.path.contains("catalog")), "{tokens:#?}");
}

/// Case C23: warnings as long as headers may be, and more of them than that.
#[test]
fn warnings_are_read_as_far_as_headers_go() {
    let body = json!({ "schemaVersion": 2, "layers": [] }).to_string();
    for (lines, length, passes) in [(1, 50_000, true), (50, 64_000, false)] {
        let warning = format!("299 - \"{}\"", "w".repeat(length));
        let mut headers = vec![("Content-Type", media_type::OCI_MANIFEST)];
        headers.extend(vec![("Warning", warning.as_str()); lines]);
        let bytes = answer("200 OK", &headers, &body);
        let server = Server::answering(move |_| bytes.clone());
        let run = checked(ociscope(&["diagnose", &format!("{}/team/app:1.0", server.origin("http"))]).run());
        assert!(run.stdout.len() < 32 << 10, "{} bytes", run.stdout.len());
        assert_eq!(run.status != 15, passes, "{run:?}");
    }
}

/// Case C29: one byte in each piece.
#[test]
fn tiny_pieces_cost_little() {
    let body = format!("{{\"schemaVersion\":2,\"layers\":[],\"a\":\"{}\"}}", "x".repeat(50_000));
    let bytes = answer("200 OK", &[("Content-Type", media_type::OCI_MANIFEST)], body);
    let server = Server::behaving(move |mut connection| {
        if connection.request().is_some() && bytes.iter().all(|byte| connection.send(&[*byte])) {
            connection.close();
        }
    });
    let run = checked(ociscope(&["manifest", &format!("{}/team/app:1.0", server.origin("http"))]).run());
    assert_eq!(run.status, 0, "{run:?}");
}

/// Case A11: nobody is asked over plain HTTP in the place of HTTPS.
#[test]
fn a_closed_https_port_is_not_got_around() {
    let mut names = Names::new();
    let plain = Server::answering(|_| answer("200 OK", &[], "{}"));
    names.lead("registry.test:80", &plain);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address");
    let closed = format!("registry.test:443:{closed}");
    let arguments =
        [&["probe", "--json", "registry.test/team/app:1.0", "--resolve", &closed][..], &names.options()].concat();
    let run = checked(ociscope(&arguments).run());
    assert_status(&run, 15);
    plain.assert_untouched();
}

/// Case A19: an address in a manifest is not asked, and told.
#[test]
fn a_layer_that_is_said_to_be_elsewhere_is_not_fetched_there() {
    let evil = Server::answering(|_| answer("200 OK", &[], "x"));
    let url = format!("{}/layer", evil.origin("http"));
    let digest = digest_of(b"x");
    let kind = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    let layer = json!({ "mediaType": kind, "digest": digest, "size": 1, "urls": [url] });
    let body = json!({ "schemaVersion": 2, "mediaType": media_type::DOCKER_V2, "layers": [layer], "config": layer })
        .to_string();
    let server = Server::answering(move |sent| match sent.path.contains("/manifests/") {
        true => answer("200 OK", &[("Content-Type", media_type::DOCKER_V2)], &body),
        false => answer("404 Not Found", &[], ""),
    });
    let reference = format!("{}/team/app:1.0", server.origin("http"));
    for command in ["diagnose", "layers", "manifest", "config"] {
        checked(ociscope(&[command, &reference]).run());
    }
    checked(ociscope(&["blob", &reference, &digest]).run());
    evil.assert_untouched();
}

/// Case B11: what comes behind the length that was announced belongs to nobody.
#[test]
fn what_stands_behind_a_body_is_no_part_of_it() {
    let body = json!({ "schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST, "layers": [] }).to_string();
    let mut bytes = answer("200 OK", &[("Content-Type", media_type::OCI_MANIFEST)], &body);
    bytes.extend_from_slice(b"HTTP/1.1 200 OK\r\nX-Evil: 1\r\nContent-Length: 4\r\n\r\nevil");
    let server = Server::saying(bytes);
    let run = checked(ociscope(&["manifest", "--json", &format!("{}/team/app:1.0", server.origin("http"))]).run());
    assert_status(&run, 0);
    assert!(!run.stdout.contains("evil") && run.stdout.contains(&digest_of(body.as_bytes())), "{run:?}");
}

//! What servers show of secrets that are not the user's: signed addresses, tokens and keys, in any part of an answer.

use super::{IMAGE, checked};
use crate::support::hostile::{Server, answer};
use crate::support::ociscope::ociscope;

/// What is shown of a refusal with this body and these headers, in every command that asks and every format.
#[track_caller]
fn assert_nothing_shown(content_type: &'static str, headers: &'static [(&str, &str)], body: &'static str) {
    let server = Server::answering(move |_| {
        let all: Vec<_> = [("Content-Type", content_type)].into_iter().chain(headers.iter().copied()).collect();
        answer("403 Forbidden", &all, body)
    });
    let reference = format!("http://{}/{IMAGE}", server.address);
    let path = format!("http://{}/v2/team/app/tags/list", server.address);
    for command in ["probe", "diagnose", "manifest", "config", "layers", "platforms", "tags", "referrers", "get"] {
        for format in ["terminal", "markdown", "json"] {
            for more in [&[][..], &["--public"]] {
                let place = if command == "get" { &path } else { &reference };
                let run = checked(ociscope(&[&[command, "--format", format, place], more].concat()).run());
                let shown = format!("{}{}", run.stdout, run.stderr);
                assert!(!shown.contains("CANARY"), "{command} {format} {more:?}:\n{shown}");
            }
        }
    }
}

/// Case E27.
#[test]
fn storage_refusal_is_shown_without_what_signed_its_address() {
    assert_nothing_shown(
        "application/xml",
        &[("X-Amz-Origin", "https://s3.test/b?X-Amz-Signature=CANARY0&X-Amz-Credential=CANARY1")],
        "<Error><Code>SignatureDoesNotMatch</Code><SignatureProvided>CANARY2</SignatureProvided><CanonicalRequest>GET\n\
         /b/o\nX-Amz-Credential=CANARY3&amp;X-Amz-Expires=300\nx-amz-security-token:CANARY4\n</CanonicalRequest></Error>",
    );
    assert_nothing_shown(
        "application/json",
        &[("X-Upstream", "/b?sv=1&sig=CANARY0#CANARY1"), ("Via", "1.1 http://CANARY:CANARY@proxy.test")],
        r#"{"errors":[{"code":"DENIED","message":"see https:\/\/x.blob.test\/c?sv=2024\u0026sig=CANARY2","detail":{"client_secret":"CANARY3","url":"https://a:CANARY4@r.test/"}}]}"#,
    );
    assert_nothing_shown(
        "text/html",
        &[("Refresh", "0; url=https://cdn.test/?Policy=CANARY0&Signature=CANARY1&Key-Pair-Id=CANARY2")],
        "<html><title>https://cdn.test/x?sig=CANARY3</title><body><a href=\"https://cdn.test/x?st=CANARY4&amp;sig=CANARY5#CANARY6\">\
         here</a></body></html>",
    );
}

/// Case E28.
#[test]
fn header_is_withheld_by_a_part_of_its_name() {
    assert_nothing_shown(
        "text/plain",
        &[
            ("X-Goog-Iap-Jwt-Assertion", "CANARY"),
            ("X-Forwarded-Authorization", "CANARY"),
            ("X_Session_Id", "CANARY"),
            ("X-Artifactory-Api-Key", "CANARY"),
            ("X-User-Password", "CANARY"),
            ("X-Credential-Scope", "CANARY"),
        ],
        "no",
    );
    let server = Server::answering(|_| {
        let headers =
            [("X-Author", "joe"), ("Surrogate-Key", "a b"), ("Keep-Alive", "timeout=5"), ("X-Authority", "r")];
        answer("403 Forbidden", &headers, "no")
    });
    let run = checked(ociscope(&["get", "--json", &format!("http://{}/v2/team/app/tags/list", server.address)]).run());
    for shown in ["joe", "a b", "timeout=5", "\"r\""] {
        assert!(run.stdout.contains(shown), "{shown} is not in {}", run.stdout);
    }
}

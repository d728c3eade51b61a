//! What servers show of secrets that are not the user's: signed addresses, tokens and keys, in any part of an answer.

use super::{IMAGE, checked};
use crate::support::hostile::{Server, answer, redirect, unauthorized};
use crate::support::ociscope::{Run, ociscope};

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
        for format in ["terminal", "markdown", "html", "json"] {
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

/// A registry that takes a password and answers with a body made of it.
fn repeating(make: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Server {
    Server::answering(move |sent| match sent.all("Authorization")[..] {
        [] => unauthorized("Basic realm=\"r\""),
        _ => make(PASSPHRASE),
    })
}

const PASSPHRASE: &str = "Zürich{1+1=2}&<\"CANARY\">";

#[track_caller]
fn asked_with_login(server: &Server, command: &[&str]) -> Run {
    let reference = format!("http://{}/{IMAGE}", server.address);
    let options = ["--plain-http", "--username", "me", "--password-stdin", &reference];
    ociscope(&[command, &options].concat()).input(PASSPHRASE).run()
}

/// Case E30. Percent signs in small letters kept a report from being written once.
#[test]
fn password_in_another_encoding_is_removed_and_the_report_is_written() {
    let hexadecimal = |before: &str| PASSPHRASE.bytes().map(|byte| format!("{before}{byte:02x}")).collect::<String>();
    let numeric: String = PASSPHRASE.chars().map(|character| format!("&#{};", u32::from(character))).collect();
    let lower = PASSPHRASE.replace('ü', "%c3%bc").replace('{', "%7b").replace('=', "%3d").replace('"', "%22");
    for written in [
        hexadecimal("%"),
        hexadecimal("%25"),
        hexadecimal("\\x"),
        numeric.replace('&', "&amp;"),
        numeric,
        lower,
        PASSPHRASE.replace('&', "&amp;").replace('ü', "&uuml;").replace('<', "&lt;"),
    ] {
        let server = repeating(move |_| answer("403 Forbidden", &[], format!("not with {written} here")));
        for format in ["terminal", "markdown", "html", "json"] {
            let run = checked(asked_with_login(&server, &["probe", "--format", format]));
            assert!(!run.stdout.contains("CANARY") && !run.stdout.contains("rich"), "{}", run.stdout);
            assert!(run.stdout.contains("not with ‹password removed, "), "{}{}", run.stdout, run.stderr);
        }
    }
}

/// Case E32: they are the registry's own, so nothing is taken out of them.
#[test]
fn bytes_with_an_own_secret_are_not_written() {
    let escaped = serde_json::to_string(PASSPHRASE).unwrap();
    for written in [PASSPHRASE.to_owned(), escaped.trim_matches('"').to_owned(), "Wsxyd".to_owned()] {
        let is_secret = written != "Wsxyd";
        let body = format!("{{\"schemaVersion\":2,\"x\":\"{written} ghp_0123456789012345678901234567890123456789\"}}");
        let server = repeating(move |_| {
            answer("200 OK", &[("Content-Type", "application/vnd.oci.image.manifest.v1+json")], &body)
        });
        let run = asked_with_login(&server, &["manifest", "--raw"]);
        if is_secret {
            assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{run:?}");
            assert!(run.stderr.contains("nothing was written") && !run.stderr.contains("CANARY"), "{run:?}");
        } else {
            // A token of somebody else is the registry's own word here.
            assert!(run.stdout.contains("ghp_0123"), "{run:?}");
        }
    }
}

/// Case E32: nothing is asked either.
#[test]
fn bytes_are_not_for_everybody() {
    let server = Server::answering(|_| answer("200 OK", &[], "{}"));
    let reference = format!("http://{}/{IMAGE}", server.address);
    let blob = format!("{reference}@sha256:{}", "0".repeat(64));
    let path = format!("http://{}/v2/", server.address);
    let place = server.address.to_string();
    for (command, named) in [
        ("manifest", &reference),
        ("config", &reference),
        ("tags", &reference),
        ("blob", &blob),
        ("get", &path),
        ("tls", &place),
    ] {
        let run = checked(ociscope(&[command, "--public", "--raw", named]).run());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{command}: {run:?}");
        assert!(run.stderr.contains("leave out one of them"), "{run:?}");
    }
    server.assert_untouched();
}

/// Case E31: servers choose how much there is to look for.
#[test]
fn many_long_values_in_redirects_are_searched_for_in_time() {
    let value = |number: usize| format!("CANARY{number}{}", "0123456789abcdef".repeat(180));
    let server = Server::answering(move |sent| {
        let at: usize = sent.path.rsplit("hop=").next().and_then(|hop| hop.parse().ok()).unwrap_or_default();
        let query: String = (0..20).map(|number| format!("v{number}={}&", value(at * 100 + number))).collect();
        redirect("307 Temporary Redirect", &format!("/v2/x?{query}hop={}", at + 1))
    });
    let reference = format!("http://{}/{IMAGE}", server.address);
    let before = std::time::Instant::now();
    let run = checked(ociscope(&["probe", "--timeout", "100", &reference]).run());
    // To search for each of them in every text took many minutes.
    assert!(before.elapsed().as_secs() < 90, "{:?}", before.elapsed());
    assert!(!run.stdout.contains("CANARY"), "{}", run.stdout);
}

/// Case E33: a message of any length, so that whatever is cut is cut in the middle of it.
#[test]
fn secret_that_a_cut_goes_through_is_not_shown() {
    for before in [10, 30, 52, 110, 132, 190, 290, 310, 352, 390] {
        let server = repeating(move |password| {
            let message = format!("{} {password} {}", "x".repeat(before), "y".repeat(400));
            let body = serde_json::json!({ "errors": [{ "code": "DENIED", "message": message }] }).to_string();
            answer("403 Forbidden", &[("Content-Type", "application/json"), ("Retry-After", &message)], body)
        });
        for command in ["probe", "diagnose", "manifest", "tags"] {
            let run = checked(asked_with_login(&server, &[command]));
            let shown = run.stdout.replace(['\n', '│', ' '], "");
            assert!(!shown.contains("Zür"), "{command} {before}: {}", run.stdout);
        }
    }
}

/// Case E34: only what is secret in it is taken out.
#[test]
fn password_with_the_name_of_its_registry_leaves_the_report_whole() {
    let server = Server::answering(|sent| match sent.all("Authorization")[..] {
        [] => unauthorized("Basic realm=\"r\""),
        _ => answer("403 Forbidden", &[], "no"),
    });
    let reference = format!("http://{}/{IMAGE}", server.address);
    let options = ["probe", "--format", "markdown", "--plain-http", "--username", "me", "--password-stdin", &reference];
    let named = ociscope(&options).input(&format!("{}/{IMAGE}!x7Q", server.address)).run();
    let other = ociscope(&options).input("something-else-9fB!x7Q").run();
    assert!(named.stdout.contains(&format!("{}/{IMAGE}", server.address)), "{named:?}");
    assert!(!named.stdout.contains("part of the password"), "{named:?}");
    assert_eq!(named.stdout.lines().count(), other.stdout.lines().count(), "{named:?}");
}

/// Case E35.
#[test]
fn form_that_only_the_last_scan_finds_keeps_no_report_back() {
    let server = repeating(|password| {
        // Hexadecimal numbers in letters of both cases.
        let odd = |(at, byte): (usize, u8)| if at % 2 == 0 { format!("{byte:02x}") } else { format!("{byte:02X}") };
        let digits: String = password.bytes().enumerate().map(odd).collect();
        answer("403 Forbidden", &[("X-Odd", &digits)], format!("first line\n{digits}\nlast line"))
    });
    for format in ["terminal", "markdown", "html", "json"] {
        let run = checked(asked_with_login(&server, &["probe", "--format", format]));
        assert!(run.stdout.contains(&format!("{}/{IMAGE}", server.address)), "{format}: {run:?}");
        assert!(!run.stdout.to_lowercase().contains("5ac3bc"), "{format}: {}", run.stdout);
    }
}

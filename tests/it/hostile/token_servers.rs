//! Token servers that do not give out what could be used as a token.

use super::{PASSWORD, USER, assert_status, failures, plain, probe_server, probe_with_password};
use crate::support::basic_authorization;
use crate::support::hostile::{Server, answer, bearer, head, manifest, redirect, token, unauthorized};
use crate::support::ociscope::Run;

/// A registry with a token server on the same origin, which gives this answer.
fn registry_with(answer: Vec<u8>) -> Server {
    Server::answering(move |sent| {
        let asked_with = sent.all("Authorization");
        if sent.path.starts_with("/token") {
            answer.clone()
        } else if asked_with.is_empty() {
            unauthorized(&bearer(&format!("http://{}/token", sent.all("Host")[0])))
        } else {
            manifest()
        }
    })
}

/// Checks that a registry was sent nothing that came from its token server.
#[track_caller]
fn assert_nothing_usable(server: &Server, run: &Run) {
    assert_nothing_sent(server, run);
    assert_status(run, 12);
}

#[track_caller]
fn assert_nothing_sent(server: &Server, run: &Run) {
    assert_eq!(server.header_values("Authorization"), [""; 0], "{run:?}");
    assert_eq!(server.header_values("X-Evil"), [""; 0], "{run:?}");
}

#[test]
fn a_token_that_cannot_be_sent_is_not_sent() {
    for body in [
        r#"{"token":"abc\r\nX-Evil: 1"}"#.to_owned(),
        r#"{"token":"abc\nX-Evil: 1"}"#.to_owned(),
        r#"{"token":"abc\u001b[2J"}"#.to_owned(),
        r#"{"token":"abc\u0000"}"#.to_owned(),
        r#"{"token":"a b"}"#.to_owned(),
        r#"{"token":"\u202etoken"}"#.to_owned(),
        r#"{"token":""}"#.to_owned(),
        r#"{"token":null}"#.to_owned(),
        r#"{"token":17}"#.to_owned(),
        r#"{"token":["a"]}"#.to_owned(),
        r#"{"token":{"a":"b"}}"#.to_owned(),
        r#"{"Token":"abc"}"#.to_owned(),
        r#"{}"#.to_owned(),
        r#"["abc"]"#.to_owned(),
        r#""abc""#.to_owned(),
        r#"{"token":"abc""#.to_owned(),
        "abc".to_owned(),
        String::new(),
        "[".repeat(100_000),
        format!(r#"{{"token":"{}"}}"#, "a".repeat(100_000)),
        format!(r#"{{"token":"{}"}}"#, "a".repeat(1 << 20)),
    ] {
        let server = registry_with(answer("200 OK", &[("Content-Type", "application/json")], body));
        let run = probe_server(&server, &[]);
        assert_nothing_usable(&server, &run);
    }
}

#[test]
fn a_web_page_is_no_token() {
    let page = "<!DOCTYPE html><html><body>Sign in</body></html>";
    // A token service that is down says nothing of who asks (podman-container-tools/podman#17802).
    for (status, exit) in [("200 OK", 12), ("403 Forbidden", 12), ("503 Service Unavailable", 19)] {
        let server = registry_with(answer(status, &[("Content-Type", "text/html")], page));
        let run = probe_server(&server, &[]);
        assert_nothing_sent(&server, &run);
        assert_status(&run, exit);
    }
}

#[test]
fn a_token_without_end_is_given_up() {
    let server = Server::behaving(|mut connection| {
        let Some(request) = connection.request() else { return };
        if request.path.starts_with("/token") {
            connection.send(&head("200 OK", &[("Content-Type", "application/json")], b"{\"token\":\""));
            connection.send_without_end(&[b'a'; 0x10000], 64 << 20);
        } else {
            connection.send(&unauthorized(&bearer(&format!("http://{}/token", request.all("Host")[0]))));
            connection.close();
        }
    });
    let run = probe_server(&server, &[]);
    assert!(failures(&run.report()).contains(&"body-too-large"), "{run:?}");
    assert_nothing_usable(&server, &run);
}

#[test]
fn lifetimes_that_make_no_sense_do_no_harm() {
    for lifetime in ["0", "-1", "1e308", "1e1000", "18446744073709551616", "\"300\"", "null", "\"soon\"", "[]"] {
        let body =
            format!(r#"{{"token":"opaque-token-of-this-test","expires_in":{lifetime},"issued_at":"\u001b[2J"}}"#);
        let server = registry_with(answer("200 OK", &[("Content-Type", "application/json")], body));
        let run = probe_server(&server, &[]);
        run.assert_hides(&["opaque-token-of-this-test"]);
        // A number that no program can hold makes the whole answer unreadable to some, and that is no fault either.
        assert!([0, 12].contains(&run.status), "{lifetime}: {run:?}");
    }
}

#[test]
fn the_token_of_a_good_answer_is_sent_to_the_registry() {
    let server = registry_with(token("opaque-token-of-this-test"));
    let run = probe_server(&server, &[]);
    let sent: Vec<_> = server.header_values("Authorization");
    assert!(!sent.is_empty() && sent.iter().all(|value| value == "Bearer opaque-token-of-this-test"), "{sent:?}");
    run.assert_hides(&["opaque-token-of-this-test"]);
    assert_status(&run, 0);
}

#[test]
fn a_wrong_password_is_sent_once_to_a_token_server_too() {
    let server = registry_with(unauthorized("Basic realm=\"token server\""));
    let run = probe_with_password(&plain(&server), &[]);
    assert_eq!(server.header_values("Authorization"), [basic_authorization(USER, PASSWORD)]);
    assert_status(&run, 12);
}

/// A token request is never redirected: a GET that is sent again elsewhere takes the password along.
#[test]
fn a_token_server_that_redirects_is_not_followed() {
    let trap = Server::answering(|_| token("token-of-somebody-else"));
    let elsewhere = format!("{}/token", trap.origin("http"));
    for location in [elsewhere.as_str(), "/token/elsewhere", "http://169.254.169.254/"] {
        for status in ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect"] {
            let server = registry_with(redirect(status, location));
            let run = probe_with_password(&plain(&server), &[]);
            trap.assert_untouched();
            let requests = server.requests();
            let tokens = requests.iter().filter(|sent| sent.path.starts_with("/token")).count();
            assert_eq!(tokens, 1, "{status} {location}: {requests:#?}");
            assert_status(&run, 12);
        }
    }
}

//! Registries that ask for authentication in ways that nobody can answer.

use base64::Engine as _;

use super::{
    PASSWORD, USER, assert_cannot_be_pulled, assert_status, checked, plain, probe_server, probe_with_password,
};
use crate::support::basic_authorization;
use crate::support::hostile::{Server, bearer, head, refusal, token, unauthorized};
use crate::support::ociscope::ociscope;

#[test]
fn a_challenge_that_makes_no_sense_is_an_authentication_fault() {
    for challenge in [
        "",
        "Bearer",
        "bearer,,,",
        ",,,,",
        "=",
        "\"",
        "Bearer realm=",
        "Bearer realm=\"",
        "Bearer realm=\"http://registry.test/token",
        "Bearer service=\"registry.test\"",
        "Bearer realm=\"\"",
        "Bearer realm=\"javascript:1\"",
        "Bearer realm=\"file:///etc/passwd\"",
        "Bearer realm=\"ht\ttps://registry.test/\"",
        "Bearer realm=\"https:registry.test\"",
        "Bearer realm=\"https://registry.test:99999/\"",
        "Negotiate",
        "NTLM TlRMTVNTUAAB",
        "Digest realm=\"x\", nonce=\"y\"",
    ] {
        let server = Server::answering(move |_| unauthorized(challenge));
        let run = probe_server(&server, &[]);
        let report = run.report();
        assert_eq!(report.probe("all")["status"], 401, "{challenge:?}");
        assert_eq!(report.authorized_requests(), 0);
        assert_status(&run, 12);
    }
}

#[test]
fn a_refusal_without_any_challenge_is_an_authentication_fault() {
    let server = Server::answering(|_| head("401 Unauthorized", &[("Content-Length", "0")], b""));
    assert_status(&probe_server(&server, &[]), 12);
}

#[test]
fn a_challenge_that_is_not_text_is_an_authentication_fault() {
    let server = Server::saying(
        [
            b"HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\nWWW-Authenticate: ",
            &[0xff; 300][..],
            b"\r\n\r\n",
        ]
        .concat(),
    );
    assert_status(&probe_server(&server, &[]), 12);
}

/// Each of these has made some parser of challenges take time that grows with the square of the length.
#[test]
fn a_long_challenge_takes_no_time() {
    for challenge in [
        format!("Bearer realm=\"{}", "\\\"".repeat(30_000)),
        "\"".repeat(60_000),
        format!("Bearer {}", "a=b,".repeat(15_000)),
        ",".repeat(60_000),
        "Bearer ".repeat(8_000),
        format!("Bearer realm=\"http://127.0.0.1/{}\"", "a".repeat(60_000)),
    ] {
        let server = Server::answering(move |_| unauthorized(&challenge));
        // Every run has a deadline, which a square of these lengths would miss by far.
        let run = probe_server(&server, &[]);
        assert!(run.stdout.len() < 4 << 20, "{} bytes", run.stdout.len());
        assert_status(&run, 12);
    }
}

#[test]
fn a_challenge_of_a_hundred_kilobytes_is_more_than_headers_may_have() {
    let challenge = format!("Bearer realm=\"{}", "\\\"".repeat(50_000));
    let server = Server::answering(move |_| unauthorized(&challenge));
    let run = probe_server(&server, &[]);
    assert_cannot_be_pulled(&run);
}

#[test]
fn a_wrong_password_is_sent_once() {
    let server = Server::answering(|_| unauthorized("Basic realm=\"registry\""));
    let run = probe_with_password(&plain(&server), &[]);
    assert_eq!(server.header_values("Authorization"), [basic_authorization(USER, PASSWORD)]);
    run.assert_hides(&[PASSWORD, basic_authorization(USER, PASSWORD).trim_start_matches("Basic ")]);
    assert_status(&run, 12);
}

#[test]
fn a_password_is_not_sent_before_it_is_asked_for() {
    let server = Server::answering(|_| crate::support::hostile::manifest());
    let run = probe_with_password(&plain(&server), &[]);
    assert_eq!(server.header_values("Authorization"), [""; 0]);
    assert_status(&run, 0);
}

/// The token is good, says the token server; the registry says 401 and hands out the next challenge.
#[test]
fn a_registry_that_is_never_content_gets_one_token_and_no_more() {
    let server = Server::answering(|sent| {
        if sent.path.starts_with("/token") {
            return token("opaque-token-of-this-test");
        }
        let host = sent.all("Host")[0].to_owned();
        unauthorized(&bearer(&format!("http://{host}/token")))
    });
    let run = probe_server(&server, &[]);
    let requests = server.requests();
    let tokens = requests.iter().filter(|sent| sent.path.starts_with("/token")).count();
    assert_eq!(tokens, 1, "{requests:#?}");
    assert!(requests.len() < 40, "{}", requests.len());
    run.assert_hides(&["opaque-token-of-this-test"]);
    assert_status(&run, 12);
}

/// The sentences of a result: whatever is text in it but what proves something and what is a value under its own name.
fn sentences(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => found.push(text.clone()),
        serde_json::Value::Array(all) => all.iter().for_each(|value| sentences(value, found)),
        serde_json::Value::Object(fields) => {
            let own = ["title", "cause", "fix", "text", "remarks", "shape", "findings", "challenge", "token"];
            fields
                .iter()
                .filter(|(name, _)| own.contains(&name.as_str()))
                .for_each(|(_, value)| sentences(value, found));
        }
        _ => {}
    }
}

/// A text without what is between quotation marks.
fn without_quotations(text: &str) -> String {
    let mut parts = text.split('“');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |ours, part| ours + part.split_once('”').map_or(part, |(_, rest)| rest))
}

/// A registry that says one plain word wherever a challenge, a token and `Retry-After` have room for one.
fn saying(word: &'static str, status: &'static str) -> Server {
    let claims = serde_json::json!({
        "aud": word, "access": [{ "type": "repository", "name": word, "actions": [word] }, { "type": word, "name": word, "actions": [word] }],
    });
    let encoded = |text: &str| base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(text);
    let jwt = format!("{}.{}.c2ln", encoded("{\"alg\":\"RS256\"}"), encoded(&claims.to_string()));
    Server::answering(move |sent| match sent.path.as_str() {
        path if path.starts_with("/token") => token(&jwt),
        _ if status != "401 Unauthorized" && !sent.all("Authorization").is_empty() => {
            refusal(status, &[("Retry-After", word), ("Server", word)], "TOOMANYREQUESTS", "wait")
        }
        _ => unauthorized(&format!(
            "Bearer realm=\"http://{}/token\",service=\"{word}\",scope=\"repository:{word}:pull,{word}\",error=\"insufficient_scope\"",
            sent.all("Host")[0]
        )),
    })
}

#[test]
fn words_of_a_challenge_and_a_token_are_quoted_in_sentences() {
    for word in ["verified", "everything", "granted.by.us", "pull/allowed", "OK"] {
        for status in ["401 Unauthorized", "429 Too Many Requests", "503 Service Unavailable"] {
            let server = saying(word, status);
            let mut found = Vec::new();
            for verb in ["diagnose", "auth"] {
                let run = checked(ociscope(&[verb, "--json", &plain(&server)]).run());
                sentences(&run.json(), &mut found);
            }
            let ours: Vec<_> = found.iter().map(|text| without_quotations(text)).collect();
            let standing: Vec<_> = ours
                .iter()
                .filter(|text| text.split([' ', ',', '(']).any(|part| part.trim_end_matches('.') == word))
                .collect();
            assert!(standing.is_empty(), "{word}, {status}: {standing:#?}");
            assert!(found.iter().any(|text| text.contains(&format!("“{word}”"))), "{word}, {status}: {found:#?}");
            let told = checked(ociscope(&["auth", &plain(&server)]).run()).stdout;
            let steps = told.lines().filter(|line| line.contains("The registry asks for") || line.contains("grants "));
            for line in steps {
                assert!(!without_quotations(line).contains(&format!("service {word}")), "{line}");
                assert!(!without_quotations(line).contains(&format!("grants {word}")), "{line}");
            }
        }
    }
}

/// A scheme that nobody knows is not one that the program knows.
#[test]
fn scheme_of_a_challenge_is_quoted() {
    for scheme in ["Verified", "Nothing", "Success", "Negotiate", "x-public"] {
        let server = Server::answering(move |_| unauthorized(&format!("{scheme} realm=\"x\"")));
        let told = checked(ociscope(&["auth", &plain(&server)]).run()).stdout;
        assert!(told.contains(&format!("“{scheme}”")), "{told}");
        assert!(!without_quotations(&told).contains(&format!("asks for {scheme}")), "{told}");
    }
}

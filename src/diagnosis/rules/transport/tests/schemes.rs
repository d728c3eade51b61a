//! Plain HTTP to a TLS port, and TLS to a plain HTTP port: the result of one more request.

use super::PUBLIC;
use crate::diagnosis::Certainty;
use crate::diagnosis::testing::{Canned, Scene, answer, failed, scene};
use crate::evidence::{FailureKind, ProxyChoice, Query, Step};
use crate::oci::Origin;

const AS_HTTP: &str = "http://registry.example.com:5000/acme/api:1";
const AS_HTTPS: &str = "registry.lan:5000/acme/api:1";
/// The first bytes of a TLS record with a ServerHello, of one with a fatal alert (handshake_failure), and of one with the
/// ClientHello of an echo server (RFC 8446 §4, §5.1, §6).
const SERVER_HELLO: &[u8] = &[0x16, 3, 3, 0, 0x7a, 2, 0, 0, 0x76, 3, 3];
const ALERT: &[u8] = &[0x15, 3, 3, 0, 2, 2, 0x28];
const CLIENT_HELLO: &[u8] = &[0x16, 3, 1, 0, 0xf4, 1, 0, 0, 0xf0, 3, 3];

fn origin(url: &str) -> Origin {
    Origin::of(&url.parse().unwrap()).unwrap()
}

fn for_tls() -> Query {
    Query::SpeaksTls(origin("http://registry.example.com:5000/"))
}

fn for_http() -> Query {
    Query::SpeaksHttp(origin("https://registry.lan:5000/"))
}

/// The answer to a ClientHello.
fn begins_with(bytes: &[u8], failure: Option<FailureKind>) -> Canned {
    let mut reply = failed(failure.clone().unwrap_or(FailureKind::Other));
    reply.failure = failure.and(reply.failure);
    reply.connection.begins_with = Some(bytes.to_vec());
    reply
}

fn unanswered(kind: FailureKind) -> Scene {
    scene(AS_HTTP).others(&failed(kind))
}

#[test]
fn only_unanswered_plain_http_asks_for_tls() {
    for kind in [FailureKind::Closed, FailureKind::Timeout(Step::Headers), FailureKind::NotHttp] {
        assert_eq!(unanswered(kind.clone()).judge().questions, [for_tls()], "{kind:?}");
    }
    for kind in [FailureKind::Refused, FailureKind::Dns, FailureKind::Timeout(Step::Connect), FailureKind::Deadline] {
        assert_eq!(unanswered(kind.clone()).judge().questions, [], "{kind:?}");
    }
    let over_tls = scene(AS_HTTPS).others(&failed(FailureKind::Closed));
    assert_eq!(over_tls.judge().questions, []);
    let mut through_a_proxy = failed(FailureKind::Closed);
    through_a_proxy.connection.proxy =
        Some(ProxyChoice { address: "http://p.test".to_owned(), because: "http_proxy".into() });
    assert_eq!(scene(AS_HTTP).others(&through_a_proxy).judge().questions, []);
    let mut ssh = failed(FailureKind::NotHttp);
    ssh.connection.begins_with = Some(b"SSH-2.0-OpenSSH_9.6".to_vec());
    assert_eq!(scene(AS_HTTP).others(&ssh).judge().questions, [], "a greeting names the protocol");
}

#[test]
fn server_that_answers_a_client_hello_requires_https() {
    for kind in [FailureKind::Closed, FailureKind::Timeout(Step::Headers)] {
        for bytes in [SERVER_HELLO, ALERT] {
            let scene = unanswered(kind.clone()).told(for_tls(), &[begins_with(bytes, None)]);
            assert_eq!(scene.verdict(), (vec!["https-registry-asked-as-http"], 16), "{kind:?}");
            let finding = &scene.judge().findings[0];
            assert_eq!(finding.certainty, Certainty::Certain);
            assert_eq!(finding.evidence[1].quote.as_str(), "answers a TLS ClientHello in TLS");
        }
    }
}

#[test]
fn server_that_closes_every_connection_has_no_answer() {
    let scene = unanswered(FailureKind::Closed).told(for_tls(), &[failed(FailureKind::Closed)]);
    assert_eq!(scene.verdict(), (vec!["no-answer"], 15));
    assert!(scene.judge().findings[0].cause.contains("ClientHello in TLS either"), "{:?}", scene.judge());
    let at_443 = "http://registry.example.com:443/acme/api:1";
    let question = Query::SpeaksTls(origin("http://registry.example.com:443/"));
    let scene = crate::diagnosis::testing::scene(at_443).others(&failed(FailureKind::Closed));
    let scene = scene.told(question, &[failed(FailureKind::Closed)]);
    assert_eq!(scene.verdict(), (vec!["no-answer"], 15), "the answer outweighs the port number");
}

#[test]
fn echo_of_the_client_hello_is_not_tls() {
    let echo = begins_with(CLIENT_HELLO, Some(FailureKind::NotTls));
    let scene = unanswered(FailureKind::Closed).told(for_tls(), &[echo]);
    assert_eq!(scene.verdict(), (vec!["no-answer"], 15));
}

#[test]
fn plain_http_answer_is_quoted_with_status_and_server() {
    let scene = scene(AS_HTTPS).others(&failed(FailureKind::NotTls));
    assert_eq!(scene.judge().questions, [for_http()]);
    let page = answer(404, "text/html", "").header("server", "nginx/1.24.0");
    let scene = scene.told(for_http(), &[page]);
    assert_eq!(scene.verdict(), (vec!["http-registry-asked-as-https"], 16));
    let finding = &scene.judge().findings[0];
    assert_eq!(finding.evidence[1].quote.as_str(), "answers plain HTTP: 404, Server: nginx/1.24.0");
    assert!(finding.cause.contains("speaks plain HTTP there") && !finding.cause.contains("likely"), "{finding:?}");
}

#[test]
fn server_that_speaks_neither_is_identified_by_its_greeting() {
    let ssh = begins_with(b"SSH-2.0-OpenSSH_9.6\r\n", Some(FailureKind::NotHttp));
    let scene = scene(AS_HTTPS).others(&failed(FailureKind::NotTls)).told(for_http(), &[ssh]);
    assert_eq!(scene.verdict(), (vec!["answer-is-not-http"], 15));
    let finding = &scene.judge().findings[0];
    assert!(finding.title.contains("neither TLS nor HTTP"), "{finding:?}");
    assert!(finding.evidence.iter().any(|proof| proof.quote.as_str().contains("SSH-2.0-OpenSSH_9.6")), "{finding:?}");
    assert!(!format!("{:?}", finding.fix).contains("plain-http"), "{finding:?}");
}

/// microsoft/vscode-docker#4321.
#[test]
fn refused_http_version_is_reported() {
    for status in [426, 505] {
        let scene = scene(PUBLIC).others(&answer(status, "", "").header("server", "envoy"));
        assert_eq!(scene.verdict(), (vec!["http-version-refused"], 15), "{status}");
    }
    assert!(scene(PUBLIC).others(&answer(400, "", "")).finding("http-version-refused").is_none());
}

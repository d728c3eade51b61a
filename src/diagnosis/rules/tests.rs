//! Invariants of all rules, for any response.

use std::slice::from_ref;

use proptest::prelude::*;

use crate::diagnosis::testing::{
    Canned, DOCKER_IMAGE, DOCKER_V1, OCI_IMAGE, OCI_INDEX_FOUND, UNKNOWN, answer, failed, index_of, refused, scene,
    served,
};
use crate::diagnosis::{ExitStatus, Judgement, Severity, reading};
use crate::evidence::{CertificateFault, FailureKind, Outcome, Query, Step, TokenClaims, Variant};
use crate::image::{Descriptor, Manifest};
use crate::oci::media_type;
use crate::text::{Untrusted, is_safe};

fn body() -> impl Strategy<Value = String> {
    let index = index_of(media_type::OCI_INDEX, &[("sha256:a", "linux/amd64"), ("x\u{1b}[2J", "unknown/unknown")]);
    let texts =
        [DOCKER_IMAGE, DOCKER_V1, OCI_IMAGE, OCI_INDEX_FOUND, UNKNOWN, "", "{}", "[]", "<html><title>\u{202e}x"];
    let more = [
        index,
        OCI_IMAGE.replace(media_type::OCI_CONFIG, "\\u001b]0;x\\u0007"),
        r#"{"errors":[{"code":"UNKNOWN","message":"\u001b[2J\u202e"}]}"#.to_owned(),
        r#"{"manifests":[1,{}],"layers":[]}"#.to_owned(),
        r#"{"errors":[{"message":"Permission \"x\" denied on resource \"projects/\u001b/locations/'; rm/repositories/r\""}]}"#.to_owned(),
        r#"{"errors":[{"message":"client with IP '\u001b' is not allowed; the token does not match expected scopes"}]}"#.to_owned(),
    ];
    let known: Vec<String> = texts.iter().map(|&text| text.to_owned()).chain(more).collect();
    prop_oneof![4 => prop::sample::select(known), 1 => ".{0,80}"]
}

fn kind() -> impl Strategy<Value = FailureKind> {
    prop::sample::select(vec![
        FailureKind::Dns,
        FailureKind::Refused,
        FailureKind::Timeout(Step::Body),
        FailureKind::Timeout(Step::Connect),
        FailureKind::Certificate(CertificateFault::WrongName(vec![Untrusted::from("\u{1b}x")])),
        FailureKind::Certificate(CertificateFault::Expired),
        FailureKind::NotTls,
        FailureKind::Redirect,
        FailureKind::BodyCutShort,
        FailureKind::BodyTooLarge,
        FailureKind::Framing,
        FailureKind::ProxyUnknown,
        FailureKind::Closed,
        FailureKind::Deadline,
        FailureKind::Other,
    ])
}

fn reply() -> impl Strategy<Value = Canned> {
    let types =
        [media_type::CURRENT.as_slice(), &[media_type::DOCKER_V1_SIGNED, media_type::JSON, "text/html", "", "a\u{9b}"]];
    let response = (100..600_u16, prop::sample::select(types.concat()), body());
    let header = prop::sample::select(vec![
        ("docker-content-digest", "sha256:x"),
        ("docker-distribution-api-version", "registry/2.0"),
        ("content-encoding", "gzip\u{1b}"),
        ("retry-after", "\u{202e}\u{1b}[2J"),
        ("location", "http://a\u{1b}b/"),
        ("date", "Tue, 29 Dec 2015 19:51:28 GMT"),
        ("ratelimit-limit", "18446744073709551615;w=18446744073709551615"),
        ("ratelimit-remaining", "18446744073709551615"),
        ("docker-ratelimit-source", "::"),
        ("www-authenticate", "Bearer realm=\"x\",error=\"invalid_token\""),
    ]);
    prop_oneof![
        3 => (prop::sample::select(types.concat()), body()).prop_map(|(kind, body)| served(kind, &body)),
        2 => (prop::sample::select(vec![400, 401, 403, 404, 412, 429, 500]), body()).prop_map(|(status, body)| refused(status, &body)),
        3 => (response, header).prop_map(|((status, kind, body), (name, value))| answer(status, kind, &body).header(name, value)),
        1 => (reply_body(), kind()).prop_map(|(reply, kind)| reply.broken(kind)),
        1 => kind().prop_map(failed),
        1 => Just(served(media_type::DOCKER_V2, DOCKER_IMAGE).by_head()),
    ]
}

fn reply_body() -> impl Strategy<Value = Canned> {
    (100..600_u16, body()).prop_map(|(status, body)| answer(status, media_type::OCI_INDEX, &body))
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop::sample::select(vec![
        Outcome::NotAsked,
        Outcome::Accepted,
        Outcome::CredentialsMissing,
        Outcome::Rejected,
        Outcome::TokenRefused,
        Outcome::TokenUnusable("a reason".to_owned()),
        Outcome::RealmUnreachable,
        Outcome::RealmRefused("a reason".to_owned()),
        Outcome::RealmNotTrusted(Untrusted::from("a\u{1b}b; rm")),
        Outcome::ChallengeUnusable("a reason".to_owned()),
    ])
}

/// Checks the invariants of a judgement: its own text is printable, and errors decide the exit status and have one.
fn check(judgement: &Judgement, sentences: &[String], is_served: bool) -> Result<(), TestCaseError> {
    prop_assert!(sentences.len() <= 6);
    let findings = &judgement.findings;
    let ours = findings.iter().flat_map(|finding| {
        let fixes = finding.fix.iter().flat_map(|fix| [Some(fix.text.as_str()), fix.command.as_deref()]).flatten();
        [finding.title.as_str(), finding.cause.as_str()].into_iter().chain(fixes)
    });
    for text in ours.chain(sentences.iter().map(String::as_str)) {
        prop_assert!(text.chars().all(is_safe), "{text:?}");
        prop_assert!(text.len() < 2000, "{text}");
    }
    for finding in findings {
        prop_assert!(!finding.title.is_empty() && !finding.title.ends_with('.'), "{}", finding.title);
        prop_assert!(!finding.cause.is_empty(), "{}", finding.rule);
        prop_assert_eq!(finding.severity == Severity::Error, finding.exit != ExitStatus::Success, "{}", finding.rule);
        prop_assert!(
            finding.severity != Severity::Error || !finding.fix.is_empty() || finding.rule == "unexplained-answer"
        );
    }
    prop_assert!(is_served || judgement.exit_status() != ExitStatus::Success, "nothing was served: {findings:#?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn no_rule_panics_for_any_response(
        replies in prop::collection::vec((prop::sample::select(Variant::twelve().iter().map(Variant::id).collect::<Vec<_>>()), reply()), 0..4),
        (rest, head, blob, token) in (reply(), prop::option::of(reply()), prop::option::of(reply()), prop::option::of(reply())),
        blobs in prop::option::of((reply(), reply(), any::<bool>())),
        (anonymous, control) in (prop::option::of(reply()), prop::option::of(reply())),
        claims in prop::option::of(prop::array::uniform3(prop::option::of(any::<i64>()))),
        now in prop::option::of(any::<i64>()),
        (outcome, given, asks) in (outcome(), any::<bool>(), prop::option::of(prop::sample::select(vec!["*/*", media_type::OCI_INDEX]))),
        reference in prop::sample::select(vec![
            "alpine".to_owned(),
            "http://localhost:5000/a/b".to_owned(),
            format!("ghcr.io/a/b@{}", crate::diagnosis::testing::digest_of(DOCKER_IMAGE)),
            "ghcr.io.example.com/ghcr.io/b:v1".to_owned(),
        ]),
    ) {
        let mut scene = scene(&reference).challenged("Bearer", "https://auth.example.net/\u{1b}", outcome);
        scene = if given { scene.with_credentials() } else { scene };
        scene = asks.iter().fold(scene, |scene, kind| scene.asking(&[kind]));
        scene = replies.iter().fold(scene, |scene, (variant, reply)| scene.to(&[variant], reply)).others(&rest);
        scene = head.iter().fold(scene, |scene, reply| scene.head(reply));
        scene = token.iter().fold(scene, |scene, reply| scene.token(reply));
        scene.record.now = now;
        scene.record.authentication.token_claims = claims.map(|[not_before, issued_at, expires]| TokenClaims {
            audience: Vec::new(),
            not_before,
            issued_at,
            expires,
            actions: Some(vec![Untrusted::from("a\u{1b}b")]),
        });
        if anonymous.is_some() || control.is_some() {
            scene = scene.diagnosed();
            scene = anonymous.iter().fold(scene, |scene, reply| scene.told(Query::Anonymous, from_ref(reply)));
            let namespace = if reference == "alpine" { "library" } else { "a" };
            let name = format!("{namespace}/ociscope-no-such-repository");
            scene = control.iter().fold(scene, |scene, reply| scene.in_repository(&name, reply));
        }
        if reference.contains('@') {
            scene = blob.iter().fold(scene, |scene, reply| scene.blob(reply));
        }
        if let Some((config, layer, elsewhere)) = blobs {
            let from = |reply: Canned| if elsewhere { reply.from("https://minio:9000/?Expires=1&\u{1b}") } else { reply };
            let document = Manifest::read(OCI_IMAGE.as_bytes()).unwrap();
            let digest = |descriptor: &Descriptor| descriptor.digest.as_str().parse().unwrap();
            let redirect = answer(307, "", "").header("date", "Thu, 02 Jan 2020 16:00:01 GMT");
            scene = scene
                .diagnosed()
                .told(Query::Config(digest(&document.config().unwrap())), &[redirect.clone(), from(config)])
                .told(Query::SmallLayer(digest(&document.layers()[0]), 4288), &[redirect, from(layer)]);
        }
        let is_served = scene.case(|case| case.decisive().is_some_and(|(_, exchange)| exchange.is_success()));
        check(&scene.judge(), &scene.case(reading), is_served)?;
    }
}

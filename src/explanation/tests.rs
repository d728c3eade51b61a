//! Names of every kind, the output of clients, and secrets that people paste along with it.

use super::{Explanation, Kind, explain};
use crate::diagnosis::catalogue;
use crate::knowledge::{causes, error_texts, topics};
use crate::report::{Style, to_terminal};
use crate::text::{Untrusted, is_safe};

mod local;
mod printed;
mod texts;

#[track_caller]
fn explained(text: &str) -> Explanation {
    explain(&text.into()).unwrap_or_else(|unknown| panic!("{text}: {unknown}"))
}

fn shown(text: &str) -> String {
    to_terminal(&explained(text).document, Style::new(false), 80)
}

#[test]
fn every_rule_that_the_tables_name_exists() {
    let exists = |name: &str| catalogue().iter().any(|rule| rule.name == name);
    let of_topics = topics().flat_map(|(_, topic)| topic.rules.iter().map(move |rule| (rule, topic.name.as_str())));
    let of_texts =
        error_texts().iter().flat_map(|text| text.rules.iter().map(move |rule| (rule, &*text.wording.any[0])));
    let of_causes = causes().iter().map(|cause| (&cause.rule, "causes.toml"));
    for (rule, place) in of_topics.chain(of_texts).chain(of_causes) {
        assert!(exists(rule), "there is no {rule}, which {place} names");
        assert!(causes().iter().any(|cause| cause.rule == *rule), "causes.toml does not say what {rule} is");
    }
}

#[test]
fn rule_is_explained_by_its_own_documentation() {
    for rule in catalogue() {
        let explanation = explained(rule.name);
        assert_eq!((explanation.kind, &explanation.rules[..]), (Kind::Rule, &[rule.name][..]));
        let text = to_terminal(&explanation.document, Style::new(false), 200);
        // Every word of it is kept; only the Markdown markup is gone.
        let words = |text: &str| -> Vec<String> {
            let plain = text.replace('`', "").replace(['#', '–', ';'], " ");
            plain.split_whitespace().map(str::to_owned).collect()
        };
        assert_eq!(words(&text)[1..], words(rule.documentation)[..], "{}", rule.name);
    }
    assert_eq!(explained("TAG_not_found").topic, "tag-not-found");
}

#[test]
fn every_kind_of_name_is_recognized_in_its_common_notations() {
    for (text, topic, kind) in [
        ("MANIFEST_UNKNOWN", "MANIFEST_UNKNOWN", Kind::ErrorCode),
        ("manifest-unknown", "MANIFEST_UNKNOWN", Kind::ErrorCode),
        ("denied", "DENIED", Kind::ErrorCode),
        ("ProjectPolicyViolation", "PROJECTPOLICYVIOLATION", Kind::ErrorCode),
        ("404", "404", Kind::Status),
        ("404 Not Found", "404", Kind::Status),
        ("HTTP 429", "429", Kind::Status),
        ("HTTP/1.1 502 Bad Gateway", "502", Kind::Status),
        ("413 Request Entity Too Large", "413", Kind::Status),
        ("522", "522", Kind::Status),
        ("docker-content-digest", "Docker-Content-Digest", Kind::Header),
        ("Www-Authenticate:", "WWW-Authenticate", Kind::Header),
        ("location: https://x.test/?sig=abc", "Location", Kind::Header),
        ("application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.index.v1+json", Kind::MediaType),
        ("application/json; charset=utf-8", "application/json", Kind::MediaType),
        ("docker v2", "application/vnd.docker.distribution.manifest.v2+json", Kind::MediaType),
        ("oci-index", "application/vnd.oci.image.index.v1+json", Kind::MediaType),
        ("zstd", "application/vnd.oci.image.layer.v1.tar+zstd", Kind::MediaType),
        ("*/*", "*/*", Kind::MediaType),
    ] {
        let explanation = explained(text);
        assert_eq!((explanation.topic.as_str(), explanation.kind), (topic, kind), "{text}");
        assert_eq!(explanation.reference, None);
    }
}

#[test]
fn error_code_page_says_how_registries_use_it_and_when_that_was_seen() {
    let text = shown("manifest_unknown");
    assert!(text.contains("Specification: manifest unknown to registry."), "{text}");
    assert!(text.contains("GHCR") && text.contains("(2026-02)"), "{text}");
    assert_eq!(explained("manifest_unknown").rules[0], "tag-not-found");
    let text = explained("manifest_unknown").to_json()["text"].to_string();
    assert!(text.contains("- **GHCR:** for a type that the client does not accept"), "{text}");
}

#[test]
fn causes_that_do_not_fit_the_reference_are_omitted() {
    let rules = |image: &str| explained(&format!("manifest for {image} not found: manifest unknown")).rules;
    assert_eq!(rules("bitnami/redis:7.0.5")[..3], ["bitnami-moved", "tag-not-found", "tag-v-prefix"]);
    assert!(rules("acme/api:7.0.5").iter().all(|rule| *rule != "bitnami-moved" && *rule != "no-latest-tag"));
    assert_eq!(rules("acme/api:main")[0], "tag-not-found");
    assert!(rules("gcr.io/acme/api:main").contains(&"gcr-shutdown"));
    assert!(!rules("quay.io/acme/api:main").contains(&"gcr-shutdown"));
    assert_eq!(rules("quay.io/acme/api:latest")[0], "no-latest-tag");
    // Without an image, causes that apply only to some tags are less likely.
    assert_eq!(explained("manifest unknown: manifest unknown").rules[0], "tag-not-found");
}

#[test]
fn printed_command_can_be_pasted() {
    let text = shown("no matching manifest for linux/arm64/v8 in the manifest list entries: docker pull acme/api:1");
    assert!(text.contains("\n  ociscope diagnose --platform linux/arm64/v8 docker.io/acme/api:1\n"), "{text}");
    let text = shown("Error: GET http://r.example.com:5000/v2/a/manifests/nope: MANIFEST_UNKNOWN: manifest unknown");
    assert!(text.contains("\n  ociscope diagnose --plain-http r.example.com:5000/a:nope\n"), "{text}");
    let words: Vec<_> = text.split_whitespace().collect();
    assert!(words.join(" ").contains(crate::diagnosis::CLEARTEXT_LOGINS), "{text}");
    // Without an image, the command has a placeholder and invents no name.
    assert!(shown("toomanyrequests: Rate exceeded").contains("\n  ociscope diagnose REFERENCE\n"));
    let hostile = explained("manifest for $(touch p);x/y:1 not found: manifest unknown; docker pull 'a b'");
    assert!(hostile.reference.is_none_or(|reference| !reference.to_string().contains(['$', '('])));
}

#[test]
fn advice_is_given_if_no_rule_is_the_cause() {
    let text = shown("docker: failed to register layer: max depth exceeded.");
    assert!(text.contains("What to do\n  Build the image with fewer layers"), "{text}");
    assert!(text.replace('\n', " ").contains("No registry is at fault."), "{text}");
    assert!(!text.contains("Likely") && !text.contains("Find out"), "{text}");
}

#[test]
fn unknown_text_is_explained_by_its_code_or_status() {
    let by_code = explained("{\"errors\":[{\"code\":\"PAGINATION_NUMBER_INVALID\",\"message\":\"invalid number\"}]}");
    assert_eq!((by_code.kind, by_code.topic.as_str()), (Kind::ErrorText, "PAGINATION_NUMBER_INVALID"));
    let by_status = explained("mytool: GET https://r.example.com/v2/a/manifests/1: unexpected status: 502 Bad Gateway");
    assert_eq!((by_status.kind, by_status.rules[0]), (Kind::ErrorText, "registry-failed"));
    assert_eq!(by_status.reference.map(|image| image.to_string()), Some("r.example.com/a:1".to_owned()));
}

#[test]
fn unknown_topic_gets_the_most_similar_names() {
    for (typo, meant) in [
        ("manifest_unknwon", "MANIFEST_UNKNOWN"),
        ("tag-not-fuond", "tag-not-found"),
        ("docker content digest", "Docker-Content-Digest"),
        ("oci-idx", "oci index"),
    ] {
        let unknown = explain(&typo.into()).unwrap_err();
        assert!(unknown.nearest().contains(&meant), "{typo}: {unknown}");
    }
    let unknown = explain(&"no idea what happened here, but it was with ghcr.io/o/n:1 as far as I can tell".into());
    let unknown = unknown.unwrap_err();
    assert!(
        unknown.nearest().is_empty() && unknown.to_string().contains("ociscope diagnose ghcr.io/o/n:1"),
        "{unknown}"
    );
}

/// Secrets that look like images, however the text was broken or escaped.
#[test]
fn secret_that_looks_like_an_image_is_not_repeated() {
    let secret = "canary.pw/hunter:1";
    for text in [
        format!("docker login -u me -p {secret} r.test"),
        format!("docker login -u me \\\n  -p \\\n  {secret} r.test"),
        format!("docker login -u me \\\r\n  --password \\\r\n  {secret} r.test"),
        format!("{{\"auths\":{{\"r.test\":{{\"auth\":\"{secret}\"}}}}}}"),
        format!("err=\"{{\\\"auth\\\":\\\"{secret}\\\"}}\""),
        format!("{{\\\\\\\"password\\\\\\\": \\\\\\\"{secret}\\\\\\\"}}"),
        format!("\u{1b}[31mREGISTRY_PASSWORD\u{1b}[0m={secret}"),
        format!("machine r.test\nlogin me\npassword {secret}"),
        format!("Get \"https://me:{secret}@r.test/v2/\""),
    ] {
        for failed in [text.clone(), format!("{text}\nError: manifest for acme/api:1.2 not found: manifest unknown")] {
            let said = match explain(&Untrusted::new(&*failed)) {
                Ok(explanation) => explanation.to_json().to_string(),
                Err(unknown) => unknown.to_json().to_string() + &unknown.to_string(),
            };
            assert!(!said.contains("canary") && !said.contains("hunter"), "{failed}\n{said}");
        }
    }
}

#[test]
fn pasted_secrets_are_not_repeated() {
    let secrets = [
        "hunter2",
        "Y2FuYXJ5OnB3",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.c2ln",
        "ghp_canary0123456789canary0123456789",
    ];
    let [password, basic, token, pat] = secrets;
    for text in [
        format!("> Authorization: Basic {basic}\n< 401\nmanifest unknown: manifest unknown"),
        format!(
            "> authorization: Bearer {token}\nGET https://u:{password}@r.example.com/v2/a/manifests/1: DENIED: denied"
        ),
        format!("docker login -u me -p {password} r.example.com\nError response from daemon: unauthorized: {password}"),
        format!("docker pull u:{password}@r.example.com/a:1 -> manifest unknown"),
        format!("docker pull r.example.com/{pat}:1: manifest unknown"),
        format!("Authorization: Bearer {token}"),
        format!("nothing that is known, token={token}"),
        format!("https://u:{password}@r.example.com/"),
        format!("Get \"https://r2.cloudflarestorage.com/x?X-Amz-Signature={basic}\": 403"),
        basic.to_owned() + " password",
    ] {
        let said = match explain(&Untrusted::new(&*text)) {
            Ok(explanation) => {
                explanation.to_json().to_string() + &to_terminal(&explanation.document, Style::new(false), 80)
            }
            Err(unknown) => unknown.to_json().to_string() + &unknown.to_string(),
        };
        for secret in secrets {
            assert!(!said.contains(secret), "{text}\n{said}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_pasted_text_results_in_safe_characters(
        before in "\\PC{0,40}", lead in proptest::sample::select(vec!["manifest for ", "docker://", "", "404 "]),
        middle in ".{0,40}", end in proptest::sample::select(vec![" not found: manifest unknown", "\u{1b}[2J", ""])
    ) {
        let said = match explain(&Untrusted::new(format!("{before}{lead}{middle}{end}"))) {
            Ok(explanation) => to_terminal(&explanation.document, Style::new(false), 80),
            Err(unknown) => unknown.to_string(),
        };
        proptest::prop_assert!(said.chars().all(|c| c == '\n' || is_safe(c)), "{}", said);
    }
}

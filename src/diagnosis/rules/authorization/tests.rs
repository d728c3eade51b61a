//! Limits, policies and permissions.

use crate::diagnosis::testing::{DOCKER_IMAGE, Scene, answer, digest_of, index_of, refused, scene, served};
use crate::diagnosis::{Certainty, Severity};
use crate::evidence::{Method, Outcome, Query};
use crate::oci::media_type;

const HARBOR: &str = "harbor.example.com/demo/app:1";
const PULL_LIMIT: &str = r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit"}]}"#;

#[test]
fn pull_limit_and_abuse_limit_are_distinguished() {
    let pulls = refused(429, PULL_LIMIT).header("ratelimit-limit", "100;w=21600");
    let limited = scene("alpine").others(&pulls);
    assert_eq!(limited.verdict(), (vec!["hub-pull-limit"], 14));
    assert!(limited.finding("hub-pull-limit").unwrap().cause.contains("100;w=21600"));

    let abuse = scene("alpine").others(&answer(429, "text/plain", "Too Many Requests (HAP429)"));
    assert_eq!(abuse.verdict(), (vec!["hub-abuse-limit"], 14));

    let elsewhere = scene("public.ecr.aws/x/y").others(&refused(429, PULL_LIMIT));
    assert_eq!(elsewhere.verdict(), (vec!["other-registry-throttle"], 14));
}

/// T24: a HEAD that reports an exhausted limit is free and does not block the pull.
#[test]
fn exhausted_limit_in_headers_does_not_block_a_pull() {
    let last = served(media_type::DOCKER_V2, DOCKER_IMAGE).header("ratelimit-remaining", "0;w=21600");
    assert!(scene("alpine").others(&last).finding("hub-pull-limit").is_none());
}

#[test]
fn token_service_429_is_a_rate_limit() {
    let limited = scene("registry.example.com/acme/api")
        .challenged("Bearer", "https://auth.example.net/token", Outcome::TokenRefused)
        .token(
            &refused(429, r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"Rate exceeded"}]}"#)
                .header("retry-after", "30"),
        )
        .to(&["all"], &answer(401, "", ""));
    assert_eq!(limited.verdict(), (vec!["other-registry-throttle"], 14));
    assert!(limited.finding("other-registry-throttle").unwrap().cause.contains("30 s"));
}

#[test]
fn retry_after_is_printable_and_short() {
    let when = format!("\u{1b}[2J{}", "9".repeat(500));
    let limited = scene(HARBOR).others(&refused(429, "{}").header("retry-after", &when));
    let cause = crate::text::cut_at_marks(&limited.finding("other-registry-throttle").unwrap().cause);
    assert!(!cause.contains('\u{1b}') && cause.len() < 160, "{cause}");
}

#[test]
fn policy_refusal_is_not_a_permission_error() {
    for (status, body) in [
        (412, r#"{"errors":[{"code":"PROJECTPOLICYVIOLATION","message":"The image is not signed by cosign."}]}"#),
        (
            403,
            r#"{"errors":[{"status":403,"message":"x was not downloaded due to the download blocking policy configured in Xray for r"}]}"#,
        ),
        (451, "{}"),
    ] {
        let scene = scene(HARBOR).others(&refused(status, body));
        assert_eq!(scene.verdict(), (vec!["blocked-by-policy"], 13), "{body}");
        assert!(scene.finding("iam-denied").is_none());
    }
}

/// T08: a 403 has many possible causes, so the finding names others too.
#[test]
fn plain_403_is_only_likely_a_permission_error() {
    let denied = r#"{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}"#;
    let scene = scene(HARBOR).others(&refused(403, denied));
    assert_eq!(scene.verdict(), (vec!["iam-denied"], 13));
    let finding = scene.finding("iam-denied").unwrap();
    assert_eq!(finding.certainty, Certainty::Likely);
    assert!(finding.cause.contains("networks"), "{finding:?}");
}

#[test]
fn refused_address_is_certain() {
    let body = "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"client with IP \\u0027203.0.113.7\\u0027 is not allowed access. Refer https://aka.ms/acr/firewall to grant access.\"}]}";
    let at_registry = scene("acme.azurecr.io/api").others(&refused(403, body));
    let at_service = scene("acme.azurecr.io/api")
        .with_credentials()
        .challenged("Bearer", "https://auth.example.net/token", Outcome::TokenRefused)
        .token(&refused(403, body))
        .to(&["all"], &answer(401, "", ""));
    for scene in [at_registry, at_service] {
        assert_eq!(scene.verdict(), (vec!["network-acl"], 13));
        let finding = scene.finding("network-acl").unwrap();
        assert_eq!(finding.certainty, Certainty::Certain);
        let command = "az acr network-rule add --name acme --ip-address 203.0.113.7";
        assert_eq!(finding.fix[0].command.as_deref(), Some(command));
    }
}

/// GAR refuses authenticated users without permission at its token service.
#[test]
fn token_service_that_names_a_permission_is_believed() {
    let body = r#"{"errors":[{"code":"DENIED","message":"Permission \"artifactregistry.repositories.downloadArtifacts\" denied on resource \"projects/p\" (or it may not exist)"}]}"#;
    let scene = scene("us-docker.pkg.dev/p/r/i")
        .with_credentials()
        .challenged("Bearer", "https://auth.example.net/token", Outcome::TokenRefused)
        .token(&refused(403, body))
        .to(&["all"], &answer(401, "", ""));
    assert_eq!(scene.verdict(), (vec!["iam-denied"], 13));
}

/// terraform-google-modules/terraform-google-kubernetes-engine#1779.
#[test]
fn google_resource_is_compared_with_the_reference() {
    let of = |reference: &str| {
        let body = r#"{"errors":[{"code":"DENIED","message":"Permission \"artifactregistry.repositories.downloadArtifacts\" denied on resource \"projects/acme-prod/locations/europe-west1/repositories/images\" (or it may not exist)"}]}"#;
        let scene = scene(reference).with_credentials().others(&refused(403, body));
        assert_eq!(scene.verdict(), (vec!["iam-denied"], 13));
        let finding = scene.finding("iam-denied").unwrap();
        assert_eq!(finding.certainty, Certainty::Certain);
        finding
    };
    let same = of("europe-west1-docker.pkg.dev/acme-prod/images/api:1");
    assert!(!same.cause.contains("not what the reference names"), "{same:?}");
    let command = same.fix[1].command.as_deref().unwrap();
    assert!(command.contains("add-iam-policy-binding images --location europe-west1 --project acme-prod"), "{command}");
    assert!(of("us-docker.pkg.dev/acme-prod/images/api:1").cause.contains("not what the reference names"));
    // gcr.io maps to a repository with another name.
    assert!(!of("gcr.io/acme-prod/api:1").cause.contains("not what the reference names"));
}

/// A success of Docker Hub with its headers, as in docker/hub-feedback#2464 and docker/docs#13499.
fn counted(left: &str, source: &str) -> Scene {
    let reply = served(media_type::DOCKER_V2, DOCKER_IMAGE).header("ratelimit-limit", "100;w=21600");
    scene("alpine").others(&reply.header("ratelimit-remaining", left).header("docker-ratelimit-source", source))
}

const ACCOUNT: &str = "186e63fa-abf0-4deb-a711-0dbd34c4a821";
const NETWORK: &str = "2001:41d0:801:2000::";

#[test]
fn remaining_limit_is_reported_below_a_tenth() {
    let with_login = |scene: Scene| {
        let mut scene = scene.with_credentials();
        scene.record.authentication.outcome = Outcome::Accepted;
        scene
    };
    for (left, source, rules) in [
        ("9;w=21600", ACCOUNT, &["quota-nearly-used"][..]),
        ("0;w=21600", ACCOUNT, &["quota-nearly-used"]),
        ("10;w=21600", ACCOUNT, &[]),
        ("9;w=21600", "203.0.113.7", &["shared-source"]),
        ("9;w=21600", NETWORK, &["shared-source"]),
        ("99;w=21600", "203.0.113.7", &[]),
        ("nothing", "203.0.113.7", &[]),
    ] {
        let scene = counted(left, source);
        let (found, status) = if source == ACCOUNT { with_login(scene) } else { scene }.verdict();
        let found: Vec<_> = found.into_iter().filter(|rule| *rule != "registry-ignores-accept").collect();
        assert_eq!((found.as_slice(), status), (rules, 0), "{left} {source}");
    }
    let finding = counted("9;w=21600", "203.0.113.7").finding("shared-source").unwrap();
    assert!(finding.cause.starts_with("9 of 100 pulls in 6 hours are left"), "{finding:?}");
    assert!(!format!("{finding:?}").contains("203.0.113.7"), "{finding:?}");
}

/// docker/hub-feedback#2505. Unlimited plans and images have no such headers (docker/docs#16887).
#[test]
fn missing_headers_and_other_registries_mean_no_limit() {
    let plain = served(media_type::DOCKER_V2, DOCKER_IMAGE);
    let few = plain.clone().header("ratelimit-limit", "100").header("ratelimit-remaining", "1");
    for scene in [scene("alpine").others(&plain), scene(HARBOR).others(&few)] {
        assert!(scene.finding("quota-nearly-used").is_none() && scene.finding("shared-source").is_none());
    }
}

/// T25: a login does not imply that Docker Hub counts it.
#[test]
fn uncounted_login_is_reported() {
    let of = |source: &str, outcome: Outcome| {
        let mut scene = counted("99;w=21600", source).with_credentials();
        scene.record.authentication.outcome = outcome;
        scene.finding("credential-not-counted")
    };
    let finding = of(NETWORK, Outcome::Accepted).unwrap();
    assert_eq!(finding.severity, Severity::Warning);
    assert!(!format!("{finding:?}").contains(NETWORK), "{finding:?}");
    assert!(of(ACCOUNT, Outcome::Accepted).is_none());
    assert!(of(NETWORK, Outcome::NotAsked).is_none());
    assert!(counted("99;w=21600", NETWORK).finding("credential-not-counted").is_none());
}

/// docker/docs#11707: the refusal lacks the headers that the HEAD before it has.
#[test]
fn head_answer_shows_whose_limit_is_used_up() {
    let head = served(media_type::DOCKER_V2, DOCKER_IMAGE).header("docker-ratelimit-source", "203.0.113.7");
    let scene = scene("alpine").others(&refused(429, PULL_LIMIT)).head(&head);
    let finding = scene.finding("hub-pull-limit").unwrap();
    assert_eq!(finding.evidence[1].quote.as_str(), "docker-ratelimit-source is an address");
    assert!(scene.finding("shared-source").is_none());
}

/// docker/hub-feedback#2505: a rate limit can stop any request of a pull.
#[test]
fn rate_limit_is_found_anywhere_in_the_tree() {
    let limited = answer(429, "text/plain", "Too Many Requests").header("retry-after", "60");
    let config = "sha256:e201c3f4dcec1faef9adb479ca25a933e86e2c259391e81471d18c0e706a9b66".parse().unwrap();
    let of_config = scene(HARBOR)
        .diagnosed()
        .others(&served(media_type::DOCKER_V2, DOCKER_IMAGE))
        .told(Query::Config(config), std::slice::from_ref(&limited));
    let digest = digest_of(DOCKER_IMAGE);
    let index = index_of(media_type::OCI_INDEX, &[(&digest.to_string(), "linux/amd64")]);
    let of_child =
        scene(HARBOR).diagnosed().others(&served(media_type::OCI_INDEX, &index)).child(&digest, Method::Get, &limited);
    for scene in [of_config, of_child] {
        let (rules, status) = scene.verdict();
        assert_eq!((rules[0], status), ("other-registry-throttle", 14));
        let finding = scene.finding("other-registry-throttle").unwrap();
        assert!(finding.cause.contains("60 s"), "{finding:?}");
    }
    // Answers for other platforms do not stop the pull.
    let other = index_of(media_type::OCI_INDEX, &[(&digest.to_string(), "linux/arm64")]);
    let other =
        scene(HARBOR).diagnosed().others(&served(media_type::OCI_INDEX, &other)).child(&digest, Method::Head, &limited);
    assert!(other.finding("other-registry-throttle").is_none());
}

#[test]
fn login_advice_for_a_limit_requires_known_accounts() {
    let advice = |scene: &Scene| {
        let fixes = scene.finding("other-registry-throttle").unwrap().fix;
        fixes.iter().any(|fix| fix.text.contains("Log in"))
    };
    let limited = refused(429, "{}");
    assert!(advice(&scene(HARBOR).others(&limited)));
    assert!(!advice(&scene(HARBOR).with_credentials().others(&limited)));
    assert!(!advice(&scene(HARBOR).others(&limited.from("https://storage.example/x"))));
}

/// A login does not change the client's address.
#[test]
fn address_list_gives_no_login_advice() {
    for (words, address) in [
        ("the organization has an IP allow list enabled, and your IP address is not permitted to access this", ""),
        ("203.0.113.7: your IP address is not allowed.", "203.0.113.7"),
        ("IP 2001:db8::7 is not in the list of allowed IP ranges", "2001:db8::7"),
    ] {
        let body = format!(r#"{{"errors":[{{"code":"DENIED","message":"{words}"}}]}}"#);
        let scene = scene(HARBOR).others(&refused(403, &body));
        assert_eq!(scene.verdict(), (vec!["network-acl"], 13), "{words}");
        let finding = scene.finding("network-acl").unwrap();
        assert!(finding.cause.contains(address), "{finding:?}");
        assert!(finding.fix.iter().all(|fix| fix.command.is_none() && !fix.text.contains("og in")), "{finding:?}");
    }
}

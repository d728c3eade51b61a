//! Stored credentials that do not take effect.

use crate::diagnosis::testing::{OCI_IMAGE, Scene, refused, scene, served};
use crate::diagnosis::{Certainty, Finding, Severity};
use crate::evidence::{
    Build, CredentialForm, Damage, Elsewhere, HelperOutcome, Maker, NearMiss, Outcome, PlaceReason, Provenance,
    PullSecretFault, PullSecretName, Query, Reader, Seen,
};
use crate::oci::media_type;
use crate::text::Untrusted;

const REALM: &str = "https://auth.example.net/token";
const DENIED: &str = r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#;
const REFERENCE: &str = "registry.example.com/acme/api:1";

/// An anonymous pull that is refused.
fn missed(reference: &str) -> Scene {
    scene(reference).challenged("Basic", REALM, Outcome::CredentialsMissing).to(&["all"], &refused(401, DENIED))
}

/// An anonymous pull that is served.
fn public(reference: &str) -> Scene {
    scene(reference).others(&served(media_type::OCI_MANIFEST, OCI_IMAGE))
}

fn docker(scene: Scene, seen: Vec<Seen>) -> Scene {
    scene.trail(PlaceReason::DockerHome, Reader::Docker, seen)
}

fn kubelet(scene: Scene, seen: Vec<Seen>) -> Scene {
    scene.trail(PlaceReason::PullSecretOption, Reader::Kubelet, seen)
}

fn no_entry(others: usize) -> Seen {
    let keys = ["ghcr.io", "quay.io"].into_iter().take(others).map(Untrusted::from).collect();
    Seen::NoEntry { others, keys }
}

fn helper(name: &str, outcome: HelperOutcome) -> Vec<Seen> {
    vec![Seen::Helper { helper: Untrusted::from(name), server: Untrusted::from("registry.example.com"), outcome }]
}

fn near(key: &str, why: NearMiss) -> Seen {
    Seen::NearMiss { key: Untrusted::from(key), why, helper: false }
}

fn key() -> Untrusted {
    Untrusted::from("registry.example.com")
}

fn commands(finding: &Finding) -> Vec<&str> {
    finding.fix.iter().filter_map(|fix| fix.command.as_deref()).collect()
}

/// Nothing in a file proves what was on the machine of its author.
#[test]
fn finding_about_another_machine_is_never_certain() {
    let private = docker(missed(REFERENCE), helper("desktop", HelperOutcome::NotFound));
    let live = private.finding("credential-helper-missing").unwrap();
    assert_eq!(live.certainty, Certainty::Certain);
    let mut recorded = docker(missed(REFERENCE), helper("desktop", HelperOutcome::NotFound));
    let maker = Maker::Ociscope(Build::current());
    recorded.record.provenance = Some(Provenance { at: None, maker, is_incomplete: false });
    let judged = &recorded.judge().findings[0];
    assert_eq!((judged.rule, judged.certainty), ("credential-helper-missing", Certainty::Likely));
}

/// docker/for-mac#3785: even a public image cannot be pulled with Docker.
#[test]
fn missing_helper_breaks_every_pull() {
    let private = docker(missed(REFERENCE), helper("desktop", HelperOutcome::NotFound));
    assert_eq!(private.verdict(), (vec!["credential-helper-missing"], 12));
    let finding = private.finding("credential-helper-missing").unwrap();
    assert_eq!(
        (finding.certainty, finding.title.as_str()),
        (Certainty::Certain, "docker-credential-desktop is not on PATH")
    );
    assert!(finding.fix[0].text.contains("WSL"), "{finding:?}");
    assert_eq!(commands(&finding), ["docker login registry.example.com"]);
    let public_image = docker(public(REFERENCE), helper("ecr-login", HelperOutcome::NotFound));
    let finding = public_image.finding("credential-helper-missing").unwrap();
    assert_eq!((finding.severity, finding.certainty), (Severity::Error, Certainty::Likely));
    for (outcome, words) in [
        (HelperOutcome::TimedOut(10), "does not answer"),
        (HelperOutcome::Failed { status: Some(1), printed: 5 }, "docker-credential-x fails"),
        (HelperOutcome::NameRefused, "cannot be run"),
    ] {
        let finding = docker(missed(REFERENCE), helper("x", outcome)).finding("credential-helper-missing").unwrap();
        assert!(finding.title.contains(words), "{finding:?}");
    }
    assert!(
        docker(missed(REFERENCE), helper("x", HelperOutcome::HasNone)).finding("credential-helper-missing").is_none()
    );
}

/// docker/hub-feedback#1484.
#[test]
fn credential_under_another_key_is_named() {
    let hub = "https://index.docker.io/v1/";
    let scene = docker(missed("alpine"), vec![near("docker.io", NearMiss::HubAlias(hub.to_owned().into()))]);
    assert_eq!(scene.verdict(), (vec!["credential-under-wrong-key"], 12));
    let finding = scene.finding("credential-under-wrong-key").unwrap();
    assert!(finding.cause.contains(hub), "{finding:?}");
    assert_eq!(commands(&finding), ["docker login"]);
    let port = docker(missed("r.test:5000/a"), vec![near("r.test", NearMiss::Port)]);
    assert_eq!(commands(&port.finding("credential-under-wrong-key").unwrap()), ["docker login r.test:5000"]);
    // An image that is served anonymously does not need it.
    assert!(
        docker(public("alpine"), vec![near("docker.io", NearMiss::HubAlias(hub.to_owned().into()))])
            .finding("credential-under-wrong-key")
            .is_none()
    );
}

#[test]
fn damaged_credential_is_named_if_it_affects_the_pull() {
    let unusable = vec![Seen::Damaged { key: key(), damage: Damage::NotBase64 }];
    let scene = docker(missed(REFERENCE), unusable.clone());
    assert_eq!(scene.verdict(), (vec!["credential-bytes-damaged"], 12));
    let warned = docker(public(REFERENCE), unusable).finding("credential-bytes-damaged").unwrap();
    assert_eq!(warned.severity, Severity::Warning);
    // fluxcd/source-controller#193: a line break after the password.
    let broken = Seen::Entry { key: key(), form: CredentialForm::Password, damage: vec![Damage::LineBreak] };
    let rejected = scene_rejected(vec![broken.clone()]);
    let finding = rejected.finding("credential-bytes-damaged").unwrap();
    assert!(finding.cause.contains("line break") && finding.certainty == Certainty::Likely, "{finding:?}");
    assert!(docker(public(REFERENCE), vec![broken]).finding("credential-bytes-damaged").is_none());
    let others = docker(public(REFERENCE), vec![Seen::OthersDamaged(2), no_entry(3)]);
    assert_eq!(others.finding("credential-bytes-damaged").unwrap().severity, Severity::Warning);
}

fn scene_rejected(seen: Vec<Seen>) -> Scene {
    let scene = scene(REFERENCE).challenged("Basic", REALM, Outcome::Rejected).to(&["all"], &refused(401, DENIED));
    docker(scene, seen)
}

#[test]
fn credential_of_another_user_is_reported() {
    let of = |why| vec![Seen::Elsewhere { key: key(), why }];
    let scene = docker(missed(REFERENCE), of(Elsewhere::SudoUser(Untrusted::from("alice"))));
    assert_eq!(scene.verdict(), (vec!["login-required", "other-users-config"], 12));
    let finding = scene.finding("other-users-config").unwrap();
    assert!(finding.cause.contains("alice") && finding.severity == Severity::Warning, "{finding:?}");
    let variable = docker(missed(REFERENCE), of(Elsewhere::Variable("DOCKER_CONFIG".into())));
    assert!(variable.finding("other-users-config").unwrap().fix[0].text.contains("Unset DOCKER_CONFIG"));
    assert!(
        docker(public(REFERENCE), of(Elsewhere::Variable("DOCKER_CONFIG".into())))
            .finding("other-users-config")
            .is_none()
    );
}

/// kubernetes#110476 and the guides: the faults of a pull secret.
#[test]
fn faulty_pull_secret_has_a_rule_for_each_fault() {
    let cases: Vec<(&str, Vec<Seen>)> = vec![
        ("pull-secret-wrong-host", vec![near("registry.example.com:5000", NearMiss::Port)]),
        ("pull-secret-wrong-host", vec![no_entry(2)]),
        (
            "pull-secret-has-no-credential",
            vec![Seen::StoreNotHeeded { helper: "desktop".into() }, Seen::Empty { key: key() }],
        ),
        ("pull-secret-has-no-credential", vec![no_entry(0)]),
        ("pull-secret-malformed", vec![Seen::PullSecret(PullSecretFault::TwiceEncoded)]),
        ("pull-secret-malformed", vec![Seen::PullSecret(PullSecretFault::WrongType("Opaque".into()))]),
        ("pull-secret-malformed", vec![Seen::Damaged { key: key(), damage: Damage::NoColon }]),
        ("pull-secret-not-found", vec![Seen::PullSecret(PullSecretFault::OnlyNames(vec!["regcred".into()]))]),
        ("pull-secret-not-found", vec![Seen::PullSecret(PullSecretFault::NoSecret(Vec::new()))]),
    ];
    for (rule, seen) in cases {
        let private = kubelet(missed(REFERENCE), seen.clone());
        let (rules, status) = private.verdict();
        assert_eq!((rules[0], status), (rule, 12), "{seen:?}: {rules:?}");
        let finding = kubelet(public(REFERENCE), seen.clone()).finding(rule).expect(rule);
        assert_eq!(finding.severity, Severity::Warning, "{seen:?}");
    }
    let named = kubelet(missed(REFERENCE), vec![Seen::PullSecret(PullSecretFault::OnlyNames(vec!["regcred".into()]))]);
    assert_eq!(commands(&named.finding("pull-secret-not-found").unwrap()), ["kubectl get secret regcred -o yaml"]);
    let hostile = kubelet(missed(REFERENCE), vec![Seen::PullSecret(PullSecretFault::OnlyNames(vec!["$(x)".into()]))]);
    assert_eq!(commands(&hostile.finding("pull-secret-not-found").unwrap()), ["kubectl get secret NAME -o yaml"]);
}

/// A public image with an old login: the command is that of the client whose file has the login.
#[test]
fn logout_command_fits_the_client_that_stored_the_login() {
    let entry = || Seen::Entry { key: "ghcr.io/acme".into(), form: CredentialForm::Password, damage: Vec::new() };
    let of = |because, reader| {
        let scene = scene("ghcr.io/acme/api:1").challenged("Bearer", REALM, Outcome::TokenRefused);
        let scene = scene.to(&["all"], &refused(401, DENIED)).token(&refused(403, DENIED)).diagnosed();
        let scene = scene.trail(because, reader, vec![entry()]);
        let scene = scene.told(Query::Anonymous, &[served(media_type::OCI_MANIFEST, OCI_IMAGE)]);
        scene.finding("stale-credential-breaks-public-pull").unwrap()
    };
    let podman = of(PlaceReason::RuntimeFolder, Reader::Containers);
    assert_eq!(commands(&podman), ["podman logout ghcr.io/acme"]);
    assert!(podman.cause.contains("~/file"), "{podman:?}");
    assert_eq!(commands(&of(PlaceReason::DockerHome, Reader::Docker)), ["docker logout ghcr.io"]);
    assert!(commands(&of(PlaceReason::PullSecretOption, Reader::Kubelet)).is_empty());
}

#[test]
fn pull_secret_is_recreated_in_its_namespace() {
    let name = PullSecretName { name: Some("regcred".to_owned()), namespace: Some("team-a".to_owned()) };
    let broken = Seen::Entry { key: key(), form: CredentialForm::Password, damage: vec![Damage::LineBreak] };
    let rejected = scene(REFERENCE).challenged("Basic", REALM, Outcome::Rejected).to(&["all"], &refused(401, DENIED));
    let mut damaged = kubelet(rejected, vec![broken]);
    damaged.record.trail.pull_secret = name.clone();
    let create = "kubectl create secret docker-registry --namespace=team-a regcred \
                  --docker-server=registry.example.com --docker-username=USER";
    let expected = ["kubectl delete secret --namespace=team-a regcred", create];
    assert_eq!(commands(&damaged.finding("credential-bytes-damaged").unwrap()), expected);

    let mut elsewhere = kubelet(missed(REFERENCE), vec![no_entry(2)]);
    elsewhere.record.trail.pull_secret = name;
    let finding = elsewhere.finding("pull-secret-wrong-host").unwrap();
    assert_eq!(commands(&finding), expected);
    assert!(finding.cause.contains("It has credentials for ghcr.io, quay.io."), "{}", finding.cause);

    let unnamed = kubelet(missed(REFERENCE), vec![no_entry(2)]).finding("pull-secret-wrong-host").unwrap();
    let command =
        "kubectl create secret docker-registry NAME --docker-server=registry.example.com --docker-username=USER";
    assert_eq!(commands(&unnamed), [command]);
}

#[test]
fn unreadable_file_explains_a_missing_credential() {
    let not_json = || Seen::Unusable("it is not JSON, at line 1, column 9".to_owned());
    let forbidden = || Seen::Unreadable("Permission denied".to_owned());
    for (seen, words, fix) in [
        (not_json(), "~/file cannot be used: it is not JSON", "docker login registry.example.com"),
        (
            Seen::Unusable("it is longer than 1 MiB".to_owned()),
            "longer than 1 MiB",
            "docker login registry.example.com",
        ),
        (forbidden(), "~/file cannot be read: Permission denied", ""),
    ] {
        let scene = docker(missed(REFERENCE), vec![seen]);
        assert_eq!(scene.verdict(), (vec!["credential-file-unusable"], 12), "{words}");
        let finding = scene.finding("credential-file-unusable").unwrap();
        assert!(finding.cause.contains(words), "{}", finding.cause);
        assert_eq!(commands(&finding).first().copied().unwrap_or_default(), fix);
    }
    let podman = missed(REFERENCE).trail(PlaceReason::RuntimeFolder, Reader::Containers, vec![not_json()]);
    assert_eq!(commands(&podman.finding("credential-file-unusable").unwrap()), ["podman login registry.example.com"]);
}

#[test]
fn unreadable_file_does_not_affect_a_public_image() {
    let damaged = || vec![Seen::Unusable("it is not JSON".to_owned())];
    assert!(docker(public(REFERENCE), damaged()).finding("credential-file-unusable").is_none());
    for seen in [vec![no_entry(0)], vec![no_entry(2)], vec![Seen::NotThere]] {
        let scene = docker(missed(REFERENCE), seen);
        assert_eq!(scene.verdict(), (vec!["login-required"], 12));
    }
}

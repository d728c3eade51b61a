//! Images that are requested from the wrong place.

mod moved;

use crate::diagnosis::Certainty;
use crate::diagnosis::testing::{Canned, DOCKER_IMAGE, OCI_IMAGE, Scene, UNKNOWN, refused, scene, served};
use crate::evidence::{Outcome, Query};
use crate::oci::{Reference, media_type};

/// Docker Hub for a repository that it does not confirm (containers/image docker/errors_test.go).
const UNAUTHORIZED: &str = r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":[{"Type":"repository","Class":"","Name":"library/this-does-not-exist","Action":"pull"}]}]}"#;
/// Harbor for a missing repository.
const NO_REPOSITORY: &str = r#"{"errors":[{"code":"NOT_FOUND","message":"repository dockerhub/alpine not found"}]}"#;
/// CNCF distribution as a cache of Docker Hub (distribution/distribution-library-image#146).
const CACHE_FAILED: &str = r#"{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"},{"code":"UNAUTHORIZED","message":"authentication required","detail":[{"Action":"pull","Class":"","Name":"openjdk","Type":"repository"}]}]}}]}"#;

fn there() -> Canned {
    served(media_type::OCI_MANIFEST, OCI_IMAGE)
}

/// A registry that issues a token and then rejects it, for private repositories and for missing ones.
fn masked(reference: &str) -> Scene {
    let challenge = "Bearer realm=\"https://auth.docker.io/token\",error=\"insufficient_scope\"";
    let refusal = refused(401, UNAUTHORIZED).header("www-authenticate", challenge);
    scene(reference)
        .diagnosed()
        .challenged("Bearer", "https://auth.docker.io/token", Outcome::Rejected)
        .token(&refused(200, "{}"))
        .to(&["all"], &refusal)
}

fn missing(reference: &str) -> Scene {
    scene(reference).diagnosed().others(&refused(404, UNKNOWN))
}

/// The answer for another image.
fn at(scene: Scene, reference: &str, reply: &Canned) -> Scene {
    scene.told(Query::Elsewhere(Reference::parse(reference).unwrap()), std::slice::from_ref(reply))
}

fn first(scene: &Scene) -> (&'static str, u8) {
    let (rules, status) = scene.verdict();
    (rules.first().copied().unwrap_or_default(), status)
}

/// goharbor/harbor#13733: a short name that is complete for Docker is not for a proxy project of Docker Hub.
#[test]
fn proxy_project_of_docker_hub_needs_the_library_prefix() {
    let scene = |answer: &Canned| {
        let scene = scene("harbor.example/dockerhub/alpine:3").diagnosed().others(&refused(404, NO_REPOSITORY));
        scene.told(Query::Tags, &[refused(404, NO_REPOSITORY)]).in_repository("dockerhub/library/alpine", answer)
    };
    let with = scene(&there());
    assert_eq!(with.verdict(), (vec!["library-prefix-missing"], 10));
    let finding = with.finding("library-prefix-missing").unwrap();
    assert_eq!((finding.certainty, finding.evidence.len()), (Certainty::Certain, 2));
    let command = "ociscope diagnose harbor.example/dockerhub/library/alpine:3";
    assert_eq!(finding.fix[0].command.as_deref(), Some(command));
    let without = scene(&refused(404, NO_REPOSITORY));
    assert_eq!(without.verdict(), (vec!["repository-not-found"], 10));
}

/// Docker Hub by curl's address: only Docker adds library/.
#[test]
fn short_name_in_an_address_is_refused_by_docker_hub() {
    let address = "https://registry-1.docker.io/v2/alpine/manifests/3";
    let image = served(media_type::DOCKER_V2, DOCKER_IMAGE);
    let asked = || scene(address).diagnosed().others(&image);
    let refuses = asked().in_repository("alpine", &refused(401, UNAUTHORIZED).by_head());
    assert_eq!(first(&refuses), ("library-prefix-missing", 10));
    let finding = refuses.finding("library-prefix-missing").unwrap();
    assert!(finding.fix[0].text.ends_with("/v2/library/alpine/manifests/3"), "{finding:?}");
    let serves = asked().in_repository("alpine", &image.clone().by_head());
    assert!(serves.finding("library-prefix-missing").is_none());
    let short = scene("alpine:3").diagnosed().others(&image);
    assert!(short.finding("library-prefix-missing").is_none());
}

#[test]
fn cache_reports_the_refusal_of_docker_hub_as_its_own_failure() {
    let cache = scene("cache.example:5000/openjdk:17").diagnosed().others(&refused(500, CACHE_FAILED));
    let scene = cache.in_repository("library/openjdk", &there());
    assert_eq!(scene.verdict(), (vec!["library-prefix-missing"], 10));
}

/// The other places to ask, without the control request for a nonexistent repository.
fn other_places(scene: &Scene) -> Vec<String> {
    let questions = scene.judge().questions.into_iter();
    let places = questions.filter_map(|question| match question {
        Query::Elsewhere(other) => Some(other.to_string()),
        _ => None,
    });
    places.filter(|place| !place.contains("ociscope-no-such-repository")).collect()
}

/// If the repository has tags, only the tag is missing. GitHub and others do not proxy another registry.
#[test]
fn existing_repository_needs_no_library_prefix() {
    let there = missing("r.example.com/demo/app:1").tags(&["2"]);
    assert_eq!(there.verdict(), (vec!["tag-not-found"], 10));
    assert_eq!(other_places(&there), [""; 0]);
    assert_eq!(other_places(&masked("ghcr.io/owner/app:1")), [""; 0]);
}

/// kubernetes/website#14257. T05: the 401 does not mention the password; T09: the token grants nothing.
#[test]
fn unqualified_name_that_is_not_official_is_not_on_docker_hub() {
    let control = "docker.io/library/alpine:latest";
    let scene = at(masked("controller:latest"), control, &there().by_head());
    assert_eq!(scene.verdict(), (vec!["local-image-looked-up-on-hub"], 10));
    let finding = scene.finding("local-image-looked-up-on-hub").unwrap();
    assert_eq!((finding.certainty, finding.evidence.len()), (Certainty::Certain, 2));
    assert!(finding.title.ends_with("no official image controller"), "{finding:?}");
    // Docker Hub refuses everything: then the name is not the cause.
    let refuses_all = at(masked("controller:latest"), control, &refused(401, UNAUTHORIZED));
    assert_eq!(first(&refuses_all), ("existence-masked", 12));
    // A written namespace does not mean a local image.
    for written in ["docker.io/library/this-does-not-exist", "someone/controller"] {
        let scene = masked(written);
        assert_eq!(first(&scene), ("existence-masked", 12), "{written}");
        assert_eq!(other_places(&scene), [""; 0], "{written}");
    }
}

#[test]
fn host_without_a_repository_is_a_name_on_docker_hub() {
    let scene = at(masked("ghcr.example.com:1.0"), "docker.io/library/alpine:latest", &there());
    let finding = scene.finding("local-image-looked-up-on-hub").unwrap();
    assert!(finding.fix[0].text.contains("If ghcr.example.com is the registry"), "{finding:?}");
}

/// Amazon ECR's message (actions/starter-workflows#2647). T42: no repository needs to be created.
#[test]
fn host_in_the_repository_name_is_redundant() {
    let body = r#"{"errors":[{"code":"NAME_UNKNOWN","message":"The repository with name 'public.ecr.aws/a1e6v7a9/app' does not exist in the registry with id '123456789012'"}]}"#;
    let reference = "123456789012.dkr.ecr.us-east-1.amazonaws.com/public.ecr.aws/a1e6v7a9/app:1";
    let ecr = || scene(reference).diagnosed().with_credentials().others(&refused(404, body));
    let likely = ecr().in_repository("a1e6v7a9/app", &refused(404, body));
    assert_eq!(likely.verdict(), (vec!["host-duplicated-in-repository"], 10));
    assert_eq!(likely.finding("host-duplicated-in-repository").unwrap().certainty, Certainty::Likely);
    let certain = ecr().in_repository("a1e6v7a9/app", &there());
    assert_eq!(certain.finding("host-duplicated-in-repository").unwrap().certainty, Certainty::Certain);
}

/// crazy-max/diun#660: a tool that does not know hosts asks Docker Hub for the whole name.
#[test]
fn docker_hub_has_no_repositories_of_other_registries() {
    let scene = masked("docker.io/ghcr.io/owner/app:1").in_repository("owner/app", &refused(401, UNAUTHORIZED));
    let scene = at(scene, "ghcr.io/owner/app:1", &there());
    assert_eq!(scene.verdict(), (vec!["host-duplicated-in-repository"], 10));
    let finding = scene.finding("host-duplicated-in-repository").unwrap();
    assert_eq!(finding.fix[0].command.as_deref(), Some("ociscope diagnose ghcr.io/owner/app:1"));
}

/// Caches have hosts in their repositories by design.
#[test]
fn cache_with_hosts_in_its_repository_names_is_correct() {
    let scene = missing("cache.example.com/ghcr.io/owner/app:1").tags(&["2"]);
    let scene = scene.in_repository("owner/app", &refused(404, UNKNOWN));
    assert_eq!(scene.verdict(), (vec!["tag-not-found"], 10));
}

/// A wrong password is rejected with 401 too, and no other place is asked with it.
#[test]
fn rejected_password_is_not_a_wrong_place() {
    let scene = scene("bitnami/redis:7.2.4")
        .diagnosed()
        .with_credentials()
        .challenged("Bearer", "https://auth.docker.io/token", Outcome::TokenRefused)
        .token(&refused(401, r#"{"details":"incorrect username or password"}"#))
        .to(&["all"], &refused(401, UNAUTHORIZED));
    assert_eq!(first(&scene), ("bad-credentials", 12));
    assert_eq!(other_places(&scene), [""; 0]);
}

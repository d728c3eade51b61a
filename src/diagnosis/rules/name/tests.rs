//! Repositories, tags and digests that do not exist.

use crate::diagnosis::testing::{Canned, OCI_IMAGE, Scene, UNKNOWN, answer, digest_of, refused, scene, served};
use crate::diagnosis::{Certainty, Severity};
use crate::evidence::Query;
use crate::oci::{Reference, media_type};

/// The answer of CNCF distribution to `tags/list` of a missing repository.
const NAME_UNKNOWN: &str = r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry","detail":{"name":"demo/app"}}]}"#;

/// A diagnosis of a reference that no client is served.
fn missing(reference: &str) -> Scene {
    scene(reference).diagnosed().others(&refused(404, UNKNOWN))
}

/// Answers a request for another tag of the same repository.
fn at_tag(scene: Scene, reference: &str, tag: &str, reply: &Canned) -> Scene {
    let other = Reference::parse(reference).unwrap().with_tag(tag).unwrap();
    scene.told(Query::Elsewhere(other), std::slice::from_ref(reply))
}

#[test]
fn repository_unknown_to_the_registry_is_certain() {
    let ecr = r#"{"errors":[{"code":"NAME_UNKNOWN","message":"The repository with name 'public.ecr.aws/a/r' does not exist in the registry with id '123'"}]}"#;
    let harbor = r#"{"errors":[{"code":"NOT_FOUND","message":"repository a/b not found"}]}"#;
    for body in [ecr, harbor] {
        let scene = scene("r.example.com/public.ecr.aws/a:1").others(&refused(404, body));
        assert_eq!(scene.verdict(), (vec!["repository-not-found"], 10), "{body}");
        let finding = scene.finding("repository-not-found").unwrap();
        assert_eq!(finding.certainty, Certainty::Certain);
        assert!(finding.fix[1].text.contains("written twice"), "{finding:?}");
    }
}

/// CNCF distribution answers alike for a missing tag and a missing repository.
#[test]
fn missing_tag_without_a_list_is_likely() {
    let scene = scene("r.example.com/demo/app:1.2.3").others(&refused(404, UNKNOWN));
    assert_eq!(scene.verdict(), (vec!["tag-not-found"], 10));
    let finding = scene.finding("tag-not-found").unwrap();
    assert_eq!(finding.certainty, Certainty::Likely);
    assert!(finding.fix[0].text.contains("v1.2.3"), "{finding:?}");
}

#[test]
fn default_tag_that_is_missing_asks_for_a_tag() {
    let scene = scene("r.example.com/demo/app").others(&refused(404, UNKNOWN));
    assert!(scene.finding("tag-not-found").unwrap().fix[0].text.contains("Give a tag"));
}

#[test]
fn expired_tag_is_certain() {
    let body = r#"{"errors":[{"code":"TAG_EXPIRED","detail":{},"message":"Tag v1 was deleted or has expired. To pull, revive via time machine"}]}"#;
    let scene = scene("quay.io/demo/app:v1").others(&refused(404, body));
    assert_eq!(scene.verdict(), (vec!["tag-not-found"], 10));
    assert_eq!(scene.finding("tag-not-found").unwrap().certainty, Certainty::Certain);
}

/// T01, T02: a tag served to one client exists for all.
#[test]
fn tag_served_to_one_variant_is_not_missing() {
    let scene = scene("r.example.com/demo/app:1")
        .to(&["oci-manifest"], &served(media_type::OCI_MANIFEST, OCI_IMAGE))
        .others(&refused(404, UNKNOWN));
    assert!(scene.finding("tag-not-found").is_none());
    assert_eq!(scene.verdict().1, 11);
}

#[test]
fn likely_not_a_registry_is_not_reported_as_a_missing_tag() {
    let scene = scene("r.example.com/demo/app:1").others(&answer(404, "text/plain", "404 page not found\n"));
    assert_eq!(scene.verdict(), (vec!["wrong-vhost-or-port"], 15));
}

#[test]
fn tag_next_to_a_digest_is_ignored() {
    let pinned = format!("r.example.com/demo/app:1@sha256:{}", "0".repeat(64));
    let scene = scene(&pinned).others(&refused(404, UNKNOWN));
    assert_eq!(scene.verdict(), (vec!["pinned-digest-gone"], 10));
}

/// CNCF distribution returns NAME_UNKNOWN only for `tags/list`.
#[test]
fn repository_unknown_to_the_tag_list_is_missing() {
    let scene = missing("r.example.com/demo/app:1").told(Query::Tags, &[refused(404, NAME_UNKNOWN)]);
    assert_eq!(scene.verdict(), (vec!["repository-not-found"], 10));
    let finding = scene.finding("repository-not-found").unwrap();
    assert_eq!(finding.certainty, Certainty::Certain);
    assert_eq!(finding.evidence.len(), 2);
}

/// GitLab answers alike for private repositories.
#[test]
fn tag_list_of_a_masking_registry_does_not_prove_absence() {
    let scene = missing("registry.gitlab.com/demo/app:1").told(Query::Tags, &[refused(404, NAME_UNKNOWN)]);
    assert_eq!(scene.verdict(), (vec!["tag-not-found", "listing-not-allowed"], 10));
    assert_eq!(scene.finding("tag-not-found").unwrap().certainty, Certainty::Likely);
}

#[test]
fn tag_missing_from_the_complete_list_is_certain_and_close_tags_are_suggested() {
    let scene = missing("r.example.com/demo/app:1.25").tags(&["1.24", "1.25.1", "latest", "sha256-0a.sig"]);
    assert_eq!(scene.verdict(), (vec!["tag-not-found"], 10));
    let finding = scene.finding("tag-not-found").unwrap();
    assert_eq!(finding.certainty, Certainty::Certain);
    assert!(finding.cause.contains("1.24 and 1.25.1"), "{finding:?}");
    assert_eq!(finding.fix[0].command.as_deref(), Some("ociscope diagnose r.example.com/demo/app:1.24"));
}

/// T38: tags are case-sensitive, and the same tag in another case is the closest.
#[test]
fn tag_in_another_letter_case_is_suggested() {
    let finding = missing("r.example.com/demo/app:Stable").tags(&["stable", "edge"]).finding("tag-not-found").unwrap();
    assert_eq!(finding.fix[0].command.as_deref(), Some("ociscope diagnose r.example.com/demo/app:stable"));
}

#[test]
fn repository_without_tags_is_reported_as_such() {
    let finding = missing("r.example.com/demo/app:1").tags(&[]).finding("tag-not-found").unwrap();
    assert!(finding.cause.contains("no tags at all"), "{finding:?}");
}

/// T04: Quay ends pages at 50, and not every registry announces the next page.
#[test]
fn tag_list_that_may_continue_does_not_prove_absence() {
    let fifty: Vec<String> = (0..50).map(|number| format!("build-{number}")).collect();
    let fifty: Vec<&str> = fifty.iter().map(String::as_str).collect();
    let scene = missing("r.example.com/demo/app:1.0").tags(&fifty);
    assert_eq!(scene.verdict(), (vec!["tag-not-found", "tag-list-truncated"], 10));
    assert_eq!(scene.finding("tag-not-found").unwrap().certainty, Certainty::Likely);
    let link = r#"</v2/demo/app/tags/list?last=b&n=1>; rel="next""#;
    let page = answer(200, "application/json", r#"{"tags":["a","b"]}"#).header("link", link);
    let scene = missing("r.example.com/demo/app:1.0").told(Query::Tags, &[page]);
    let finding = scene.finding("tag-list-truncated").unwrap();
    assert_eq!((finding.severity, finding.certainty), (Severity::Warning, Certainty::Certain));
    assert_eq!(finding.evidence[0].quote.as_str(), link);
    assert!(missing("r.example.com/demo/app:1.0").tags(&fifty[..49]).finding("tag-list-truncated").is_none());
}

/// The message of Amazon ECR Public before it had tag lists (containers/image docker/errors_test.go).
#[test]
fn refused_tag_list_leaves_the_missing_tag_likely() {
    let no_list = refused(404, r#"{"errors":[{"code":"NOT_FOUND","message":"404 page not found"}]}"#);
    for list in [no_list, refused(401, ""), refused(403, "")] {
        let scene = missing("r.example.com/demo/app:1").told(Query::Tags, &[list]);
        assert_eq!(scene.verdict(), (vec!["tag-not-found", "listing-not-allowed"], 10));
        assert_eq!(scene.finding("tag-not-found").unwrap().certainty, Certainty::Likely);
    }
    let there = scene("r.example.com/demo/app:1").diagnosed().others(&served(media_type::OCI_MANIFEST, OCI_IMAGE));
    assert!(there.finding("listing-not-allowed").is_none());
}

#[test]
fn missing_default_tag_suggests_the_newest_versions() {
    let tags = ["0.9", "1.2", "1.10", "1.11", "1.11-alpine", "1.12-rc1", "main"];
    let scene = missing("r.example.com/demo/app").tags(&tags);
    assert_eq!(scene.verdict(), (vec!["no-latest-tag"], 10));
    let finding = scene.finding("no-latest-tag").unwrap();
    assert_eq!(finding.certainty, Certainty::Certain);
    assert!(finding.cause.contains("1.11, 1.10, 1.2, 0.9 and 1.11-alpine"), "{finding:?}");
    assert_eq!(finding.fix[0].command.as_deref(), Some("ociscope diagnose r.example.com/demo/app:1.11"));
    // An explicit latest is a given tag.
    let explicit = missing("r.example.com/demo/app:latest").tags(&tags);
    assert_eq!(explicit.verdict(), (vec!["tag-not-found"], 10));
    assert!(explicit.finding("tag-not-found").unwrap().cause.contains("newest by version"));
}

/// Yeraze/meshmonitor#601: the release is v2.17.8, and the image is tagged 2.17.8.
#[test]
fn same_version_without_the_v_prefix_is_found_and_requested() {
    let reference = "ghcr.io/example/mesh-monitor:v2.17.8";
    let listed = || missing(reference).tags(&["2.17.7", "2.17.8", "latest"]);
    let scene = at_tag(listed(), reference, "2.17.8", &served(media_type::OCI_MANIFEST, OCI_IMAGE));
    assert_eq!(scene.verdict(), (vec!["tag-v-prefix"], 10));
    let finding = scene.finding("tag-v-prefix").unwrap();
    assert_eq!((finding.certainty, finding.evidence.len()), (Certainty::Certain, 3));
    assert_eq!(finding.fix[0].command.as_deref(), Some("ociscope diagnose ghcr.io/example/mesh-monitor:2.17.8"));
    // T03: a listed tag need not have a manifest.
    let gone = at_tag(listed(), reference, "2.17.8", &refused(404, UNKNOWN));
    assert_eq!(gone.verdict(), (vec!["tag-not-found"], 10));
    let other = Reference::parse("ghcr.io/example/mesh-monitor:2.17.8").unwrap();
    assert!(listed().judge().questions.iter().any(|question| match question {
        Query::Elsewhere(asked) => asked.to_string() == other.to_string(),
        _ => false,
    }));
}

/// distribution/distribution#1755.
#[test]
fn listed_tag_without_a_manifest_is_reported_as_gone() {
    let scene = missing("r.example.com/demo/app:1.0").tags(&["1.0", "1.1"]);
    assert_eq!(scene.verdict(), (vec!["tag-listed-but-gone"], 10));
    assert_eq!(scene.finding("tag-listed-but-gone").unwrap().certainty, Certainty::Certain);
    // T01: a tag served to one client exists.
    let hidden = scene_of_a_hidden_manifest().tags(&["1.0"]);
    assert!(hidden.finding("tag-listed-but-gone").is_none());
}

fn scene_of_a_hidden_manifest() -> Scene {
    scene("r.example.com/demo/app:1.0")
        .diagnosed()
        .to(&["oci-manifest"], &served(media_type::OCI_MANIFEST, OCI_IMAGE))
        .others(&refused(404, UNKNOWN))
}

#[test]
fn missing_pinned_digest_suggests_the_current_digest_of_the_tag() {
    let gone = digest_of("gone");
    let reference = format!("r.example.com/demo/app:1.0@{gone}");
    let scene = missing(&reference).blob(&refused(404, "")).tags(&["1.0"]);
    let scene = at_tag(scene, &reference, "1.0", &served(media_type::OCI_MANIFEST, OCI_IMAGE));
    assert_eq!(scene.verdict(), (vec!["pinned-digest-gone"], 10));
    let finding = scene.finding("pinned-digest-gone").unwrap();
    assert_eq!(finding.certainty, Certainty::Certain);
    let command = format!("ociscope diagnose r.example.com/demo/app:1.0@{}", digest_of(OCI_IMAGE));
    assert_eq!(finding.fix[0].command.as_deref(), Some(command.as_str()));
}

#[test]
fn pinned_digest_in_a_missing_repository_is_reported_as_the_repository() {
    let reference = format!("r.example.com/demo/app@{}", digest_of("gone"));
    let there = || missing(&reference).blob(&refused(404, ""));
    let scene = there().tags(&["1.0", "2.0"]);
    assert_eq!(scene.verdict(), (vec!["pinned-digest-gone"], 10));
    let finding = scene.finding("pinned-digest-gone").unwrap();
    assert_eq!(finding.fix[0].command.as_deref(), Some("ociscope probe r.example.com/demo/app:2.0"));
    let nowhere = there().told(Query::Tags, &[refused(404, NAME_UNKNOWN)]);
    assert_eq!(nowhere.verdict(), (vec!["repository-not-found"], 10));
}

#[test]
fn probe_or_healthy_image_requests_no_tag_list() {
    let probe = scene("r.example.com/demo/app:1").others(&refused(404, UNKNOWN));
    assert_eq!(probe.judge().questions, []);
    let healthy = scene("r.example.com/demo/app:1").diagnosed().others(&served(media_type::OCI_MANIFEST, OCI_IMAGE));
    assert!(!healthy.judge().questions.contains(&Query::Tags));
}

#[test]
fn other_name_of_docker_hub_is_a_note_about_credentials() {
    let there = served(media_type::OCI_MANIFEST, OCI_IMAGE);
    let of = |reference: &str| scene(reference).diagnosed().others(&there).finding("hub-alias");
    for alias in ["index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"] {
        let finding = of(&format!("{alias}/library/alpine:3")).unwrap();
        assert_eq!(finding.severity, Severity::Info);
        assert!(finding.cause.contains("https://index.docker.io/v1/"), "{finding:?}");
        assert!(finding.fix[0].text.contains("docker.io/library/alpine:3"), "{finding:?}");
    }
    for own in ["docker.io/library/alpine:3", "alpine:3", "https://registry-1.docker.io/v2/library/alpine/manifests/3"]
    {
        assert!(of(own).is_none(), "{own}");
    }
}

/// podman-container-tools/podman#9390.
#[test]
fn short_name_is_a_note_about_other_engines() {
    let there = served(media_type::OCI_MANIFEST, OCI_IMAGE);
    let of = |reference: &str| scene(reference).diagnosed().others(&there).finding("short-name-unresolved");
    let finding = of("caddy").unwrap();
    assert_eq!((finding.severity, finding.certainty), (Severity::Info, Certainty::Likely));
    assert!(finding.fix[0].text.ends_with("docker.io/library/caddy:latest"), "{finding:?}");
    assert!(of("docker.io/library/caddy").is_none() && of("ghcr.io/owner/caddy").is_none());
    let not_there = missing("caddy").tags(&["2"]);
    assert!(not_there.finding("short-name-unresolved").is_none());
}

/// T49, google/go-containerregistry#1691.
#[test]
fn tag_refused_with_403_and_not_listed_is_likely_missing() {
    let denied = r#"{"errors":[{"code":"DENIED","message":"The client does not have permission for manifest"}]}"#;
    let of = || scene("artifactory.example/virtual/app:2.0").diagnosed().others(&refused(403, denied));
    assert_eq!(of().tags(&["1.0"]).verdict(), (vec!["tag-not-found"], 10));
    assert_eq!(of().tags(&["1.0"]).finding("tag-not-found").unwrap().certainty, Certainty::Likely);
    assert_eq!(of().tags(&["1.0", "2.0"]).verdict(), (vec!["iam-denied"], 13));
    assert_eq!(of().told(Query::Tags, &[refused(403, denied)]).verdict(), (vec!["iam-denied"], 13));
}

/// sonatype/nexus-public#639: a Nexus whose upstream credentials are rejected reports the repository as unknown.
#[test]
fn repository_missing_from_a_proxy_is_likely() {
    let unknown = |body| refused(404, body).header("server", "Nexus/3.90.2-06 (COMMUNITY)");
    let scene = scene("nexus.example:9080/foo/bar/baz:1.2").diagnosed().others(&unknown(UNKNOWN));
    let scene = scene.told(Query::Tags, &[unknown(NAME_UNKNOWN)]);
    assert_eq!(scene.verdict(), (vec!["repository-not-found"], 10));
    let finding = scene.finding("repository-not-found").unwrap();
    assert_eq!(finding.certainty, Certainty::Likely);
    assert!(finding.fix[1].text.contains("log"), "{finding:?}");
}

/// A web page proves nothing about tags, so the tag list is not requested.
#[test]
fn page_is_not_reported_as_a_missing_tag() {
    let page = answer(404, "text/html", "<html><title>Nexus Repository</title></html>");
    let scene = scene("nexus.example/demo/app:1").diagnosed().others(&page);
    assert_eq!(scene.verdict(), (vec!["html-instead-of-registry"], 15));
    assert!(!scene.judge().questions.contains(&Query::Tags));
}

/// goharbor/harbor src/server/middleware/v2auth: a 401 with the reason in the message. The message differs for a
/// private project.
#[test]
fn missing_project_is_reported_although_the_status_is_401() {
    let refusing = |message: &str| {
        let body = format!(r#"{{"errors":[{{"code":"UNAUTHORIZED","message":"{message}"}}]}}"#);
        scene("harbor.example.com/libary/app:1")
            .challenged("Bearer", "https://harbor.example.com/service/token", crate::evidence::Outcome::Rejected)
            .others(&refused(401, &body))
    };
    let missing = refusing("project libary not found: project libary not found");
    assert_eq!(missing.verdict(), (vec!["repository-not-found"], 10));
    assert!(missing.finding("repository-not-found").unwrap().title.ends_with("no project libary"));
    let private = refusing("unauthorized to access repository: libary/app, action: pull");
    assert_eq!(private.verdict(), (vec!["existence-masked"], 12));
}

/// goharbor/harbor#13153; RFC 9111 §5.1.
#[test]
fn cached_404_is_reported_instead_of_a_missing_manifest() {
    let kept = refused(404, UNKNOWN).header("age", "1800").header("x-cache", "HIT");
    let listed = |reply: &Canned| scene("r.example.com/demo/app:1").diagnosed().others(reply).tags(&["1"]);
    let again = Query::Elsewhere(Reference::parse("r.example.com/demo/app:1").unwrap());
    let stale = listed(&kept).told(again.clone(), std::slice::from_ref(&kept));
    assert_eq!(stale.verdict(), (vec!["cached-not-found"], 10));
    let finding = stale.finding("cached-not-found").unwrap();
    assert_eq!(finding.certainty, Certainty::Likely);
    assert!(finding.cause.contains("30 minutes") && finding.evidence[0].quote.as_str().contains("x-cache: HIT"));
    let asked = refused(404, UNKNOWN).header("x-cache", "MISS").header("via", "1.1 varnish");
    let gone = listed(&asked).told(again, std::slice::from_ref(&asked));
    assert_eq!(gone.verdict(), (vec!["tag-listed-but-gone"], 10));
    // The list, which no cache gave, does not have the tag either: the tag is missing, and the cache is a remark.
    let unlisted = scene("r.example.com/demo/app:1").diagnosed().others(&kept).tags(&["2"]);
    assert_eq!(unlisted.verdict(), (vec!["tag-not-found"], 10));
    assert!(unlisted.finding("tag-not-found").unwrap().cause.contains("This answer is from a cache"));
    let pinned = format!("r.example.com/demo/app@{}", digest_of("x"));
    let pinned = scene(&pinned).others(&kept).blob(&refused(404, UNKNOWN));
    assert!(pinned.finding("pinned-digest-gone").unwrap().cause.contains("This answer is from a cache"));
}

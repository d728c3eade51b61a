//! What does not exist.

use crate::diagnosis::Certainty;
use crate::diagnosis::testing::{OCI_IMAGE, UNKNOWN, answer, refused, scene, served};
use crate::oci::media_type;

#[test]
fn a_repository_that_the_registry_does_not_know_is_certain() {
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

/// CNCF distribution answers the same for a tag and for a repository that is not there.
#[test]
fn a_tag_is_only_likely_to_be_what_is_missing() {
    let scene = scene("r.example.com/demo/app:1.2.3").others(&refused(404, UNKNOWN));
    assert_eq!(scene.verdict(), (vec!["tag-not-found"], 10));
    let finding = scene.finding("tag-not-found").unwrap();
    assert_eq!(finding.certainty, Certainty::Likely);
    assert!(finding.fix[0].text.contains("v1.2.3"), "{finding:?}");
}

#[test]
fn a_tag_that_nobody_typed_is_said_to_be_one() {
    let scene = scene("r.example.com/demo/app").others(&refused(404, UNKNOWN));
    assert!(scene.finding("tag-not-found").unwrap().fix[0].text.contains("No tag was given"));
}

#[test]
fn a_tag_that_has_expired_was_there() {
    let body = r#"{"errors":[{"code":"TAG_EXPIRED","detail":{},"message":"Tag v1 was deleted or has expired. To pull, revive via time machine"}]}"#;
    let scene = scene("quay.io/demo/app:v1").others(&refused(404, body));
    assert_eq!(scene.verdict(), (vec!["tag-not-found"], 10));
    assert_eq!(scene.finding("tag-not-found").unwrap().certainty, Certainty::Certain);
}

/// T01, T02: what is served to one client exists for all.
#[test]
fn what_somebody_is_served_is_there() {
    let scene = scene("r.example.com/demo/app:1")
        .to(&["oci-manifest"], &served(media_type::OCI_MANIFEST, OCI_IMAGE))
        .others(&refused(404, UNKNOWN));
    assert!(scene.finding("tag-not-found").is_none());
    assert_eq!(scene.verdict().1, 11);
}

#[test]
fn what_is_likely_no_registry_is_not_asked_about_tags() {
    let scene = scene("r.example.com/demo/app:1").others(&answer(404, "text/plain", "404 page not found\n"));
    assert_eq!(scene.verdict(), (vec!["wrong-vhost-or-port"], 15));
}

#[test]
fn a_tag_is_no_matter_where_a_digest_decides() {
    let pinned = format!("r.example.com/demo/app:1@sha256:{}", "0".repeat(64));
    let scene = scene(&pinned).others(&refused(404, UNKNOWN));
    assert_eq!(scene.verdict(), (vec!["pinned-digest-gone"], 10));
}

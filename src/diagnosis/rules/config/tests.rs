//! Digests that are no manifest's.

use crate::diagnosis::testing::{
    DOCKER_IMAGE, OCI_IMAGE, OCI_MANIFEST_FOUND, Scene, UNKNOWN, answer, failed, index_of, refused, scene, served,
};
use crate::diagnosis::{Certainty, Question};
use crate::evidence::FailureKind;
use crate::oci::media_type;

const CONFIG: &str =
    "registry.example.com/demo/app@sha256:e201c3f4dcec1faef9adb479ca25a933e86e2c259391e81471d18c0e706a9b66";
const UNKNOWN_ERROR: &str = r#"{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":{}}]}"#;

fn distribution_2() -> Scene {
    scene(CONFIG).others(&refused(500, UNKNOWN_ERROR))
}

fn distribution_3() -> Scene {
    scene(CONFIG).others(&refused(404, UNKNOWN))
}

#[test]
fn a_500_for_a_digest_is_likely_the_digest_of_a_blob() {
    let judgement = distribution_2().judge();
    assert_eq!(judgement.exit_status().code(), 11, "{judgement:#?}");
    assert_eq!(judgement.findings[0].certainty, Certainty::Likely);
    assert!(matches!(judgement.questions[..], [Question::Blob(_)]));
    assert!(scene("r.example.com/a:b").others(&refused(500, UNKNOWN_ERROR)).judge().questions.is_empty());
}

#[test]
fn a_blob_of_that_digest_makes_it_certain() {
    let blob = answer(200, "application/octet-stream", "").header("content-length", "242");
    let redirect = answer(307, "", "");
    for scene in [distribution_2().blob(&blob), distribution_3().blob(&blob), distribution_3().blob(&redirect)] {
        assert_eq!(scene.verdict(), (vec!["digest-is-image-id"], 11));
        assert_eq!(scene.judge().findings[0].certainty, Certainty::Certain);
        assert!(scene.judge().questions.is_empty());
    }
    let long = answer(200, "application/octet-stream", "").header("content-length", "31357624");
    assert!(distribution_2().blob(&long).judge().findings[0].cause.contains("layer"));
}

/// T01, T40: without such a blob, a 404 is a digest that is gone, and a 500 a fault of the server.
#[test]
fn without_a_blob_of_that_digest_it_is_something_else() {
    let no_blob = refused(404, r#"{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown to registry"}]}"#);
    assert_eq!(distribution_3().blob(&no_blob).verdict(), (vec!["pinned-digest-gone"], 10));
    assert_eq!(distribution_2().blob(&no_blob).verdict(), (vec!["registry-failed"], 19));
    let unanswered = distribution_3().blob(&failed(FailureKind::Closed));
    assert_eq!(unanswered.verdict(), (vec!["pinned-digest-gone"], 10));
    assert_eq!(unanswered.judge().findings[0].certainty, Certainty::Likely);
}

#[test]
fn the_config_is_named_where_somebody_looked_for_it_in_a_manifest() {
    let oci = scene("r.example.com/a:b")
        .to(&["oci-manifest", "all"], &served(media_type::OCI_MANIFEST, OCI_IMAGE))
        .others(&refused(404, OCI_MANIFEST_FOUND));
    assert_eq!(oci.verdict(), (vec!["oci-manifest-not-accepted", "config-only-as-blob"], 0));
    assert!(oci.finding("config-only-as-blob").unwrap().cause.contains("sha256:e201c3f4dcec"));

    let everybody = scene("r.example.com/a:b").others(&served(media_type::DOCKER_V2, DOCKER_IMAGE));
    assert!(everybody.finding("config-only-as-blob").is_none());
    let index = index_of(media_type::OCI_INDEX, &[("sha256:a", "linux/amd64")]);
    let index =
        scene("r.example.com/a:b").to(&["all"], &served(media_type::OCI_INDEX, &index)).others(&refused(404, UNKNOWN));
    assert!(index.finding("config-only-as-blob").is_none());
}

//! The same request by both methods.

use crate::diagnosis::testing::{DOCKER_IMAGE, OCI_IMAGE, Reply, Scene, UNKNOWN, answer, refused, scene, served};
use crate::oci::media_type;

fn asked(get: &Reply, head: &Reply) -> Scene {
    scene("r.example.com/demo/app:1").to(&["all"], get).head(head)
}

fn image() -> Reply {
    served(media_type::DOCKER_V2, DOCKER_IMAGE)
}

/// T32: HEAD may fail where GET does not.
#[test]
fn what_differs_is_a_warning_and_get_decides() {
    for head in [refused(404, UNKNOWN), answer(405, "", ""), served(media_type::DOCKER_V2, OCI_IMAGE)] {
        assert_eq!(asked(&image(), &head).verdict(), (vec!["head-get-disagree"], 0), "{head:?}");
    }
    let other_type = image().header("content-type", media_type::OCI_MANIFEST);
    assert_eq!(asked(&image(), &other_type).verdict().0, ["head-get-disagree"]);
}

#[test]
fn what_changes_from_one_request_to_the_next_is_no_difference() {
    let without_digest = image().header("docker-content-digest", "");
    for (get, head) in
        [(image(), image()), (image(), without_digest), (image(), answer(401, "", "")), (refused(429, "{}"), image())]
    {
        assert!(asked(&get, &head).finding("head-get-disagree").is_none(), "{head:?}");
    }
}

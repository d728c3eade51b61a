//! HEAD and GET for the same thing.

use crate::diagnosis::Severity;
use crate::diagnosis::testing::{
    Canned, DOCKER_IMAGE, OCI_IMAGE, Scene, TestImage, UNKNOWN, answer, refused, scene, served,
};
use crate::evidence::Query;
use crate::oci::media_type;

fn asked(get: &Canned, head: &Canned) -> Scene {
    scene("r.example.com/demo/app:1").to(&["all"], get).head(head)
}

fn image() -> Canned {
    served(media_type::DOCKER_V2, DOCKER_IMAGE)
}

/// T32, containerd/containerd#6684 (403), crazy-max/diun#1614 (404), containerd/containerd#5860 (405).
#[test]
fn refused_head_with_served_get_is_a_warning() {
    for head in [refused(404, UNKNOWN), refused(403, ""), answer(405, "", "")] {
        let scene = asked(&image(), &head);
        assert_eq!(scene.verdict(), (vec!["head-not-supported"], 0), "{head:?}");
    }
    assert!(asked(&refused(404, UNKNOWN), &refused(404, UNKNOWN)).finding("head-not-supported").is_none());
}

#[test]
fn other_difference_is_a_warning_and_get_decides() {
    let other_type = image().header("content-type", media_type::OCI_MANIFEST);
    for head in [answer(500, "", ""), served(media_type::DOCKER_V2, OCI_IMAGE), other_type] {
        assert_eq!(asked(&image(), &head).verdict(), (vec!["head-get-disagree"], 0), "{head:?}");
    }
    // HEAD succeeds and GET does not, as with a policy that blocks the pull (goharbor/harbor#22650).
    let policy = r#"{"errors":[{"code":"PROJECTPOLICYVIOLATION","message":"The image is not signed by cosign."}]}"#;
    let blocked = asked(&refused(412, policy), &image());
    assert_eq!(blocked.verdict(), (vec!["blocked-by-policy", "head-get-disagree"], 13));
}

/// awslabs/amazon-ecr-credential-helper#679.
#[test]
fn bare_head_status_is_explained_by_the_get_response() {
    let expired = r#"{"errors":[{"code":"DENIED","message":"Your authorization token has expired. Reauthenticate and try again."}]}"#;
    let scene = asked(&refused(403, expired), &refused(403, expired)).with_credentials();
    assert_eq!(scene.verdict(), (vec!["expired-registry-token", "head-hid-the-reason"], 12));
    let finding = scene.finding("head-hid-the-reason").unwrap();
    assert_eq!(finding.severity, Severity::Info);
    assert!(finding.evidence[1].quote.as_str().contains("has expired"), "{finding:?}");
    let other_status = asked(&refused(403, expired), &refused(404, ""));
    assert!(other_status.finding("head-hid-the-reason").is_some());
    assert!(other_status.finding("head-get-disagree").is_none());
}

/// A 404 needs no explanation.
#[test]
fn clear_head_status_hides_nothing() {
    for (get, head) in [
        (refused(404, UNKNOWN), refused(404, UNKNOWN)),
        (refused(403, ""), refused(403, "")),
        (image(), refused(403, "")),
        (refused(429, "{}"), refused(403, "")),
    ] {
        assert!(asked(&get, &head).finding("head-hid-the-reason").is_none(), "{get:?}");
    }
}

/// cloudflare/cloudflared#500 and distribution/distribution#3848: headers that a proxy drops.
#[test]
fn missing_length_is_a_warning_and_missing_digest_a_note() {
    let without = |names: &[&str]| names.iter().fold(image(), |reply, name| reply.header(name, ""));
    let severity = |head: &Canned, get: &Canned| {
        asked(get, head).finding("head-lacks-digest-or-length").map(|finding| finding.severity)
    };
    assert_eq!(severity(&without(&["content-length"]), &image()), Some(Severity::Warning));
    assert_eq!(severity(&without(&["content-length", "docker-content-digest"]), &image()), Some(Severity::Warning));
    assert_eq!(severity(&without(&["docker-content-digest"]), &image()), Some(Severity::Info));
    // T14: a registry that never sends the digest does not hide it.
    let bare = without(&["docker-content-digest"]);
    assert_eq!(severity(&bare, &bare), None);
    assert_eq!(severity(&image(), &image()), None);
    assert_eq!(severity(&without(&["content-length"]), &refused(404, UNKNOWN)), None);
}

#[test]
fn answer_that_may_change_between_requests_is_not_a_difference() {
    let without_digest = image().header("docker-content-digest", "");
    for (get, head) in
        [(image(), image()), (image(), without_digest), (image(), answer(401, "", "")), (refused(429, "{}"), image())]
    {
        assert!(asked(&get, &head).finding("head-get-disagree").is_none(), "{head:?}");
    }
}

/// oras-project/oras-go#1176, yusing/godoxy#169.
#[test]
fn head_length_that_differs_from_the_bytes_is_an_error() {
    let length = DOCKER_IMAGE.len();
    for (announced, title) in
        [(length + 1249, "a different length"), (length - 9, "a different length"), (0, "a length of zero")]
    {
        let scene = asked(&image(), &image().header("content-length", &announced.to_string()));
        assert_eq!(scene.verdict(), (vec!["head-get-disagree"], 17), "{announced}");
        let finding = scene.finding("head-get-disagree").unwrap();
        assert!(finding.title.contains(title) && finding.cause.contains("containerd"), "{finding:?}");
        assert!(finding.cause.contains("podman, skopeo and crane"), "{finding:?}");
    }
    let chunked = image().header("content-length", "");
    assert_eq!(asked(&chunked, &image()).verdict(), (vec![], 0), "GET need not announce its length");
}

/// An encoded body has a different length, and schema 1 is signed anew for each answer.
#[test]
fn incomparable_lengths_are_not_compared() {
    let packed = image().bytes(&crate::diagnosis::testing::gzip(DOCKER_IMAGE.as_bytes()));
    let packed = packed.header("content-encoding", "gzip");
    let scene = asked(&packed, &image().header("content-encoding", "gzip").header("content-length", "7"));
    assert_eq!(scene.finding("head-get-disagree"), None);
    let only_get = asked(&packed, &image());
    assert_eq!(only_get.finding("head-get-disagree").map(|finding| finding.severity), Some(Severity::Warning));
    let signed = served(media_type::DOCKER_V1_SIGNED, crate::diagnosis::testing::DOCKER_V1);
    let scene = asked(&signed, &signed.clone().header("content-length", "7"));
    assert_eq!(scene.finding("head-get-disagree"), None);
}

/// containerd/containerd#7390.
#[test]
fn head_without_a_content_type_is_an_error() {
    let scene = asked(&image(), &image().header("content-type", ""));
    assert_eq!(scene.verdict(), (vec!["head-get-disagree"], 11));
}

/// Pull-through caches send HEAD for blobs.
#[test]
fn config_blob_is_compared_as_well() {
    let image = TestImage::of("linux/amd64");
    let blob = || answer(200, "application/octet-stream", "").bytes(&image.config);
    let of = |head: Canned| {
        let Query::Config(digest) = image.config_question() else { panic!("the question is about a config") };
        let scene = image.rest_served(image.scene().told(Query::HasBlob(digest), &[head.by_head()]));
        scene.finding("head-get-disagree").map(|finding| finding.severity)
    };
    assert_eq!(of(blob()), None);
    assert_eq!(of(blob().header("content-length", "0")), Some(Severity::Warning));
    assert_eq!(of(blob().header("content-length", "7")), Some(Severity::Warning));
    assert_eq!(of(refused(405, "")), Some(Severity::Info));
    assert_eq!(of(answer(307, "", "")), None, "HEAD does not follow the redirect to the storage");
    assert_eq!(of(refused(429, "")), None);
}

/// moby/moby#50065: the signature covers the method.
#[test]
fn head_redirected_to_a_url_signed_for_get_is_reported() {
    let own = "https://r.example.com/v2/demo/app/manifests/1";
    let signed = "https://bucket.storage.example/m?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=5ec2";
    let refused_there = answer(403, "application/xml", "").from(signed).after(&[own]);
    let finding = asked(&image(), &refused_there).finding("head-not-supported").unwrap();
    assert!(finding.title.contains("signed for GET") && finding.fix[0].text.contains("answer HEAD"), "{finding:?}");
    let plain = answer(403, "", "").from("https://bucket.storage.example/m").after(&[own]);
    assert!(!asked(&image(), &plain).finding("head-not-supported").unwrap().title.contains("signed"));
}

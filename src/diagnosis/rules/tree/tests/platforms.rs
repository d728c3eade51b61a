//! The meaning of an index's platforms, digests and attestations for the client that pulls.

use super::index;
use crate::diagnosis::Severity;
use crate::diagnosis::testing::{
    OCI_IMAGE, OCI_INDEX_FOUND, Scene, TestImage, digest_of, index_of, refused, scene, served,
};
use crate::evidence::{Method, Query};
use crate::oci::{Reference, media_type};

/// docker/kitematic#3610: an engine that is switched to the other kind of containers.
#[test]
fn windows_and_linux_do_not_run_each_other_s_images() {
    let linux = [("sha256:a", "linux/amd64"), ("sha256:c", "unknown/unknown")];
    let on_windows = index(&linux, "windows/amd64");
    assert_eq!(on_windows.verdict(), (vec!["windows-os-version"], 18));
    assert!(on_windows.finding("windows-os-version").unwrap().fix[0].text.contains("Linux containers"));
    let windows = index(&[("sha256:a", "windows/amd64")], "linux/amd64");
    assert_eq!(windows.verdict(), (vec!["platform-not-in-index"], 18));
    let both = [("sha256:a", "linux/arm64"), ("sha256:b", "windows/amd64")];
    assert_eq!(index(&both, "linux/amd64").verdict(), (vec!["platform-not-in-index"], 18));
    assert_eq!(index(&both, "windows/arm64").verdict(), (vec!["platform-not-in-index"], 18));
    assert_eq!(index(&both, "windows/amd64").verdict(), (vec![], 0));
}

/// The build of the pulling machine is unknown here, so builds are listed and not judged.
#[test]
fn windows_builds_are_listed_as_a_note() {
    let body = index_of(media_type::DOCKER_LIST, &[("sha256:a", "windows/amd64")])
        .replace(r#""os":"windows""#, r#""os":"windows","os.version":"10.0.17763.7314""#);
    let mut scene = scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::DOCKER_LIST, &body));
    scene.record.platform = "windows/amd64".parse().unwrap();
    assert_eq!(scene.verdict(), (vec!["windows-os-version"], 0));
    let finding = scene.finding("windows-os-version").unwrap();
    assert_eq!(finding.severity, Severity::Info);
    assert!(finding.cause.contains("10.0.17763.7314"), "{finding:?}");
}

/// A single image with this config, wanted for linux/arm64.
fn single(image: &TestImage) -> Scene {
    let mut scene = image.rest_served(image.scene());
    scene.record.platform = "linux/arm64".parse().unwrap();
    scene
}

/// Red5d/docker-autocompose#27.
#[test]
fn single_image_for_another_platform_is_a_warning() {
    let scene = single(&TestImage::of("linux/amd64"));
    assert_eq!(scene.verdict(), (vec!["single-arch-image-wrong-arch"], 0));
    let finding = scene.finding("single-arch-image-wrong-arch").unwrap();
    assert_eq!(finding.title, "the image is for linux/amd64 only, not for linux/arm64");
    assert_eq!(single(&TestImage::of("linux/arm64")).verdict(), (vec![], 0));
    assert_eq!(single(&TestImage::of("linux/aarch64")).verdict(), (vec![], 0));
    let windows = single(&TestImage::of("windows/amd64")).finding("single-arch-image-wrong-arch").unwrap();
    assert!(windows.cause.contains("Docker rejects it") && windows.fix.len() == 1, "{windows:?}");
}

/// moby v28.5.2, distribution/config.go: image operating system "windows" cannot be used on this platform.
#[test]
fn single_image_for_another_operating_system_is_an_error() {
    for built in ["windows/amd64", "windows/arm64", "freebsd/arm64", "darwin/arm64", "Windows/arm64"] {
        let scene = single(&TestImage::of(built));
        assert_eq!(scene.verdict(), (vec!["single-arch-image-wrong-arch"], 18), "{built}");
    }
    for built in ["linux/amd64", "linux/arm", "linux/riscv64"] {
        assert_eq!(single(&TestImage::of(built)).verdict(), (vec!["single-arch-image-wrong-arch"], 0), "{built}");
    }
}

/// containerd v2.1.0, core/images/image.go: the config decides for an entry without a platform.
#[test]
fn unnamed_entry_for_another_platform_is_an_error() {
    let listed = |built: &str, wanted: &str| {
        let image = TestImage::of(built);
        let manifest = image.manifest();
        let index = index_of(media_type::OCI_INDEX, &[(&digest_of(&manifest).to_string(), "linux/amd64")]);
        let index = index.replace(r#","platform":{"os":"linux","architecture":"amd64"}"#, "");
        let index = index.replace("522", &manifest.len().to_string());
        let mut scene = scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::OCI_INDEX, &index));
        scene.record.platform = wanted.parse().unwrap();
        let child = served(media_type::OCI_MANIFEST, &manifest);
        image.rest_served(scene.diagnosed().child(&digest_of(&manifest), Method::Get, &child))
    };
    for (built, wanted) in
        [("linux/arm64", "linux/amd64"), ("linux/amd64", "linux/arm64"), ("windows/amd64", "linux/amd64")]
    {
        assert_eq!(listed(built, wanted).verdict(), (vec!["single-arch-image-wrong-arch"], 18), "{built}");
    }
    for (built, wanted) in
        [("linux/amd64", "linux/amd64"), ("linux/aarch64", "linux/arm64"), ("wasi/wasm", "linux/arm64")]
    {
        assert_eq!(listed(built, wanted).finding("single-arch-image-wrong-arch"), None, "{built}");
    }
}

/// T44: images for no machine, images that name no platform, and artifacts.
#[test]
fn odd_platforms_are_not_wrong_ones() {
    let mut attestation = TestImage::of("unknown/unknown");
    attestation.layers.iter_mut().for_each(|(kind, _)| *kind = "application/vnd.in-toto+json");
    let silent = TestImage { config: br#"{"rootfs":{"diff_ids":["a","b"]}}"#.to_vec(), ..TestImage::of("linux/amd64") };
    for image in [TestImage::of("wasi/wasm"), attestation, silent] {
        assert_eq!(single(&image).finding("single-arch-image-wrong-arch"), None);
    }
}

/// `1@sha256:…`, where the digest is that of an image and the tag is an index that lists it under this platform.
fn pinned(image: &TestImage, listed: &str, tag_has: Option<&str>) -> Scene {
    let digest = digest_of(&image.manifest());
    let reference = format!("r.example.com/demo/app:1@{digest}");
    let other = digest_of("other");
    let index = index_of(
        media_type::OCI_INDEX,
        &[(tag_has.unwrap_or(&digest.to_string()), listed), (&other.to_string(), "linux/arm64")],
    );
    let scene = scene(&reference).to(&["all"], &served(media_type::OCI_MANIFEST, &image.manifest())).diagnosed();
    let mut scene = image.rest_served(scene).told(
        Query::Elsewhere(Reference::parse(&reference).unwrap().with_tag("1").unwrap()),
        &[served(media_type::OCI_INDEX, &index)],
    );
    scene.record.platform = "linux/arm64".parse().unwrap();
    scene
}

/// containers/skopeo#1075; T13.
#[test]
fn digest_of_an_image_in_the_index_is_recognized() {
    let image = TestImage::of("linux/amd64");
    let scene = pinned(&image, "linux/amd64", None);
    assert_eq!(scene.verdict(), (vec!["index-digest-vs-image-digest"], 0));
    let finding = scene.finding("index-digest-vs-image-digest").unwrap();
    assert_eq!(finding.severity, Severity::Warning, "it is for another platform than the wanted one");
    let mut fits = pinned(&image, "linux/amd64", None);
    fits.record.platform = "linux/amd64".parse().unwrap();
    assert_eq!(fits.finding("index-digest-vs-image-digest").map(|finding| finding.severity), Some(Severity::Info));
    let moved = pinned(&image, "linux/amd64", Some("sha256:a"));
    assert_eq!(moved.verdict(), (vec!["single-arch-image-wrong-arch"], 0));
}

/// Without a tag, there is nothing to compare the digest with.
#[test]
fn tag_is_requested_only_along_with_a_digest() {
    let image = TestImage::of("linux/arm64");
    let asks = |scene: Scene| scene.judge().questions.iter().any(|question| matches!(question, Query::Elsewhere(_)));
    let manifest = served(media_type::OCI_MANIFEST, &image.manifest());
    let digest = digest_of(&image.manifest());
    let of = |reference: &str| scene(reference).to(&["all"], &manifest).diagnosed();
    assert!(asks(of(&format!("r.example.com/demo/app:1@{digest}"))));
    assert!(!asks(of(&format!("r.example.com/demo/app@{digest}"))));
    assert!(!asks(of("r.example.com/demo/app:1")));
}

/// docker/buildx#1509: healthy, and reported only where it causes problems.
#[test]
fn attestations_are_reported_only_where_they_cause_problems() {
    let one = [("sha256:a", "linux/amd64"), ("sha256:c", "unknown/unknown")];
    assert_eq!(index(&one, "linux/amd64").verdict(), (vec![], 0));
    let body = index_of(media_type::OCI_INDEX, &one);
    let old = scene("r.example.com/demo/app:1")
        .asking(&[media_type::OCI_MANIFEST])
        .to(&["all"], &served(media_type::OCI_INDEX, &body))
        .others(&refused(404, OCI_INDEX_FOUND));
    assert_eq!(old.verdict(), (vec!["oci-index-not-accepted", "attestation-child"], 11));
    let two = [("sha256:a", "linux/amd64"), ("sha256:b", "linux/arm64"), ("sha256:c", "unknown/unknown")];
    let body = index_of(media_type::OCI_INDEX, &two);
    let several = scene("r.example.com/demo/app:1")
        .asking(&[media_type::OCI_MANIFEST])
        .to(&["all"], &served(media_type::OCI_INDEX, &body))
        .others(&refused(404, OCI_INDEX_FOUND));
    assert_eq!(several.finding("attestation-child"), None);
    let list = index_of(media_type::DOCKER_LIST, &two);
    let list = scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::DOCKER_LIST, &list));
    assert!(list.finding("attestation-child").unwrap().title.contains("Docker manifest list"));
}

/// A document that calls itself an index and is a manifest is not empty: it has another fault.
#[test]
fn index_that_is_a_manifest_is_not_called_empty() {
    let of = |body: &str| scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::OCI_INDEX, body));
    assert_eq!(of(OCI_IMAGE).finding("index-is-empty"), None);
    let null = format!(r#"{{"schemaVersion":2,"mediaType":"{}","manifests":null}}"#, media_type::OCI_INDEX);
    assert!(of(&null).finding("index-is-empty").is_some(), "this is how Go writes an empty list");
}

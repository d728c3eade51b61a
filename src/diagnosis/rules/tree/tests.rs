//! Platforms in indexes.

mod platforms;

use crate::diagnosis::Severity;
use crate::diagnosis::testing::{DOCKER_IMAGE, OCI_IMAGE, Scene, UNKNOWN, digest_of, index_of, refused, scene, served};
use crate::evidence::{Depth, Method, Query};
use crate::oci::{Digest, media_type};

fn index(entries: &[(&str, &str)], wanted: &str) -> Scene {
    let body = index_of(media_type::OCI_INDEX, entries);
    let mut scene = scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::OCI_INDEX, &body));
    scene.record.platform = wanted.parse().unwrap();
    scene
}

#[test]
fn unlisted_platform_cannot_be_pulled() {
    let entries = [("sha256:a", "linux/amd64"), ("sha256:b", "linux/arm/v7"), ("sha256:c", "unknown/unknown")];
    let scene = index(&entries, "linux/arm64");
    assert_eq!(scene.verdict(), (vec!["platform-not-in-index"], 18));
    let finding = scene.finding("platform-not-in-index").unwrap();
    assert!(finding.cause.contains("linux/amd64 and linux/arm/v7."), "{finding:?}");
    assert!(finding.fix[0].command.as_deref().unwrap().contains("--platform linux/amd64"), "{finding:?}");
}

#[test]
fn earlier_variant_of_a_platform_counts_as_listed() {
    for (offered, wanted) in [
        ("linux/amd64", "linux/amd64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm64", "linux/arm64/v8"),
        ("linux/arm/v6", "linux/arm/v7"),
    ] {
        assert_eq!(index(&[("sha256:a", offered)], wanted).verdict(), (vec![], 0), "{offered} for {wanted}");
    }
    assert_eq!(index(&[("sha256:a", "linux/arm/v7")], "linux/arm/v6").verdict().1, 18);
}

/// T16: attestations are not broken images, and not images either.
#[test]
fn attestations_do_not_count() {
    let both = [("sha256:a", "linux/amd64"), ("sha256:c", "unknown/unknown")];
    assert_eq!(index(&both, "linux/amd64").verdict(), (vec![], 0));
    assert_eq!(index(&[("sha256:c", "unknown/unknown")], "linux/amd64").verdict().1, 18);
}

#[test]
fn entry_without_a_platform_may_be_for_any() {
    let body = index_of(media_type::OCI_INDEX, &[("sha256:a", "linux/arm64")]);
    let body = body.replace(r#","platform":{"os":"linux","architecture":"arm64"}"#, "");
    let scene = scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::OCI_INDEX, &body));
    assert!(scene.finding("platform-not-in-index").is_none());
}

#[test]
fn index_without_entries_is_empty_and_a_manifest_is_not() {
    assert_eq!(index(&[], "linux/amd64").verdict(), (vec!["index-is-empty"], 18));
    let image = scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::DOCKER_V2, DOCKER_IMAGE));
    assert!(image.finding("index-is-empty").is_none() && image.finding("platform-not-in-index").is_none());
}

/// CodesWhat/drydock#814.
#[test]
fn an_index_of_indexes_is_more_than_many_clients_look_through() {
    let digest = format!("sha256:{}", "a".repeat(64));
    let body = index_of(media_type::OCI_INDEX, &[(&digest, "linux/amd64")]);
    let nested = body.replace(media_type::OCI_MANIFEST, media_type::OCI_INDEX);
    assert_ne!(nested, body);
    let of = |body: &str| scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::OCI_INDEX, body));
    let finding = of(&nested).finding("nested-index").unwrap();
    let command = format!("ociscope probe r.example.com/demo/app:1@{digest}");
    assert_eq!(finding.fix[0].command.as_deref(), Some(command.as_str()));
    assert!(of(&body).finding("nested-index").is_none());
}

/// An index of two images and an attestation, in a diagnosis for linux/amd64.
fn diagnosed() -> (Scene, [Digest; 3]) {
    let digests = ["one", "two", "three"].map(digest_of);
    let texts = digests.each_ref().map(ToString::to_string);
    let entries = [(texts[0].as_str(), "linux/amd64"), (&texts[1], "linux/arm64"), (&texts[2], "unknown/unknown")];
    (index(&entries, "linux/amd64").diagnosed(), digests)
}

/// T18: one platform may be missing while the others can be pulled. snok/container-retention-policy#43.
#[test]
fn missing_entry_is_an_error_for_its_own_platform_only() {
    let (there, gone) = (served(media_type::OCI_MANIFEST, OCI_IMAGE), refused(404, UNKNOWN));
    let of = |gone_at: usize| {
        let (scene, digests) = diagnosed();
        let reply = |at: usize| if at == gone_at { &gone } else { &there };
        let scene = scene.child(&digests[0], Method::Get, reply(0)).child(&digests[1], Method::Head, reply(1)).child(
            &digests[2],
            Method::Head,
            reply(2),
        );
        let again = &digests[gone_at];
        if gone_at > 0 { scene.child(again, Method::Get, &gone) } else { scene }
    };
    let severity = |scene: &Scene| scene.finding("dangling-index-child").map(|finding| finding.severity);
    assert_eq!(severity(&of(0)), Some(Severity::Error));
    assert_eq!(severity(&of(1)), Some(Severity::Warning));
    assert!(of(2).finding("dangling-index-child").unwrap().title.contains("attestation"));
}

/// Not every registry answers HEAD correctly: GET decides.
#[test]
fn entry_that_only_head_misses_exists() {
    let (scene, digests) = diagnosed();
    let there = served(media_type::OCI_MANIFEST, OCI_IMAGE);
    let scene = scene
        .child(&digests[0], Method::Get, &there)
        .child(&digests[1], Method::Head, &refused(404, ""))
        .child(&digests[1], Method::Get, &there)
        .child(&digests[2], Method::Head, &there);
    assert!(scene.finding("dangling-index-child").is_none());
}

/// A 401 is not evidence that the entry is missing.
#[test]
fn inaccessible_entry_is_not_missing() {
    let (scene, digests) = diagnosed();
    let scene = scene.child(&digests[0], Method::Get, &refused(401, ""));
    assert!(scene.finding("dangling-index-child").is_none());
}

#[test]
fn probe_does_not_request_the_entries() {
    let (mut scene, _) = diagnosed();
    assert_eq!(scene.judge().questions.iter().filter(|question| matches!(question, Query::Child(..))).count(), 3);
    scene.record.depth = Depth::Probe;
    assert_eq!(scene.judge().questions, []);
}

/// helm/helm#31775: a chart has no platform, and runs on none.
#[test]
fn chart_entry_has_no_platform() {
    const HELM: &str = "application/vnd.cncf.helm.config.v1+json";
    let chart = OCI_IMAGE.replace(media_type::OCI_CONFIG, HELM);
    let digest = digest_of(&chart);
    let entry = |more: &str| {
        let size = chart.len();
        format!(r#"{{"mediaType":"{}","size":{size},"digest":"{digest}"{more}}}"#, media_type::OCI_MANIFEST)
    };
    let index = |entries: &str, wanted: &str| {
        let body = format!(r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{entries}]}}"#, media_type::OCI_INDEX);
        let mut scene =
            scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::OCI_INDEX, &body)).diagnosed();
        scene.record.platform = wanted.parse().unwrap();
        scene.child(&digest, Method::Get, &served(media_type::OCI_MANIFEST, &chart))
    };
    let labelled = entry(&format!(r#","artifactType":"{HELM}""#));
    for alone in [&entry(""), &labelled] {
        let scene = index(alone, "linux/amd64");
        assert_eq!(scene.verdict(), (vec!["helm-chart-as-image"], 18), "{alone}");
        assert!(scene.case(crate::diagnosis::reading)[0].contains("for a Helm chart"), "{alone}");
    }
    let image = format!(
        r#"{{"mediaType":"{}","size":522,"digest":"sha256:{}","platform":{{"os":"linux","architecture":"amd64"}}}}"#,
        media_type::OCI_MANIFEST,
        "a".repeat(64)
    );
    let mut probe = index(&labelled, "linux/amd64");
    probe.record.depth = Depth::Probe;
    assert_eq!(probe.verdict(), (vec!["helm-chart-as-image"], 18), "by its entry alone");
    let both = format!("{image},{labelled}");
    assert_eq!(index(&both, "linux/amd64").verdict(), (vec![], 0));
    assert_eq!(index(&both, "linux/arm64").verdict(), (vec!["platform-not-in-index"], 18));
    let unlabelled = index(&format!("{image},{}", entry("")), "linux/arm64");
    assert_eq!(unlabelled.verdict().1, 18, "{:?}", unlabelled.verdict());
}

/// containerd v2.1.0, core/images/image.go (Manifest): unexpected media type.
#[test]
fn entry_that_is_not_a_manifest_stops_clients_for_its_platform() {
    const RULE: &str = "index-entry-is-not-a-manifest";
    let body = index_of(media_type::OCI_INDEX, &[("sha256:a", "linux/amd64"), ("sha256:b", "linux/arm64")]);
    let of = |kind: &str, wanted: &str| {
        let body = body.replacen(
            &format!(r#""mediaType":"{}""#, media_type::OCI_MANIFEST),
            &format!(r#""mediaType":"{kind}""#),
            1,
        );
        let mut scene = scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::OCI_INDEX, &body));
        scene.record.platform = wanted.parse().unwrap();
        scene
    };
    for kind in [
        media_type::OCI_CONFIG,
        media_type::DOCKER_CONFIG,
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "application/octet-stream",
        "application/vnd.oci.descriptor.v1+json",
    ] {
        let scene = of(kind, "linux/amd64");
        assert_eq!(scene.verdict(), (vec![RULE], 18), "{kind}");
        assert_eq!(scene.finding(RULE).unwrap().title, "its entry for linux/amd64 is not a manifest");
        assert_eq!(of(kind, "linux/arm64").finding(RULE), None, "{kind}");
    }
    for kind in [media_type::OCI_MANIFEST, media_type::DOCKER_V2, media_type::OCI_INDEX, ""] {
        assert_eq!(of(kind, "linux/amd64").finding(RULE), None, "{kind}");
    }
    let cache = of("application/vnd.buildkit.cacheconfig.v0", "linux/amd64");
    assert_eq!(cache.finding(RULE), None);
}
